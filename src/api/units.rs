//! `/v1/units`: the offices of the service, a tree.

use actix_web::{
    HttpRequest, HttpResponse, get, patch, post,
    web::{Data, Json, Path},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    answer::Created,
    auth::{Admin, Anyone},
    etag::{self, IfMatch},
    idempotency::once,
    json::Body,
    page::{Listing, Page, PageParams},
    problem::Problem,
    reference::UnitReference,
};
use crate::{
    access::Caller,
    app::App,
    db::units as rows,
    error::{Error, Result},
    organise::units::{self, UnitInput},
    terms::{Defaults, UnitId},
};

/// An office of the service.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnitView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: UnitId,
    /// Counts what people change.
    pub version: i32,
    /// What it is called, in each language.
    pub name: crate::language::Texts,
    /// The unit above it; null at the top.
    #[schema(required = true)]
    pub parent: Option<UnitReference>,
    /// What new materials get where nobody said anything; for staff alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defaults: Option<Defaults>,
}

/// Units have no filters.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(one)
        .service(change);
}

/// The units
///
/// In the order in which they were made; the topmost is the first.
#[utoipa::path(
    tag = "office",
    operation_id = "list_units",
    params(PageParams),
    responses(
        (status = 200, description = "A page of units", body = Page<UnitView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/units")]
async fn list(
    app: Data<App>,
    Anyone(caller): Anyone,
    listing: Listing<NoFilter>,
) -> Result<Json<Page<UnitView>>> {
    let rows = units::list(app.db.read(), listing.after()?, listing.rows()).await?;
    let above = units::by_id(app.db.read(), rows.iter().filter_map(|row| row.parent_id)).await?;
    let parent = |row: &rows::Model| row.parent_id.and_then(|id| above.get(&id));
    Ok(Json(listing.page(
        rows,
        |row| row.id,
        |row| view(&row, parent(&row), &caller),
    )?))
}

/// Make a unit
///
/// For administrators. Without a parent it stands below the topmost unit.
#[utoipa::path(
    tag = "office",
    operation_id = "create_unit",
    request_body = UnitInput,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same request again")),
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The unit", body = UnitView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/units")]
async fn create(
    app: Data<App>,
    Admin(caller): Admin,
    request: HttpRequest,
    body: Body<UnitInput>,
) -> Result<HttpResponse> {
    let input = body.value;
    once(&app, &caller, &request, &body.sent, async |tx| {
        let row = units::create(tx, &caller, input).await?;
        let parent = units::by_id(tx, row.parent_id).await?.into_values().next();
        Created::versioned(
            format!("/v1/units/{}", row.id),
            row.version,
            &view(&row, parent.as_ref(), &caller),
        )
    })
    .await
}

/// One unit
#[utoipa::path(
    tag = "office",
    operation_id = "get_unit",
    params(("id" = Uuid, Path, description = "The unit")),
    responses(
        (status = 200, description = "The unit", body = UnitView),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/units/{id}")]
async fn one(
    app: Data<App>,
    Anyone(caller): Anyone,
    id: Path<UnitId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let row = units::one(app.db.read(), *id).await?;
    shown(&app, &caller, &request, row).await
}

/// Change a unit
///
/// A JSON merge patch (RFC 7396) over what `POST` takes. For administrators.
#[utoipa::path(
    tag = "office",
    operation_id = "update_unit",
    request_body(content = UnitInput, content_type = "application/merge-patch+json", description = "What is to change"),
    params(
        ("id" = Uuid, Path, description = "The unit"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is made for, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The unit as it is now", body = UnitView),
        (status = 412, description = "It has changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[patch("/v1/units/{id}")]
async fn change(
    app: Data<App>,
    Admin(caller): Admin,
    id: Path<UnitId>,
    IfMatch(expected): IfMatch,
    request: HttpRequest,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let tx = app.db.begin().await?;
    let row = units::update(
        &tx,
        &caller,
        *id,
        |version| expected.holds(version),
        &body.sent,
    )
    .await?;
    app.commit(tx).await?;
    shown(&app, &caller, &request, row).await
}

async fn shown(
    app: &App,
    caller: &Caller,
    request: &HttpRequest,
    row: rows::Model,
) -> Result<HttpResponse> {
    let parent = match row.parent_id {
        Some(id) => Some(
            units::one(app.db.read(), id)
                .await
                .map_err(|_| Error::internal("a unit", "its parent is not there"))?,
        ),
        None => None,
    };
    etag::show(request, row.version, &view(&row, parent.as_ref(), caller))
}

fn view(row: &rows::Model, parent: Option<&rows::Model>, caller: &Caller) -> UnitView {
    UnitView {
        id: row.id,
        version: row.version,
        name: row.name.clone(),
        parent: parent.map(UnitReference::from),
        defaults: caller.is_staff().then(|| row.defaults.clone()),
    }
}
