//! A composition on its way into the rows, and what the log says of it.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    Set,
};
use serde_json::{Value, json};

use super::KitInput;
use crate::{
    access::{self, Caller},
    db::{self, audiences, kit_items, kits, log},
    error::{Error, Result},
    patch,
    terms::{KitId, MaterialId, Thing},
};

/// So many items are written at once: the engines take so many values in a statement, and no more.
const ROWS: usize = 1000;

/// What a change did.
#[derive(Debug)]
pub(super) struct Changed {
    /// Fields, such as `title.en`.
    names: Vec<String>,
    /// Which materials came or went.
    materials: Vec<MaterialId>,
}

impl Changed {
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The entry of the log for the version that is about to be saved.
    pub fn entry(self, row: &kits::Model, action: &'static str, caller: &Caller) -> log::Entry {
        let mut entry = log::Entry::new(Thing::Kit, row.id.0, row.version + 1, action);
        entry.account_id = caller.account;
        entry.changed = self.names;
        entry.detail = materials(self.materials.into_iter());
        entry
    }
}

/// How the log names materials whose place in a kit changed.
pub(super) fn materials(ids: impl Iterator<Item = MaterialId>) -> Option<Value> {
    let ids: Vec<MaterialId> = ids.collect();
    (!ids.is_empty()).then(|| json!({ "materials": ids }))
}

/// Makes `after` the composition of the kit: `row` is changed in memory, for [`save`] to write; what hangs on it is
/// written here.
pub(super) async fn apply(
    tx: &DatabaseTransaction,
    row: &mut kits::Model,
    before: &KitInput,
    after: &KitInput,
) -> Result<Changed> {
    if before.audiences != after.audiences {
        audiences::set(tx, row.id.0, &after.audiences).await?;
    }
    if before.items != after.items {
        items(tx, row.id, after).await?;
    }
    row.unit_id = after.unit.unwrap_or(row.unit_id);
    row.title = after.title.clone();
    row.summary = after.summary.clone();
    row.event_id = after.event;
    row.contact.clone_from(&after.contact);
    row.embargo_until = after.embargo_until.map(jiff::Timestamp::as_millisecond);
    row.available_until = after.available_until.map(jiff::Timestamp::as_millisecond);
    let (had, has) = (before.materials(), after.materials());
    let gone = before
        .items
        .iter()
        .filter(|item| !has.contains(&item.material));
    let new = after
        .items
        .iter()
        .filter(|item| !had.contains(&item.material));
    Ok(Changed {
        names: patch::changed(&document(before)?, &document(after)?),
        materials: gone.chain(new).map(|item| item.material).collect(),
    })
}

/// Writes the row as the next version, and from when until when whom the kit is open to.
pub(super) async fn save(
    tx: &DatabaseTransaction,
    mut row: kits::Model,
    audiences: &[String],
) -> Result<()> {
    row.version += 1;
    row.updated_at = db::now();
    let term = access::Term {
        status: row.status,
        published_at: row.published_at,
        embargo_until: row.embargo_until,
        available_until: row.available_until,
    };
    access::refresh(tx, row.id.0, term, audiences).await?;
    row.into_active_model().reset_all().update(tx).await?;
    Ok(())
}

async fn items(tx: &DatabaseTransaction, kit: KitId, after: &KitInput) -> Result<()> {
    kit_items::Entity::delete_many()
        .filter(kit_items::Column::KitId.eq(kit))
        .exec(tx)
        .await?;
    let row = |(position, item): (i32, &super::ItemInput)| kit_items::ActiveModel {
        kit_id: Set(kit),
        material_id: Set(item.material),
        position: Set(position),
        note: Set(item.note.clone()),
    };
    let rows: Vec<_> = (0..).zip(&after.items).map(row).collect();
    for part in rows.chunks(ROWS) {
        kit_items::Entity::insert_many(part.to_vec())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn document(kit: &KitInput) -> Result<Value> {
    serde_json::to_value(kit).map_err(|error| Error::internal("a kit", error))
}
