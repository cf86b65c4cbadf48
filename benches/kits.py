"""The archive of a kit with a hundred files, beside the download of one file of the same size."""
import statistics

from stream import PIECE, fetch, large, ratio, send, turns
from world import ADMIN, SCALE, Jarchi

FILES = 100


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
        items = [{"material": material} for material in materials]
        kit = server.call("POST", "/v1/kits", {"title": {"en": "A kit"}, "audiences": ["public"], "items": items})["id"]
        archive = f"{server.url}/v1/kits/{kit}/archive?files=original"
        original = f"{server.url}/v1/materials/{whole}/original"
        fetch(archive, ADMIN)
        rss = server.rss()
        (ours, alone), cpu = turns((server, archive, ADMIN), (server, original, ADMIN))
        grown = server.rss() - rss
    total = size * FILES
    rate = total / statistics.median(ours) / 2**20
    table.row(f"archive of {FILES} files, {total / 2**30:.3g} GiB", rate, "MiB/s", note=f"processor {cpu[0]:.2f} s")
    table.row("the same: memory grows by", grown / 2**20, "MiB", bar=16, note=f"over {2 * len(ours)} GiB sent")
    table.row("the same, its rate by that of one file", ratio(alone, ours), "", bar=0.9, at_least=True, note=f"median of {len(ours)} turns")
