//! `/v1/events`: what the service holds, and what footage belongs to.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, patch, post,
    web::{Data, Json, Path},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    answer::Created,
    auth::{Anyone, Staff},
    etag::{self, IfMatch},
    idempotency::once,
    json::Body,
    page::{Listing, Page, PageParams},
    problem::Problem,
    reference::UnitReference,
    time::time,
};
use crate::{
    app::App,
    error::Result,
    language::Texts,
    organise::events::{self, Event, EventFilter, EventInput},
    terms::{Contact, EventId, Place},
};

/// A press conference, a briefing, a visit: what footage belongs to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: EventId,
    /// Counts what people change.
    pub version: i32,
    /// The unit that holds it.
    pub unit: UnitReference,
    /// What it is called, in each language.
    pub name: Texts,
    /// A code of the vocabulary `event_kinds`.
    pub kind: String,
    /// When it begins.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub starts_at: Option<Timestamp>,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub ends_at: Option<Timestamp>,
    /// Where it takes place.
    #[schema(required = true)]
    pub place: Option<Place>,
    /// What it is about, in each language.
    pub summary: Texts,
    /// Whom a journalist calls.
    #[schema(required = true)]
    pub contact: Option<Contact>,
    /// Who may know of it: codes of the vocabulary `audiences`.
    pub audiences: Vec<String>,
    /// When it was entered.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When somebody changed it last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(one)
        .service(change)
        .service(remove);
}

/// The events that the caller may know of
///
/// The newest first.
#[utoipa::path(
    tag = "office",
    operation_id = "list_events",
    params(EventFilter, PageParams),
    responses(
        (status = 200, description = "A page of events", body = Page<EventView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/events")]
async fn list(
    app: Data<App>,
    Anyone(caller): Anyone,
    listing: Listing<EventFilter>,
) -> Result<Json<Page<EventView>>> {
    let found = events::list(
        app.db.read(),
        &caller,
        &listing.filter,
        listing.after()?,
        listing.rows(),
    )
    .await?;
    Ok(Json(listing.page(
        found,
        |event| event.row.id,
        EventView::from,
    )?))
}

/// Enter an event
///
/// For contributors, in their unit; for editors, in theirs and below.
#[utoipa::path(
    tag = "office",
    operation_id = "create_event",
    request_body = EventInput,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same request again")),
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The event", body = EventView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/events")]
async fn create(
    app: Data<App>,
    Staff(caller): Staff,
    request: HttpRequest,
    body: Body<EventInput>,
) -> Result<HttpResponse> {
    let input = body.value;
    once(&app, &caller, &request, &body.sent, async |tx| {
        let event = events::create(tx, &caller, input).await?;
        Created::versioned(
            format!("/v1/events/{}", event.row.id),
            event.row.version,
            &EventView::from(event),
        )
    })
    .await
}

/// One event
#[utoipa::path(
    tag = "office",
    operation_id = "get_event",
    params(("id" = Uuid, Path, description = "The event")),
    responses(
        (status = 200, description = "The event", body = EventView),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = 404, description = "There is none that the caller may know of", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/events/{id}")]
async fn one(
    app: Data<App>,
    Anyone(caller): Anyone,
    id: Path<EventId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let event = events::one(app.db.read(), &caller, *id).await?;
    etag::show(&request, event.row.version, &EventView::from(event))
}

/// Change an event
///
/// A JSON merge patch (RFC 7396) over what `POST` takes. For editors.
#[utoipa::path(
    tag = "office",
    operation_id = "update_event",
    request_body(content = EventInput, content_type = "application/merge-patch+json", description = "What is to change"),
    params(
        ("id" = Uuid, Path, description = "The event"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is made for, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The event as it is now", body = EventView),
        (status = 412, description = "It has changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[patch("/v1/events/{id}")]
async fn change(
    app: Data<App>,
    Staff(caller): Staff,
    id: Path<EventId>,
    IfMatch(expected): IfMatch,
    request: HttpRequest,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let tx = app.db.begin().await?;
    let event = events::update(
        &tx,
        &caller,
        *id,
        |version| expected.holds(version),
        &body.sent,
    )
    .await?;
    app.commit(tx).await?;
    etag::show(&request, event.row.version, &EventView::from(event))
}

/// Remove an event
///
/// For editors; only while nothing belongs to it.
#[utoipa::path(
    tag = "office",
    operation_id = "delete_event",
    params(
        ("id" = Uuid, Path, description = "The event"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "Materials or kits belong to it", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/v1/events/{id}")]
async fn remove(
    app: Data<App>,
    Staff(caller): Staff,
    id: Path<EventId>,
    IfMatch(expected): IfMatch,
) -> Result<HttpResponse> {
    let tx = app.db.begin().await?;
    events::delete(&tx, &caller, *id, |version| expected.holds(version)).await?;
    app.commit(tx).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        let Event {
            row,
            unit,
            audiences,
        } = event;
        Self {
            id: row.id,
            version: row.version,
            unit: UnitReference::from(&unit),
            name: row.name,
            kind: row.kind,
            starts_at: row.starts_at.map(time),
            ends_at: row.ends_at.map(time),
            place: row.place,
            summary: row.summary,
            contact: row.contact,
            audiences,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        }
    }
}
