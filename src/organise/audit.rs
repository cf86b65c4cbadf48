//! The audit: who came in from where, what was refused, and what was changed (`db::log` writes that, with the change).
//! Rows that say the same are one: what makes them the same is the column `once`. Editors read what concerns their units.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    access::{Caller, Scope},
    db::{Db, accounts, audit, now},
    error::Result,
    terms::{AccountId, TokenId},
};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Beyond it the memory of sign-ins is emptied; the database knows them all.
const MOST_REMEMBERED: usize = 10_000;

/// When each token was last written down as used from an address, so that not every request asks the database.
#[derive(Debug, Default)]
pub struct SignIns(Mutex<HashMap<(TokenId, String), i64>>);

impl SignIns {
    /// Writes down a token's first use from an address in 24 hours.
    pub async fn note(&self, db: &Db, caller: &Caller, address: &str, now: i64) -> Result<()> {
        let Some(token) = caller.token else {
            return Ok(());
        };
        let key = (token, address.to_owned());
        if self
            .remembered()
            .get(&key)
            .is_some_and(|at| now - at < DAY_MS)
        {
            return Ok(());
        }
        let at = signed_in(db, caller, token, address, now).await?;
        let mut remembered = self.remembered();
        if remembered.len() >= MOST_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(key, at);
        Ok(())
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<(TokenId, String), i64>> {
        // What a panic may have left is at worst a row asked for again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the sign-in that counts now was written: an earlier one of these 24 hours, else this one.
async fn signed_in(
    db: &Db,
    caller: &Caller,
    token: TokenId,
    address: &str,
    now: i64,
) -> Result<i64> {
    let prefix = format!("sign_in:{token}:{address}:");
    let former = audit::Entity::find()
        // Between digits alone: how other letters follow each other is each database's own affair.
        .filter(
            audit::Column::Once.between(format!("{prefix}0"), format!("{prefix}99999999999999")),
        )
        .filter(audit::Column::TokenId.eq(token))
        .filter(audit::Column::Address.eq(address))
        .order_by_desc(audit::Column::Id)
        .one(db.read())
        .await?
        .map_or(0, |row| row.at);
    if now - former < DAY_MS {
        return Ok(former);
    }
    // Named after the one before, so that of two requests at the same moment one writes.
    let row = audit::Row {
        account_id: caller.account,
        token_id: Some(token),
        unit_id: caller.unit,
        address: Some(address.to_owned()),
        once: Some(format!("{prefix}{former}")),
        ..audit::Row::new("sign_in")
    };
    let tx = db.begin().await?;
    audit::record(&tx, row, now).await?;
    tx.commit().await?;
    Ok(now)
}

/// Somebody was not let in (401) or not let do it (403).
#[derive(Debug, Clone)]
pub struct Refused {
    pub account: Option<AccountId>,
    pub token: Option<TokenId>,
    pub address: Option<String>,
    /// The verb and the pattern of the route.
    pub what: String,
    pub status: u16,
}

/// Writes down a refusal: once an hour for each account, address, route and status, so that nobody fills the disk.
pub async fn refused(db: &Db, refusal: Refused) -> Result<()> {
    let at = now();
    let Refused {
        account,
        token,
        address,
        what,
        status,
    } = refusal;
    let who = account
        .map(|account| account.to_string())
        .unwrap_or_default();
    let once = format!(
        "refused:{who}:{}:{status}:{what}:{}",
        address.as_deref().unwrap_or_default(),
        at / HOUR_MS
    );
    let known = audit::Entity::find()
        .filter(audit::Column::Once.eq(once.as_str()))
        .one(db.read())
        .await?;
    if known.is_some() {
        return Ok(());
    }
    let unit_id = match account {
        Some(account) => accounts::Entity::find_by_id(account)
            .one(db.read())
            .await?
            .map(|row| row.unit_id),
        None => None,
    };
    let row = audit::Row {
        account_id: account,
        token_id: token,
        unit_id,
        address,
        once: Some(once),
        detail: Some(serde_json::json!({"request": what, "status": status})),
        ..audit::Row::new("refused")
    };
    let tx = db.begin().await?;
    audit::record(&tx, row, at).await?;
    Ok(tx.commit().await?)
}

/// Which rows a list has.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct AuditFilter {
    /// What was done, such as `sign_in`, `refused`, `download`, `published`.
    pub action: Vec<String>,
    /// By one of these accounts.
    #[param(value_type = Vec<Uuid>)]
    pub account: Vec<AccountId>,
    /// To one of these things: ids of materials, kits, events, units, accounts or tokens.
    pub thing: Vec<Uuid>,
}

/// A row, and the account that it names.
#[derive(Debug, Clone)]
pub struct Deed {
    pub row: audit::Model,
    pub account: Option<accounts::Model>,
}

/// The rows that the caller may read, the newest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    filter: &AuditFilter,
    before: Option<Uuid>,
    rows: u64,
) -> Result<Vec<Deed>> {
    let mut query = audit::Entity::find()
        .order_by_desc(audit::Column::Id)
        .limit(rows);
    match &caller.scope {
        Scope::Everything => {}
        Scope::Units(units) => {
            query = query.filter(audit::Column::UnitId.is_in(units.iter().copied()));
        }
        Scope::Nothing => return Ok(Vec::new()),
    }
    if !filter.action.is_empty() {
        query = query.filter(audit::Column::Action.is_in(filter.action.iter().map(String::as_str)));
    }
    if !filter.account.is_empty() {
        query = query.filter(audit::Column::AccountId.is_in(filter.account.iter().copied()));
    }
    if !filter.thing.is_empty() {
        query = query.filter(audit::Column::ThingId.is_in(filter.thing.iter().copied()));
    }
    if let Some(before) = before {
        query = query.filter(audit::Column::Id.lt(before));
    }
    let rows = query.all(connection).await?;
    let ids = rows.iter().filter_map(|row| row.account_id);
    let accounts = accounts::Entity::find()
        .filter(accounts::Column::Id.is_in(ids))
        .all(connection)
        .await?;
    let accounts: HashMap<AccountId, accounts::Model> =
        accounts.into_iter().map(|row| (row.id, row)).collect();
    let deeds = rows.into_iter().map(|row| Deed {
        account: row.account_id.and_then(|id| accounts.get(&id).cloned()),
        row,
    });
    Ok(deeds.collect())
}
