//! Review, embargo, audiences, withdrawal. Comes in: a step that somebody wants to take. Goes out: the material in its
//! new state, with the rows that open or close it to readers, in one transaction with the log.

use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait};

use crate::{
    access::{Caller, reach},
    app::App,
    db::{
        log, materials,
        records::{self, Record},
    },
    description::{
        change::{Change, lay},
        publication::{self, Step},
    },
    error::{Code, Error, Result},
    terms::{MaterialId, Status},
};

/// What somebody wants done with a material, in one step: a change of its description, a transition, or first the one
/// and then the other.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub change: Option<Change>,
    pub to: Option<Status>,
    pub step: Step,
}

/// Does it, in one transaction. To where the material stands already: nothing changes but the notice. Gives the version that it has
/// now.
///
/// # Errors
/// A transition that is not allowed, with those that are; invalid where nobody could see it; a conflict where the
/// machine is not so far; as the rights, the description and `fits` say.
pub async fn carry_out(
    app: &App,
    caller: &Caller,
    id: MaterialId,
    wish: Wish,
    fits: impl Fn(i32) -> Result<()>,
) -> Result<i32> {
    let tx = app.db.begin().await?;
    reach::material(&tx, caller, id).await?;
    let mut record = records::one(&tx, id).await?;
    // Whether one may is said before whether the version fits (RFC 9110 section 13.2.1).
    if wish.change.is_some() {
        let row = &record.row;
        caller.may_change(row.unit_id, row.created_by, row.status)?;
    }
    if let Some(to) = wish.to {
        right(caller, &record, to)?;
    }
    fits(record.row.version)?;
    let mut entries = Vec::new();
    if let Some(change) = wish.change {
        let laid = lay(&tx, caller, &record, change).await;
        entries.extend(laid.map_err(|error| error.under("/patch"))?);
        record = records::one(&tx, id).await?;
    }
    if let Some(to) = wish.to {
        entries.extend(within(&tx, caller, &record, to, wish.step).await?);
    }
    let version = entries
        .last()
        .map_or(record.row.version, |entry| entry.version);
    log::append(&tx, entries).await?;
    app.commit(tx).await?;
    Ok(version)
}

/// The step alone. None: it stands there already.
async fn within(
    tx: &DatabaseTransaction,
    caller: &Caller,
    record: &Record,
    to: Status,
    mut step: Step,
) -> Result<Option<log::Entry>> {
    let from = record.row.status;
    right(caller, record, to)?;
    let says_more = !step.notice.is_empty() || step.replaced_by.is_some();
    // What readers are told of a withdrawal may be put right.
    let is_told_anew = (from, to) == (Status::Withdrawn, Status::Withdrawn) && says_more;
    if !from.step(to)? && !is_told_anew {
        return Ok(None);
    }
    if to == Status::Published {
        match publication::hindrance(record, &record.audiences) {
            None => {}
            Some(publication::Hindrance::NoAudience) => {
                return Err(Error::invalid(
                    "/patch/audiences",
                    publication::Hindrance::NoAudience.words(),
                ));
            }
            Some(hindrance) => return Err(Error::refused(Code::Conflict, hindrance.words())),
        }
    }
    if let Some(other) = step.replaced_by {
        replaces(tx, caller, record, other).await?;
    }
    step.account = caller.account;
    publication::take(tx, record, to, step).await.map(Some)
}

/// Draft and review are the contributor's own; what readers may come to see is the editor's.
fn right(caller: &Caller, record: &Record, to: Status) -> Result<()> {
    let (unit, owner, from) = (record.row.unit_id, record.row.created_by, record.row.status);
    match (from, to) {
        (Status::Draft | Status::InReview, Status::Draft | Status::InReview) => {
            caller.may_change(unit, owner, from)
        }
        _ => caller.may_publish(unit),
    }
}

async fn replaces(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    record: &Record,
    other: MaterialId,
) -> Result<()> {
    let seen = caller.sees(
        materials::Column::Id,
        materials::Column::UnitId,
        crate::db::now(),
    );
    let found = sea_orm::QueryFilter::filter(materials::Entity::find_by_id(other), seen)
        .one(connection)
        .await?;
    if found.is_none() || other == record.row.id {
        return Err(Error::invalid("/replaced_by", "is not there"));
    }
    Ok(())
}
