"""An archive as large as one asks, in an embedded database: one photo and one text go in as people send them, and their
rows are multiplied, with words by Zipf's law from the vocabularies of the five languages. The same seed, the same words."""
import contextlib, gettext, itertools, json, random, re, sqlite3, subprocess, time, uuid

from photos import picture
from world import Jarchi, Left

PACKAGES = ["hunspell-uz", "hunspell-ru", "hunspell-en-us", "python3-django", "iso-codes"]
LANGUAGES = {"uz-Cyrl": 30, "uz-Latn": 25, "ru": 20, "ky": 15, "en": 10}
WORDS = 40_000
SEED = 20261128
YEARS = 10
BATCH = 5_000
LATIN = dict(pair.split(":") for pair in (
    "а:a б:b в:v г:g д:d е:e ё:yo ж:j з:z и:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:x ц:ts ч:ch ш:sh "
    "щ:sh ъ:ʼ ь: ы:i э:e ю:yu я:ya ў:oʻ қ:q ғ:gʻ ҳ:h").split())


def fetch(folder):
    """The packages, unpacked: nothing is installed."""
    if not (folder / "usr").exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Left(f"Debian's vocabularies cannot be had: {error}") from None
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
    return folder / "usr"


def latin(word):
    return "".join(LATIN.get(letter, letter) for letter in word)


def vocabularies(folder):
    """Words of each language, the commonest first: which they are is left to chance, how common each is to Zipf."""
    usr, chance = fetch(folder), random.Random(SEED)

    def dictionary(name, encoding):
        lines = (usr / "share/hunspell" / name).read_text(encoding, errors="ignore").splitlines()[1:]
        return {line.split("/")[0].strip().lower() for line in lines}

    kyrgyz = set()
    for path in sorted(usr.rglob("ky/LC_MESSAGES/*.mo")):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            for text in gettext.GNUTranslations(file)._catalog.values():
                kyrgyz |= set(re.findall(r"[а-яёңөү]{3,}", str(text).lower()))
    uzbek = {word for word in dictionary("uz_UZ.dic", "utf-8")}
    found = {"uz-Cyrl": uzbek, "uz-Latn": {latin(word) for word in uzbek}, "ru": dictionary("ru_RU.dic", "utf-8"), "ky": kyrgyz,
             "en": dictionary("en_US.dic", "utf-8")}
    words = {}
    for language, all_of_it in found.items():
        plain = sorted(word for word in all_of_it if 2 < len(word) < 20 and all(letter.isalpha() or letter in "ʻʼ" for letter in word))
        chance.shuffle(plain)
        words[language] = plain[:WORDS]
    return words


class Mouth:
    """Says words of one language as often as Zipf's law has them."""

    def __init__(self, words, chance):
        self.words, self.chance = words, chance
        self.weights = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))

    def say(self, count):
        return " ".join(self.chance.choices(self.words, cum_weights=self.weights, k=count)).capitalize()


def templates(folder):
    """The rows of a photo and of a text, by table, as the server itself writes them."""
    with Jarchi(folder) as jarchi:
        event = jarchi.call("POST", "/v1/events", {"name": {"en": "An event"}, "kind": "briefing", "starts_at": "2026-01-01T09:00:00Z", "audiences": ["public"]})["id"]
        told = {"headline": {"en": "x"}, "caption": {"en": "x"}, "keywords": ["x"], "audiences": ["public"], "event": event,
                "persons": [{"name": {"en": "x"}}], "place": {"name": {"en": "x"}, "country": "UZ"}, "credit": "Press service"}
        photo = jarchi.upload("photo.jpg", picture(folder))["id"]
        text = jarchi.call("POST", "/v1/materials", {"text": "x", "headline": {"en": "x"}, "audiences": ["public"], "language": "en"})["id"]
        for material in (photo, text):
            jarchi.settled(material)
        jarchi.call("PATCH", f"/v1/materials/{photo}", told)
        jarchi.call("PATCH", f"/v1/materials/{text}", told)
        for material in (photo, text):
            jarchi.publish("materials", material)
        time.sleep(3)  # the press copy of the last version
    return event, photo, text


