"""Uploads that go on: a large file by tus in pieces of 8 MiB, beside @tus/server with its file store; and a thousand small
ones at once."""
import base64, http.client, json, shutil, statistics, subprocess, threading, time, urllib.parse

from stream import large
from world import ADMIN, SCALE, Jarchi, Left, Process, free_port

PIECE = 8 << 20
TUS = {"Tus-Resumable": "1.0.0"}

PEER = """
const {Server} = require("@tus/server"), {FileStore} = require("@tus/file-store")
const server = new Server({path: "/files", datastore: new FileStore({directory: process.argv[2]})})
server.listen({host: "127.0.0.1", port: +process.argv[3]})
"""


class TusServer(Process):
    """The protocol's own server in JavaScript."""

    def __init__(self, folder):
        if not shutil.which("npm"):
            raise Left("npm is not there")
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "@tus/server@2", "@tus/file-store@2"], cwd=folder, capture_output=True)
        if done.returncode:
            raise Left("@tus/server cannot be had here")
        (folder / "peer.js").write_text(PEER)
        (folder / "files").mkdir()
        port = free_port()
        super().__init__(["node", "peer.js", "files", port], folder)
        self.url = f"http://127.0.0.1:{port}"
        self.path = "/files"
        for _ in range(200):
            try:
                http.client.HTTPConnection(f"127.0.0.1:{port}", timeout=1).connect()
                break
            except OSError:
                time.sleep(0.05)


def begin(line, path, size, headers):
    name = base64.b64encode(b"large.wav").decode()
    line.request("POST", path, headers={**headers, "Upload-Length": str(size), "Upload-Metadata": f"filename {name}", "Content-Length": "0"})
    answer = line.getresponse()
    answer.read()
    if answer.status != 201:
        raise RuntimeError(f"creation: {answer.status}")
    return urllib.parse.urlparse(answer.headers["Location"]).path, answer.headers.get("Jarchi-Material")


def append(line, path, offset, piece, headers):
    line.request("PATCH", path, piece, {**headers, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"})
    answer = line.getresponse()
    words = answer.read()
    if answer.status != 204:
        raise RuntimeError(f"{answer.status} {words[:300]!r}")


def send(server, path, file, size):
    """In pieces, one after the other: seconds, processor time, the most memory, and the material."""
    headers = {**TUS, "Authorization": f"Bearer {ADMIN}"}
    line = http.client.HTTPConnection(urllib.parse.urlparse(server.url).netloc, timeout=600)
    cpu, began, most = server.cpu(), time.monotonic(), 0
    upload, material = begin(line, path, size, headers)
    with open(file, "rb") as bytes_:
        for offset in range(0, size, PIECE):
            append(line, upload, offset, bytes_.read(PIECE), headers)
            if offset % (16 * PIECE) == 0:
                most = max(most, server.rss())
    return time.monotonic() - began, server.cpu() - cpu, max(most, server.rss()), material


def tus(table, folder):
    """A large upload by tus in pieces of 8 MiB"""
    size = int(2 * 2**30 * SCALE) // PIECE * PIECE
    if shutil.disk_usage(folder).free < 8 * size:
        raise Left("not enough room on the disk")
    file = large(folder / "tus.wav", size)
    ours, theirs, memory = [], [], 0
    with TusServer(folder / "peer") as peer, Jarchi(folder / "tus") as server:
        for _ in range(3):
            seconds, cpu, most, material = send(server, "/v1/uploads", file, size)
            memory = max(memory, most)
            ours.append((seconds, cpu))
            server.call("DELETE", f"/v1/materials/{material}")
            theirs.append(send(peer, peer.path, file, size)[:2])
            for left in (folder / "peer" / "files").iterdir():
                left.unlink()
    file.unlink()
    rate, used = (statistics.median(one[at] / two[at] for one, two in zip(ours, theirs)) for at in (0, 1))
    note = f"{size / ours[-1][0] / 2**20:.0f} MiB/s, {size / theirs[-1][0] / 2**20:.0f} MiB/s"
    table.row(f"{size / 2**30:.3g} GiB by tus: seconds, of @tus/server's", rate, "", bar=1, note=note)
    table.row("the same: processor time, of @tus/server's", used, "", bar=1, note=f"{ours[-1][1]:.3g} s, {theirs[-1][1]:.3g} s")
    table.row("the same: memory", memory / 2**20, "MiB", bar=128)


def crowd(table, folder):
    """A thousand uploads at once of 1 MiB each"""
    number, size = max(20, int(1000 * SCALE)), 1 << 20
    with open("/dev/urandom", "rb") as noise:
        block = noise.read(size)
    took, failed = [], []
    with Jarchi(folder / "thousand") as server:
        ready = threading.Barrier(number)

        def one(who):
            headers = {**TUS, "Authorization": f"Bearer {ADMIN}"}
            content = b"RIFF" + (size - 8).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0data"
            content = (content + who.to_bytes(4, "little") + block)[:size]
            ready.wait()
            began = time.monotonic()
            try:
                line = http.client.HTTPConnection(urllib.parse.urlparse(server.url).netloc, timeout=300)
                upload, _ = begin(line, "/v1/uploads", size, headers)
                append(line, upload, 0, content, headers)
                took.append(time.monotonic() - began)
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=one, args=(who,)) for who in range(number)]
        [thread.start() for thread in threads]
        most = 0
        while any(thread.is_alive() for thread in threads):
            most = max(most, server.rss())
            time.sleep(0.1)
    took.sort()
    note = str(failed[0])[:80] if failed else ""
    table.row(f"{number} uploads at once of 1 MiB: failed", len(failed), "", bar=0, note=note)
    table.row("the same: p99", took[int(len(took) * 0.99) - 1], "s", note=f"median {statistics.median(took):.3g} s")
    table.row("the same: memory", most / 2**20, "MiB")


if __name__ == "__main__":
    from world import Table, temporary

    results = Table()
    with temporary() as where:
        for part in (tus, crowd):
            try:
                part(results, where)
            except Left as why:
                results.left(part.__doc__, str(why))
    print(results)
