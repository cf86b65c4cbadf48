//! The audit: who came in from where, what was refused, and what was changed (`db::log` writes that, with the change).
//! Rows that say the same are one: what makes them the same is the column `once`. Editors read what concerns their units.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    access::{Caller, Scope},
    app::App,
    db::{Db, accounts, audit, now},
    error::Result,
    terms::{AccountId, TokenId},
};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
const EVERY_HOUR: Duration = Duration::from_hours(1);
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

    /// Whether the token came in from the address in the last 24 hours, as far as this process remembers.
    pub fn knows(&self, caller: &Caller, address: &str, now: i64) -> bool {
        let Some(token) = caller.token else {
            return false;
        };
        let key = (token, address.to_owned());
        let at = self.remembered().get(&key).copied();
        at.is_some_and(|at| now - at < DAY_MS)
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
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
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
    /// With one of these tokens.
    #[param(value_type = Vec<Uuid>)]
    pub token: Vec<TokenId>,
    /// From one of these addresses.
    pub address: Vec<String>,
    /// No earlier than this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
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
    if !filter.token.is_empty() {
        query = query.filter(audit::Column::TokenId.is_in(filter.token.iter().copied()));
    }
    if !filter.address.is_empty() {
        let addresses = filter.address.iter().map(String::as_str);
        query = query.filter(audit::Column::Address.is_in(addresses));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit::Column::At.gte(from.as_millisecond()));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit::Column::At.lt(to.as_millisecond()));
    }
    if let Some(before) = before {
        query = query.filter(audit::Column::Id.lt(before));
    }
    let rows = query.all(connection).await?;
    let ids = rows.iter().filter_map(|row| row.account_id);
    let accounts = accounts::of(connection, ids).await?;
    let deeds = rows.into_iter().map(|row| Deed {
        account: row.account_id.and_then(|id| accounts.get(&id).cloned()),
        row,
    });
    Ok(deeds.collect())
}

/// Rows that are forgotten in one transaction.
const FORGOTTEN: u64 = 1000;

/// Forgets what is older than the office keeps it, once an hour, where the settings say so.
pub async fn prune(app: &App) {
    let Some(kept) = app.config.audit_keep else {
        return std::future::pending().await;
    };
    let kept = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
    loop {
        if let Err(error) = forget(&app.db, now().saturating_sub(kept)).await {
            tracing::info!(%error, "the audit is pruned later");
        }
        tokio::time::sleep(EVERY_HOUR).await;
    }
}

async fn forget(db: &Db, before: i64) -> Result<()> {
    loop {
        let tx = db.begin_small().await?;
        let forgotten = audit::prune(&tx, before, FORGOTTEN).await?;
        tx.commit().await?;
        if forgotten < FORGOTTEN {
            return Ok(());
        }
    }
}
