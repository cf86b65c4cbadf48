//! Tokens: 256 random bits behind a prefix by which a leaked one is recognised, shown once and kept as a hash. Nobody
//! issues more than they may themselves; a token can be taken back, and another given to the same account.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    check::{Faults, LONGEST_NAME},
    people::{self, Account, NewAccount},
};
use crate::{
    access::{self, Caller, Scope},
    db::{self, accounts, log, tokens, units},
    error::{Error, Result},
    terms::{AccountId, Role, Thing, TokenId, UnitId},
};

const PREFIX: &str = "jarchi_";

/// A token as it is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenInput {
    /// What the token is for; also the name of the account that is made for it.
    pub name: String,
    /// What the new account may do. With `account`, it is that account's and may be left out.
    #[serde(default)]
    pub role: Option<Role>,
    /// The new account's unit; the caller's own where none is named.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub unit: Option<UnitId>,
    /// What a new reader sees beside what is public: codes of the vocabulary `audiences`.
    #[serde(default)]
    pub audiences: Option<Vec<String>>,
    /// The account that gets one more token; none: a new account is made.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub account: Option<AccountId>,
    /// When it ends to be valid (RFC 3339); never where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// A token with its account.
#[derive(Debug, Clone)]
pub struct Token {
    pub row: tokens::Model,
    pub account: Account,
}

/// A token at the only moment at which it is known.
#[derive(Debug, Clone)]
pub struct Issued {
    pub token: Token,
    pub secret: String,
}

pub async fn issue(tx: &DatabaseTransaction, caller: &Caller, input: TokenInput) -> Result<Issued> {
    check(tx, caller, &input).await?;
    let account = match input.account {
        Some(id) => existing(tx, caller, id, &input).await?,
        None => new_account(tx, caller, &input).await?,
    };
    let secret = random()?;
    let row = tokens::Model {
        id: TokenId::new(),
        account_id: account.row.id,
        name: input.name,
        hash: access::hash(&secret),
        created_at: db::now(),
        expires_at: input.expires_at.map(Timestamp::as_millisecond),
        revoked_at: None,
    };
    insert(tx, &row).await?;
    written(tx, caller, &row, account.row.unit_id, "issued").await?;
    Ok(Issued {
        token: Token { row, account },
        secret,
    })
}

/// The tokens that count and that the caller may take back, the newest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    before: Option<TokenId>,
    rows: u64,
) -> Result<Vec<Token>> {
    let mut query = tokens::Entity::find()
        .filter(tokens::Column::RevokedAt.is_null())
        .filter(within(caller)?);
    if let Some(before) = before {
        query = query.filter(tokens::Column::Id.lt(before));
    }
    let rows = query
        .order_by_desc(tokens::Column::Id)
        .limit(rows)
        .all(connection)
        .await?;
    let accounts = people::by_id(connection, rows.iter().map(|row| row.account_id)).await?;
    let whole = rows.into_iter().map(|row| {
        let account = accounts
            .get(&row.account_id)
            .cloned()
            .ok_or_else(ownerless)?;
        Ok(Token { row, account })
    });
    whole.collect()
}

/// Takes a token back, at once; taking it back again changes nothing.
pub async fn revoke(tx: &DatabaseTransaction, caller: &Caller, id: TokenId) -> Result<()> {
    let found = tokens::Entity::find_by_id(id)
        .filter(within(caller)?)
        .one(tx)
        .await?;
    let row = found.ok_or_else(Error::not_found)?;
    let account = owner(tx, &row).await?;
    if caller.account != Some(account.row.id) {
        caller.may_issue(account.row.role, account.row.unit_id)?;
    }
    if row.revoked_at.is_some() {
        return Ok(());
    }
    set_revoked(tx, id, Some(db::now())).await?;
    written(tx, caller, &row, account.row.unit_id, "revoked").await
}

/// A new secret.
pub(super) fn random() -> Result<String> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits)
        .map_err(|error| Error::internal("the source of randomness", error))?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits)))
}

