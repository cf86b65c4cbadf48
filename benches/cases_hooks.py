"""What schemathesis has to be told: how the bytes of an upload are sent, and what no schema can say.

It takes every request that fits the schemas for one that has to succeed. `accepted` stands in for that check of its own
(`positive_data_acceptance`): a refusal must say that it is one of these, by its type or by what it says of each field.
- what is opaque, and sealed or counted by the server: cursors, versions, layouts;
- what depends on what is there: things that are not, that were withdrawn, times that are over;
- what depends on another field: times in their order, what goes with one step alone;
- what is blank, in any script, and languages (BCP 47) and media types by their bytes, whose registries no pattern holds."""
import schemathesis

# RFC 9457 types of refusals of the first and the second sort.
TYPES = {"invalid-cursor", "precondition-failed", "withdrawn", "archive-changed", "range-not-satisfiable", "cursor-expired", "unsupported-media-type"}
WORDS = ["is not the tag of a language", "is not there", "is not in the kit", "is not in this kit", "was withdrawn", "has passed", "is not after",
         "goes with", "is no kind of event", "is no genre", "is no audience", "needs a text in at least one language", "is named twice",
         "is in the kit already", "is not a part of this form", "is empty", "names nobody who could see it"]


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_an_upload(context, value):
    value = getattr(value, "data", value)
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.check
def accepted(context, response, case):
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in (400, 410, 412, 413, 415, 416, 422):
        return
    problem = response.json()
    said = [fault["detail"] for fault in problem.get("errors", [])] or [problem["detail"]]
    known = problem["type"].rsplit("/", 1)[-1] in TYPES
    if not known and not all(any(words in one for words in WORDS) for one in said):
        raise AssertionError(f"{case.operation.label} fits its schemas and is refused: {said}")
