"""What schemathesis has to be told: how the bytes of an upload are sent, and what no schema can say.

It takes every request that fits the schemas for one that has to succeed. `accepted` stands in for that check of its own
(`positive_data_acceptance`): a refusal must say that it is one of these, by its type or by what it says of each field.
- what is opaque, and sealed or counted by the server: cursors, versions, layouts; a question within a question;
- what depends on what is there: things that are not, that were withdrawn or are over, times that are over, how long an
  upload is, what a patch needs to make whole where nothing was, where the topmost unit hangs;
- what depends on another field or header: times in their order, what goes with one step alone, a length or its promise, a
  role without an account;
- what is blank, in any script, and languages (BCP 47), countries (ISO 3166-1) and media types by their bytes, whose
  registries no pattern holds."""
import json, os, urllib.error, urllib.request
from urllib.parse import quote

import schemathesis
from schemathesis.specs.openapi.checks import IgnoredAuth, ignored_auth

# RFC 9457 types of refusals of the first and the second sort.
TYPES = {"invalid-cursor", "precondition-failed", "withdrawn", "gone", "archive-changed", "range-not-satisfiable", "cursor-expired", "unsupported-media-type", "idempotency-key-reused"}
WORDS = ["is not the tag of a language", "is not there", "is not in the kit", "is not in this kit", "was withdrawn", "has passed", "is not after", "only films have a poster",
         "goes with", "is no kind of event", "no code of a country", "/country is “", "is no genre", "is no audience", "names none of the office's audiences", "of the topmost unit cannot be another one", "/role is missing", "/contact/name is missing", "position has both", "holds a NUL",
         "Say Upload-Length", "reach past the upload's length", "in at least one language", "is named twice", "names an audience twice", "bytes at most",
         "is in the kit already", "is not a part of this form", "must come before the file", "The form cannot be read", "is empty", "names nobody who could see it", "is none of yours", "is before it begins", "is no algorithm for Upload-Checksum", "Upload-Concat is neither", "is neither a day",
         "There is no parameter", "Idempotency-Key was used",
         # Its coverage sends numbers for whatever is a header, against the pattern that the document has.
         "If-Match is"]


@schemathesis.hook
def filter_case(context, case):
    """The progress of what nobody goes on with has no end."""
    return case.operation.path != "/v1/materials/{id}/progress" or is_done(case.path_parameters["id"])


def is_done(material):
    path = f"{os.environ['CASES_URL']}/v1/materials/{quote(str(material), safe='')}"
    asked = urllib.request.Request(path, headers={"Authorization": f"Bearer {os.environ['CASES_ADMIN']}"})
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            shown = json.load(answer)
    except urllib.error.HTTPError:
        return True
    return all(shown[part]["state"] in ("ready", "failed") for part in ("processing", "pending_original") if shown.get(part))


# Operations that guessed tokens were kept from.
refused = set()


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_an_upload(context, value):
    value = getattr(value, "data", value)
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.check
def asked_for_a_token(context, response, case):
    """Its own `ignored_auth`, to which a refusal of many wrong tokens from one address (429) is none. Each operation is
    tried until there is such an answer, and no further: the next guesses would wait longer and longer."""
    label = case.operation.label
    if label in refused:
        return
    try:
        ignored_auth(context, response, case)
    except IgnoredAuth as failure:
        if "got `429 " not in failure.message:
            raise
        refused.add(label)


@schemathesis.check
def accepted(context, response, case):
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in (400, 410, 412, 413, 415, 416, 422):
        return
    problem = response.json()
    said = [f"{fault['pointer']} {fault['detail']}" for fault in problem.get("errors", [])] or [problem["detail"]]
    known = problem["type"].rsplit("/", 1)[-1] in TYPES
    if not known and not all(any(words in one for words in WORDS) for one in said):
        raise AssertionError(f"{case.operation.label} fits its schemas and is refused: {said}")