pub(super) async fn insert(tx: &DatabaseTransaction, row: &tokens::Model) -> Result<()> {
    tokens::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

pub(super) async fn set_revoked(
    tx: &DatabaseTransaction,
    id: TokenId,
    at: Option<i64>,
) -> Result<()> {
    tokens::Entity::update_many()
        .col_expr(tokens::Column::RevokedAt, Expr::value(at))
        .filter(tokens::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn new_account(
    tx: &DatabaseTransaction,
    caller: &Caller,
    input: &TokenInput,
) -> Result<Account> {
    let role = input
        .role
        .ok_or_else(|| Error::invalid("/role", "is missing"))?;
    let unit = input
        .unit
        .or(caller.unit)
        .ok_or_else(|| Error::invalid("/unit", "is missing"))?;
    if units::Entity::find_by_id(unit).one(tx).await?.is_none() {
        return Err(Error::invalid("/unit", "is not there"));
    }
    caller.may_issue(role, unit)?;
    let audiences = input.audiences.clone().unwrap_or_default();
    people::create(
        tx,
        caller.account,
        NewAccount {
            name: input.name.clone(),
            role,
            unit,
            audiences,
        },
    )
    .await
}

async fn existing(
    tx: &DatabaseTransaction,
    caller: &Caller,
    id: AccountId,
    input: &TokenInput,
) -> Result<Account> {
    let found = people::one(tx, id)
        .await?
        .filter(|account| caller.scope.has(account.row.unit_id));
    let account = found.ok_or_else(|| Error::invalid("/account", "is not there"))?;
    caller.may_issue(account.row.role, account.row.unit_id)?;
    let mut faults = Faults::default();
    if input.role.is_some_and(|role| role != account.row.role) {
        faults.add("/role", "is not that of the account");
    }
    if input.unit.is_some_and(|unit| unit != account.row.unit_id) {
        faults.add("/unit", "is not that of the account");
    }
    if input
        .audiences
        .as_ref()
        .is_some_and(|audiences| *audiences != account.audiences)
    {
        faults.add("/audiences", "are not those of the account");
    }
    faults.found()?;
    Ok(account)
}

async fn check(tx: &DatabaseTransaction, caller: &Caller, input: &TokenInput) -> Result<()> {
    let mut faults = Faults::default();
    if input.name.trim().is_empty() {
        faults.add("/name", "is empty");
    }
    faults.text("/name", &input.name, LONGEST_NAME);
    let expires_at = input
        .expires_at
        .map_or(db::FOREVER, Timestamp::as_millisecond);
    if expires_at <= db::now() {
        faults.add("/expires_at", "has passed");
    }
    if caller.role != Some(Role::Admin) && caller.expires_at.is_some_and(|own| expires_at > own) {
        faults.add("/expires_at", "is later than your own token's");
    }
    faults
        .audiences(tx, "", input.audiences.as_deref().unwrap_or_default())
        .await?;
    faults.found()
}

/// Administrators see all tokens, editors those of their units' accounts, everybody their own.
fn within(caller: &Caller) -> Result<sea_orm::Condition> {
    let own = tokens::Column::AccountId.eq(caller.account()?);
    Ok(match (&caller.scope, caller.role >= Some(Role::Editor)) {
        (Scope::Everything, true) => sea_orm::Condition::all(),
        (Scope::Units(units), true) => {
            let mut accounts = Query::select();
            accounts
                .column(accounts::Column::Id)
                .from(accounts::Entity)
                .and_where(accounts::Column::UnitId.is_in(units.iter().copied()));
            sea_orm::Condition::any()
                .add(own)
                .add(tokens::Column::AccountId.in_subquery(accounts))
        }
        _ => sea_orm::Condition::all().add(own),
    })
}

async fn owner(connection: &impl ConnectionTrait, row: &tokens::Model) -> Result<Account> {
    let account = people::one(connection, row.account_id).await?;
    account.ok_or_else(ownerless)
}

fn ownerless() -> Error {
    Error::internal("a token", "its account is not there")
}

async fn written(
    tx: &DatabaseTransaction,
    caller: &Caller,
    row: &tokens::Model,
    unit: UnitId,
    action: &'static str,
) -> Result<()> {
    let entry = log::Entry {
        account_id: caller.account,
        unit_id: Some(unit),
        ..log::Entry::new(Thing::Token, row.id.0, 1, action)
    };
    log::append(tx, vec![entry]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_256_bits_behind_its_prefix() {
        let (one, other) = (random().unwrap(), random().unwrap());
        assert_ne!(one, other);
        let bits = URL_SAFE_NO_PAD
            .decode(one.strip_prefix(PREFIX).unwrap())
            .unwrap();
        assert_eq!(bits.len() * 8, 256);
    }
}
