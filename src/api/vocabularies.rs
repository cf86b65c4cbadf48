//! `/v1/vocabularies/{name}`: codes with their names in every language.

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{auth::Anyone, page::Page, problem::Problem, query::Params, units::NoFilter};
use crate::{
    app::App, db::vocabularies as rows, error::Result, language::Texts, organise::vocabularies,
};

/// A code and what people call it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeView {
    /// The code, as it is sent and given.
    pub code: String,
    /// What it is called, in each language.
    pub label: Texts,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(codes);
}

/// The codes of a vocabulary
///
/// All of them, in the vocabulary's order: `audiences`, `event_kinds`, `genres`.
#[utoipa::path(
    tag = "office",
    operation_id = "get_vocabulary",
    params(("name" = String, Path, description = "The vocabulary, such as `audiences`")),
    responses(
        (status = 200, description = "The codes", body = Page<CodeView>),
        (status = 404, description = "There is no such vocabulary", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/vocabularies/{name}")]
async fn codes(
    app: Data<App>,
    _caller: Anyone,
    name: Path<String>,
    _query: Params<NoFilter>,
) -> Result<Json<Page<CodeView>>> {
    let rows = vocabularies::codes(app.db.read(), &name).await?;
    let items = rows
        .into_iter()
        .map(|rows::Model { code, label, .. }| CodeView { code, label })
        .collect();
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}
