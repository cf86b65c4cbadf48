//! The `OpenAPI` document around its routes, which are put in by the router: title, tags, how tokens are sent, and what
//! can be said of all routes in one place.

pub mod finding;
mod headers;
mod patches;
mod schemas;

use serde_json::{Value, json};
use utoipa::{
    OpenApi,
    openapi::{self, InfoBuilder, LicenseBuilder, tag::TagBuilder},
};

use crate::error::{Error, Result};

const BEARER: &str = "bearer";

const TAGS: [(&str, &str); 8] = [
    (
        "materials",
        "Texts, photos, audio and video, with their descriptions, originals and renditions",
    ),
    ("bytes", "Originals and renditions, whole or in ranges"),
    ("searches", "Searches that people keep, and their feeds"),
    ("uploads", "Uploads that go on after a break (tus 1.0.0)"),
    ("kits", "Press kits, their archives and links"),
    ("partners", "The feed of changes"),
    (
        "office",
        "Units, events, accounts, tokens, vocabularies and the audit",
    ),
    ("process", "Whether it runs, its figures, and this document"),
];

/// The document before the routes are in it.
pub fn frame() -> openapi::OpenApi {
    #[derive(OpenApi)]
    struct Frame;

    let mut document = Frame::openapi();
    let license = LicenseBuilder::new()
        .name("MIT OR Apache-2.0")
        .identifier(Some("MIT OR Apache-2.0"));
    document.info = InfoBuilder::new()
        .title("Jarchi")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(finding::page()))
        .license(Some(license.build()))
        .build();
    document.tags = Some(
        TAGS.iter()
            .map(|(name, words)| {
                TagBuilder::new()
                    .name(*name)
                    .description(Some(*words))
                    .build()
            })
            .collect(),
    );
    document
}

/// The document with what holds for every route: who must send a token, which headers come and go, and the shapes that
/// follow from others.
pub fn finished(document: &openapi::OpenApi) -> Result<Value> {
    let mut document = serde_json::to_value(document)
        .map_err(|error| Error::internal("the specification", error))?;
    schemas::flatten(&mut document);
    schemas::bytes(&mut document);
    patches::derive(&mut document);
    headers::declare(&mut document);
    secure(&mut document);
    Ok(document)
}

/// A route that needs a token says so itself; all others serve the public, too, and show more to whom they know.
fn secure(document: &mut Value) {
    document["components"]["securitySchemes"] = json!({BEARER: {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of `POST /v1/tokens`."
    }});
    for (path, _, operation) in operations(document) {
        let served = operation.get("security").is_some();
        if path.starts_with("/v1/") && !served {
            operation["security"] = json!([{}, {BEARER: []}]);
        }
    }
}

/// Each operation with its path and its verb.
fn operations(document: &mut Value) -> impl Iterator<Item = (&str, &str, &mut Value)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let verbs = item.as_object_mut().into_iter().flatten();
        verbs.map(move |(verb, operation)| (path.as_str(), verb.as_str(), operation))
    })
}
