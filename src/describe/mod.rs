//! Say what it shows. Comes in: a merge patch from somebody who may. Goes out: a new version of the material, with its
//! history. Also the end of what was never published.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder};

use crate::{
    access::{Caller, reach},
    app::App,
    db::{
        self, kit_items, log, materials,
        records::{self, Record},
    },
    description::{
        self,
        change::{Change, lay},
    },
    error::{Code, Error, Result},
    jobs,
    terms::{MaterialId, Thing},
};

/// Lays a change over the material. `fits` holds the caller's `If-Match` against the version.
///
/// # Errors
/// As `reach`, the rights, `fits` and the description's own checks say.
pub async fn change(
    app: &App,
    caller: &Caller,
    id: MaterialId,
    change: Change,
    fits: impl Fn(i32) -> Result<()>,
) -> Result<()> {
    let tx = app.db.begin().await?;
    reach::material(&tx, caller, id).await?;
    let record = records::one(&tx, id).await?;
    // Whether one may is said before whether the version fits (RFC 9110 section 13.2.1).
    caller.may_change(record.row.unit_id, record.row.created_by, record.row.status)?;
    fits(record.row.version)?;
    let entry = lay(&tx, caller, &record, change).await?;
    log::append(&tx, entry.into_iter().collect()).await?;
    app.commit(tx).await
}

/// Deletes what was never published, with everything that hangs on it.
///
/// # Errors
/// Conflict where it was published once, or lies in a kit.
pub async fn delete(
    app: &App,
    caller: &Caller,
    id: MaterialId,
    fits: impl Fn(i32) -> Result<()>,
) -> Result<()> {
    let tx = app.db.begin().await?;
    let row = reach::material(&tx, caller, id).await?;
    caller.may_change(row.unit_id, row.created_by, row.status)?;
    fits(row.version)?;
    if row.published_at.is_some() {
        return Err(Error::refused(
            Code::Conflict,
            "What was published once is withdrawn, not deleted.",
        ));
    }
    if kit_items::Entity::find()
        .filter(kit_items::Column::MaterialId.eq(id))
        .one(&tx)
        .await?
        .is_some()
    {
        return Err(Error::refused(
            Code::Conflict,
            "It lies in a kit; take it out there first.",
        ));
    }
    jobs::cancel(&tx, id, 0).await?;
    let blobs = description::forget(&tx, id).await?;
    let mut entry = log::Entry::new(Thing::Material, id.0, row.version + 1, "deleted");
    entry.account_id = caller.account;
    entry.unit_id = Some(row.unit_id);
    row.delete(&tx).await?;
    log::append(&tx, vec![entry]).await?;
    app.commit(tx).await?;
    app.sweep(blobs).await
}

/// What happened to the material, oldest first, for those who see inside its unit.
pub async fn history(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: MaterialId,
    after: i64,
    limit: u64,
) -> Result<Vec<log::Model>> {
    let row = reach::material(connection, caller, id).await?;
    if !caller.sees_inside(row.unit_id) {
        return Err(Error::not_found());
    }
    let entries = log::Entity::find()
        .filter(log::Column::ThingId.eq(id.0))
        .filter(log::Column::Number.gt(after))
        .order_by_asc(log::Column::Number);
    Ok(sea_orm::QuerySelect::limit(entries, limit)
        .all(connection)
        .await?)
}

/// One material for one caller.
///
/// # Errors
/// As `reach` says.
pub async fn read(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: MaterialId,
) -> Result<Record> {
    reach::material(connection, caller, id).await?;
    records::one(connection, id).await
}

/// Whichever of the named materials this one may see, of those that `related` names.
pub async fn seen(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    ids: &[MaterialId],
) -> Result<Vec<MaterialId>> {
    let seen = caller.sees(materials::Column::Id, materials::Column::UnitId, db::now());
    let rows = materials::Entity::find()
        .filter(materials::Column::Id.is_in(ids.iter().copied()))
        .filter(seen);
    Ok(rows
        .all(connection)
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect())
}
