//! The headers that come and go beside the bodies: versions and conditions (RFC 9110 section 13), ranges (section 14),
//! where a new thing is, and when to come back. They follow from the ways in which an operation can end.

use serde_json::{Value, json};

/// Its name, its name in the document, and what it says.
const HEADERS: [(&str, &str, &str); 9] = [
    (
        "ETag",
        "ETag",
        "The version that is shown here, for `If-Match`, `If-None-Match` and `If-Range`",
    ),
    ("Location", "Location", "Where the new thing is"),
    (
        "Accept-Ranges",
        "AcceptRanges",
        "`bytes`: any range can be had",
    ),
    (
        "Content-Range",
        "ContentRange",
        "Which bytes these are, of how many, such as `bytes 1000-1999/5000`",
    ),
    (
        "Content-Disposition",
        "ContentDisposition",
        "The file's name, in UTF-8 and in ASCII",
    ),
    (
        "Repr-Digest",
        "ReprDigest",
        "The SHA-256 of the whole file (RFC 9530), where it is known",
    ),
    (
        "Retry-After",
        "RetryAfter",
        "After how many seconds another try is worth while; with 503 and with what is in flight",
    ),
    ("WWW-Authenticate", "WwwAuthenticate", "`Bearer`; with 401"),
    (
        "X-Request-Id",
        "RequestId",
        "The name of this request in the service's log",
    ),
];

const IF_NONE_MATCH: (&str, &str) = (
    "If-None-Match",
    "The ETags that the client has: where one of them still holds, the answer is 304",
);
const OF_BYTES: [(&str, &str); 3] = [
    ("Range", "Which bytes, such as `bytes=1000-`"),
    (
        "If-Range",
        "The ETag of what the client has a part of: where it does not hold any more, the whole comes",
    ),
    ("If-Match", "The ETag that the bytes must have, else 412"),
];

pub fn declare(document: &mut Value) {
    for (_, id, words) in HEADERS {
        document["components"]["headers"][id] =
            json!({"description": words, "schema": {"type": "string"}});
    }
    for (path, verb, operation) in super::operations(document) {
        for asked in parameters(operation) {
            // A header that is not sent is no null.
            if asked["in"] == "header" {
                asked["schema"] = shape(asked["name"].as_str().unwrap_or_default());
            }
        }
        let versioned = is_versioned(operation);
        let bytes = answer(operation, "206").is_some();
        for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
            for name in of_answer(status, versioned, bytes, path) {
                say(answer, name);
            }
        }
        if verb == "get" && answer(operation, "304").is_some() {
            ask(operation, IF_NONE_MATCH);
        }
        if bytes {
            for header in OF_BYTES {
                ask(operation, header);
            }
        }
    }
}

/// What a header of a request looks like.
fn shape(name: &str) -> Value {
    match name {
        "Tus-Resumable" => json!({"type": "string", "enum": ["1.0.0"]}),
        // A file of nothing is none.
        "Upload-Length" => json!({"type": "string", "pattern": "^0*[1-9][0-9]{0,17}$"}),
        "Upload-Offset" => json!({"type": "string", "pattern": "^[0-9]{1,18}$"}),
        "Upload-Defer-Length" => json!({"type": "string", "enum": ["1"]}),
        "Idempotency-Key" => {
            json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"})
        }
        // RFC 9110 section 13.1.1.
        "If-Match" => json!({"type": "string", "pattern": r#"^(\*|"[!#-~]*"(, "[!#-~]*")*)$"#}),
        _ => json!({"type": "string"}),
    }
}

/// Whether the answer shows a version: where one can be asked for, or a change be made for one.
fn is_versioned(operation: &Value) -> bool {
    let asked = operation.get("parameters").and_then(Value::as_array);
    let mut asked = asked.into_iter().flatten();
    answer(operation, "304").is_some() || asked.any(|parameter| parameter["name"] == "If-Match")
}

fn parameters(operation: &mut Value) -> impl Iterator<Item = &mut Value> {
    let asked = operation.get_mut("parameters");
    asked.and_then(Value::as_array_mut).into_iter().flatten()
}

fn answer<'a>(operation: &'a Value, status: &str) -> Option<&'a Value> {
    operation["responses"].get(status)
}

fn of_answer(status: &str, versioned: bool, bytes: bool, path: &str) -> Vec<&'static str> {
    let mut names = match status {
        "200" if bytes => vec![
            "ETag",
            "Accept-Ranges",
            "Content-Disposition",
            "Repr-Digest",
        ],
        "206" => vec![
            "ETag",
            "Accept-Ranges",
            "Content-Range",
            "Content-Disposition",
            "Repr-Digest",
        ],
        "200" if versioned => vec!["ETag"],
        // A token has no version.
        "201" if ["/v1/tokens", "/v1/kits/{id}/links"].contains(&path) => vec!["Location"],
        "201" => vec!["ETag", "Location"],
        "304" => vec!["ETag"],
        "401" => vec!["WWW-Authenticate"],
        "416" => vec!["Content-Range"],
        "503" => vec!["Retry-After"],
        "default" => vec!["Retry-After", "WWW-Authenticate"],
        _ => Vec::new(),
    };
    names.push("X-Request-Id");
    names
}

fn say(answer: &mut Value, name: &str) {
    let id = HEADERS.iter().find(|(known, ..)| *known == name);
    if let Some((_, id, _)) = id {
        answer["headers"][name] = json!({"$ref": format!("#/components/headers/{id}")});
    }
}

fn ask(operation: &mut Value, (name, words): (&str, &str)) {
    let header = json!({
        "name": name, "in": "header", "description": words, "required": false, "schema": shape(name),
    });
    if let Some(asked) = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut)
    {
        asked.retain(|parameter| parameter["name"] != name);
        asked.push(header);
    }
}
