//! A corrected original. It is examined and rendered beside the one that readers have, and takes its place when it is
//! ready; a newer correction takes the place of one that is still waiting.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};

use super::{Arrival, material::original};
use crate::{
    access::{Caller, reach},
    app::App,
    db::{self, log, records},
    description,
    error::{Code, Error, Result},
    jobs,
    language::Texts,
    terms::{BlobId, Kind, MaterialId, Status, Thing},
};

/// Whether a corrected original would be taken, before its bytes come.
pub async fn may_replace(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: MaterialId,
) -> Result<()> {
    let row = reach::material(connection, caller, id).await?;
    caller.may_change(row.unit_id, row.created_by, row.status)
}

/// Stores what arrived as the next original of the material; `note` is told with it. `fits` holds the caller's `If-Match`
/// against the version.
///
/// # Errors
/// Invalid where it is of another kind; as for a change otherwise. The stored file is taken back.
pub async fn replace(
    app: &App,
    caller: &Caller,
    id: MaterialId,
    arrival: Arrival,
    note: Texts,
    fits: impl Fn(i32) -> Result<()>,
) -> Result<()> {
    let file = arrival.sealed.id;
    let tx = app.db.begin().await?;
    match keep(&tx, caller, id, (arrival, note), fits).await {
        Ok(blob) => {
            app.commit(tx).await?;
            if blob != file {
                app.drop_blob(file).await;
            }
            Ok(())
        }
        Err(error) => {
            tx.rollback().await?;
            app.drop_blob(file).await;
            Err(error)
        }
    }
}

async fn keep(
    tx: &DatabaseTransaction,
    caller: &Caller,
    id: MaterialId,
    (arrival, note): (Arrival, Texts),
    fits: impl Fn(i32) -> Result<()>,
) -> Result<BlobId> {
    reach::material(tx, caller, id).await?;
    let record = records::one(tx, id).await?;
    caller.may_change(record.row.unit_id, record.row.created_by, record.row.status)?;
    fits(record.row.version)?;
    let refuse = |words: &str| Err(Error::refused(Code::Conflict, words));
    if record
        .row
        .kind
        .is_some_and(|kind| differs(kind, arrival.kind))
    {
        return refuse("A corrected original is of the same kind as the material.");
    }
    if !record.original.is_there() {
        return refuse("The first original is still on its way in.");
    }
    jobs::cancel(tx, id, record.row.current_original).await?;
    let newest = record.pending.as_ref().unwrap_or(&record.original);
    let number = newest.row.number + 1;
    let blob = arrival.sealed.share(tx).await?;
    let (filename, media_type) = (arrival.filename, arrival.media_type);
    original(tx, id, number, blob, filename, media_type).await?;
    let mut row = record.row;
    row.version += 1;
    row.updated_at = db::now();
    let mut entry = log::Entry::new(Thing::Material, id.0, row.version, "replaced");
    entry.account_id = caller.account;
    entry.changed = vec!["original".to_owned()];
    entry.detail = Some(log::noting(&note));
    description::save(tx, row).await?;
    log::append(tx, vec![entry]).await?;
    Ok(blob)
}

/// Tells whoever took the former original of what is published, now that the new one has its place.
pub async fn tell(tx: &DatabaseTransaction, id: MaterialId) -> Result<()> {
    let row = records::one(tx, id).await?.row;
    if row.status != Status::Published {
        return Ok(());
    }
    let replaced = log::Entity::find()
        .filter(log::Column::ThingId.eq(id.0))
        .filter(log::Column::Action.eq("replaced"))
        .order_by_desc(log::Column::Number);
    let replaced = replaced.one(tx).await?;
    let mut entry = log::Entry::new(Thing::Material, id.0, row.version, "corrected");
    entry.changed = vec!["original".to_owned()];
    entry.detail = replaced.and_then(|replaced| replaced.detail);
    log::append(tx, vec![entry]).await
}

/// Sound and film lie in the same containers: which of them it is shows when it is examined.
fn differs(kind: Kind, arrived: Kind) -> bool {
    let may_be_either = |kind| matches!(kind, Kind::Audio | Kind::Video);
    kind != arrived && !(may_be_either(kind) && may_be_either(arrived))
}
