//! The store against the rows: blobs without a row, rows that nothing points at, and files that are no blobs. Where
//! somebody is writing, the young ones are on their way in.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Archive, Fault, PAGE, Seen, Tally};
use crate::{
    db::blobs::{Column, Entity, unneeded},
    error::Result,
    jobs,
    terms::{BlobId, BlobState},
};

/// The store is asked about this many blobs at once.
const CHUNK: usize = 500;

pub async fn check(
    archive: &Archive,
    tally: &mut Tally,
    seen: &mut impl FnMut(Seen),
) -> Result<()> {
    without_row(archive, tally, seen).await?;
    without_need(archive, tally, seen).await?;
    for path in archive.storage.strangers().await? {
        seen(Seen::Fault(Fault::Stranger(path)));
    }
    Ok(())
}

async fn without_row(
    archive: &Archive,
    tally: &mut Tally,
    seen: &mut impl FnMut(Seen),
) -> Result<()> {
    let stored = archive.storage.list().await?;
    let swept = jobs::swept(&archive.rows).await?;
    for chunk in stored.chunks(CHUNK) {
        let known: Vec<BlobId> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.is_in(chunk.iter().map(|stored| stored.id)))
            .into_tuple()
            .all(&archive.rows)
            .await?;
        let known: HashSet<BlobId> = known.into_iter().collect();
        for stored in chunk.iter().filter(|stored| !known.contains(&stored.id)) {
            if archive.in_flight(stored.id.born()) || swept.contains(&stored.id) {
                tally.in_flight += 1;
            } else if archive.storage.read(stored.id).await?.is_some() {
                seen(Seen::Fault(Fault::Spare {
                    blob: stored.id,
                    size: stored.size,
                }));
            }
        }
    }
    Ok(())
}

async fn without_need(
    archive: &Archive,
    tally: &mut Tally,
    seen: &mut impl FnMut(Seen),
) -> Result<()> {
    let swept = jobs::swept(&archive.rows).await?;
    let mut after = BlobId(Uuid::nil());
    loop {
        let page = Entity::find()
            .filter(Column::Id.gt(after))
            .filter(Column::State.eq(BlobState::Sealed))
            .filter(unneeded())
            .order_by_asc(Column::Id)
            .limit(PAGE)
            .all(&archive.rows)
            .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        for row in &page {
            if archive.in_flight(row.created_at) || swept.contains(&row.id) {
                tally.in_flight += 1;
            } else {
                seen(Seen::Fault(Fault::Spare {
                    blob: row.id,
                    size: row.size.cast_unsigned(),
                }));
            }
        }
    }
}
