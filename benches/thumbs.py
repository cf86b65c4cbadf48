"""A thumbnail that is asked for again and again, its rights looked at each time, beside nginx with the same bytes: `wrk`
with eight connections, turn by turn; and of a node beside which others may write, which asks the rows each time. What
comes from Debian and is not there is left out."""
import shutil, statistics, subprocess, re, urllib.request

from crowd import small
from stream import Nginx
from workers import Postgres
from world import Jarchi, Left, alone

TURNS, SECONDS, CLIENTS = 5, 4, 8


def rate(url, *headers):
    """Requests a second; every answer must be a good one."""
    command = ["wrk", "--threads", "1", "--connections", str(CLIENTS), "--duration", f"{SECONDS}s"]
    for header in headers:
        command += ["--header", header]
    said = subprocess.check_output([*command, url], text=True)
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def thumbnail(server, content):
    """The address of one that everybody may see."""
    material = server.upload("photo.jpg", content)["id"]
    server.settled(material)
    server.publish("materials", material)
    return f"{server.url}/v1/materials/{material}/renditions/thumb"


def measure(table, folder):
    """A thumbnail, again and again"""
    if not shutil.which("wrk"):
        raise Left("wrk is not there (apt-get install wrk)")
    folder = folder / "thumbs"
    root = folder / "root"
    root.mkdir(parents=True)
    alone_with_it(table, folder, root)
    try:
        of_a_node(table, folder)
    except Left as why:
        table.left("a thumbnail of a node", str(why))


def of_a_node(table, folder):
    with Postgres(folder / "postgres") as postgres, Jarchi(folder / "node", settings={"JARCHI_DATABASE_URL": postgres.url}) as node:
        url = thumbnail(node, small(folder))
        found = statistics.median(rate(url) for _ in range(TURNS))
        table.row("thumbnails a second, of a node on PostgreSQL", found, "/s", note=f"{CLIENTS} connections, median of {TURNS}")


def alone_with_it(table, folder, root):
    with Jarchi(folder / "server") as server:
        url = thumbnail(server, small(folder))
        thumb = urllib.request.urlopen(url)
        etag, size = thumb.headers["ETag"], len(thumb.read())
        (root / "large.wav").write_bytes(urllib.request.urlopen(url).read())
        try:
            other = Nginx(folder / "nginx", root)
        except Left as why:
            other = None
            table.left("nginx", str(why))
        ours, unchanged, theirs = [], [], []
        for _ in range(TURNS):
            ours.append(rate(url))
            unchanged.append(rate(url, f"If-None-Match: {etag}"))
            if other:
                theirs.append(rate(other.url + "/large.wav"))
        if other:
            other.stop()
    note = f"{CLIENTS} connections, {size / 1024:.0f} KiB, median of {TURNS}"
    table.row("thumbnails a second", statistics.median(ours), "/s", bar=20_000, at_least=True, note=note)
    table.row("the same, 304", statistics.median(unchanged), "/s")
    if theirs:
        table.row("the same, nginx", statistics.median(theirs), "/s")


if __name__ == "__main__":
    alone(measure)
