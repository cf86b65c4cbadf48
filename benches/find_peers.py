"""The same questions to what else finds words in an archive: SQLite's FTS5 and PostgreSQL's full text, each with its rank,
its marks and the same four facets, over the same texts. Both are asked within the process or by the database's own clock,
without an answer over HTTP: that favours them."""
import json, re, sqlite3, subprocess, time

from workers import Postgres

READ = """SELECT m.rowid, m.kind, m.language, m.keywords, strftime('%Y', coalesce(m.taken_at, m.created_at) / 1000, 'unixepoch') AS year,
  (SELECT group_concat(text, ' ') FROM material_texts t WHERE t.material_id = m.id AND t.field = 'headline') AS headline,
  (SELECT group_concat(text, ' ') FROM material_texts t WHERE t.material_id = m.id AND t.field = 'caption') AS caption,
  coalesce(m.text, '') AS text, m.persons, m.place, (SELECT name FROM events e WHERE e.id = m.event_id) AS event FROM materials m"""
#: Of JSON, what is said in it.
SAID = re.compile(r'"(?:name|title|country|en|ru|ky|uz-Cyrl|uz-Latn)":|[\[\]{}",]|null')


def rows(database):
    """`(number, kind, language, keywords, year, headline, all else that is searched)` of each material."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as archive:
        for number, kind, language, keywords, year, headline, caption, text, *json_ in archive.execute(READ):
            said = " ".join(SAID.sub(" ", one or "") for one in (keywords, *json_))
            yield number, kind, language, json.loads(keywords), int(year), headline or "", f"{caption or ''} {text} {said}"


class Fts5:
    name = "SQLite FTS5"

    def __init__(self, folder, archive):
        self.database = sqlite3.connect(folder / "fts5.db", isolation_level=None)
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -1000000", "BEGIN",
                          "CREATE VIRTUAL TABLE words USING fts5(headline, body, prefix='2 3', tokenize='unicode61')",
                          "CREATE TABLE facets (id INTEGER PRIMARY KEY, kind, language, year)", "CREATE TABLE keywords (id, keyword)"):
            self.database.execute(statement)
        for number, kind, language, keywords, year, headline, body in rows(archive):
            self.database.execute("INSERT INTO words (rowid, headline, body) VALUES (?, ?, ?)", (number, headline, body))
            self.database.execute("INSERT INTO facets VALUES (?, ?, ?, ?)", (number, kind, language, year))
            self.database.executemany("INSERT INTO keywords VALUES (?, ?)", ((number, keyword) for keyword in keywords))
        for statement in ("CREATE INDEX keywords_id ON keywords (id, keyword)", "COMMIT", "INSERT INTO words (words) VALUES ('optimize')"):
            self.database.execute(statement)

    def timed(self, statements, match):
        began = time.perf_counter()
        for statement in statements:
            self.database.execute(statement, (match,)).fetchall()
        return (time.perf_counter() - began) * 1000

    def page(self, words):
        """In milliseconds."""
        found = "(SELECT rowid FROM words WHERE words MATCH ?)"
        counts = [f"SELECT {facet}, count(*) FROM facets WHERE id IN {found} GROUP BY 1 ORDER BY 2 DESC LIMIT 200" for facet in ("kind", "language", "year")]
        counts.append(f"SELECT keyword, count(*) FROM keywords WHERE id IN {found} GROUP BY 1 ORDER BY 2 DESC LIMIT 200")
        best = "SELECT rowid, highlight(words, 0, '<b>', '</b>'), snippet(words, 1, '<b>', '</b>', '…', 20) FROM words WHERE words MATCH ? ORDER BY rank LIMIT 20"
        return self.timed([best, *counts], " ".join(f'"{word}"' for word in words))

    def suggestions(self, beginning):
        return self.timed(["SELECT rowid, headline FROM words WHERE words MATCH ? ORDER BY rank LIMIT 10"], f'headline : "{beginning}" *')


class FullText:
    name = "PostgreSQL"

    def __init__(self, folder, archive):
        self.server = Postgres(folder / "full-text")
        self.psql = subprocess.Popen(["psql", "--no-psqlrc", "-qAt", "-d", self.server.url], text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.say("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'; SET work_mem = '256MB';")
        self.say("CREATE UNLOGGED TABLE words (id int, kind text, language text, keywords text[], year int, headline text, body text, "
                 "vector tsvector GENERATED ALWAYS AS (setweight(to_tsvector('simple', headline), 'A') || to_tsvector('simple', body)) STORED);")
        self.psql.stdin.write("COPY words (id, kind, language, keywords, year, headline, body) FROM STDIN;\n")
        for number, kind, language, keywords, year, headline, body in rows(archive):
            array = "{" + ",".join(f'"{word}"' for word in keywords) + "}"
            cells = (number, kind, language or "\\N", array, year, headline, body)
            self.psql.stdin.write("\t".join(re.sub(r"[\t\n\r]", " ", str(cell)) for cell in cells) + "\n")
        self.psql.stdin.write("\\.\n")
        self.say("CREATE INDEX ON words USING gin (vector); ANALYZE words; CREATE EXTENSION IF NOT EXISTS pg_prewarm; SELECT pg_prewarm('words');")

    def say(self, sql):
        """What it answers; how long that took it is in the last line."""
        self.psql.stdin.write(f"{sql}\n\\echo done\n")
        self.psql.stdin.flush()
        said = []
        while (line := self.psql.stdout.readline()) != "done\n":
            if not line or line.startswith("ERROR"):
                raise RuntimeError(f"{sql[:200]}: {line}")
            said.append(line)
        return said

    def timed(self, sql):
        """In milliseconds, by psql's own clock."""
        last = self.say(f"\\timing on\n{sql}\n\\timing off")[-1]
        return float(last.split()[1])

    def page(self, words):
        query = "plainto_tsquery('simple', '" + " ".join(words).replace("'", "''") + "')"
        facets = " UNION ALL ".join(
            f"(SELECT '{facet}', {value}::text, count(*) FROM {source} GROUP BY 2 ORDER BY 3 DESC LIMIT 200)"
            for facet, value, source in (("kind", "kind", "found"), ("language", "language", "found"), ("year", "year", "found"), ("keyword", "keyword", "found, unnest(keywords) keyword")))
        return self.timed(f"""WITH found AS MATERIALIZED (SELECT id, kind, language, year, keywords, vector, headline, body FROM words WHERE vector @@ {query}),
            best AS (SELECT id, headline, body FROM found ORDER BY ts_rank(vector, {query}) DESC, id LIMIT 20)
            SELECT 'hit', id::text || ts_headline('simple', headline || ' ' || body, {query}), 0 FROM best UNION ALL {facets};""".replace("\n", " "))

    def suggestions(self, beginning):
        query = "to_tsquery('simple', '''" + beginning.replace("'", "''''") + "'':*A')"
        return self.timed(f"SELECT id, headline FROM words WHERE vector @@ {query} ORDER BY ts_rank(vector, {query}) DESC LIMIT 10;")

    def close(self):
        self.psql.stdin.close()
        self.psql.wait()
        self.server.stop()
