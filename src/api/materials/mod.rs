//! `/v1/materials`: upload, find, describe, publish, hand over. A file for each part of the walk.

use std::{collections::HashSet, sync::Arc};

use actix_web::web;
use sea_orm::ConnectionTrait;
use utoipa_actix_web::service_config::ServiceConfig;

mod asked;
mod batch;
pub mod bytes;
mod deliveries;
mod files;
mod find;
mod localized;
mod near;
mod one;
pub mod progress;
mod similar;
mod steps;
mod upload;
mod view;

pub use asked::Asked;
pub use view::{MaterialView, Showing};

use super::routes::unknown;
use crate::{
    access::Caller,
    app::App,
    db::records::{self, Record},
    describe,
    error::Result,
    language::Language,
    search,
    terms::MaterialId,
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(find::list)
        .service(upload::create)
        .service(upload::check)
        .service(batch::batch)
        // Whatever else is asked there is a wrong verb, and no id.
        .route("/v1/uploads/check", web::to(unknown))
        .route("/v1/materials/batch", web::to(unknown))
        .service(one::show)
        .service(one::change)
        .service(one::remove)
        .service(one::history)
        .service(similar::similar)
        .service(deliveries::list)
        .service(steps::transition)
        .service(steps::reprocess)
        .service(progress::follow)
        .service(upload::replace)
        .service(bytes::original)
        .service(bytes::rendition)
        .service(find::suggestions);
}

/// One material as the caller sees it, whole.
async fn shown(
    app: &App,
    caller: &Caller,
    record: Record,
    languages: Vec<Language>,
) -> Result<MaterialView> {
    let looks_like = search::looks_like(app, caller, &record).await?;
    let showing = showing(app, caller, [&record], true, languages).await?;
    Ok(MaterialView {
        looks_like,
        ..showing.view(&record)
    })
}

/// The same as it stands now.
async fn shown_now(app: &App, caller: &Caller, id: MaterialId) -> Result<MaterialView> {
    shown(
        app,
        caller,
        records::one(app.db.read(), id).await?,
        Vec::new(),
    )
    .await
}

pub async fn showing<'a>(
    app: &'a App,
    caller: &'a Caller,
    records: impl IntoIterator<Item = &Record>,
    whole: bool,
    languages: Vec<Language>,
) -> Result<Showing<'a>> {
    showing_by(app.db.read(), app, caller, records, whole, languages).await
}

/// The same for a page, without what is long.
pub async fn showing_page<'a>(
    app: &'a App,
    caller: &'a Caller,
    records: &[Arc<Record>],
    languages: Vec<Language>,
) -> Result<Showing<'a>> {
    let records = records.iter().map(Arc::as_ref);
    showing(app, caller, records, false, languages).await
}

/// The same by what the connection sees: who holds one must not wait for another.
pub async fn showing_by<'a>(
    connection: &impl ConnectionTrait,
    app: &'a App,
    caller: &'a Caller,
    records: impl IntoIterator<Item = &Record>,
    whole: bool,
    languages: Vec<Language>,
) -> Result<Showing<'a>> {
    let named: Vec<MaterialId> = records
        .into_iter()
        .flat_map(|record| &record.related)
        .map(|row| row.other_id)
        .collect();
    let related: HashSet<MaterialId> = match named.as_slice() {
        [] => HashSet::new(),
        named => describe::seen(connection, caller, named)
            .await?
            .into_iter()
            .collect(),
    };
    Ok(Showing {
        app,
        caller,
        related,
        whole,
        languages,
    })
}
