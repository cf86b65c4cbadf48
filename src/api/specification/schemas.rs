//! Shapes as clients' generators understand them: a thing that is made of others is one object, and bytes are no lists of
//! numbers.

use serde_json::{Map, Value, json};

/// Makes one object of what stands in an `allOf`: each part forbids the members of the others, so that together they
/// could never be satisfied.
pub fn flatten(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    let known = schemas.clone();
    for schema in schemas.values_mut() {
        join(schema, &known);
    }
}

/// A page holds its items' shape within its own.
fn join(schema: &mut Value, known: &Map<String, Value>) {
    if schema.get("allOf").is_some() {
        *schema = Value::Object(joined(schema, known));
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(|inner| join(inner, known)),
        Value::Array(values) => values.iter_mut().for_each(|inner| join(inner, known)),
        _ => {}
    }
}

fn joined(schema: &Value, known: &Map<String, Value>) -> Map<String, Value> {
    let mut whole = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let part = named(part, known).unwrap_or(part);
        let part = if part.get("allOf").is_some() {
            joined(part, known)
        } else {
            part.as_object().cloned().unwrap_or_default()
        };
        for (name, value) in part {
            match (whole.get_mut(&name), value) {
                (Some(Value::Object(there)), Value::Object(more)) => there.extend(more),
                (Some(Value::Array(there)), Value::Array(more)) => there.extend(more),
                (_, value) => {
                    whole.insert(name, value);
                }
            }
        }
    }
    if let Some(words) = schema.get("description") {
        whole.insert("description".to_owned(), words.clone());
    }
    whole
}

/// The schema that a reference leads to.
fn named<'a>(reference: &Value, known: &'a Map<String, Value>) -> Option<&'a Value> {
    known.get(reference_name(reference)?)
}

/// `Texts` of `{"$ref": "#/components/schemas/Texts"}`.
pub fn reference_name(schema: &Value) -> Option<&str> {
    schema
        .get("$ref")?
        .as_str()?
        .strip_prefix("#/components/schemas/")
}

/// Bodies that are bytes, of whichever media type the file has.
pub fn bytes(document: &mut Value) {
    for (_, _, operation) in super::operations(document) {
        // An index would write a body into what has none.
        let sent = operation.pointer_mut("/requestBody/content");
        for (_, body) in sent.and_then(Value::as_object_mut).into_iter().flatten() {
            binary(body);
        }
        let answers = operation["responses"].as_object_mut().into_iter().flatten();
        for (status, answer) in answers {
            let bodies = answer.get_mut("content").and_then(Value::as_object_mut);
            let Some(bodies) = bodies else { continue };
            // Several ranges come in several parts (RFC 9110 section 14.6).
            if status == "206" {
                let parts = json!({"schema": {"type": "string", "format": "binary"}});
                bodies.insert("multipart/byteranges".to_owned(), parts);
            }
            for (_, body) in &mut *bodies {
                binary(body);
            }
            // A file has the media type that it has; generators know what to do with an octet stream.
            if let Some(any) = bodies.get("application/octet-stream").cloned() {
                bodies.insert("*/*".to_owned(), any);
            }
        }
    }
}

fn binary(body: &mut Value) {
    if body["schema"]["items"]["type"] == "integer" {
        body["schema"] = json!({"type": "string", "format": "binary"});
    }
}
