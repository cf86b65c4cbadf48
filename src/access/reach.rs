//! One thing, by its id, for one caller: there, gone with a notice, or never heard of.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::{Caller, beat::refused_on_the_beat};
use crate::{
    db::{self, early_withdrawals, kits, materials, withdrawals},
    error::{Code, Error, Result},
    language::Texts,
    terms::{KitId, MaterialId},
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
    refused_on_the_beat(caller, the_material(connection, caller, id)).await
}

async fn the_material(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: MaterialId,
) -> Result<materials::Model> {
    let seen = caller.sees(materials::Column::Id, materials::Column::UnitId, db::now());
    let found = materials::Entity::find_by_id(id);
    if let Some(row) = found.clone().filter(seen.clone()).one(connection).await? {
        return Ok(row);
    }
    let had = had(connection, caller, id.0).await?;
    let reached = found.filter(caller.reaches(materials::Column::Id));
    let row = reached.one(connection).await?;
    let row = row.filter(|row| had.is_none_or(|early| caller.had_early(&early, row.unit_id)));
    let row = row.ok_or_else(Error::not_found)?;
    let successor = row.replaced_by.map(|other| {
        (
            other,
            materials::Entity::find_by_id(MaterialId(other)).filter(seen),
        )
    });
    Err(gone(connection, &row.notice, successor).await?)
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
    refused_on_the_beat(caller, the_kit(connection, caller, id)).await
}

async fn the_kit(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: KitId,
) -> Result<kits::Model> {
    let seen = caller.sees(kits::Column::Id, kits::Column::UnitId, db::now());
    let found = kits::Entity::find_by_id(id);
    if let Some(row) = found.clone().filter(seen.clone()).one(connection).await? {
        return Ok(row);
    }
    let had = had(connection, caller, id.0).await?;
    let reached = found.filter(caller.reaches(kits::Column::Id));
    let row = reached.one(connection).await?;
    let row = row.filter(|row| had.is_none_or(|early| caller.had_early(&early, row.unit_id)));
    let row = row.ok_or_else(Error::not_found)?;
    let successor = row
        .replaced_by
        .map(|other| (other, kits::Entity::find_by_id(KitId(other)).filter(seen)));
    Err(gone(connection, &row.notice, successor).await?)
}

/// Refuses whom a thing was not withdrawn from. It is asked whether there is such a thing or not, and before anything else
/// of it: by how long that takes, nobody can tell a closed one from one that never was. What is given is of who had it
/// before its time.
async fn had(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    thing: Uuid,
) -> Result<Option<early_withdrawals::Model>> {
    let audiences = || caller.audiences.iter().map(String::as_str);
    let had_it = withdrawals::Entity::find()
        .filter(withdrawals::Column::ThingId.eq(thing))
        .filter(withdrawals::Column::Audience.is_in(audiences()));
    if had_it.one(connection).await?.is_some() {
        return Ok(None);
    }
    if !caller.lifts_any() {
        return Err(Error::not_found());
    }
    let early = early_withdrawals::Entity::find()
        .filter(early_withdrawals::Column::ThingId.eq(thing))
        .filter(early_withdrawals::Column::Audience.is_in(audiences()));
    early
        .one(connection)
        .await?
        .map(Some)
        .ok_or_else(Error::not_found)
}

/// What is left of a thing that was withdrawn, for its former readers, who keep it in draft and review, too: its notice,
/// and its `successor`, what stands in its place, where the caller may see that.
async fn gone<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    notice: &Texts,
    successor: Option<(Uuid, Select<E>)>,
) -> Result<Error> {
    let successor = match successor {
        Some((id, seen)) => seen.one(connection).await?.map(|_| id.to_string()),
        None => None,
    };
    let notice =
        serde_json::to_value(notice).map_err(|error| Error::internal("a notice", error))?;
    let gone = Error::refused(Code::Withdrawn, "This was withdrawn.").with("notice", notice);
    Ok(gone.with("replaced_by", successor))
}
