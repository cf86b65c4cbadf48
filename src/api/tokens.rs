//! `/v1/tokens`: issue them, see them, take them back.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, post,
    web::{Data, Json, Path},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    answer::Created,
    auth::{Editor, Signed},
    idempotency::once,
    json::Body,
    page::{Listing, Page, PageParams},
    problem::Problem,
    reference::{AccountReference, UnitReference},
    time::time,
    units::NoFilter,
};
use crate::{
    app::App,
    error::Result,
    organise::tokens::{self, Issued, Token, TokenInput},
    terms::{Role, TokenId},
};

/// A token, less its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Whose it is.
    pub account: AccountReference,
    /// What it lets do.
    pub role: Role,
    /// Where it lets do it.
    pub unit: UnitReference,
    /// What it lets see beside what is public; staff see what is open to any audience.
    pub audiences: Vec<String>,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ends to be valid; null: never.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub expires_at: Option<Timestamp>,
}

/// A token at the only moment at which it is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuedView {
    /// The token itself: send it as `Authorization: Bearer …`. It is kept nowhere.
    pub token: String,
    #[serde(flatten)]
    pub about: TokenView,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(issue).service(revoke);
}

/// The tokens that are valid or expired
///
/// One's own; for editors those of their units' accounts, too, for administrators all. The newest first.
#[utoipa::path(
    tag = "office",
    operation_id = "list_tokens",
    params(PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of tokens", body = Page<TokenView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/tokens")]
async fn list(
    app: Data<App>,
    Signed(caller): Signed,
    listing: Listing<NoFilter>,
) -> Result<Json<Page<TokenView>>> {
    let found = tokens::list(app.db.read(), &caller, listing.after()?, listing.rows()).await?;
    Ok(Json(listing.page(
        found,
        |token| token.row.id,
        TokenView::from,
    )?))
}

/// Issue a token
///
/// With a new account, or for one that is there. Editors issue those of contributors and readers of their units. The
/// token is shown in this answer and never again: repeated with the same `Idempotency-Key`, it is 409.
#[utoipa::path(
    tag = "office",
    operation_id = "create_token",
    request_body = TokenInput,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same request again")),
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The token, once", body = IssuedView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/tokens")]
async fn issue(
    app: Data<App>,
    Editor(caller): Editor,
    request: HttpRequest,
    body: Body<TokenInput>,
) -> Result<HttpResponse> {
    let input = body.value;
    once(&app, &caller, &request, &body.sent, async |tx| {
        let Issued { token, secret } = tokens::issue(tx, &caller, input).await?;
        let location = format!("/v1/tokens/{}", token.row.id);
        Created::secret(
            location,
            &IssuedView {
                token: secret,
                about: TokenView::from(token),
            },
        )
    })
    .await
}

/// Take a token back
///
/// It is refused from this moment on. Its account stays, and can get another one.
#[utoipa::path(
    tag = "office",
    operation_id = "delete_token",
    params(("id" = Uuid, Path, description = "The token's id")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is valid no longer"),
        (status = 404, description = "There is none that the caller may take back", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/v1/tokens/{id}")]
async fn revoke(app: Data<App>, Signed(caller): Signed, id: Path<TokenId>) -> Result<HttpResponse> {
    let tx = app.db.begin().await?;
    tokens::revoke(&tx, &caller, *id).await?;
    app.commit(tx).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        let Token { row, account } = token;
        Self {
            id: row.id,
            name: row.name,
            account: AccountReference::from(&account.row),
            role: account.row.role,
            unit: UnitReference::from(&account.unit),
            audiences: account.audiences,
            created_at: time(row.created_at),
            expires_at: row.expires_at.map(time),
        }
    }
}
