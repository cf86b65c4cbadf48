//! Accounts: a person or a partner organisation, with a role in a unit and audiences. They are made with their first
//! token; editors see those of their units, administrators all.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::units;
use crate::{
    access::{Caller, Scope},
    db::{self, accounts, audiences, log, units as unit_rows},
    error::{Error, Result},
    terms::{AccountId, Role, Thing, UnitId},
};

/// An account with what hangs on it.
#[derive(Debug, Clone)]
pub struct Account {
    pub row: accounts::Model,
    pub unit: unit_rows::Model,
    pub audiences: Vec<String>,
}

/// What a new account is.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub name: String,
    pub role: Role,
    pub unit: UnitId,
    pub audiences: Vec<String>,
}

/// The accounts of the caller's units.
pub async fn list(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    after: Option<AccountId>,
    rows: u64,
) -> Result<Vec<Account>> {
    let mut query = accounts::Entity::find()
        .order_by_asc(accounts::Column::Id)
        .limit(rows);
    match &caller.scope {
        Scope::Everything => {}
        Scope::Units(units) => {
            query = query.filter(accounts::Column::UnitId.is_in(units.iter().copied()));
        }
        Scope::Nothing => return Ok(Vec::new()),
    }
    if let Some(after) = after {
        query = query.filter(accounts::Column::Id.gt(after));
    }
    whole(connection, query.all(connection).await?).await
}

/// One account, whoever asks.
pub async fn one(connection: &impl ConnectionTrait, id: AccountId) -> Result<Option<Account>> {
    let rows = accounts::Entity::find_by_id(id).all(connection).await?;
    Ok(whole(connection, rows).await?.pop())
}

/// The accounts with these ids.
pub async fn by_id(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = AccountId>,
) -> Result<HashMap<AccountId, Account>> {
    let rows = accounts::Entity::find()
        .filter(accounts::Column::Id.is_in(ids))
        .all(connection)
        .await?;
    let accounts = whole(connection, rows).await?;
    Ok(accounts
        .into_iter()
        .map(|account| (account.row.id, account))
        .collect())
}

/// Makes an account; `by` is whoever makes it, none where the first start does.
pub(super) async fn create(
    tx: &DatabaseTransaction,
    by: Option<AccountId>,
    new: NewAccount,
) -> Result<Account> {
    let row = accounts::Model {
        id: AccountId::new(),
        name: new.name,
        role: new.role,
        unit_id: new.unit,
        created_at: db::now(),
    };
    accounts::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    audiences::set(tx, row.id.0, &new.audiences).await?;
    let entry = log::Entry {
        account_id: by,
        unit_id: Some(row.unit_id),
        ..log::Entry::new(Thing::Account, row.id.0, 1, "created")
    };
    log::append(tx, vec![entry]).await?;
    let unit = units::one(tx, row.unit_id).await?;
    Ok(Account {
        row,
        unit,
        audiences: new.audiences,
    })
}

async fn whole(
    connection: &impl ConnectionTrait,
    rows: Vec<accounts::Model>,
) -> Result<Vec<Account>> {
    let units = units::by_id(connection, rows.iter().map(|row| row.unit_id)).await?;
    let mut audiences =
        audiences::of(connection, rows.iter().map(|row| row.id.0).collect()).await?;
    let whole = rows.into_iter().map(|row| {
        let unit = units
            .get(&row.unit_id)
            .cloned()
            .ok_or_else(|| Error::internal("an account", "its unit is not there"))?;
        Ok(Account {
            audiences: audiences.remove(&row.id.0).unwrap_or_default(),
            unit,
            row,
        })
    });
    whole.collect()
}
