"""The archive of a kit with a hundred files, beside the download of one file of its size and nginx's `sendfile` of the
ready ZIP; the first byte of one with ten thousand; and two hundred who download at once."""
import concurrent.futures, http.client, statistics, subprocess, time, urllib.parse

from stream import PIECE, Nginx, fetch, large, ratio, send, turns
from world import ADMIN, SCALE, Jarchi, Left, alone

FILES = 100
# A large kit: there may be five times as many in one.
MANY = 10_000
CROWD = 200


def kit_of(server, materials):
    items = [{"material": material} for material in materials]
    return server.call("POST", "/v1/kits", {"title": {"en": "A kit"}, "audiences": ["public"], "items": items})["id"]


def measure(table, folder):
    """The archive of a kit, beside one file of its size"""
    size = int(2**30 * SCALE) // FILES // PIECE * PIECE or PIECE
    with Jarchi(folder / "kit") as server:
        materials = []
        for number in range(FILES):
            path = large(folder / f"part{number}.wav", size)
            materials.append(send(server, path, size)[1])
            path.unlink()
        single = large(folder / "single.wav", size * FILES)
        _, whole = send(server, single, size * FILES)
        single.unlink()
        for material in [*materials, whole]:
            server.settled(material)
        kit = kit_of(server, materials)
        archive = f"{server.url}/v1/kits/{kit}/archive?files=original"
        original = f"{server.url}/v1/materials/{whole}/original"
        fetch(archive, ADMIN)
        rss = server.rss()
        (ours, alone_), cpu = turns((server, archive, ADMIN), (server, original, ADMIN))
        grown = server.rss() - rss
        total = size * FILES
        speed = lambda times: total / statistics.median(times) / 2**20
        table.row(f"archive of {FILES} files, {total / 2**30:.3g} GiB", speed(ours), "MiB/s", note=f"processor {cpu[0]:.2f} s")
        table.row("the same: memory grows by", grown / 2**20, "MiB", bar=16, note=f"over {2 * len(ours)} GiB sent")
        table.row("the same, its rate by that of one file", ratio(alone_, ours), "", bar=0.9, at_least=True, note=f"median of {len(ours)} turns")
        try:
            beside_nginx(table, folder, server, archive, speed)
        except Left as why:
            table.left("nginx", str(why))
        crowd(table, server, archive, total)
    first_byte(table, folder)


def beside_nginx(table, folder, server, archive, speed):
    root = folder / "ready"
    root.mkdir()
    # The name that is waited for.
    subprocess.run(["curl", "-sSf", "-o", root / "large.wav", "-H", f"Authorization: Bearer {ADMIN}", archive], check=True)
    with Nginx(folder / "nginx-kit", root) as other:
        (ours, theirs), cpu = turns((server, archive, ADMIN), (other, other.url + "/large.wav", None))
    table.row("the same ZIP, ready, by nginx with sendfile", speed(theirs), "MiB/s", note=f"processor {cpu[1]:.2f} s, ours {cpu[0]:.2f} s")
    table.row("the same, our rate by nginx's", ratio(theirs, ours), "", bar=0.8, at_least=True, note=f"median of {len(ours)} turns")


def piece(url, first, length):
    """A range, whole; how many bytes came."""
    place = urllib.parse.urlsplit(url)
    line = http.client.HTTPConnection(place.netloc, timeout=300)
    headers = {"Authorization": f"Bearer {ADMIN}", "Range": f"bytes={first}-{first + length - 1}"}
    line.request("GET", f"{place.path}?{place.query}", headers=headers)
    answer, came = line.getresponse(), 0
    while part := answer.read(1 << 16):
        came += len(part)
    line.close()
    return came if answer.status == 206 else 0


def crowd(table, server, archive, total):
    """Each takes a twentieth, from a place of its own: the line is one, and so is the machine."""
    kit = archive.split("/v1/kits/")[1].split("/")[0]
    archives = server.call("GET", f"/v1/kits/{kit}")["archives"]
    pinned = server.url + next(one["url"] for one in archives if one["files"] == "original")
    length, rss, began = total // 20, server.rss(), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(CROWD) as pool:
        places = [number * (total - length) // CROWD for number in range(CROWD)]
        waiting, most = [pool.submit(piece, pinned, first, length) for first in places], rss
        for _ in concurrent.futures.as_completed(waiting):
            most = max(most, server.rss())
        whole = sum(done.result() == length for done in waiting)
    table.row(f"{CROWD} downloads at once: whole", whole / CROWD, "", bar=1, at_least=True, note=f"{CROWD * length / 2**30:.1f} GiB in {time.monotonic() - began:.0f} s")
    table.row("the same: memory for each", (most - rss) / CROWD / 2**20, "MiB", bar=16)


def first_byte(table, folder):
    with Jarchi(folder / "many") as server:
        materials = []
        for number in range(MANY):
            text = {"text": f"Note {number}", "headline": {"en": f"Note {number}", "uz-Cyrl": f"Баёнот {number}"}, "audiences": ["public"]}
            materials.append(server.call("POST", "/v1/materials", text)["id"])
        for material in materials:
            server.settled(material)
        place, taken = urllib.parse.urlsplit(server.url), []
        path = f"/v1/kits/{kit_of(server, materials)}/archive?files=original"
        for _ in range(20):
            line = http.client.HTTPConnection(place.netloc, timeout=60)
            line.connect()
            began = time.perf_counter()
            line.request("GET", path, headers={"Authorization": f"Bearer {ADMIN}"})
            line.getresponse().read(1)
            taken.append((time.perf_counter() - began) * 1000)
            line.close()
    table.row(f"first byte of an archive of {MANY:,} entries", statistics.median(taken), "ms", bar=50, note=f"median of {len(taken)}")
    table.row("the same, for the first who asks", taken[0], "ms", note="it is laid out then")


if __name__ == "__main__":
    alone(measure)
