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
    description::publication::{self, Step},
    error::{Code, Error, Result},
    terms::{MaterialId, Status},
};

/// Takes the step. To where the material stands already: nothing changes.
///
/// # Errors
/// A transition that is not allowed, with those that are; invalid where nobody could see it; a conflict where the
/// machine is not so far; as the rights and `fits` say.
pub async fn transition(
    app: &App,
    caller: &Caller,
    id: MaterialId,
    to: Status,
    step: Step,
    fits: impl Fn(i32) -> Result<()>,
) -> Result<()> {
    let tx = app.db.begin().await?;
    reach::material(&tx, caller, id).await?;
    let record = records::one(&tx, id).await?;
    fits(record.row.version)?;
    let entry = within(&tx, caller, &record, to, step).await?;
    log::append(&tx, entry.into_iter().collect()).await?;
    app.commit(tx).await
}

/// The same within a transaction that does more. None: it stands there already.
pub async fn within(
    tx: &DatabaseTransaction,
    caller: &Caller,
    record: &Record,
    to: Status,
    mut step: Step,
) -> Result<Option<log::Entry>> {
    let from = record.row.status;
    right(caller, record, to)?;
    if !from.step(to)? {
        return Ok(None);
    }
    if to == Status::Published {
        match publication::hindrance(record, &record.audiences) {
            None => {}
            Some(publication::Hindrance::NoAudience) => {
                return Err(Error::invalid(
                    "/audiences",
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
