//! The ledger of a material: who took it.

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::one::Nothing;
use crate::{
    api::{
        auth::Editor,
        page::{Listing, Page, PageParams},
        problem::Problem,
        reference::{AccountReference, LinkReference},
        time::time,
    },
    app::App,
    deliver::ledger::{self, Entry},
    error::Result,
    terms::{MaterialId, Via},
};

/// Somebody took a material, by itself or in an archive; one line an hour for the same version and way.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its id.
    pub id: Uuid,
    /// When they took it first in this hour.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When they took something of it last in this hour.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// By which way they came: `token`, `link` or `public`.
    pub via: Via,
    /// Who it was, where that is known.
    #[schema(required = true)]
    pub account: Option<AccountReference>,
    /// The link that they came by.
    #[schema(required = true)]
    pub link: Option<LinkReference>,
    /// The kit that it was taken from.
    #[schema(required = true)]
    pub kit: Option<Uuid>,
    /// What they took: `original`, the name of a rendition, or `archive` with its sort.
    pub way: String,
    /// Which version of the material.
    pub version: i32,
    /// How often from the first byte on.
    pub count: i64,
    /// How many bytes went out; of the whole archive, where it was one.
    pub bytes: i64,
}

/// Who took a material
///
/// Which version, when, and by which way, the last first. For editors of its unit.
#[utoipa::path(
    tag = "materials",
    operation_id = "list_deliveries",
    params(("id" = Uuid, Path, description = "The material"), PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of the ledger", body = Page<DeliveryView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/materials/{id}/deliveries")]
pub async fn list(
    app: Data<App>,
    Editor(caller): Editor,
    id: Path<MaterialId>,
    listing: Listing<Nothing>,
) -> Result<Json<Page<DeliveryView>>> {
    let after = listing.after()?;
    let found = ledger::taken(app.db.read(), &caller, *id, after, listing.rows()).await?;
    Ok(Json(listing.page(
        found,
        |entry| entry.row.id,
        DeliveryView::from,
    )?))
}

impl From<Entry> for DeliveryView {
    fn from(entry: Entry) -> Self {
        let row = entry.row;
        let link = entry.link.as_ref();
        Self {
            id: row.id,
            at: time(row.at),
            last_at: time(row.last_at),
            via: row.via,
            account: entry.account.as_ref().map(AccountReference::from),
            link: row.link_id.map(|id| LinkReference::new(id, link)),
            kit: row.kit_id.map(|kit| kit.0),
            way: row.way,
            version: entry.version,
            count: row.count,
            bytes: row.bytes,
        }
    }
}
