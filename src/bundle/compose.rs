//! Composing a kit: made, changed by a merge patch, items put in and taken out, deleted while it was never published.
//! Each change is one transaction with one entry in the log, which names the materials that came or went, so that the
//! index follows them too.

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::Value;

use super::{AddInput, ItemInput, KitInput, check, kit, write};
use crate::{
    access::{Caller, reach},
    app::App,
    db::{self, audiences, kit_items, kits, links, log, units, visibility},
    description::publication,
    error::{Code, Error, Result},
    language::Texts,
    patch,
    terms::{KitId, MaterialId, Status, Thing},
};

/// Makes a kit, as a draft, in the transaction.
pub async fn create(
    tx: &DatabaseTransaction,
    caller: &Caller,
    mut input: KitInput,
) -> Result<KitId> {
    let unit = input.unit.or(caller.unit);
    let unit = unit.ok_or_else(|| Error::invalid("/unit", "is missing"))?;
    caller.may_publish(unit)?;
    input.unit = Some(unit);
    fill(tx, &mut input).await?;
    let nothing = KitInput::default();
    check::check(tx, caller, &nothing, &input).await?;

    let now = db::now();
    let mut row = kits::Model {
        id: KitId::new(),
        version: 0,
        unit_id: unit,
        status: Status::Draft,
        title: Texts::default(),
        summary: Texts::default(),
        event_id: None,
        contact: None,
        embargo_until: None,
        available_until: None,
        published_at: None,
        notice: Texts::default(),
        replaced_by: None,
        created_by: caller.account()?,
        created_at: now,
        updated_at: now,
    };
    kits::Entity::insert(kits::ActiveModel::from(row.clone()))
        .exec_without_returning(tx)
        .await?;
    let changed = write::apply(tx, &mut row, &nothing, &input).await?;
    let entry = changed.entry(&row, "created", caller);
    write::save(tx, row, &input.audiences).await?;
    let id = KitId(entry.thing_id);
    log::append(tx, vec![entry]).await?;
    Ok(id)
}

/// A new kit has its unit's audiences and contact where nothing is said.
async fn fill(tx: &DatabaseTransaction, input: &mut KitInput) -> Result<()> {
    let Some(unit) = input.unit else {
        return Ok(());
    };
    if let Some(unit) = units::Entity::find_by_id(unit).one(tx).await? {
        if input.audiences.is_empty() {
            input.audiences = unit.defaults.audiences;
        }
        input.contact = input.contact.take().or(unit.defaults.contact);
    }
    Ok(())
}

/// Lays a merge patch (RFC 7396) over the kit.
pub async fn change(
    app: &App,
    caller: &Caller,
    id: KitId,
    fits: impl Fn(i32) -> Result<()>,
    patch: &Value,
) -> Result<()> {
    let tx = app.db.begin().await?;
    let (before, row) = open(&tx, caller, id, fits).await?;
    let mut after = patch::merge(&before, patch)?;
    settle(&tx, caller, &before, &mut after).await?;
    finish(app, tx, caller, row, &before, &after).await
}

/// Puts materials into the kit.
///
/// # Errors
/// Invalid, with pointers into the body that was sent, where one is unknown, withdrawn, named twice, or there already.
pub async fn add(
    app: &App,
    caller: &Caller,
    id: KitId,
    fits: impl Fn(i32) -> Result<()>,
    input: AddInput,
) -> Result<()> {
    let tx = app.db.begin().await?;
    let (before, row) = open(&tx, caller, id, fits).await?;
    let named = &input.materials;
    let pointer = |place| format!("/materials/{place}");
    let mut faults = check::items(&tx, caller, &before, named, pointer).await?;
    faults.extend(check::too_many("/materials", named.len()));
    let had = before.materials();
    let there = named.iter().enumerate().filter(|(_, id)| had.contains(id));
    faults.extend(there.map(|(place, _)| check::fault(&pointer(place), "is in the kit already")));
    let place = match input.before {
        None => Some(before.items.len()),
        Some(next) => before.items.iter().position(|item| item.material == next),
    };
    if place.is_none() {
        faults.push(check::fault("/before", "is not in the kit"));
    }
    let (Some(place), true) = (place, faults.is_empty()) else {
        return Err(Error::faults(faults));
    };
    let new = named.iter().map(|material| ItemInput {
        material: *material,
        note: Texts::default(),
        hidden: false,
    });
    let mut after = before.clone();
    after.items.splice(place..place, new);
    settle(&tx, caller, &before, &mut after).await?;
    finish(app, tx, caller, row, &before, &after).await
}

