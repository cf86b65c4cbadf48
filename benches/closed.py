"""Whether the time of an answer tells of what is closed: the same archive with and without it, asked in turns by the public.

The second is the first one's folder, copied while nothing ran, less the rows of what is closed. A rank test says how
often an answer of the one takes longer than one of the other (its AUC): 0.5 is what a coin says. With `CONTROL=1` nothing
is taken out of the copy: what is found then is the machine's."""
import http.client, os, random, shutil, sqlite3, time, uuid
from urllib.parse import quote, urlsplit

from world import SCALE, Jarchi, alone

OPEN, CLOSED = 100, 20
SAMPLES = max(200, int(2_000 * SCALE))
# Each is asked that often before anything is measured.
WARM = 100

ROWS = [
    "rendition_segments WHERE rendition_id IN (SELECT id FROM renditions WHERE material_id = :id)",
    *(f"{table} WHERE material_id = :id" for table in ("renditions", "originals", "material_texts", "kit_items")),
    *(f"{table} WHERE thing_id = :id" for table in ("audiences", "visibility", "withdrawals", "announced", "feed", "log", "audit")),
    *(f"{table} WHERE id = :id" for table in ("materials", "kits")),
]


def written(jarchi, word, **about):
    material = jarchi.call("POST", "/v1/materials", {"text": f"A note on {word}. The mayor answered.", "headline": {"en": f"About {word}"}, "keywords": [word], "audiences": ["public"], **about})["id"]
    return material


def furnished(jarchi):
    """The ids of what is open and of what is not, and a kit that holds all of it."""
    chance = random.Random(6)
    word = lambda: "".join(chance.choice("bdgklmnprst") + chance.choice("aeiou") for _ in range(5))
    later = {"embargo_until": "2099-01-01T00:00:00Z"}
    shown = [(written(jarchi, own), own) for own in (word() for _ in range(OPEN))]
    hidden = [(written(jarchi, own, **later), own) for own in (word() for _ in range(CLOSED))]
    for material, _ in shown + hidden:
        jarchi.settled(material)
        jarchi.publish("materials", material)
    items = [{"material": material} for material, _ in shown[:40] + hidden]
    kits = [jarchi.call("POST", "/v1/kits", {"title": {"en": "A kit"}, "audiences": ["public"], "items": items, **more})["id"] for more in ({}, later)]
    for kit in kits:
        jarchi.publish("kits", kit)
    return shown, hidden, kits


def without(folder, copy, things):
    shutil.copytree(folder / "data", copy / "data", ignore=lambda _, names: [name for name in names if name.endswith(".sock")])
    with sqlite3.connect(copy / "data" / "jarchi.db") as rows:
        for thing in things:
            for row in ROWS:
                rows.execute(f"DELETE FROM {row}", {"id": uuid.UUID(thing).bytes})
    rows.close()


class Line:
    def __init__(self, jarchi):
        self.line = http.client.HTTPConnection(urlsplit(jarchi.url).netloc, timeout=60)

    def took(self, path):
        began = time.perf_counter()
        self.line.request("GET", path)
        answer = self.line.getresponse()
        answer.read()
        return time.perf_counter() - began


def auc(one, other):
    """How often a number of the one is above one of the other; equals count half (Mann and Whitney)."""
    order = sorted([(number, 0) for number in one] + [(number, 1) for number in other])
    total, place = 0.0, 0
    while place < len(order):
        end = place
        while end < len(order) and order[end][0] == order[place][0]:
            end += 1
        rank = (place + 1 + end) / 2
        total += rank * sum(1 for _, side in order[place:end] if side == 0)
        place = end
    return (total - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))


def questions(shown, hidden, kits):
    """What is asked, a path for each turn."""
    ids, words = [material for material, _ in hidden], [word for _, word in hidden]
    open_kit, closed_kit = kits
    of_id = lambda path: [path.format(thing) for thing in ids]
    return {
        "a material that is closed": of_id("/v1/materials/{}"),
        "its original": of_id("/v1/materials/{}/original"),
        "its thumbnail": of_id("/v1/materials/{}/renditions/thumb"),
        "its page": of_id("/materials/{}"),
        "a list by its id": of_id("/v1/materials?id={}"),
        "a kit that is closed": [f"/v1/kits/{closed_kit}"],
        "a part of an archive that is closed": of_id(f"/v1/kits/{open_kit}/archive?materials={{}}"),
        "an open kit with closed things in it": [f"/v1/kits/{open_kit}"],
        "a search for a closed word": [f"/v1/materials?q={quote(word)}" for word in words],
        "a search by a closed keyword": [f"/v1/materials?keyword={quote(word)}" for word in words],
        "a suggestion of a closed word": [f"/v1/suggestions?q={quote(word[:5])}" for word in words],
        "a search for an open word": [f"/v1/materials?q={quote(word)}" for _, word in shown],
        "the list": ["/v1/materials?limit=20"],
        "the feed": ["/v1/changes?limit=20"],
    }


def measure(table, folder):
    """Whether times tell of what is closed"""
    folder, copy = folder / "closed", folder / "without"
    copy.mkdir(parents=True)
    with Jarchi(folder) as jarchi:
        shown, hidden, kits = furnished(jarchi)
    without(folder, copy, [] if os.environ.get("CONTROL") else [material for material, _ in hidden] + kits[1:])
    for home in (folder, copy):  # made anew in both: how it was put together is no matter of what is closed
        shutil.rmtree(home / "data" / "index")
    with Jarchi(folder) as one, Jarchi(copy) as other:
        time.sleep(3)  # the index is made anew
        lines, chance = [Line(one), Line(other)], random.Random(7)
        for what, paths in questions(shown, hidden, kits).items():
            taken = [[], []]
            for turn in range(WARM + SAMPLES):
                path = paths[turn % len(paths)]
                for side in chance.sample([0, 1], 2):
                    took = lines[side].took(path)
                    if turn >= WARM:
                        taken[side].append(took)
            found = auc(*taken)
            middle = [sorted(side)[len(side) // 2] * 1e6 for side in taken]
            table.row(f"AUC less a half: {what}", abs(found - 0.5), "", bar=0.05, note=f"{found:.3f}; {middle[0]:.0f} and {middle[1]:.0f} µs in the middle of {SAMPLES}")


if __name__ == "__main__":
    alone(measure)
