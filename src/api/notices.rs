//! `/v1/notices`: what was withdrawn or corrected of what somebody took, and who has read of it.

use actix_web::{
    get, post,
    web::{Data, Json, Path},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    audit::ThingReference,
    auth::{Editor, Signed},
    json::MaybeBody,
    page::{Listing, Page, PageParams},
    problem::Problem,
    reference::{AccountReference, LinkReference},
    time::time,
    units::NoFilter,
};
use crate::{
    announce::notices::{self, Recipient, Sent, Told},
    app::App,
    db::notices::Model,
    error::Result,
    language::Texts,
    terms::{KitId, LinkId, MaterialId, Thing, Turn, Via},
};

/// A notice to somebody who took the thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    #[serde(flatten)]
    pub told: NoticeSummary,
    /// When the account said that it has read it; null: it has not.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub acknowledged_at: Option<Timestamp>,
    /// What it said beside.
    #[schema(required = true)]
    pub note: Option<String>,
}

/// What is told of a withdrawal or a correction.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeSummary {
    /// Its id.
    pub id: Uuid,
    /// When it was sent.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `withdrawn` or `corrected`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The material or the kit.
    pub thing: ThingReference,
    /// The version that it has since; who took an earlier one is sent the notice.
    pub version: i32,
    /// What is said, in each language.
    pub notice: Texts,
}

/// A notice, and who was sent it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentNoticeView {
    #[serde(flatten)]
    pub told: NoticeSummary,
    /// How many were sent it.
    pub sent: usize,
    /// How many of them have said that they read it.
    pub acknowledged: usize,
    /// Everybody who was sent it.
    pub recipients: Vec<RecipientView>,
}

/// Somebody who took the thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientView {
    /// By which way: `token` or `link`.
    pub via: Via,
    /// The account, where it was one.
    #[schema(required = true)]
    pub account: Option<AccountReference>,
    /// The link, where it was one.
    #[schema(required = true)]
    pub link: Option<LinkReference>,
    /// When they said that they have read it; null: they have not.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub acknowledged_at: Option<Timestamp>,
    /// What they said beside.
    #[schema(required = true)]
    pub note: Option<String>,
}

/// Which notices.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct NoticeFilter {
    /// `false`: those that wait for an answer; `true`: the others.
    acknowledged: Option<bool>,
}

/// What is said of a notice that was read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct AcknowledgementInput {
    /// Such as what was done about it.
    note: Option<String>,
}

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(acknowledge)
        .service(of_material)
        .service(of_kit);
}

/// What the caller took and was withdrawn or corrected
///
/// The notices of the caller's account, the newest first.
#[utoipa::path(
    tag = "partners",
    operation_id = "list_notices",
    params(NoticeFilter, PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of notices", body = Page<NoticeView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/notices")]
async fn list(
    app: Data<App>,
    Signed(caller): Signed,
    listing: Listing<NoticeFilter>,
) -> Result<Json<Page<NoticeView>>> {
    let wanted = listing.filter.acknowledged;
    let after = listing.after()?;
    let found = notices::own(app.db.read(), &caller, wanted, after, listing.rows()).await?;
    Ok(Json(listing.page(
        found,
        |sent| sent.notice.id,
        NoticeView::from,
    )?))
}

/// Say that a notice was read
///
/// Kept for the editors of the thing; the first time and the first note hold. Without a note no body is needed.
#[utoipa::path(
    tag = "partners",
    operation_id = "acknowledge_notice",
    request_body = Option<AcknowledgementInput>,
    params(("id" = Uuid, Path, description = "The notice")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The notice as it is now", body = NoticeView),
        (status = 404, description = "The caller was sent no such notice", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/notices/{id}/acknowledgement")]
async fn acknowledge(
    app: Data<App>,
    Signed(caller): Signed,
    id: Path<Uuid>,
    body: MaybeBody<AcknowledgementInput>,
) -> Result<Json<NoticeView>> {
    let sent = notices::acknowledge(&app, &caller, *id, body.0.note).await?;
    Ok(Json(NoticeView::from(sent)))
}

/// Who was told of a material's withdrawals and corrections
///
/// The newest first, with who has answered. For editors of its unit.
#[utoipa::path(
    tag = "materials",
    operation_id = "list_material_notices",
    params(("id" = Uuid, Path, description = "The material"), PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of notices", body = Page<SentNoticeView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/materials/{id}/notices")]
async fn of_material(
    app: Data<App>,
    Editor(caller): Editor,
    id: Path<MaterialId>,
    listing: Listing<NoFilter>,
) -> Result<Json<Page<SentNoticeView>>> {
    let (thing, after) = ((Thing::Material, id.0), listing.after()?);
    let found = notices::of(app.db.read(), &caller, thing, after, listing.rows()).await?;
    Ok(Json(listing.page(
        found,
        |told| told.notice.id,
        SentNoticeView::from,
    )?))
}

/// Who was told of a kit's withdrawals
///
/// The newest first, with who has answered. For editors of its unit.
#[utoipa::path(
    tag = "kits",
    operation_id = "list_kit_notices",
    params(("id" = Uuid, Path, description = "The kit"), PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of notices", body = Page<SentNoticeView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/kits/{id}/notices")]
async fn of_kit(
    app: Data<App>,
    Editor(caller): Editor,
    id: Path<KitId>,
    listing: Listing<NoFilter>,
) -> Result<Json<Page<SentNoticeView>>> {
    let (thing, after) = ((Thing::Kit, id.0), listing.after()?);
    let found = notices::of(app.db.read(), &caller, thing, after, listing.rows()).await?;
    Ok(Json(listing.page(
        found,
        |told| told.notice.id,
        SentNoticeView::from,
    )?))
}

impl From<Model> for NoticeSummary {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            at: time(row.at),
            kind: match row.turn {
                Turn::Corrected => "corrected",
                _ => "withdrawn",
            },
            thing: ThingReference {
                kind: row.thing.as_str().to_owned(),
                id: row.thing_id,
            },
            version: row.version,
            notice: row.notice,
        }
    }
}

impl From<Sent> for NoticeView {
    fn from(sent: Sent) -> Self {
        Self {
            told: NoticeSummary::from(sent.notice),
            acknowledged_at: sent.acknowledged_at.map(time),
            note: sent.note,
        }
    }
}

impl From<Told> for SentNoticeView {
    fn from(told: Told) -> Self {
        let read = told.recipients.iter();
        let read = read.filter(|one| one.row.acknowledged_at.is_some());
        Self {
            sent: told.recipients.len(),
            acknowledged: read.count(),
            told: NoticeSummary::from(told.notice),
            recipients: told
                .recipients
                .into_iter()
                .map(RecipientView::from)
                .collect(),
        }
    }
}

impl From<Recipient> for RecipientView {
    fn from(one: Recipient) -> Self {
        let (id, link) = (LinkId(one.row.recipient), one.link.as_ref());
        Self {
            via: one.row.via,
            account: one.account.as_ref().map(AccountReference::from),
            link: (one.row.via == Via::Link).then(|| LinkReference::new(id, link)),
            acknowledged_at: one.row.acknowledged_at.map(time),
            note: one.row.note,
        }
    }
}