/// Takes a material out of the kit.
///
/// # Errors
/// Not found where it is not in the kit.
pub async fn remove(
    app: &App,
    caller: &Caller,
    id: KitId,
    fits: impl Fn(i32) -> Result<()>,
    material: MaterialId,
) -> Result<()> {
    let tx = app.db.begin().await?;
    let (before, row) = open(&tx, caller, id, fits).await?;
    if !before.materials().contains(&material) {
        return Err(Error::not_found());
    }
    let mut after = before.clone();
    after.items.retain(|item| item.material != material);
    finish(app, tx, caller, row, &before, &after).await
}

/// Deletes a kit that was never published.
///
/// # Errors
/// A conflict for one that was: its readers are to be told, by withdrawing it.
pub async fn delete(
    app: &App,
    caller: &Caller,
    id: KitId,
    fits: impl Fn(i32) -> Result<()>,
) -> Result<()> {
    let tx = app.db.begin().await?;
    let (before, row) = open(&tx, caller, id, fits).await?;
    if row.published_at.is_some() {
        let words = "What was published is withdrawn, not deleted.";
        return Err(Error::refused(Code::Conflict, words));
    }
    kit_items::Entity::delete_many()
        .filter(kit_items::Column::KitId.eq(id))
        .exec(&tx)
        .await?;
    links::Entity::delete_many()
        .filter(links::Column::KitId.eq(id))
        .exec(&tx)
        .await?;
    audiences::set(&tx, id.0, &[]).await?;
    visibility::set(&tx, id.0, &[], 0, 0).await?;
    kits::Entity::delete_by_id(id).exec(&tx).await?;
    let mut entry = log::Entry::new(Thing::Kit, id.0, row.version + 1, "deleted");
    entry.account_id = caller.account;
    entry.detail = write::materials(before.items.iter().map(|item| item.material));
    log::append(&tx, vec![entry]).await?;
    app.commit(tx).await
}

/// The kit that the caller is about to change, as it stands.
///
/// # Errors
/// Not found, forbidden, or a failed precondition, in this order.
pub(super) async fn open(
    tx: &DatabaseTransaction,
    caller: &Caller,
    id: KitId,
    fits: impl Fn(i32) -> Result<()>,
) -> Result<(KitInput, kits::Model)> {
    let row = reach::kit(tx, caller, id).await?;
    caller.may_publish(row.unit_id)?;
    fits(row.version)?;
    let items = kit::items(id).all(tx).await?;
    let found = kit::load(tx, vec![row]).await?.pop();
    let kit = found.ok_or_else(Error::not_found)?;
    Ok((KitInput::of(&kit, &items), kit.row))
}

/// Writes a composition that was held against its limits, if it is a new one, and commits.
pub(super) async fn finish(
    app: &App,
    tx: DatabaseTransaction,
    caller: &Caller,
    mut row: kits::Model,
    before: &KitInput,
    after: &KitInput,
) -> Result<()> {
    publication::keeps_readers(row.status, &after.audiences)?;
    if row.status == Status::Published {
        // What it lacked before may go on lacking.
        let lacked = check::missing(before);
        let lacks = check::missing(after).into_iter();
        check::none(lacks.filter(|fault| !lacked.contains(fault)).collect())?;
    }
    let changed = write::apply(&tx, &mut row, before, after).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let entry = changed.entry(&row, "updated", caller);
    write::save(&tx, row, &after.audiences).await?;
    log::append(&tx, vec![entry]).await?;
    app.commit(tx).await
}

/// Holds a new composition against the limits. A kit stays in its unit unless it is moved to another one in which the
/// caller has the same right.
pub(super) async fn settle(
    tx: &DatabaseTransaction,
    caller: &Caller,
    before: &KitInput,
    after: &mut KitInput,
) -> Result<()> {
    after.unit = after.unit.or(before.unit);
    check::check(tx, caller, before, after).await?;
    if let Some(unit) = after.unit.filter(|_| after.unit != before.unit) {
        caller.may_publish(unit)?;
    }
    after.audiences.sort();
    Ok(())
}
