//! Searches that people keep: each account's its own, and nobody else's to see. Whether a query can be asked is for
//! those to say who ask it.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, ModelTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::check::Faults;
use crate::{
    access::Caller,
    db::{
        self,
        saved_searches::{Column, Entity, Model},
    },
    error::{Code, Error, Result},
    language::Texts,
    patch,
    terms::{AccountId, SearchId},
};

/// In letters.
const LONGEST_QUERY: usize = 8_000;
/// An account keeps no more of them.
const MOST: u64 = 200;

/// A search as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchInput {
    /// What it is called, in each language.
    pub name: Texts,
    /// The parameters of `GET /v1/materials` as they stand behind its `?`, such as `q=suv&kind=photo`; without `cursor` and
    /// `limit`.
    pub query: String,
}

/// The caller's searches, the newest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    before: Option<SearchId>,
    rows: u64,
) -> Result<Vec<Model>> {
    let mut own = Entity::find().filter(Column::AccountId.eq(caller.account()?));
    if let Some(before) = before {
        own = own.filter(Column::Id.lt(before));
    }
    let page = own.order_by_desc(Column::Id).limit(rows);
    Ok(page.all(connection).await?)
}

/// One of the caller's searches.
pub async fn one(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: SearchId,
) -> Result<Model> {
    of(connection, id, |owner| caller.account == Some(owner)).await
}

/// The search behind a feed. Readers of feeds send no tokens: whoever knows the address may read it without one, and is
/// shown what is public. Another account than the owner's is told nothing.
pub async fn followed(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: SearchId,
) -> Result<Model> {
    let may = |owner| caller.account.is_none_or(|account| account == owner);
    of(connection, id, may).await
}

async fn of(
    connection: &impl ConnectionTrait,
    id: SearchId,
    may: impl Fn(AccountId) -> bool,
) -> Result<Model> {
    let row = Entity::find_by_id(id).one(connection).await?;
    row.filter(|row| may(row.account_id))
        .ok_or_else(Error::not_found)
}

/// # Errors
/// A conflict where the account keeps too many already.
pub async fn create(
    tx: &DatabaseTransaction,
    caller: &Caller,
    input: SearchInput,
) -> Result<Model> {
    let account = caller.account()?;
    check(&input)?;
    let kept = Entity::find().filter(Column::AccountId.eq(account));
    if kept.count(tx).await? >= MOST {
        let words = format!("{MOST} searches are kept already: delete one first.");
        return Err(Error::refused(Code::Conflict, words));
    }
    let now = db::now();
    let row = Model {
        id: SearchId::new(),
        account_id: account,
        version: 1,
        name: input.name,
        query: input.query,
        created_at: now,
        updated_at: now,
    };
    Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(row)
}

/// The search with the merge patch laid over it, not written yet. `fits` holds the caller's `If-Match` against the
/// version.
pub async fn patched(
    tx: &DatabaseTransaction,
    caller: &Caller,
    id: SearchId,
    fits: impl Fn(i32) -> Result<()>,
    patch: &Value,
) -> Result<(Model, SearchInput)> {
    let row = one(tx, caller, id).await?;
    fits(row.version)?;
    let before = SearchInput {
        name: row.name.clone(),
        query: row.query.clone(),
    };
    let after: SearchInput = patch::merge(&before, patch)?;
    check(&after)?;
    Ok((row, after))
}

/// Writes what has changed.
pub async fn update(tx: &DatabaseTransaction, row: Model, after: SearchInput) -> Result<Model> {
    if (&row.name, &row.query) == (&after.name, &after.query) {
        return Ok(row);
    }
    let row = Model {
        version: row.version + 1,
        name: after.name,
        query: after.query,
        updated_at: db::now(),
        ..row
    };
    row.clone()
        .into_active_model()
        .reset_all()
        .update(tx)
        .await?;
    Ok(row)
}

pub async fn delete(
    tx: &DatabaseTransaction,
    caller: &Caller,
    id: SearchId,
    fits: impl Fn(i32) -> Result<()>,
) -> Result<()> {
    let row = one(tx, caller, id).await?;
    fits(row.version)?;
    row.delete(tx).await?;
    Ok(())
}

fn check(input: &SearchInput) -> Result<()> {
    let mut faults = Faults::default();
    faults.name("/name", &input.name);
    faults.text("/query", &input.query, LONGEST_QUERY);
    faults.found()
}
