"""The processes that are measured: started on free ports, ended by their ids; and the table of what was found."""
import contextlib, json, os, shutil, signal, socket, subprocess, tempfile, time, urllib.error, urllib.request, uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADMIN = "the-token-of-the-administrator-of-benches"
SCALE = float(os.environ.get("BENCH_SIZE", "1"))


class Left(Exception):
    """Why something was not measured."""


@contextlib.contextmanager
def temporary():
    folder = Path(tempfile.mkdtemp(prefix="jarchi-bench-", dir=os.environ.get("BENCH_DIR")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def binary():
    where = json.loads(subprocess.check_output(["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT))
    return Path(where["target_directory"]) / os.environ.get("BENCH_PROFILE", "release") / "jarchi"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Process:
    """A process with its children: its memory, its processor time, its end."""

    def __init__(self, command, folder, env=None, **own):
        folder.mkdir(parents=True, exist_ok=True)
        self.log, self.most = open(folder / "log", "ab"), 0
        self.process = subprocess.Popen([str(word) for word in command], cwd=folder, env=env, stdout=self.log, stderr=self.log, **own)

    def wait_for(self, url, within=60):
        began = time.monotonic()
        while time.monotonic() - began < within:
            if self.process.poll() is not None:
                raise RuntimeError(Path(self.log.name).read_text()[-2000:])
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url, timeout=5).close()
                return time.monotonic() - began
            with contextlib.suppress(OSError, IndexError):
                self.most = max(self.most, self.own())
            time.sleep(0.002 if time.monotonic() - began < 1 else 0.05)
        raise RuntimeError(f"{url} does not answer")

    def family(self):
        parents = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with contextlib.suppress(OSError, IndexError):
                    parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        mine = {self.process.pid}
        while more := {child for child, parent in parents.items() if parent in mine} - mine:
            mine |= more
        return mine

    def rss(self):
        """In bytes, of the process itself."""
        words = Path(f"/proc/{self.process.pid}/status").read_text().split("VmRSS:")[1].split()
        return int(words[0]) * 1024

    def own(self):
        """In bytes, of the process itself, without files that it maps."""
        words = Path(f"/proc/{self.process.pid}/status").read_text().split("RssAnon:")[1].split()
        return int(words[0]) * 1024

    def cpu(self):
        """In seconds, with all children that live or have ended."""
        ticks = 0
        for pid in self.family():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                ticks += sum(int(field) for field in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Jarchi(Process):
    def __init__(self, folder, within=60, settings=()):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        env = {name: value for name, value in os.environ.items() if not name.startswith("JARCHI_")}
        env |= {"JARCHI_LISTEN": f"127.0.0.1:{port}", "JARCHI_DATA_DIR": str(folder / "data"), "JARCHI_ADMIN_TOKEN": ADMIN}
        env |= {f"JARCHI_{limit}": "0" for limit in ("REQUESTS_PER_MINUTE", "ADDRESS_REQUESTS_PER_MINUTE", "BYTES_PER_DAY", "ADDRESS_BYTES_PER_DAY")}
        super().__init__([binary(), "serve"], folder, env | dict(settings))
        self.ready_after = self.wait_for(self.url + "/readyz", within)

    def call(self, method, path, body=None, headers=None):
        headers = {"Authorization": f"Bearer {ADMIN}", **(headers or {})}
        if isinstance(body, dict):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from None

    def upload(self, name, content, media_type="application/octet-stream"):
        body, form = multipart({"metadata": '{"audiences": ["public"]}'}, name, content, media_type)
        return self.call("POST", "/v1/materials", body, {"Content-Type": form})

    def settled(self, material):
        while (state := self.call("GET", f"/v1/materials/{material}")["processing"]["state"]) not in ("ready", "failed"):
            time.sleep(0.05)
        return state

    def publish(self, things, thing):
        for to in ("in_review", "published"):
            self.call("POST", f"/v1/{things}/{thing}/transitions", {"to": to})


def multipart(fields, name, content, media_type, part="file"):
    boundary = uuid.uuid4().hex
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode() for field, value in fields.items()
    )
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\nContent-Type: {media_type}\r\n\r\n'.encode()
    return body + content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def cpu_of(command):
    """Seconds of processor time of a command, by the kernel's own count."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


class Table:
    def __init__(self):
        self.rows = []

    def row(self, what, figure, unit, bar=None, at_least=False, note=""):
        """`bar` is what the figure must not pass; with `at_least`, what it must reach."""
        holds = bar is None or (figure >= bar if at_least else figure <= bar)
        sign = "" if bar is None else f"{'≥' if at_least else '≤'} {bar:g} {unit}".strip()
        self.rows.append((what, f"{figure:.3g} {unit}".strip(), sign, "" if bar is None else "yes" if holds else "NO", note))
        print(" · ".join(word for word in self.rows[-1] if word), flush=True)

    def left(self, what, why):
        self.rows.append((what, "left out", "", "", why))

    def holds(self):
        return all(row[3] != "NO" for row in self.rows)

    def __str__(self):
        rows = [("what", "figure", "bar", "holds", "note"), *self.rows]
        widths = [max(len(row[place]) for row in rows) for place in range(5)]
        lines = ["| " + " | ".join(word.ljust(width) for word, width in zip(row, widths)) + " |" for row in rows]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return "\n" + "\n".join(lines)


def alone(measure):
    """One part of the benches by itself, as a script."""
    table = Table()
    with temporary() as folder:
        measure(table, folder)
    print(table)
