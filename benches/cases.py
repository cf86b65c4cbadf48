#!/usr/bin/env python3
"""Throws schemathesis's cases at a server, of everything that its OpenAPI document says and of much that it forbids: as
the public and as each role, with a fixed seed, every check. A server of its own for each, with some of everything in it.

schemathesis comes from PyPI into `target/tmp/schemathesis`. `CASES` is how many for each operation (50), `SEED` where
chance begins (1), `ROLES` who asks (all); `BENCH_PROFILE=debug` takes the binary that tests use."""
import json, os, struct, subprocess, sys, venv, zlib
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from world import ADMIN, ROOT, Jarchi, binary, temporary

CASES, SEED = os.environ.get("CASES", "50"), os.environ.get("SEED", "1")
# The role of a token, and its audiences.
ROLES = {"public": None, "reader": ["press"], "contributor": [], "editor": [], "admin": []}
VERSION = "4.32.5"
# tus 1.0.0 and RFC 9110 answer 412 where a condition or a protocol does not fit, whatever else is wrong.
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "410", "412", "413", "415", "416", "422", "428", "429", "5xx"]
# What a worker says of a material that was deleted or replaced while it was at it.
TAKEN_BACK = "the lease was lost"
# Where schemathesis is wrong, by path.
WRONG = {
    # In OpenAPI 3.1 the schema of an event stream is that of its text; that it were of each event is 3.2.
    "/v1/materials/{id}/progress": ["checks.response_schema_conformance.enabled = false"],
    # A file of 2^63 bytes is nobody's, and that is the answer.
    "/v1/uploads/check": ["checks.negative_data_rejection.enabled = false"],
    # Each item has an answer of its own, within a good one.
    "/v1/materials/batch": ["checks.negative_data_rejection.enabled = false"],
}


def schemathesis():
    folder = binary().parent.parent / "tmp" / "schemathesis"
    if not (folder / "bin" / "st").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", f"schemathesis=={VERSION}"], check=True)
    return folder / "bin" / "st"


