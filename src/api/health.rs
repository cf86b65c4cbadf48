//! Whether the process runs, and whether what it leans on answers.

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    client,
    problem::{self, Problem},
};
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
pub async fn readyz(app: Data<App>, request: HttpRequest) -> HttpResponse {
    match ready(&app).await {
        Ok(()) => HttpResponse::Ok().json(Health { status: "ok" }),
        // Whoever asks every second is told each time, and the log is not.
        Err(error) => problem::answer(&error, &client::request_id(&request)),
    }
}

async fn ready(app: &App) -> Result<()> {
    app.db.ping().await?;
    app.storage.ping().await?;
    let changes = counters::last(app.db.read(), "log").await?;
    // As long as it is made, its mark stands at the beginning.
    let is_made = app
        .index
        .mark()
        .is_some_and(|mark| mark.epoch == app.epoch && mark.number > 0);
    if changes > 0 && !is_made {
        return Err(Error::unavailable("the index", "it is being made"));
    }
    Ok(())
}
