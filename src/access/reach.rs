//! One thing, by its id, for one caller: there, gone with a notice, or never heard of.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Caller;
use crate::{
    db::{self, kits, materials, withdrawals},
    error::{Code, Error, Result},
    language::Texts,
    terms::{KitId, MaterialId, Status},
};

/// The material's row, where the caller may see it.
///
/// # Errors
/// Withdrawn (410, with the notice) to whom it had been open; not found to all others.
pub async fn material(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: MaterialId,
) -> Result<materials::Model> {
    let seen = caller.sees(materials::Column::Id, materials::Column::UnitId, db::now());
    if let Some(row) = materials::Entity::find_by_id(id)
        .filter(seen)
        .one(connection)
        .await?
    {
        return Ok(row);
    }
    let row = materials::Entity::find_by_id(id)
        .one(connection)
        .await?
        .ok_or_else(Error::not_found)?;
    Err(unseen(
        connection,
        caller,
        row.id.0,
        row.status,
        &row.notice,
        row.replaced_by,
    )
    .await?)
}

/// The kit's row, in the same way.
///
/// # Errors
/// As for a material.
pub async fn kit(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: KitId,
) -> Result<kits::Model> {
    let seen = caller.sees(kits::Column::Id, kits::Column::UnitId, db::now());
    if let Some(row) = kits::Entity::find_by_id(id)
        .filter(seen)
        .one(connection)
        .await?
    {
        return Ok(row);
    }
    let row = kits::Entity::find_by_id(id)
        .one(connection)
        .await?
        .ok_or_else(Error::not_found)?;
    Err(unseen(
        connection,
        caller,
        row.id.0,
        row.status,
        &row.notice,
        row.replaced_by,
    )
    .await?)
}

async fn unseen(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    thing: Uuid,
    status: Status,
    notice: &Texts,
    replaced_by: Option<Uuid>,
) -> Result<Error> {
    let had_it = withdrawals::Entity::find()
        .filter(withdrawals::Column::ThingId.eq(thing))
        .filter(withdrawals::Column::Audience.is_in(caller.audiences.iter().map(String::as_str)))
        .one(connection)
        .await?;
    if status != Status::Withdrawn || had_it.is_none() {
        return Ok(Error::not_found());
    }
    let notice =
        serde_json::to_value(notice).map_err(|error| Error::internal("a notice", error))?;
    let gone = Error::refused(Code::Withdrawn, "This was withdrawn.").with("notice", notice);
    Ok(gone.with("replaced_by", replaced_by.map(|id| id.to_string())))
}
