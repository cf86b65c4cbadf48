//! The steps of a kit: review, publication, withdrawal, by the same rules as a material's. In one transaction with the
//! kit the drafts in it may be published, with its audiences and its embargo: all of them, or nothing happens.

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{ItemsToo, KitInput, KitTransitionInput, check, compose, drafts, write};
use crate::{
    access::Caller,
    app::App,
    db::{self, kits, log, visibility, withdrawals},
    description::publication,
    error::{Error, Result},
    language::Texts,
    patch,
    terms::{KitId, Status},
};

/// Takes the step. To where the kit stands already: nothing changes but what a patch says.
///
/// # Errors
/// A transition that is not allowed, with those that are; invalid where nobody could see the kit; a conflict that lists
/// each draft that cannot be published.
pub async fn transition(
    app: &App,
    caller: &Caller,
    id: KitId,
    fits: impl Fn(i32) -> Result<()>,
    input: KitTransitionInput,
) -> Result<()> {
    let tx = app.db.begin().await?;
    let (before, mut row) = compose::open(&tx, caller, id, fits).await?;
    let from = row.status;
    let is_step = from.step(input.to)?;
    goes_with(&input)?;
    let after = patched(&tx, caller, &before, &input).await?;
    if !is_step {
        let finished = compose::finish(app, tx, caller, row, &before, &after).await;
        return finished.map_err(|error| error.under("/patch"));
    }
    let changed = write::apply(&tx, &mut row, &before, &after).await?;
    let mut entries = Vec::new();
    match input.to {
        Status::Published => {
            check::none(check::missing(&after)).map_err(|error| error.under("/patch"))?;
            if input.items == Some(ItemsToo::Publish) {
                entries = drafts::publish(&tx, caller, &after).await?;
            }
            publish(&tx, &mut row).await?;
        }
        Status::Withdrawn => withdraw(&tx, caller, &mut row, &input).await?,
        Status::Draft | Status::InReview => {}
    }
    row.status = input.to;
    let mut entry = changed.entry(&row, publication::action(from, input.to), caller);
    entry.changed.push("status".to_owned());
    entry.reason = input.reason;
    write::save(&tx, row, &after.audiences).await?;
    entries.push(entry);
    log::append(&tx, entries).await?;
    app.commit(tx).await
}

/// What is said of a step must be of it.
fn goes_with(input: &KitTransitionInput) -> Result<()> {
    let mut faults = Vec::new();
    if input.to != Status::Published && input.items.is_some() {
        faults.push(check::fault("/items", "goes with a publication alone"));
    }
    if input.to != Status::Withdrawn && !input.notice.is_empty() {
        faults.push(check::fault("/notice", "goes with a withdrawal alone"));
    }
    if input.to != Status::Withdrawn && input.replaced_by.is_some() {
        faults.push(check::fault("/replaced_by", "goes with a withdrawal alone"));
    }
    check::texts("/notice", &input.notice, check::LONGEST_TEXT, &mut faults);
    check::none(faults)
}

async fn patched(
    tx: &DatabaseTransaction,
    caller: &Caller,
    before: &KitInput,
    input: &KitTransitionInput,
) -> Result<KitInput> {
    let Some(patch) = &input.patch else {
        return Ok(before.clone());
    };
    let under = |error: Error| error.under("/patch");
    let mut after = patch::merge(before, patch).map_err(under)?;
    compose::settle(tx, caller, before, &mut after)
        .await
        .map_err(under)?;
    Ok(after)
}

async fn publish(tx: &DatabaseTransaction, row: &mut kits::Model) -> Result<()> {
    row.published_at = Some(db::now());
    row.notice = Texts::default();
    row.replaced_by = None;
    withdrawals::forget(tx, row.id.0).await
}

/// Whoever could see the kit until now keeps the notice.
async fn withdraw(
    tx: &DatabaseTransaction,
    caller: &Caller,
    row: &mut kits::Model,
    input: &KitTransitionInput,
) -> Result<()> {
    let now = db::now();
    if let Some(other) = input.replaced_by {
        let seen = caller.sees(kits::Column::Id, kits::Column::UnitId, now);
        let found = kits::Entity::find_by_id(other).filter(seen).one(tx).await?;
        if found.is_none() || other == row.id {
            return Err(Error::invalid("/replaced_by", "is not there"));
        }
    }
    let windows = visibility::Entity::find()
        .filter(visibility::Column::ThingId.eq(row.id.0))
        .all(tx)
        .await?;
    row.notice = input.notice.clone();
    row.replaced_by = input.replaced_by.map(|kit| kit.0);
    withdrawals::remember(tx, row.id.0, &windows, now).await
}
