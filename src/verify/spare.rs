//! The store against the rows: blobs without a row, rows that nothing points at, and files that are no blobs. Where
//! somebody is writing, the young ones are on their way in.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Archive, Fault, PAGE, Seen, Tally};
use crate::{
    db::{
        blobs::{self, Column, Entity, unneeded},
        uploads,
    },
    error::Result,
    jobs,
    storage::Stored,
    terms::{BlobId, BlobState},
};

/// The store is asked about this many blobs at once.
const CHUNK: usize = 500;

pub async fn check(
    archive: &Archive,
    tally: &mut Tally,
    seen: &mut impl FnMut(Seen),
) -> Result<()> {
    let swept = jobs::swept(&archive.rows).await?;
    let mut pages = archive.storage.pages();
    while let Some(page) = pages.try_next().await? {
        for stored in page.blobs.chunks(CHUNK) {
            without_row(archive, stored, &swept, tally, seen).await?;
        }
        unfinished(archive, page.unfinished, tally, seen).await?;
        for stranger in page.strangers {
            seen(Seen::Fault(Fault::Stranger(stranger)));
        }
    }
    without_need(archive, tally, seen).await
}

async fn without_row(
    archive: &Archive,
    stored: &[Stored],
    swept: &HashSet<BlobId>,
    tally: &mut Tally,
    seen: &mut impl FnMut(Seen),
) -> Result<()> {
    let ids = || stored.iter().map(|stored| stored.id);
    let mut known = blobs::known(&archive.rows, ids()).await?;
    known.extend(uploads::coming(&archive.rows, ids()).await?);
    for stored in stored.iter().filter(|stored| !known.contains(&stored.id)) {
        if archive.in_flight(stored.id.born()) || swept.contains(&stored.id) {
            tally.in_flight += 1;
        } else if archive.storage.read(stored.id).await?.is_some() {
            seen(Seen::Fault(Fault::Spare {
                blob: stored.id,
                size: stored.size,
            }));
        }
    }
    Ok(())
}

/// What came of blobs that are not whole belongs to uploads, or to a process that was killed: its next start removes it.
async fn unfinished(
    archive: &Archive,
    ids: Vec<BlobId>,
    tally: &mut Tally,
    seen: &mut impl FnMut(Seen),
) -> Result<()> {
    let known = uploads::coming(&archive.rows, ids.iter().copied()).await?;
    for id in ids {
        if known.contains(&id) || archive.in_flight(id.born()) {
            tally.in_flight += 1;
        } else {
            seen(Seen::Fault(Fault::Unfinished(id)));
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
            .filter(Column::State.is_in([BlobState::Sealed, BlobState::Rotten]))
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