def rows_of(database, material):
    """The rows that one more material needs, as `(table, columns, row)`, and the ids in them that are its own."""
    one = uuid.UUID(material).bytes
    database.row_factory = sqlite3.Row

    def asked(table, where, *values):
        return [(table, dict(row)) for row in database.execute(f"SELECT * FROM {table} WHERE {where}", values)]

    rows = asked("materials", "id = ?", one)
    for table in ("audiences", "visibility", "log", "feed", "announced"):
        rows += asked(table, "thing_id = ?", one)
    rows += asked("originals", "material_id = ?", one) + asked("renditions", "material_id = ?", one)
    for rendition in [row["id"] for table, row in rows if table == "renditions"]:
        rows += asked("rendition_segments", "rendition_id = ?", rendition)
    blobs = {row["blob_id"] for _, row in rows if row.get("blob_id")}
    for blob in blobs:
        rows += asked("blobs", "id = ?", blob)
    own = {one} | blobs | {row["id"] for table, row in rows if table == "renditions"}
    return rows, own


class Made:
    """What was made: words by how common they are, and how many materials there are."""

    def __init__(self, words, count):
        self.words, self.count = words, count

    def asked(self, language, rank):
        return self.words[language][rank]


def make(folder, count, vocabulary):
    """An archive of so many materials in the folder's data, to be served by `Jarchi(folder)`."""
    words = vocabularies(vocabulary)
    event, photo, text = templates(folder)
    database = sqlite3.connect(folder / "data" / "jarchi.db", isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -4000000", "locking_mode = EXCLUSIVE"):
        database.execute(f"PRAGMA {pragma}")
    kinds = [rows_of(database, photo), rows_of(database, text)]
    indexes = [row["sql"] for row in database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL")]
    for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql NOT NULL").fetchall():
        database.execute(f"DROP INDEX {row['name']}")
    multiply(database, kinds, Teller(words, database, event), count)
    for index in indexes:
        database.execute(index)
    database.close()
    return Made(words, count)


class Teller:
    """What each material says."""

    def __init__(self, words, database, event):
        chance = self.chance = random.Random(SEED + 1)
        self.mouths = {language: Mouth(all_of_it, chance) for language, all_of_it in words.items()}
        self.languages, self.weights = list(LANGUAGES), list(LANGUAGES.values())
        self.keywords = [self.mouths[self.language()].say(1).lower() for _ in range(4000)]
        self.persons = [self.name() for _ in range(10_000)]
        self.places = [{language: mouth.say(1) for language, mouth in self.mouths.items()} for _ in range(500)]
        self.events = self.make_events(database, event)
        self.common = list(itertools.accumulate(1 / rank for rank in range(1, 4001)))

    def language(self):
        return self.chance.choices(self.languages, weights=self.weights)[0]

    def name(self):
        return {self.language(): self.mouths["uz-Latn"].say(1) + " " + self.mouths["uz-Latn"].say(1).capitalize() + "ov"}

    def make_events(self, database, event):
        database.row_factory = sqlite3.Row
        template = dict(database.execute("SELECT * FROM events WHERE id = ?", (uuid.UUID(event).bytes,)).fetchone())
        audiences = [dict(row) for row in database.execute("SELECT * FROM audiences WHERE thing_id = ?", (template["id"],))]
        ids = []
        for _ in range(5000):
            ids.append(self.chance.randbytes(16))
            spoken = self.language()
            row = template | {"id": ids[-1], "name": json.dumps({spoken: self.mouths[spoken].say(5)}, ensure_ascii=False)}
            insert(database, "events", [row])
            insert(database, "audiences", [open_to | {"thing_id": ids[-1]} for open_to in audiences])
        return ids

    def tell(self):
        chance, spoken = self.chance, self.language()
        second = self.language() if chance.random() < 0.3 else spoken
        languages = {spoken, second}
        common = chance.choices(self.keywords, cum_weights=self.common, k=chance.randint(2, 6))
        return {
            "language": spoken,
            "texts": [(field, language, self.mouths[language].say(chance.randint(*size)))
                      for language in languages for field, size in (("headline", (5, 11)), ("caption", (15, 50)))],
            "keywords": json.dumps(sorted(set(common)), ensure_ascii=False),
            "persons": json.dumps([{"name": chance.choice(self.persons), "title": {}} for _ in range(chance.choice((0, 0, 1, 1, 2)))], ensure_ascii=False),
            "place": chance.choice(self.places),
            "event_id": chance.choice(self.events) if chance.random() < 0.7 else None,
            "text": lambda: self.mouths[spoken].say(chance.randint(80, 300)),
        }


def insert(database, table, rows):
    names = list(rows[0])
    marks = ", ".join("?" * len(names))
    database.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", [tuple(row.values()) for row in rows])


def multiply(database, kinds, teller, count):
    chance = teller.chance
    numbers = {name: value for name, value in database.execute("SELECT name, value FROM counters")}
    end = int(time.time() * 1000)
    begin = end - YEARS * 365 * 86_400_000
    for first in range(0, count, BATCH):
        batch = {}
        database.execute("BEGIN")
        for place in range(first, min(first + BATCH, count)):
            at = begin + (end - begin) * place // count
            rows, own = kinds[chance.random() < 0.2]
            ids = {old: fresh(chance, at) for old in own}
            told = teller.tell()
            audience = chance.choices(("public", "press", None), weights=(80, 15, 5))[0]
            for table, row in rows:
                add(batch, table, row, ids, told, at, audience, numbers, chance)
            material = batch["materials"][-1]["id"]
            batch.setdefault("material_texts", []).extend(
                {"material_id": material, "field": field, "language": language, "text": words, "origin": "human"} for field, language, words in told["texts"])
        for table, rows in batch.items():
            insert(database, table, rows)
        database.execute("COMMIT")
    database.executemany("UPDATE counters SET value = ? WHERE name = ?", [(value, name) for name, value in numbers.items()])


def fresh(chance, at):
    """A UUIDv7 (RFC 9562 section 5.7) of that moment."""
    return at.to_bytes(6, "big") + bytes([0x70 | chance.getrandbits(4), chance.getrandbits(8), 0x80 | chance.getrandbits(6)]) + chance.randbytes(7)


def add(batch, table, row, ids, told, at, audience, numbers, chance):
    row = {name: ids.get(value, value) if isinstance(value, bytes) else value for name, value in row.items()}
    if table == "visibility":
        if audience is None:
            return
        row |= {"audience": audience, "visible_from": at}
    if table == "announced" and audience is None:
        return
    if table == "feed":
        if audience is None:
            return
        numbers["feed"] += 1
        row |= {"audience": audience, "seq": numbers["feed"], "at": at, "after": seen(row["after"], told, audience)}
    if table == "audiences":
        row["audience"] = audience or "public"
    if table == "log":
        numbers["log"] += 1
        row |= {"number": numbers["log"], "at": at}
    if table == "materials":
        row |= {"keywords": told["keywords"], "persons": told["persons"], "language": told["language"], "event_id": told["event_id"],
                "created_at": at, "updated_at": at, "taken_at": at, "published_at": at if audience else None,
                "place": json.dumps({**json.loads(row["place"] or "{}"), "name": told["place"]}, ensure_ascii=False),
                "status": "published" if audience else "draft"}
        if row["text"]:
            row["text"] = told["text"]()
    if table == "blobs":
        row["sha256"] = chance.randbytes(32).hex()
    batch.setdefault(table, []).append(row)


def seen(template, told, audience):
    """What readers have of it, as the feed keeps it."""
    own = {"audiences": [audience], "language": told["language"], "described_in": sorted({language for _, language, _ in told["texts"]}),
           "keywords": json.loads(told["keywords"])}
    event = {"event": str(uuid.UUID(bytes=told["event_id"]))} if told["event_id"] else {}
    return json.dumps({"kind": json.loads(template).get("kind")} | own | event, ensure_ascii=False)
