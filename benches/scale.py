"""What the daily steps cost in an archive of ten thousand materials, and in one of a million: an upload, a publication, a
page of the feed of changes; and how large a material is in the database and in the index."""
import itertools, statistics, sys, time
from pathlib import Path

import archive
from changes import Reader
from world import SCALE, Jarchi, alone

SMALL = max(500, int(10_000 * SCALE))
LARGE = int(1_000_000 * SCALE)
TURNS = 60


def took(work):
    """In milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


class Steps:
    """What is done in one archive, and how long it took, in milliseconds."""

    def __init__(self, jarchi):
        self.jarchi, self.reader = jarchi, Reader(jarchi)
        self.times = {"an upload": [], "a publication": [], "a page of changes": []}
        self.cursors = [self.reader.page("limit=50")["next_cursor"], self.reader.page("limit=50&after=now")["next_cursor"]]

    def take(self, turn):
        words, made = f"What nobody said before, {time.time()} {turn}.".encode(), []
        self.times["an upload"].append(took(lambda: made.append(self.jarchi.upload("a.txt", words)["id"])))
        self.jarchi.settled(made[0])
        self.times["a publication"].append(took(lambda: self.jarchi.publish("materials", made[0])))
        time.sleep(0.1)  # what follows from it is not measured with the next
        for cursor in self.cursors:
            self.times["a page of changes"].append(took(lambda: self.reader.page(f"limit=50&after={cursor}")))


def read_in(folder):
    """The database, as it lies in memory after some days of work: right after a start of the machine it is the disk that is measured."""
    with open(folder / "data" / "jarchi.db", "rb", buffering=0) as database:
        while database.read(1 << 24):
            pass


def sizes(folder, count):
    """Bytes a material, in the database and in the index."""
    data = folder / "data"
    index = sum(path.stat().st_size for path in (data / "index").rglob("*") if path.is_file())
    return (data / "jarchi.db").stat().st_size / count, index / count


def measure(table, folder, large=None):
    """An archive that grows"""
    small = folder / "small"
    archive.make(small, SMALL, folder / "vocabulary")
    large = large or folder / "find"  # which may be there from the searches
    if not large.exists():
        archive.make(large, LARGE, folder / "vocabulary")
    read_in(small)
    read_in(large)
    with Jarchi(small) as few, Jarchi(large, within=1800) as many:
        time.sleep(5)  # the index is merged
        both = [Steps(few), Steps(many)]
        for turn, steps in itertools.product(range(TURNS), both):
            steps.take(turn)
    for home, count in ((small, SMALL), (large, LARGE)):
        rows, index = sizes(home, count)
        table.row(f"{count:,} materials: the database, a material", rows, "B", note=f"the index {index:.0f} B")
    for step in both[0].times:
        few, many = (statistics.median(steps.times[step]) for steps in both)
        table.row(f"{step} at {LARGE:,} materials, of that at {SMALL:,}", many / few, "", bar=1.5, note=f"{few:.2f} and {many:.2f} ms")


if __name__ == "__main__":
    # An archive of so many that is there already may be named.
    alone(lambda table, folder: measure(table, folder, *map(Path, sys.argv[1:2])))
