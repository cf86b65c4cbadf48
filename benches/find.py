"""A million materials: how soon they are taken into the index, and how soon they are found, by journalists and by staff."""
import http.client, itertools, json, random, re, shutil, sqlite3, statistics, subprocess, tempfile, time, urllib.parse

import archive
from find_peers import Fts5, FullText
from world import ADMIN, SCALE, Jarchi, Left, alone

MATERIALS = int(1_000_000 * SCALE)
#: Ranks by Zipf's law: the commonest word stands in every tenth place.
RANKS = {"very common": range(0, 4), "middling": range(150, 400), "rare": range(8_000, 20_000)}
ROUNDS = 40
CLIENTS = 16
#: Questions of each sort that are asked of others, too.
BESIDE = 8
PAGE = "&limit=20&highlight=true"
FACETS = ["kind", "language", "keyword", "year"]


#: The same as `page`.
ASKING = """
local paths, facets = { %(paths)s }, { %(facets)s }
function request()
  for place = #facets, 2, -1 do
    local other = math.random(place)
    facets[place], facets[other] = facets[other], facets[place]
  end
  return wrk.format("GET", paths[math.random(#paths)] .. "%(page)s&facets=" .. table.concat(facets, ","))
end
function done(summary, latency)
  io.write(string.format("p95: %%.1f\\n", latency:percentile(95) / 1000))
end
"""


class Caller:
    """One line to the server, kept open."""

    def __init__(self, url, token):
        self.line = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path):
        self.line.request("GET", path, headers=self.headers)
        answer = self.line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
        return json.loads(body)

    def timed(self, path):
        """In milliseconds."""
        began = time.perf_counter()
        self.get(path)
        return (time.perf_counter() - began) * 1000


def p95(times):
    return statistics.quantiles(times, n=20)[-1]


def page(chance):
    """The facets in any order: hardly an answer was given before."""
    return PAGE + "&facets=" + ",".join(chance.sample(FACETS, 4))


def questions(made, chance):
    """`(what sort of words, how many, path)`: one to three words of one language."""
    for rank, count in itertools.product(RANKS, (1, 2, 3)):
        for _ in range(ROUNDS):
            language = chance.choice(list(made.words))
            words = [made.words[language][chance.choice(RANKS[rank]) % len(made.words[language])] for _ in range(count)]
            yield rank, count, "/v1/materials?q=" + urllib.parse.quote(" ".join(words))


def typed(made, chance):
    """What stands in the field while somebody types."""
    for _ in range(ROUNDS * 5):
        word = chance.choice(made.words[chance.choice(list(made.words))][:5000])
        yield "/v1/suggestions?q=" + urllib.parse.quote(word[: chance.randint(2, 6)])


def taken_in(table, jarchi, folder, count):
    """Ready is who has all of them in the index."""
    took, size = jarchi.ready_after, sum(path.stat().st_size for path in (folder / "data" / "index").rglob("*") if path.is_file())
    database = (folder / "data" / "jarchi.db").stat().st_size
    table.row(f"materials a second, {count:,} taken into the index", count / took, "", bar=5000, at_least=True, note=f"{took:.0f} s")
    table.row("memory of its own meanwhile", jarchi.most / 2**20, "MiB", bar=1024)
    text = said(folder)
    table.row("index, of the text's size", size / text, "", bar=1.5,
              note=f"{size / count:.0f} B a material, the text {text / count:.0f}, the database {database / count:.0f}")


def said(folder):
    """Bytes of all that is searched."""
    database = sqlite3.connect(f"file:{folder}/data/jarchi.db?mode=ro", uri=True)
    size = "coalesce(length(cast({} as blob)), 0)".format
    own = " + ".join(size(column) for column in ("text", "keywords", "persons", "place"))
    asked = (f"SELECT sum({size('text')}) FROM material_texts", f"SELECT sum({own}) FROM materials",
             f"SELECT sum({size('e.name')}) FROM materials m JOIN events e ON e.id = m.event_id")
    return sum(database.execute(one).fetchone()[0] for one in asked)


