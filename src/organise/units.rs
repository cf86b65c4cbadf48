//! Units: a tree with one root, which exists from the first start on. Everybody may know what they are called; only
//! administrators change them.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::check::{Faults, LONGEST_NAME};
use crate::{
    access::Caller,
    db::{self, log, units},
    error::{Error, Result},
    language::Texts,
    patch,
    terms::{Defaults, Thing, UnitId},
};

/// A unit as people send it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitInput {
    /// What it is called, in each language.
    pub name: Texts,
    /// The unit above it; the topmost one where none is named.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub parent: Option<UnitId>,
    /// What new materials get where nobody said anything.
    #[serde(default)]
    pub defaults: Defaults,
}

/// The units after one, in the order in which they were made.
pub async fn list(
    connection: &impl ConnectionTrait,
    after: Option<UnitId>,
    rows: u64,
) -> Result<Vec<units::Model>> {
    let mut query = units::Entity::find()
        .order_by_asc(units::Column::Id)
        .limit(rows);
    if let Some(after) = after {
        query = query.filter(units::Column::Id.gt(after));
    }
    Ok(query.all(connection).await?)
}

pub async fn one(connection: &impl ConnectionTrait, id: UnitId) -> Result<units::Model> {
    units::Entity::find_by_id(id)
        .one(connection)
        .await?
        .ok_or_else(Error::not_found)
}

/// The units with these ids.
pub async fn by_id(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = UnitId>,
) -> Result<HashMap<UnitId, units::Model>> {
    let rows = units::Entity::find()
        .filter(units::Column::Id.is_in(ids))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn create(
    tx: &DatabaseTransaction,
    caller: &Caller,
    input: UnitInput,
) -> Result<units::Model> {
    caller.needs_admin()?;
    let root = root(tx).await?;
    let row = units::Model {
        id: UnitId::new(),
        version: 1,
        parent_id: Some(input.parent.unwrap_or(root.id)),
        name: input.name,
        defaults: input.defaults,
        created_at: db::now(),
    };
    check(tx, &row).await?;
    units::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    written(tx, caller, &row, "created", Vec::new()).await?;
    Ok(row)
}

/// Lays the merge patch over the unit. `fits` holds the caller's `If-Match` against the version.
pub async fn update(
    tx: &DatabaseTransaction,
    caller: &Caller,
    id: UnitId,
    fits: impl Fn(i32) -> Result<()>,
    patch: &serde_json::Value,
) -> Result<units::Model> {
    caller.needs_admin()?;
    let mut row = one(tx, id).await?;
    fits(row.version)?;
    let before = UnitInput {
        name: row.name.clone(),
        parent: row.parent_id,
        defaults: row.defaults.clone(),
    };
    let after: UnitInput = patch::merge(&before, patch)?;
    let changed = patch::changed_between(&before, &after)?;
    if changed.is_empty() {
        return Ok(row);
    }
    row = units::Model {
        version: row.version + 1,
        parent_id: after.parent,
        name: after.name,
        defaults: after.defaults,
        ..row
    };
    check(tx, &row).await?;
    row.clone()
        .into_active_model()
        .reset_all()
        .update(tx)
        .await?;
    written(tx, caller, &row, "updated", changed).await?;
    Ok(row)
}

/// The topmost unit.
pub async fn root(connection: &impl ConnectionTrait) -> Result<units::Model> {
    let root = units::Entity::find()
        .filter(units::Column::ParentId.is_null())
        .one(connection)
        .await?;
    root.ok_or_else(|| Error::internal("the units", "there is no topmost one"))
}

async fn check(tx: &DatabaseTransaction, row: &units::Model) -> Result<()> {
    let mut faults = Faults::default();
    faults.name("/name", &row.name);
    faults.texts("/defaults/copyright", &row.defaults.copyright, LONGEST_NAME);
    faults.texts(
        "/defaults/usage_terms",
        &row.defaults.usage_terms,
        LONGEST_NAME,
    );
    faults.text(
        "/defaults/credit",
        row.defaults.credit.as_deref().unwrap_or_default(),
        LONGEST_NAME,
    );
    faults
        .audiences(tx, "/defaults", &row.defaults.audiences)
        .await?;
    if let Some(words) = misplaced(tx, row).await? {
        faults.add("/parent", words);
    }
    faults.found()
}

/// Why the unit cannot stand where it is to stand.
async fn misplaced(tx: &DatabaseTransaction, row: &units::Model) -> Result<Option<&'static str>> {
    let root = root(tx).await?.id;
    let Some(parent) = row.parent_id else {
        return Ok((row.id != root).then_some("is missing: only one unit stands at the top"));
    };
    if row.id == root {
        return Ok(Some("of the topmost unit cannot be another one"));
    }
    let parents: HashMap<UnitId, Option<UnitId>> = units::Entity::find()
        .all(tx)
        .await?
        .into_iter()
        .map(|unit| (unit.id, unit.parent_id))
        .collect();
    let mut above = Some(parent);
    while let Some(id) = above {
        if id == row.id {
            return Ok(Some("stands below this unit: that would be a circle"));
        }
        let Some(next) = parents.get(&id) else {
            return Ok(Some("is not there"));
        };
        above = *next;
    }
    Ok(None)
}

async fn written(
    tx: &DatabaseTransaction,
    caller: &Caller,
    row: &units::Model,
    action: &'static str,
    changed: Vec<String>,
) -> Result<()> {
    let entry = log::Entry {
        account_id: caller.account,
        changed,
        ..log::Entry::new(Thing::Unit, row.id.0, row.version, action)
    };
    log::append(tx, vec![entry]).await
}
