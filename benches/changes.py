"""The feed of changes: a page's cost at both ends of a million changes, how fast one reader follows, and who waits."""
import asyncio, http.client, json, sqlite3, statistics, time
from urllib.parse import urlsplit

from world import SCALE, Jarchi, alone

CHANGES = max(2_000, int(1_000_000 * SCALE))
WAITING = max(20, int(500 * SCALE))
TURNS = 200

# One change of a thing that nobody saw before, again and again; all of them are open still.
GROW = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
INSERT INTO feed SELECT audience, seq + n, until, at, turn, thing, randomblob(16), version, changed, notice, before, after
FROM feed, numbers WHERE seq = 1 AND audience = 'public'
"""
OPEN = """
INSERT INTO visibility SELECT f.thing_id, v.audience, v.visible_from, v.visible_until
FROM feed f, visibility v WHERE v.thing_id = (SELECT thing_id FROM feed WHERE seq = 1) AND f.thing_id <> v.thing_id
"""
ANNOUNCED = """
INSERT INTO announced SELECT f.thing_id, a.thing, a.due_at, a.number, a.original, a.items
FROM feed f, announced a WHERE a.thing_id = (SELECT thing_id FROM feed WHERE seq = 1) AND f.thing_id <> a.thing_id
"""


class Reader:
    def __init__(self, jarchi):
        self.line = http.client.HTTPConnection(urlsplit(jarchi.url).netloc, timeout=60)

    def page(self, query):
        self.line.request("GET", "/v1/changes?" + query)
        answer = self.line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{query}: {answer.status} {body[:300]!r}")
        return json.loads(body)

    def cost(self, cursor):
        """In milliseconds, the middle of many."""
        taken = []
        for _ in range(TURNS):
            began = time.perf_counter()
            self.page(f"limit=50&after={cursor}")
            taken.append((time.perf_counter() - began) * 1000)
        return statistics.median(taken)


def grown(folder):
    """An archive whose feed has a million changes."""
    with Jarchi(folder) as jarchi:
        text = jarchi.upload("a.txt", b"What is told of.")["id"]
        jarchi.settled(text)
        start = Reader(jarchi).page("after=now")["next_cursor"]
        jarchi.publish("materials", text)
        Reader(jarchi).page("")
    with sqlite3.connect(folder / "data" / "jarchi.db") as rows:
        rows.execute(GROW, (CHANGES,))
        rows.execute(OPEN)
        rows.execute(ANNOUNCED)
        rows.execute("UPDATE counters SET value = (SELECT max(seq) FROM feed) WHERE name = 'feed'")
    rows.close()
    return start


def follow(table, jarchi, start):
    reader = Reader(jarchi)
    first = reader.cost(start)
    began, number, cursor = time.perf_counter(), 0, start
    while True:
        page = reader.page(f"limit=200&after={cursor}")
        number += len(page["changes"])
        if not page["more"]:
            break
        cursor = page["next_cursor"]
    rate = number / (time.perf_counter() - began)
    last = reader.cost(cursor)
    # The last page may be shorter than the first.
    size = len(page["changes"])
    table.row(f"a page at the end of {CHANGES:,} changes by one at the start", last / first, "", bar=1.5, note=f"{first:.2f} and {last:.2f} ms, {min(size, 50)} changes")
    table.row("changes a second, one reader", rate, "/s", bar=10_000, at_least=True, note=f"{number:,} in pages of 200")


async def poll(host, port, cursor, woken):
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET /v1/changes?wait=30&after={cursor} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    woken.append((time.perf_counter(), b'"material.updated"' in answer))


async def wait(table, jarchi):
    shown = jarchi.call("GET", "/v1/materials?limit=1")["items"][0]["id"]
    cursor = Reader(jarchi).page("after=now")["next_cursor"]
    address, woken = urlsplit(jarchi.url), []
    before = jarchi.rss()
    waiting = [asyncio.create_task(poll(address.hostname, address.port, cursor, woken)) for _ in range(WAITING)]
    await asyncio.sleep(3)
    grown = (jarchi.rss() - before) / 2**20
    changed = time.perf_counter()
    patch = {"Content-Type": "application/merge-patch+json"}
    await asyncio.to_thread(jarchi.call, "PATCH", f"/v1/materials/{shown}", json.dumps({"credit": "A change"}).encode(), patch)
    await asyncio.gather(*waiting)
    told = sum(1 for _, was_told in woken if was_told)
    table.row(f"memory for {WAITING} who wait", grown, "MiB", bar=64)
    table.row("of them told of a change", told / WAITING, "", bar=1, at_least=True, note=f"the last after {max(at for at, _ in woken) - changed:.2f} s")


def measure(table, folder):
    """The feed of changes"""
    folder = folder / "changes"
    start = grown(folder)
    with Jarchi(folder) as jarchi:
        follow(table, jarchi, start)
        asyncio.run(wait(table, jarchi))


if __name__ == "__main__":
    alone(measure)
