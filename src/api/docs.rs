//! The `OpenAPI` document, and a page to try the API on that loads nothing from elsewhere.

use actix_web::{HttpResponse, get, http::header, web::Data};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::problem::Problem;

/// The document as it is served, byte for byte that of the repository.
pub struct Document(pub String);

/// This document
///
/// `OpenAPI` 3.1, generated from the code that answers.
#[utoipa::path(
    tag = "process",
    responses(
        (status = 200, description = "The document", content_type = "application/json", body = serde_json::Value),
        (status = "default", description = "It cannot be had", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/openapi.json")]
pub async fn document(document: Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
}

/// `/docs` leads to the page.
#[get("/docs")]
pub async fn redirect() -> HttpResponse {
    HttpResponse::MovedPermanently()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

/// The page. The validator of Swagger UI asks a server on the internet, so it is off.
pub fn page() -> SwaggerUi {
    let config = Config::new(["/openapi.json"])
        .validator_url("none")
        .persist_authorization(false)
        .try_it_out_enabled(true);
    SwaggerUi::new("/docs/{_:.*}").config(config)
}