def picture(width=96, height=64):
    """A PNG of one slope of colours."""
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = b"".join(b"\0" + bytes(part for x in range(width) for part in (x * 2, y * 3, 120)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def published(server, things, thing, *steps):
    for step in steps:
        server.call("POST", f"/v1/{things}/{thing}/transitions", step)
    return thing


def furnished(server):
    """Some of everything; gives the ids by the collection that they are of."""
    review, publish, withdraw = ({"to": to} for to in ("in_review", "published", "withdrawn"))
    materials = [server.upload("note.txt", f"Баёнот {number}".encode(), "text/plain")["id"] for number in range(5)]
    materials.append(server.upload("slope.png", picture(), "image/png")["id"])
    for material in materials:
        server.settled(material)
    draft, reviewed, embargoed, withdrawn, *_ = materials
    event = server.call("POST", "/v1/events", {"name": {"en": "A briefing"}, "kind": "briefing", "starts_at": "2026-03-01T10:00:00Z", "audiences": ["public"]})["id"]
    change = {"Content-Type": "application/merge-patch+json"}
    server.call("PATCH", f"/v1/materials/{embargoed}", json.dumps({"embargo_until": "2099-01-01T00:00:00Z"}).encode(), change)
    published(server, "materials", reviewed, review)
    for material in materials[2:]:
        published(server, "materials", material, review, publish)
    kits = []
    for audiences in (["public"], ["press"]):
        kit = {"title": {"en": "A kit"}, "audiences": audiences, "event": event, "items": [{"material": material} for material in materials]}
        kits.append(server.call("POST", "/v1/kits", kit)["id"])
    published(server, "kits", kits[0], review, publish)
    published(server, "materials", withdrawn, withdraw)
    link = server.call("POST", f"/v1/kits/{kits[0]}/links", {})["id"]
    search = server.call("POST", "/v1/searches", {"name": {"en": "Mine"}, "query": "q=Баёнот"})["id"]
    upload = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Metadata": "filename bm90ZS50eHQ="}
    server.call("POST", "/v1/uploads", b"", upload)
    pick = lambda path: [item["id"] for item in server.call("GET", path)["items"]]
    return {"materials": materials, "kits": kits, "events": [event], "searches": [search], "units": pick("/v1/units"),
            "notices": pick("/v1/notices") or [draft], "uploads": pick("/v1/uploads") or [draft], "links": [link],
            "renditions": ["thumb", "text", "press"], "vocabularies": ["audiences", "genres", "events"]}


def asked(role, server):
    """The token of somebody in the role; none of the public."""
    if ROLES[role] is None or role == "admin":
        return ADMIN if role == "admin" else None
    wanted = {"name": f"A {role}", "role": role, "audiences": ROLES[role]}
    return server.call("POST", "/v1/tokens", wanted)["token"]


def settings(known):
    """Where a path wants an id, four in five are of things that are there."""
    lines = ["[dictionaries]"] + [f"{name} = {{ values = {json.dumps(values)} }}" for name, values in known.items()]
    # Most changes are made for whatever stands there; any other condition would keep them from being looked at.
    # Nobody waits for long.
    lines += ['any = { values = ["*"] }', "waits = { values = [0, 1] }", "[checks.negative_data_rejection]", f"expected-statuses = {json.dumps(REFUSED)}"]
    lines += ["[checks.missing_required_header]", f"expected-statuses = {json.dumps(REFUSED)}"]
    # `cases_hooks` has these two.
    lines += ["[checks.positive_data_acceptance]", "enabled = false", "[checks.ignored_auth]", "enabled = false"]
    of = {f"/v1/{name}/{{id}}": [("id", name)] for name in ("materials", "kits", "events", "searches", "units", "notices", "uploads")}
    of |= {"/v1/kits/{id}/links/{link}": [("link", "links")], "/v1/kits/{id}/items/{material}": [("material", "materials")]}
    of |= {"/v1/materials/{id}/renditions/{name}": [("name", "renditions")], "/v1/vocabularies/{name}": [("name", "vocabularies")]}
    lines += ["[parameters]", '"query.wait" = { dictionary = "waits", probability = 0.95 }', '"header.If-Match" = { dictionary = "any", probability = 0.9 }']
    for path in json.loads((ROOT / "openapi" / "openapi.json").read_text())["paths"]:
        bound = [pair for start, pairs in of.items() if path == start or path.startswith(start + "/") for pair in pairs]
        if bound or path in WRONG:
            bindings = ", ".join(f'"path.{name}" = {{ dictionary = "{words}", probability = 0.8 }}' for name, words in bound)
            lines += ["[[operations]]", f'include-path = "{path}"', f"parameters = {{ {bindings} }}"]
            lines += [f"{line}" for line in WRONG.get(path, [])]
    return "\n".join(lines) + "\n"


def throw(role, folder):
    """Whether nothing was found."""
    with Jarchi(folder) as server:
        token = asked(role, server)
        (folder / "schemathesis.toml").write_text(settings(furnished(server)))
        command = [schemathesis(), "--config-file", folder / "schemathesis.toml", "run", server.url + "/openapi.json", "--seed", SEED]
        command += ["--max-examples", CASES, "--generation-database", "none", "--no-color", "--continue-on-failure"]
        command += ["--request-timeout", "60", "--max-response-time", "40", "--warnings", "off"]
        if token:
            command += ["--header", f"Authorization: Bearer {token}"]
        hooks = os.environ | {"SCHEMATHESIS_HOOKS": "cases_hooks", "PYTHONPATH": str(ROOT / "benches"), "CASES_URL": server.url, "CASES_ADMIN": ADMIN}
        done = subprocess.run(command, cwd=folder, env=hooks)
    log = (folder / "log").read_text()
    complaints = [line for line in log.splitlines() if (" ERROR " in line or " WARN " in line) and TAKEN_BACK not in line]
    print(f"\n{role}: {'nothing found' if not done.returncode else 'see above'}; complaints in the log: {len(complaints)}")
    print("\n".join(complaints[:20]), flush=True)
    return not done.returncode and not complaints


def main():
    roles = os.environ.get("ROLES", " ".join(ROLES)).split()
    with temporary() as folder:
        found = [role for role in roles if not throw(role, folder / role)]
    sys.exit(f"found something as: {', '.join(found)}" if found else 0)


if __name__ == "__main__":
    main()
