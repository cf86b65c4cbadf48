//! The `OpenAPI` document's frame: title, tags, how tokens are sent. The routes are put in by the router.

use utoipa::{
    OpenApi,
    openapi::{
        self, InfoBuilder, LicenseBuilder,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

const BEARER: &str = "bearer";

const TAGS: [(&str, &str); 7] = [
    (
        "materials",
        "Texts, photos, audio and video, with their descriptions, originals and renditions",
    ),
    ("bytes", "Originals and renditions, whole or in ranges"),
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
        .description(Some(
            "The archive and the delivery desk of a press service.",
        ))
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

/// The document with what holds for every route: a token may be sent, and is asked for nowhere in the browser's way.
pub fn finished(mut document: openapi::OpenApi) -> openapi::OpenApi {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token of `POST /v1/tokens`."))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
    for (path, item) in &mut document.paths.paths {
        if !path.starts_with("/v1/") {
            continue;
        }
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
            &mut item.options,
        ];
        operations.into_iter().flatten().for_each(secure);
    }
    document
}

/// Some routes serve the public, too; what each shows without a token its description says.
fn secure(operation: &mut Operation) {
    operation.security = Some(vec![
        SecurityRequirement::new(BEARER, Vec::<String>::new()),
        SecurityRequirement::default(),
    ]);
}
