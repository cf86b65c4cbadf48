//! One material: shown, described, deleted, and what happened to it.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, patch,
    web::{Data, Json, Path},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::{asked::languages, shown, shown_now, view::MaterialView};
use crate::{
    api::{
        auth::{Anyone, Signed, Staff},
        etag::{self, IfMatch},
        json::Body,
        page::{Listing, Page, PageParams},
        problem::Problem,
        query::Params,
        time::time,
    },
    app::App,
    db::log,
    describe,
    description::change::Change,
    error::{Code, Error, Result},
    language::Texts,
    patch,
    terms::{AccountId, MaterialId},
};

/// How a material is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    /// Languages in the order of preference, between commas: adds `localized`.
    lang: Option<String>,
}

/// What happened to a material.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What, such as `created`, `updated`, `published`.
    pub action: String,
    /// The version that it made, or that it found where the machine did it.
    pub version: i32,
    /// Who; null for the machine.
    #[schema(value_type = Option<Uuid>, required = true)]
    pub account: Option<AccountId>,
    /// Which fields, such as `caption.en`.
    pub changed: Vec<String>,
    /// Why, in the words of whoever did it.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// Further particulars, such as the note of a correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
}

/// A list without filters.
#[derive(Debug, Default, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct Nothing {}

/// One material, whole
#[utoipa::path(
    tag = "materials",
    operation_id = "get_material",
    params(("id" = Uuid, Path, description = "The material"), Wanted),
    responses(
        (status = 200, description = "The material", body = MaterialView),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = 404, description = "There is none that the caller may know of", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "It was withdrawn; with `notice` and `replaced_by`", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/materials/{id}")]
pub async fn show(
    app: Data<App>,
    Anyone(caller): Anyone,
    id: Path<MaterialId>,
    wanted: Params<Wanted>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let record = describe::read(app.db.read(), &caller, *id).await?;
    let view = shown(&app, &caller, record, languages(wanted.0.lang.as_deref())?).await?;
    etag::show(&request, view.version, &view)
}

/// Describe a material
///
/// A JSON merge patch (RFC 7396) over the description. With `correction_note` it counts as a correction.
#[utoipa::path(
    tag = "materials",
    operation_id = "describe_material",
    params(
        ("id" = Uuid, Path, description = "The material"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is made for, such as `\"v3\"`"),
    ),
    request_body(content = crate::description::Description, content_type = "application/merge-patch+json", description = "What is to change"),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The material as it is now", body = MaterialView),
        (status = 412, description = "It has changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[patch("/v1/materials/{id}")]
pub async fn change(
    app: Data<App>,
    Signed(caller): Signed,
    id: Path<MaterialId>,
    IfMatch(expected): IfMatch,
    request: HttpRequest,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let change = change_of(body.sent)?;
    describe::change(&app, &caller, *id, change, |version| {
        expected.holds(version)
    })
    .await?;
    let view = shown_now(&app, &caller, *id).await?;
    etag::show(&request, view.version, &view)
}

/// Delete a material
///
/// Only what was never published; the rest is withdrawn.
#[utoipa::path(
    tag = "materials",
    operation_id = "delete_material",
    params(
        ("id" = Uuid, Path, description = "The material"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "It was published once, or lies in a kit", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/v1/materials/{id}")]
pub async fn remove(
    app: Data<App>,
    Signed(caller): Signed,
    id: Path<MaterialId>,
    IfMatch(expected): IfMatch,
) -> Result<HttpResponse> {
    describe::delete(&app, &caller, *id, |version| expected.holds(version)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What happened to a material
///
/// Who did what, when and why, the oldest first. For staff of the unit.
#[utoipa::path(
    tag = "materials",
    operation_id = "get_material_history",
    params(("id" = Uuid, Path, description = "The material"), PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of what happened", body = Page<HistoryView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/materials/{id}/history")]
pub async fn history(
    app: Data<App>,
    Staff(caller): Staff,
    id: Path<MaterialId>,
    listing: Listing<Nothing>,
) -> Result<Json<Page<HistoryView>>> {
    let after = listing.after()?.unwrap_or(0);
    let found = describe::history(app.db.read(), &caller, *id, after, listing.rows()).await?;
    Ok(Json(listing.page(
        found,
        |entry| entry.number,
        HistoryView::from,
    )?))
}

/// A change with its note.
#[derive(Deserialize)]
struct Noted {
    correction_note: Texts,
}

/// The note of a correction and the reason are told apart from what is described.
pub fn change_of(mut sent: Value) -> Result<Change> {
    let Some(members) = sent.as_object_mut() else {
        return Err(Error::refused(
            Code::BadRequest,
            "A merge patch is a JSON object.",
        ));
    };
    let note = members
        .shift_remove("correction_note")
        .filter(|note| !note.is_null());
    let noted = note.map(|note| patch::read::<Noted>(&json!({ "correction_note": note })));
    let correction_note = noted.transpose()?.map(|noted| noted.correction_note);
    Ok(Change {
        patch: Some(sent),
        correction_note,
        ..Change::default()
    })
}

impl From<log::Model> for HistoryView {
    fn from(entry: log::Model) -> Self {
        Self {
            at: time(entry.at),
            action: entry.action,
            version: entry.version,
            account: entry.account_id,
            changed: entry.changed.0,
            reason: entry.reason,
            detail: entry.detail,
        }
    }
}
