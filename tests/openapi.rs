//! The specification: the committed document is the one that the code makes and the server serves, and it says enough of
//! every operation and every property.

use std::{collections::BTreeSet, path::Path, process::Command};

use serde_json::{Map, Value};

use crate::world::World;

mod usable;

const VERBS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

fn generated() -> String {
    let made = Command::new(env!("CARGO_BIN_EXE_jarchi"))
        .arg("openapi")
        .output()
        .expect("the binary");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    String::from_utf8(made.stdout).expect("UTF-8")
}

fn document() -> Value {
    serde_json::from_str(&generated()).expect("JSON")
}

/// Each operation, with its name for people.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let each = paths.iter().flat_map(|(path, item)| {
        let verbs = VERBS
            .iter()
            .filter_map(move |verb| Some((verb, item.get(verb)?)));
        verbs.map(move |(verb, operation)| (format!("{} {path}", verb.to_uppercase()), operation))
    });
    each.collect()
}

#[test]
fn the_committed_document_is_the_one_that_the_code_makes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let committed = std::fs::read_to_string(path).expect("openapi/openapi.json");
    assert!(
        committed == generated(),
        "openapi/openapi.json is not what the code makes: run `make openapi`"
    );
}

#[test]
fn every_operation_says_what_it_does_and_how_it_can_end() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Jarchi");
    let mut broken = Vec::new();
    let mut ids = BTreeSet::new();
    let operations = operations(&document);
    assert!(operations.len() > 30, "{} operations", operations.len());
    for (name, operation) in operations {
        let missing = unsaid(operation, &document);
        broken.extend(missing.map(|what| format!("{name}: no {what}")));
        let id = operation["operationId"].as_str().unwrap_or_default();
        if id.is_empty() || !ids.insert(id) {
            broken.push(format!(
                "{name}: the operationId “{id}” stands twice or is none"
            ));
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// What an operation should say and does not.
fn unsaid(operation: &Value, document: &Value) -> impl Iterator<Item = &'static str> {
    let answers = operation["responses"].as_object().expect("answers");
    let known = document["tags"].as_array().expect("tags");
    let tag = &operation["tags"][0];
    let good = answers.keys().any(|status| status.starts_with(['2', '3']));
    let bad = answers.iter().any(|(status, answer)| {
        let problem = answer["content"].get("application/problem+json").is_some();
        status.starts_with(['4', '5', 'd']) && problem
    });
    let summary = operation["summary"]
        .as_str()
        .is_some_and(|words| !words.is_empty());
    let tagged = known.iter().any(|one| one["name"] == *tag);
    let all = [
        (summary, "summary"),
        (tagged, "tag that is known"),
        (good, "success"),
        (bad, "problem"),
    ];
    all.into_iter()
        .filter(|(said, _)| !said)
        .map(|(_, what)| what)
}

#[test]
fn every_property_and_parameter_is_described() {
    let document = document();
    let mut broken = Vec::new();
    for (name, schema) in document["components"]["schemas"]
        .as_object()
        .expect("schemas")
    {
        undescribed(schema, name, &document, &mut broken);
    }
    for (name, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if !says(parameter) {
                broken.push(format!("{name}: the parameter {}", parameter["name"]));
            }
        }
    }
    assert!(broken.is_empty(), "not described:\n{}", broken.join("\n"));
}

fn undescribed(schema: &Value, name: &str, document: &Value, broken: &mut Vec<String>) {
    for (property, inner) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{name}.{property}");
        // What may be null stands in a `oneOf`, and what is said of it beside its reference.
        let either = inner["oneOf"]
            .as_array()
            .is_some_and(|parts| parts.iter().any(says));
        if !says(inner) && !either && !refers_to_what_says(inner, document) {
            broken.push(path.clone());
        }
        undescribed(inner, &path, document, broken);
    }
    if schema["items"].is_object() {
        undescribed(&schema["items"], name, document, broken);
    }
    for combined in ["allOf", "oneOf", "anyOf"] {
        for part in schema[combined].as_array().into_iter().flatten() {
            undescribed(part, name, document, broken);
        }
    }
}

fn says(schema: &Value) -> bool {
    schema["description"]
        .as_str()
        .is_some_and(|words| !words.trim().is_empty())
}

fn refers_to_what_says(schema: &Value, document: &Value) -> bool {
    let target = schema["$ref"]
        .as_str()
        .and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    target.is_some_and(says)
}

#[tokio::test]
async fn the_server_serves_it_and_a_page_that_fetches_nothing_from_elsewhere() {
    let world = World::start().await;
    let served = world.public().get("/openapi.json").await.expect(200).json();
    let made: Value = serde_json::from_str(&generated()).expect("JSON");
    assert_eq!(served, made);
    let page = world.public().get("/docs/").await.expect(200);
    let page = String::from_utf8_lossy(&page.bytes).into_owned();
    assert!(
        !page.contains("src=\"http") && !page.contains("href=\"http") && !page.contains("//cdn"),
        "{page}"
    );
}

#[tokio::test]
async fn every_route_of_it_is_there_and_knows_its_verbs() {
    let world = World::start().await;
    let document = world.public().get("/openapi.json").await.expect(200).json();
    let paths = document["paths"].as_object().expect("paths");
    for (path, item) in paths {
        let mut wrong = ["get", "put", "post", "delete", "patch"].into_iter();
        let Some(wrong) = wrong.find(|verb| !answers(paths, path, verb)) else {
            panic!("{path} has every verb: {item}")
        };
        let method = wrong.to_uppercase().parse().expect("a verb");
        let place = path.replace(['{', '}'], "");
        let refused = world.admin.send(method, &place, &[], "").await;
        assert!(
            !refused.header("allow").is_empty(),
            "{wrong} {place}: {}",
            refused.status
        );
        refused.problem(405, "method-not-allowed");
    }
}

/// Whether the verb is there under the path, or under another one that it fits: `/materials/{id}` takes `/materials/batch`.
fn answers(paths: &Map<String, Value>, path: &str, verb: &str) -> bool {
    let fits = |pattern: &str| {
        let mut parts = pattern.split('/').zip(path.split('/'));
        let as_long = pattern.split('/').count() == path.split('/').count();
        as_long && parts.all(|(one, other)| one == other || one.starts_with('{'))
    };
    let mut fitting = paths.iter().filter(|(pattern, _)| fits(pattern));
    fitting.any(|(_, item)| item.get(verb).is_some())
}
