//! `/v1/me`: what the caller's token lets do.

use actix_web::{
    get,
    web::{Data, Json},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    auth::Signed,
    json,
    page::MOST,
    problem::Problem,
    query::Params,
    reference::{AccountReference, UnitReference},
    time::time,
    units::NoFilter,
};
use crate::{
    app::{
        App,
        limits::{What, Who},
    },
    error::{Error, Result},
    organise::people,
    terms::Role,
};

/// Who is asking.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeView {
    /// The account behind the token.
    pub account: AccountReference,
    /// What it may do.
    pub role: Role,
    /// Where it may do it.
    pub unit: UnitReference,
    /// To which audiences must be open what it sees.
    pub audiences: Vec<String>,
    /// When the token ends to be valid; null: never.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub expires_at: Option<Timestamp>,
    /// What the service takes at most.
    pub limits: Limits,
}

/// What the service takes at most.
#[derive(Debug, Serialize, ToSchema)]
pub struct Limits {
    /// Of a file, in bytes; null: as much as the disk holds.
    #[schema(required = true)]
    pub upload_size: Option<u64>,
    /// Of a JSON body, in bytes.
    pub body_size: usize,
    /// Items on a page of a list.
    pub page: u64,
    /// Requests of the account in a minute; null: as many as it likes.
    #[schema(required = true)]
    pub requests_per_minute: Option<u64>,
    /// How many of them are left in this minute.
    #[schema(required = true)]
    pub requests_left: Option<u64>,
    /// Bytes of files that go out to the account in a day (UTC); null: as many as it likes.
    #[schema(required = true)]
    pub bytes_per_day: Option<u64>,
    /// How many of them are left today.
    #[schema(required = true)]
    pub bytes_left: Option<u64>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(me);
}

/// Who is asking
#[utoipa::path(
    tag = "office",
    operation_id = "get_me",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The account, its rights and its limits", body = MeView),
        (status = 401, description = "There is no valid token", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/me")]
async fn me(
    app: Data<App>,
    Signed(caller): Signed,
    _query: Params<NoFilter>,
) -> Result<Json<MeView>> {
    let account = people::one(app.db.read(), caller.account()?).await?;
    let account = account.ok_or_else(|| Error::internal("a caller", "the account is not there"))?;
    let who = Who::Account(account.row.id);
    let left = |what| app.limits.left(what, &who);
    let (requests, bytes) = (left(What::Requests), left(What::Bytes));
    Ok(Json(MeView {
        account: AccountReference::from(&account.row),
        role: account.row.role,
        unit: UnitReference::from(&account.unit),
        audiences: caller.audiences,
        expires_at: caller.expires_at.map(time),
        limits: Limits {
            upload_size: Some(app.config.max_upload_size).filter(|size| *size > 0),
            body_size: json::LIMIT,
            page: MOST,
            requests_per_minute: requests.map(|left| left.limit),
            requests_left: requests.map(|left| left.left),
            bytes_per_day: bytes.map(|left| left.limit),
            bytes_left: bytes.map(|left| left.left),
        },
    }))
}
