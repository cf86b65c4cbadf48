"""The queue on PostgreSQL: two workers beside one, where jobs wait for another program; and what a claim costs the database
where very many jobs wait."""
import contextlib, os, pwd, shutil, socketserver, subprocess, threading, time
from pathlib import Path

from world import ADMIN, SCALE, Jarchi, Left, Process, alone, binary, free_port

JOBS = max(40, int(200 * SCALE))
#: Seconds from the last byte to the verdict: a scanner that has much to do.
VERDICT = 0.25
WAITING = 100_000
#: Seconds during which claims are counted.
COUNTED = 10
MADE_FOR = "SELECT gen_random_uuid(), '{kind}', '{lane}', json_build_object('kind', '{kind}', 'material', {material}, 'number', 1), {material}, 'waiting', 0, 0, n, 0 FROM generate_series(1, {count}) n"


class Postgres(Process):
    """With its counts of what each statement cost, as a user who is not root."""

    def __init__(self, folder):
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not versions or not shutil.which("psql"):
            raise Left("PostgreSQL is not there")
        folder.mkdir(parents=True, exist_ok=True)
        port, own = free_port(), {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            own = {"user": user.pw_uid, "group": user.pw_gid}
            os.chown(folder, user.pw_uid, user.pw_gid)
            for outer in list(folder.parents)[:2]:  # whoever is not root has to come there
                outer.chmod(0o711)
        data = folder / "data"
        subprocess.run([versions[-1] / "initdb", "--username=jarchi", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D", data],
                       cwd=folder, check=True, stdout=subprocess.DEVNULL, **own)
        self.url = f"postgres://jarchi@127.0.0.1:{port}/postgres"
        settings = {"listen_addresses": "127.0.0.1", "shared_preload_libraries": "pg_stat_statements", "unix_socket_directories": folder, "port": port}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        super().__init__([versions[-1] / "postgres", *words, "-D", data], folder, **own)
        for _ in range(200):
            with contextlib.suppress(subprocess.CalledProcessError):
                self.ask("CREATE EXTENSION pg_stat_statements")
                return
            time.sleep(0.1)
        raise RuntimeError(Path(self.log.name).read_text()[-2000:])

    def ask(self, sql):
        return subprocess.check_output(["psql", "--no-psqlrc", "-At", "-d", self.url, "-c", sql], stderr=subprocess.DEVNULL, text=True).strip()

    def enqueue(self, kind, lane, material, count):
        self.ask("INSERT INTO jobs (id, kind, lane, payload, material_id, state, priority, attempts, run_at, created_at) "
                 + MADE_FOR.format(kind=kind, lane=lane, material=material, count=count))
        self.ask("NOTIFY jarchi")


class Worker(Process):
    def __init__(self, folder, settings):
        settings = {**os.environ, **settings, "JARCHI_DATA_DIR": str(folder / "data")}
        super().__init__([binary(), "work"], folder, settings)


class Scanner(socketserver.BaseRequestHandler):
    """clamd's INSTREAM: it takes everything, thinks, and finds nothing."""

    def handle(self):
        with self.request.makefile("rb") as said:
            said.read(len(b"zINSTREAM\0"))
            while length := int.from_bytes(said.read(4), "big"):
                said.read(length)
        time.sleep(VERDICT)
        self.request.sendall(b"stream: OK\0")


@contextlib.contextmanager
def scanner():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Scanner) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "tcp://127.0.0.1:%d" % server.server_address[1]
        server.shutdown()


def drained(postgres, material):
    """In seconds: jobs that wait for the scanner, until the last is done."""
    began = time.monotonic()
    postgres.enqueue("scan", "scans", f"'{material}'::uuid", JOBS)
    postgres.ask("DO $$ BEGIN WHILE EXISTS (SELECT 1 FROM jobs WHERE kind = 'scan') LOOP PERFORM pg_sleep(0.01); END LOOP; END $$")
    return time.monotonic() - began


def claims(postgres):
    """What a claim costs the database, in milliseconds, and how many there were."""
    postgres.enqueue("digest", "work", "gen_random_uuid()", WAITING)
    postgres.ask("SELECT pg_stat_statements_reset()")
    time.sleep(COUNTED)
    counted = postgres.ask("""SELECT sum(total_exec_time), sum(calls) FILTER (WHERE query LIKE 'UPDATE%attempts%') FROM pg_stat_statements
        WHERE query LIKE '%"jobs"%' AND (query LIKE 'UPDATE%attempts%' OR query LIKE 'SELECT%"lease"%')""")
    spent, number = counted.split("|")
    return float(spent) / int(number), int(number)


def measure(table, folder):
    """Workers beside each other"""
    folder = folder / "workers"
    with Postgres(folder / "postgres") as postgres, scanner() as clamd:
        settings = {"JARCHI_DATABASE_URL": postgres.url, "JARCHI_STORAGE_URL": f"file://{folder}/blobs", "JARCHI_ADMIN_TOKEN": ADMIN, "JARCHI_CLAMD_URL": clamd}
        with Jarchi(folder / "node", settings=settings) as server:
            text = server.upload("a.txt", b"What is scanned again and again.")["id"]
            server.settled(text)
        with Worker(folder / "one", settings) as first:
            drained(postgres, text)  # all is warm
            alone_ = drained(postgres, text)
            with Worker(folder / "two", settings):
                drained(postgres, text)
                both = drained(postgres, text)
            cost, number = claims(postgres)
        table.row("two workers, of one's rate, jobs that wait", alone_ / both, "", bar=1.9, at_least=True, note=f"{JOBS} jobs in {alone_:.2f} and {both:.2f} s")
        table.row(f"a claim at {WAITING:,} waiting jobs, database time", cost, "ms", bar=2, note=f"of {number} claims")


if __name__ == "__main__":
    alone(measure)
