//! The drafts in a kit that is published, on their way out with it: each gets the kit's audiences and its embargo, where
//! its own is not the later one. All of them, or none: what cannot be published is listed, so that an editor sees at once what is to be done.

use std::collections::HashSet;

use jiff::Timestamp;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;

use super::{KitInput, contents};
use crate::{
    access::Caller,
    db::{
        log, materials,
        records::{self, Record},
    },
    description::{
        self, Description,
        publication::{self, Step},
    },
    error::{Code, Error, Result},
    terms::{MaterialId, Origin, Status},
};

/// Whole records, of which each may have a mebibyte of text.
const AT_ONCE: usize = 50;

/// A draft that cannot be published, and why.
#[derive(Debug, Serialize)]
struct Obstacle {
    material: MaterialId,
    detail: String,
}

/// Publishes what is in draft or review among the kit's items. Gives the entries for the log.
///
/// # Errors
/// A conflict with the member `items`, which lists what cannot be.
pub(super) async fn publish(
    tx: &DatabaseTransaction,
    caller: &Caller,
    kit: &KitInput,
) -> Result<Vec<log::Entry>> {
    let drafts = drafts(tx, kit).await?;
    let mut obstacles: Vec<Obstacle> = Vec::new();
    for part in drafts.chunks(AT_ONCE) {
        let records = records::load(tx, part).await?;
        obstacles.extend(records.iter().filter_map(|one| obstacle(caller, kit, one)));
    }
    if !obstacles.is_empty() {
        let words = format!(
            "{} of the kit's drafts cannot be published.",
            obstacles.len()
        );
        let listed = serde_json::to_value(obstacles)
            .map_err(|error| Error::internal("a list of obstacles", error))?;
        return Err(Error::refused(Code::Conflict, words).with("items", listed));
    }
    let mut entries = Vec::with_capacity(drafts.len());
    for part in drafts.chunks(AT_ONCE) {
        for record in records::load(tx, part).await? {
            entries.push(one(tx, caller, kit, record).await?);
        }
    }
    Ok(entries)
}

async fn drafts(tx: &DatabaseTransaction, kit: &KitInput) -> Result<Vec<MaterialId>> {
    let ids: Vec<MaterialId> = kit.items.iter().map(|item| item.material).collect();
    let mut drafts: HashSet<MaterialId> = HashSet::new();
    for part in ids.chunks(contents::AT_ONCE) {
        let rows: Vec<MaterialId> = materials::Entity::find()
            .select_only()
            .column(materials::Column::Id)
            .filter(materials::Column::Id.is_in(part.iter().copied()))
            .filter(materials::Column::Status.is_in([Status::Draft, Status::InReview]))
            .into_tuple()
            .all(tx)
            .await?;
        drafts.extend(rows);
    }
    Ok(ids.into_iter().filter(|id| drafts.contains(id)).collect())
}

fn obstacle(caller: &Caller, kit: &KitInput, record: &Record) -> Option<Obstacle> {
    let until = record.row.available_until;
    let embargo = embargo(kit, record).map(Timestamp::as_millisecond);
    let detail = if let Err(error) = caller.may_publish(record.row.unit_id) {
        error.to_string()
    } else if let Some(hindrance) = publication::hindrance(record, &kit.audiences) {
        hindrance.words().to_owned()
    } else if until.is_some_and(|until| Some(until) <= embargo) {
        "Its time is over before its embargo is, or the kit's.".to_owned()
    } else {
        return None;
    };
    Some(Obstacle {
        material: record.row.id,
        detail,
    })
}

/// The later of both: what an editor kept back is not let out by a kit that knows of no embargo.
fn embargo(kit: &KitInput, record: &Record) -> Option<Timestamp> {
    kit.embargo_until.max(Description::of(record).embargo_until)
}

async fn one(
    tx: &DatabaseTransaction,
    caller: &Caller,
    kit: &KitInput,
    mut record: Record,
) -> Result<log::Entry> {
    let before = Description::of(&record);
    let after = Description {
        audiences: kit.audiences.clone(),
        embargo_until: embargo(kit, &record),
        ..before.clone()
    };
    let changed = description::apply(tx, &mut record.row, &before, &after, Origin::Human).await?;
    let step = Step {
        account: caller.account,
        ..Step::default()
    };
    let mut entry = publication::take(tx, &record, Status::Published, step).await?;
    entry.changed.extend(changed);
    Ok(entry)
}
