//! The specification as a client's generator reads it: every reference leads somewhere, every body can be made, bytes
//! are bytes, and what is said of tokens and headers is what the server does.

use serde_json::{Value, json};

use super::{document, operations};
use crate::world::World;

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut lost = Vec::new();
    each(&document, &mut |value| {
        if let Some(reference) = value["$ref"].as_str()
            && document
                .pointer(reference.trim_start_matches('#'))
                .is_none()
        {
            lost.push(reference.to_owned());
        }
    });
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn shapes_can_be_satisfied_and_bytes_are_bytes() {
    let document = document();
    each(&document, &mut |value| {
        assert!(
            value.get("allOf").is_none(),
            "parts that forbid each other: {value}"
        );
        assert_ne!(
            value["items"]["format"], "int32",
            "a list of bytes: {value}"
        );
    });
    let schemas = &document["components"]["schemas"];
    let text = &schemas["TextInput"];
    assert_eq!(text["required"], json!(["text"]));
    assert!(text["properties"]["headline"].is_object(), "{text}");
    let archive =
        "/paths/~1v1~1kits~1{id}~1archive/get/responses/206/content/application~1zip/schema";
    assert_eq!(
        document.pointer(archive),
        Some(&json!({"type": "string", "format": "binary"}))
    );
}

#[test]
fn patches_take_null_and_ask_for_nothing() {
    let document = document();
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    for (name, operation) in operations(&document) {
        let patch = &operation["requestBody"]["content"]["application/merge-patch+json"];
        let Some(reference) = patch["schema"]["$ref"].as_str() else {
            // The bytes of an upload are no document.
            let is_upload = name == "PATCH /v1/uploads/{id}";
            assert!(
                is_upload || !name.starts_with("PATCH"),
                "{name} takes no merge patch"
            );
            continue;
        };
        let shape = &schemas[reference.rsplit('/').next().expect("a name")];
        assert!(shape.get("required").is_none(), "{name}: {shape}");
    }
    let texts = &schemas["TextsPatch"]["additionalProperties"]["type"];
    assert_eq!(*texts, json!(["string", "null"]));
    let described = &schemas["DescriptionPatch"]["properties"];
    assert!(described["correction_note"].is_object(), "{described}");
    assert_eq!(described["credit"]["type"], json!(["string", "null"]));
}

#[test]
fn answers_name_their_headers_and_questions_their_conditions() {
    let document = document();
    for (name, operation) in operations(&document) {
        let answers = operation["responses"].as_object().expect("answers");
        let has = |header: &str| {
            let mut asked = operation["parameters"].as_array().into_iter().flatten();
            asked.any(|parameter| parameter["name"] == header)
        };
        if answers.contains_key("304") {
            assert!(has("If-None-Match"), "{name}");
            assert!(answers["200"]["headers"]["ETag"].is_object(), "{name}");
        }
        if let Some(part) = answers.get("206") {
            assert!(has("Range") && has("If-Range"), "{name}");
            assert!(part["headers"]["Content-Range"].is_object(), "{name}");
        }
        if let Some(made) = answers.get("201") {
            assert!(made["headers"]["Location"].is_object(), "{name}");
        }
        if let Some(other) = answers.get("default") {
            assert!(other["headers"]["X-Request-Id"].is_object(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_token_is_asked_for_where_the_document_says_so() {
    let world = World::start().await;
    let public = world.public();
    let document = document();
    for (name, operation) in operations(&document) {
        let (verb, path) = name.split_once(' ').expect("a verb and a path");
        let Some(ways) = operation["security"].as_array() else {
            continue;
        };
        let nobody = "01930000-0000-7000-8000-000000000000";
        let path = path
            .replace("{id}", nobody)
            .replace("{material}", nobody)
            .replace("{name}", "thumb");
        let method = verb.parse().expect("a verb");
        let answer = public.send(method, &path, &[], "").await;
        let needed = !ways.contains(&json!({}));
        assert_eq!(answer.status == 401, needed, "{name}: {}", answer.status);
    }
}

fn each(value: &Value, look: &mut impl FnMut(&Value)) {
    look(value);
    let inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Object(members) => Box::new(members.values()),
        Value::Array(values) => Box::new(values.iter()),
        _ => return,
    };
    inner.for_each(|value| each(value, look));
}
