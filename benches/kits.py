"""The archive of a kit with a hundred files, beside the download of one file of the same size."""
from stream import PIECE, best, fetch, large, send
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
        fetch(archive, ADMIN)
        rss = server.rss()
        ours, _ = best(server, archive, ADMIN)
        grown = server.rss() - rss
        alone, _ = best(server, f"{server.url}/v1/materials/{whole}/original", ADMIN)
    total = size * FILES
    table.row(f"archive of {FILES} files, {total / 2**30:.3g} GiB", total / ours / 2**20, "MiB/s", note=f"memory grew by {grown / 2**20:.0f} MiB")
    table.row("the same, its rate by that of one file", alone / ours, "", bar=0.8, at_least=True)
