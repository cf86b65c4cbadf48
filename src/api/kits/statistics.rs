//! How often a kit was seen and taken.

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        auth::Editor, problem::Problem, query::Params, reference::LinkReference, units::NoFilter,
    },
    app::App,
    db::kit_days::Count,
    deliver::ledger,
    error::Result,
    terms::KitId,
};

/// How often a kit was seen and taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticsView {
    /// How often readers looked at it.
    pub views: i64,
    /// How often its archive, or a file behind a link, was taken from the first byte on.
    pub downloads: i64,
    /// How many bytes went out.
    pub bytes: i64,
    /// The same by day, the first first; days are those of the office's time zone.
    pub days: Vec<DayView>,
    /// The same by link.
    pub links: Vec<ByLinkView>,
}

/// A day of a kit.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayView {
    /// Such as `2026-11-28`.
    #[schema(format = Date)]
    pub day: String,
    /// How often readers looked at it.
    pub views: i64,
    /// How often something was taken from the first byte on.
    pub downloads: i64,
    /// How many bytes went out.
    pub bytes: i64,
}

/// What came by a link.
#[derive(Debug, Serialize, ToSchema)]
pub struct ByLinkView {
    /// The link; null: without one.
    #[schema(required = true)]
    pub link: Option<LinkReference>,
    /// How often somebody looked at it.
    pub views: i64,
    /// How often something was taken from the first byte on.
    pub downloads: i64,
    /// How many bytes went out.
    pub bytes: i64,
}

/// How often a kit was seen and taken
///
/// By day and by link, without what the staff of its unit did; as of some seconds ago. For editors of its unit.
#[utoipa::path(
    tag = "kits",
    operation_id = "get_kit_statistics",
    params(("id" = Uuid, Path, description = "The kit")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The figures", body = StatisticsView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/kits/{id}/statistics")]
pub async fn statistics(
    app: Data<App>,
    Editor(caller): Editor,
    id: Path<KitId>,
    _query: Params<NoFilter>,
) -> Result<Json<StatisticsView>> {
    let found = ledger::statistics(app.db.read(), &caller, *id).await?;
    let Count {
        views,
        downloads,
        bytes,
    } = found.all;
    let day = |(day, count): (String, Count)| DayView {
        day,
        views: count.views,
        downloads: count.downloads,
        bytes: count.bytes,
    };
    Ok(Json(StatisticsView {
        views,
        downloads,
        bytes,
        days: found.days.into_iter().map(day).collect(),
        links: found
            .links
            .into_iter()
            .map(|(link, count)| ByLinkView {
                link: link.map(|id| LinkReference::new(id, found.known.get(&id))),
                views: count.views,
                downloads: count.downloads,
                bytes: count.bytes,
            })
            .collect(),
    }))
}
