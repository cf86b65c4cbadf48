//! `/v1/kits`: press kits, composed and changed here; their steps and their archives stand beside.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, patch, post,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    answer::Created,
    auth::{Anyone, Editor},
    client,
    etag::{self, IfMatch},
    idempotency::once,
    json::Body,
    page::{Listing, Page, PageParams},
    problem::Problem,
    query::Params,
};
use crate::{
    app::App,
    bundle::{self, Filter, Kept, KitInput},
    error::Result,
    terms::{EventId, KitId, MaterialId},
};

pub mod archive;
mod items;
mod links;
mod statistics;
mod steps;
mod view;

use view::{KitSummary, KitView, made, shown, shown_with_materials};

/// The longest kit, in bytes: all items that one may hold, each with a few words.
const LONGEST: usize = 8 << 20;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(one)
        .service(change)
        .service(remove)
        .service(items::add)
        .service(items::remove)
        .service(statistics::statistics)
        .service(steps::readiness)
        .service(steps::transition)
        .service(archive::download)
        .service(archive::entries)
        .service(links::list)
        .service(links::create)
        .service(links::revoke);
}

/// What narrows the list of kits.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct KitFilter {
    /// Words of the title or the summary, in whichever script.
    q: Option<String>,
    /// Kits of one of these events.
    #[param(value_type = Vec<Uuid>)]
    event: Vec<EventId>,
    /// Kits in which one of these materials lies.
    #[param(value_type = Vec<Uuid>)]
    material: Vec<MaterialId>,
}

/// How much of a kit is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    /// `material`: the items' materials whole, so that they need not be fetched one by one.
    #[param(inline)]
    include: Option<Include>,
}

/// What may be nested.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Include {
    Material,
}

/// The kits that the caller may see
///
/// The newest first, without their items and archives.
#[utoipa::path(
    tag = "kits",
    operation_id = "list_kits",
    params(KitFilter, PageParams),
    responses(
        (status = 200, description = "A page of kits", body = Page<KitSummary>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/kits")]
async fn list(
    app: Data<App>,
    Anyone(caller): Anyone,
    listing: Listing<KitFilter>,
) -> Result<Json<Page<KitSummary>>> {
    let filter = Filter {
        q: listing.filter.q.clone(),
        events: listing.filter.event.clone(),
        materials: listing.filter.material.clone(),
    };
    let after = listing.after()?;
    let kits = bundle::list(app.db.read(), &caller, &filter, after, listing.rows()).await?;
    let summary = |kit| KitSummary::of(&kit, &caller, &app.config);
    Ok(Json(listing.page(kits, |kit| kit.row.id, summary)?))
}

/// Compose a kit
///
/// For editors. It begins as a draft. A kit holds 50,000 materials at most, and its JSON 8 MiB.
#[utoipa::path(
    tag = "kits",
    operation_id = "create_kit",
    request_body = KitInput,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same request again")),
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The kit", body = KitView),
        (status = 422, description = "A field is at fault, such as a material that is unknown, withdrawn or named twice", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/kits")]
async fn create(
    app: Data<App>,
    Editor(caller): Editor,
    request: HttpRequest,
    body: Body<KitInput, LONGEST>,
) -> Result<HttpResponse> {
    let input = body.value;
    once(&app, &caller, &request, &body.sent, async |tx| {
        let id = bundle::create(tx, &caller, input).await?;
        let view = made(tx, &app, &caller, id).await?;
        Created::versioned(format!("/v1/kits/{id}"), view.summary.version, &view)
    })
    .await
}

/// One kit
///
/// With the items that the caller may see, and its archives as this caller would get them.
#[utoipa::path(
    tag = "kits",
    operation_id = "get_kit",
    params(("id" = Uuid, Path, description = "The kit"), Wanted),
    responses(
        (status = 200, description = "The kit", body = KitView),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = 404, description = "There is none that the caller may know of", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "It was withdrawn, with the notice", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/kits/{id}")]
async fn one(
    app: Data<App>,
    kept: Data<Kept>,
    Anyone(caller): Anyone,
    id: Path<KitId>,
    Params(wanted): Params<Wanted>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let view = match wanted.include {
        Some(Include::Material) => shown_with_materials(&app, &kept, &caller, *id).await?,
        None => shown(&app, &kept, &caller, *id).await?,
    };
    if !caller.sees_inside(view.summary.unit.id) && !client::is_headless(&request) {
        app.ledger.viewed(*id, None);
    }
    etag::show(&request, view.summary.version, &view)
}

/// Change a kit
///
/// A JSON merge patch (RFC 7396) over what `POST` takes; `items` is a list, and is replaced as a whole: at most
/// 50,000 materials, in 8 MiB of JSON. For editors.
#[utoipa::path(
    tag = "kits",
    operation_id = "update_kit",
    request_body(content = KitInput, content_type = "application/merge-patch+json", description = "What is to change"),
    params(
        ("id" = Uuid, Path, description = "The kit"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is made for, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The kit as it is now", body = KitView),
        (status = 412, description = "It has changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[patch("/v1/kits/{id}")]
async fn change(
    app: Data<App>,
    kept: Data<Kept>,
    Editor(caller): Editor,
    id: Path<KitId>,
    IfMatch(expected): IfMatch,
    request: HttpRequest,
    body: Body<Value, LONGEST>,
) -> Result<HttpResponse> {
    bundle::change(
        &app,
        &caller,
        *id,
        |version| expected.holds(version),
        &body.sent,
    )
    .await?;
    let view = shown(&app, &kept, &caller, *id).await?;
    etag::show(&request, view.summary.version, &view)
}

/// Delete a kit
///
/// For editors; only what was never published.
#[utoipa::path(
    tag = "kits",
    operation_id = "delete_kit",
    params(
        ("id" = Uuid, Path, description = "The kit"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "It was published once", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/v1/kits/{id}")]
async fn remove(
    app: Data<App>,
    Editor(caller): Editor,
    id: Path<KitId>,
    IfMatch(expected): IfMatch,
) -> Result<HttpResponse> {
    bundle::delete(&app, &caller, *id, |version| expected.holds(version)).await?;
    Ok(HttpResponse::NoContent().finish())
}
