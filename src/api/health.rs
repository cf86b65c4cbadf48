//! Whether the process runs, and whether what it leans on answers.

use actix_web::{HttpResponse, get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::{
    app::App,
    db::counters,
    error::{Error, Result},
};

/// How the process is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: &'static str,
}

/// Whether the process runs
///
/// It says nothing of the database or the storage: ask `/readyz` for those.
#[utoipa::path(
    tag = "process",
    responses(
        (status = 200, description = "It runs", body = Health),
        (status = "default", description = "It does not", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/healthz")]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Whether the database, the storage and the index answer
#[utoipa::path(
    tag = "process",
    responses(
        (status = 200, description = "All of them answer", body = Health),
        (status = 503, description = "The part that is named does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/readyz")]
pub async fn readyz(app: Data<App>) -> Result<HttpResponse> {
    app.db.ping().await?;
    app.storage.ping().await?;
    let changes = counters::last(app.db.read(), "log").await?;
    if changes > 0 && app.index.mark().is_none() {
        return Err(Error::unavailable("the index", "it is being made"));
    }
    Ok(HttpResponse::Ok().json(Health { status: "ok" }))
}
