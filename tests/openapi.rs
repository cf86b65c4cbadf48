//! The committed document is the one that the router makes, and says enough for somebody who has nothing else.

use std::collections::HashSet;

use serde_json::Value;

const VERBS: [&str; 6] = ["get", "post", "put", "patch", "delete", "options"];

fn document() -> Value {
    serde_json::from_str(&jarchi::api::openapi_json().expect("the document is made"))
        .expect("it is JSON")
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let verbs = VERBS.iter().filter(|verb| item.get(**verb).is_some());
        verbs.map(move |verb| (format!("{verb} {path}"), item[*verb].clone()))
    });
    operations.collect()
}

#[test]
fn the_committed_document_is_the_one_that_the_router_makes() {
    let committed =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json"));
    let made = jarchi::api::openapi_json().expect("the document is made");
    assert!(
        committed.is_ok_and(|committed| committed == made),
        "it has changed: write it anew with `make openapi`"
    );
}

#[test]
fn it_is_openapi_3_1_and_names_itself() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Jarchi");
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
}

#[test]
fn every_operation_says_what_it_does_and_how_it_fails() {
    let document = document();
    let tags: HashSet<&str> = document["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    let mut ids = HashSet::new();
    for (name, operation) in operations(&document) {
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|words| !words.is_empty()),
            "{name} has no summary"
        );
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        assert!(tags.contains(tag), "{name} has the tag {tag:?}");
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(
            !id.is_empty() && ids.insert(id.clone()),
            "{name}: the operationId {id:?} is missing or stands twice"
        );
        let answers = operation["responses"].as_object().expect("answers");
        let fails = answers.iter().any(|(status, answer)| {
            let fails = status.starts_with(['4', '5']) || status == "default";
            fails && answer["content"].get("application/problem+json").is_some()
        });
        assert!(fails, "{name} has no answer for its failures");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(
                parameter["description"].is_string(),
                "{name}: {} has no description",
                parameter["name"]
            );
        }
    }
}

#[test]
fn every_property_says_what_it_is() {
    let document = document();
    let mut silent = Vec::new();
    for (name, schema) in document["components"]["schemas"]
        .as_object()
        .expect("schemas")
    {
        look(name, schema, &mut silent);
    }
    assert!(silent.is_empty(), "without a description: {silent:?}");
}

fn look(at: &str, schema: &Value, silent: &mut Vec<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        // What may be null and is described elsewhere keeps its description beside the reference.
        let parts = property["oneOf"].as_array().into_iter().flatten();
        if !parts
            .chain([property])
            .any(|part| part["description"].is_string())
        {
            silent.push(at.clone());
        }
        look(&at, property, silent);
    }
    for part in ["allOf", "oneOf", "anyOf"]
        .iter()
        .flat_map(|of| schema[*of].as_array())
        .flatten()
    {
        look(at, part, silent);
    }
    if schema["items"].is_object() {
        look(at, &schema["items"], silent);
    }
}