def crowd(jarchi, token, paths, seconds=10):
    """Searches a second by many at once, and the slowest twentieth; `wrk` leaves the processors to who is asked."""
    if not shutil.which("wrk"):
        raise Left("wrk is not there (apt-get install wrk)")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(ASKING % {"paths": ", ".join(map(json.dumps, paths)), "page": PAGE, "facets": ", ".join(map(json.dumps, FACETS))})
        script.flush()
        command = ["wrk", "--threads", "1", "--connections", str(CLIENTS), "--duration", f"{seconds}s", "--timeout", "30s"]
        said = subprocess.check_output([*command, "--script", script.name, "--header", f"Authorization: Bearer {token}", jarchi.url], text=True)
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    return tuple(float(re.search(rf"{name}:\s+([\d.]+)", said)[1]) for name in ("Requests/sec", "p95"))


def measure(table, folder, count=MATERIALS):
    """A million materials, found"""
    home = folder / "find"
    made = archive.make(home, count, folder / "vocabulary")
    shutil.rmtree(home / "data" / "index")  # it is made anew before the server is ready
    with Jarchi(home, within=1800) as jarchi:
        taken_in(table, jarchi, home, count)
        press = jarchi.call("POST", "/v1/tokens", {"name": "press", "role": "reader", "audiences": ["public", "press"]})["token"]
        for who, token in (("a journalist", press), ("staff", ADMIN)):
            ask(table, jarchi, who, token, made)
        beside_others(table, jarchi, press, home, made)


def ask(table, jarchi, who, token, made):
    chance, caller = random.Random(archive.SEED + 2), Caller(jarchi.url, token)
    asked = list(questions(made, chance))
    for _, _, path in asked[::10]:
        caller.get(path + page(chance))
    for (rank, count), group in itertools.groupby(asked, lambda question: question[:2]):
        times = [caller.timed(path + page(chance)) for _, _, path in group]
        table.row(f"{who}: {count} {rank} words, p95", p95(times), "ms", bar=30, note=f"median {statistics.median(times):.1f}")
    times = [caller.timed(path) for path in typed(made, chance)]
    table.row(f"{who}: suggestions, p95", p95(times), "ms", bar=5, note=f"median {statistics.median(times):.1f}")
    try:
        rate, slow = crowd(jarchi, token, [path for _, _, path in asked])
    except Left as why:
        return table.left(f"{who}: searches a second", str(why))
    table.row(f"{who}: searches a second, {CLIENTS} clients", rate, "", bar=200, at_least=True, note=f"p95 {slow:.0f} ms")


def beside_others(table, jarchi, token, home, made):
    """The same questions in turn to each; how many times as long as Jarchi takes the quicker of the others, in the middle."""
    caller, chance = Caller(jarchi.url, token), random.Random(archive.SEED + 3)
    asked = [(rank, count, path) for rank, count, path in questions(made, chance) if chance.random() < BESIDE / ROUNDS]
    others = [Fts5(home, home / "data" / "jarchi.db"), FullText(home, home / "data" / "jarchi.db")]
    for rank, group in itertools.groupby(asked, lambda question: question[0]):
        group = list(group)
        times = [(caller.timed(path + page(chance)), *(other.page(typed_in(path).split()) for other in others)) for _, _, path in group]
        compared(table, f"a first page, {rank} words", others, times)
    words = [path for path in typed(made, chance)][: 5 * BESIDE]
    times = [(caller.timed(path), *(other.suggestions(typed_in(path)) for other in others)) for path in words]
    compared(table, "suggestions", others, times)
    others[1].close()


def typed_in(path):
    return urllib.parse.unquote(path.split("q=")[1])


def compared(table, what, others, times):
    own, *theirs = ([took[place] for took in times] for place in range(len(others) + 1))
    for other, their in zip(others, theirs):
        table.row(f"{what}: time of {other.name}, of Jarchi's", statistics.median(their) / statistics.median(own), "", bar=10, at_least=True,
                  note=f"median {statistics.median(own):.1f} and {statistics.median(their):.0f} ms, p95 {p95(own):.1f} and {p95(their):.0f}")


if __name__ == "__main__":
    alone(measure)
