//! The log of changes: one entry for everything that changed, in order, without a gap.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::{audit, counters, feed, notices};
use crate::error::Result;
use crate::language::Texts;
use crate::terms::{AccountId, Thing, UnitId, Words};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub at: i64,
    pub thing: Thing,
    pub thing_id: Uuid,
    pub version: i32,
    pub action: String,
    pub account_id: Option<AccountId>,
    pub changed: Words,
    pub reason: Option<String>,
    pub detail: Option<Json>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The machine gave up writing a description into the files: they stay as they were.
pub const NOT_INSCRIBED: &str = "not_inscribed";

/// What a transaction says of its change.
#[derive(Debug, Clone)]
pub struct Entry {
    pub thing: Thing,
    pub thing_id: Uuid,
    pub version: i32,
    /// What happened, such as `created`, `updated`, `published`.
    pub action: &'static str,
    /// Who did it; none: the machine, which the audit does not follow.
    pub account_id: Option<AccountId>,
    /// Whose editors may read of it in the audit; looked up where it is not given, so give it for what was deleted.
    pub unit_id: Option<UnitId>,
    /// The fields that changed, such as `caption.en`.
    pub changed: Vec<String>,
    pub reason: Option<String>,
    pub detail: Option<Json>,
}

impl Entry {
    pub fn new(thing: Thing, thing_id: Uuid, version: i32, action: &'static str) -> Self {
        Self {
            thing,
            thing_id,
            version,
            action,
            account_id: None,
            unit_id: None,
            changed: Vec::new(),
            reason: None,
            detail: None,
        }
    }
}

/// Writes the entries under the next numbers of the log, what somebody did into the audit, what is new to readers into the
/// feed, and the notices that it calls for. Let it be the last thing that a transaction does.
pub async fn append(tx: &DatabaseTransaction, entries: Vec<Entry>) -> Result<()> {
    let at = super::now();
    for entry in entries.iter().filter(|entry| entry.account_id.is_some()) {
        let unit_id = match entry.unit_id {
            Some(unit) => Some(unit),
            None => audit::unit_of(tx, entry.thing, entry.thing_id).await?,
        };
        let row = audit::Row {
            account_id: entry.account_id,
            unit_id,
            thing: Some((entry.thing, entry.thing_id)),
            detail: Some(
                serde_json::json!({"version": entry.version, "changed": entry.changed, "reason": entry.reason.as_deref().map(|reason| reason.replace('\0', ""))}),
            ),
            ..audit::Row::new(entry.action)
        };
        audit::record(tx, row, at).await?;
    }
    let mut things: Vec<(Thing, Uuid)> = Vec::new();
    for entry in entries {
        let thing = (entry.thing, entry.thing_id);
        if matches!(entry.thing, Thing::Material | Thing::Kit) && !things.contains(&thing) {
            things.push(thing);
        }
        let row = Model {
            number: counters::next(tx, "log").await?,
            at,
            thing: entry.thing,
            thing_id: entry.thing_id,
            version: entry.version,
            action: entry.action.to_owned(),
            account_id: entry.account_id,
            changed: Words(entry.changed),
            reason: entry.reason.map(|reason| reason.replace('\0', "")),
            detail: entry.detail,
        };
        Entity::insert(row.clone().into_active_model())
            .exec_without_returning(tx)
            .await?;
        Box::pin(notices::raise(tx, &row)).await?;
    }
    for (thing, id) in things {
        Box::pin(feed::settle(tx, thing, id, at)).await?;
    }
    Ok(())
}

/// The detail of an entry that notes what was corrected.
pub fn noting(note: &Texts) -> Json {
    serde_json::json!({ "correction_note": note })
}

/// What was noted of a correction.
pub fn note(entry: &Model) -> Texts {
    let said = entry.detail.as_ref();
    let said = said.and_then(|detail| detail.get("correction_note"));
    said.and_then(|note| serde_json::from_value(note.clone()).ok())
        .unwrap_or_default()
}

/// What the entries after a number are about, with their numbers, oldest first.
pub async fn things_after(
    connection: &impl ConnectionTrait,
    number: i64,
    limit: u64,
) -> Result<Vec<(i64, Uuid)>> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Number, Column::ThingId])
        .filter(Column::Number.gt(number))
        .order_by_asc(Column::Number)
        .limit(limit);
    Ok(found.into_tuple().all(connection).await?)
}

/// The entries after a number, oldest first.
pub async fn after(
    connection: &impl ConnectionTrait,
    number: i64,
    limit: u64,
) -> Result<Vec<Model>> {
    let found = Entity::find()
        .filter(Column::Number.gt(number))
        .order_by_asc(Column::Number)
        .limit(limit);
    Ok(found.all(connection).await?)
}
