//! Links to a kit for people without a token: made, listed, taken back.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, post,
    web::{Data, Json, Path},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        answer::Created,
        auth::Editor,
        idempotency::once,
        json::Body,
        page::{Listing, Page, PageParams},
        problem::Problem,
        reference::AccountReference,
        time::time,
        units::NoFilter,
    },
    app::App,
    bundle::links::{self, Link, LinkInput, Made},
    error::Result,
    terms::{KitId, LinkId, Recipient},
};

/// A link, less its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: LinkId,
    /// The kit that it opens.
    #[schema(value_type = Uuid)]
    pub kit: KitId,
    /// What it is for.
    pub label: String,
    /// For whom it is.
    #[schema(required = true)]
    pub recipient: Option<Recipient>,
    /// Whether it asks for a password.
    pub has_password: bool,
    /// Whether it shows what is still under embargo.
    pub shows_embargoed: bool,
    /// When it ends to work.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// How often its page was opened and a download of its archive begun.
    pub uses: i64,
    /// When that was last; null: never.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub last_used_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: AccountReference,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// A link at the only moment at which it is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeView {
    /// The link itself, for people. It is kept nowhere.
    pub url: String,
    #[serde(flatten)]
    pub about: LinkView,
}

/// The links to a kit
///
/// Those that were not taken back, expired ones among them, the newest first. For editors.
#[utoipa::path(
    tag = "kits",
    operation_id = "list_kit_links",
    params(("id" = Uuid, Path, description = "The kit"), PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of links", body = Page<LinkView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/kits/{id}/links")]
pub async fn list(
    app: Data<App>,
    Editor(caller): Editor,
    id: Path<KitId>,
    listing: Listing<NoFilter>,
) -> Result<Json<Page<LinkView>>> {
    let (after, rows) = (listing.after()?, listing.rows());
    let found = links::list(app.db.read(), &caller, *id, after, rows).await?;
    Ok(Json(listing.page(
        found,
        |link| link.row.id,
        LinkView::from,
    )?))
}

/// Make a link to a kit
///
/// Whoever has it sees what a reader of the kit's audiences sees, once the kit is published, without a token. With
/// `shows_embargoed` it lifts embargoes, and nothing else, for as long as whoever made it could; that needs the right to
/// publish each such item. It is shown in this answer and never again: repeated with the same `Idempotency-Key`, it is 409.
#[utoipa::path(
    tag = "kits",
    operation_id = "create_kit_link",
    request_body = LinkInput,
    params(
        ("id" = Uuid, Path, description = "The kit"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same request again"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The link, once", body = MadeView),
        (status = 403, description = "The kit is not the caller's to publish, or the embargoes of `items` are not the caller's to lift", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/kits/{id}/links")]
pub async fn create(
    app: Data<App>,
    Editor(caller): Editor,
    id: Path<KitId>,
    request: HttpRequest,
    body: Body<LinkInput>,
) -> Result<HttpResponse> {
    let input = body.value;
    let password = links::prepare(&input).await?;
    once(&app, &caller, &request, &body.sent, async |tx| {
        let Made { link, secret } = links::create(tx, &caller, *id, input, password).await?;
        let location = format!("/v1/kits/{id}/links/{}", link.row.id);
        Created::secret(
            location,
            &MadeView {
                url: app.config.url(&format!("/k/{secret}")),
                about: LinkView::from(link),
            },
        )
    })
    .await
}

/// Take a link back
///
/// From this moment on nothing behind it can be asked for, be it the rest of a range. For editors.
#[utoipa::path(
    tag = "kits",
    operation_id = "delete_kit_link",
    params(
        ("id" = Uuid, Path, description = "The kit"),
        ("link" = Uuid, Path, description = "The link"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It works no longer"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/v1/kits/{id}/links/{link}")]
pub async fn revoke(
    app: Data<App>,
    Editor(caller): Editor,
    path: Path<(KitId, LinkId)>,
) -> Result<HttpResponse> {
    let (kit, link) = path.into_inner();
    let tx = app.db.begin().await?;
    links::revoke(&tx, &caller, kit, link).await?;
    app.commit(tx).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<Link> for LinkView {
    fn from(Link { row, maker }: Link) -> Self {
        Self {
            id: row.id,
            kit: row.kit_id,
            label: row.label,
            recipient: row.recipient,
            has_password: row.password.is_some(),
            shows_embargoed: row.shows_embargoed,
            expires_at: time(row.expires_at),
            uses: row.uses,
            last_used_at: row.last_used_at.map(time),
            created_by: AccountReference::from(&maker),
            created_at: time(row.created_at),
        }
    }
}
