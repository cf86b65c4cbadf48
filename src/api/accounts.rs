//! `/v1/accounts`: who may come in.

use actix_web::{
    get,
    web::{Data, Json},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    auth::Editor,
    page::{Listing, Page, PageParams},
    problem::Problem,
    reference::UnitReference,
    time::time,
    units::NoFilter,
};
use crate::{
    app::App,
    error::Result,
    organise::people::{self, Account},
    terms::{AccountId, Role},
};

/// A person or a partner organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: AccountId,
    /// The person or the organisation.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Where it may do it.
    pub unit: UnitReference,
    /// What it sees beside what is public; staff see what is open to any audience.
    pub audiences: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// The accounts
///
/// For editors those of their units, for administrators all.
#[utoipa::path(
    tag = "office",
    operation_id = "list_accounts",
    params(PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of accounts", body = Page<AccountView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/accounts")]
async fn list(
    app: Data<App>,
    Editor(caller): Editor,
    listing: Listing<NoFilter>,
) -> Result<Json<Page<AccountView>>> {
    let found = people::list(app.db.read(), &caller, listing.after()?, listing.rows()).await?;
    Ok(Json(listing.page(
        found,
        |account| account.row.id,
        AccountView::from,
    )?))
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        let Account {
            row,
            unit,
            audiences,
        } = account;
        Self {
            id: row.id,
            name: row.name,
            role: row.role,
            unit: UnitReference::from(&unit),
            audiences,
            created_at: time(row.created_at),
        }
    }
}
