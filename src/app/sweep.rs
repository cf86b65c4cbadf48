//! Taking blobs away. A blob is marked in a transaction that proves that nothing points at it, and only then removed:
//! whoever meets the mark keeps a blob of their own.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::App;
use crate::{
    crash,
    db::{blobs, originals, rendition_segments, uploads},
    error::Result,
    terms::{BlobId, BlobState},
};

/// In milliseconds.
const A_DAY: i64 = 24 * 60 * 60 * 1000;
/// Blobs that are looked at at once.
const PAGE: u64 = 500;
/// How long it rests then: so many times as long as the look took, and so long for each blob. Of millions none is in a
/// hurry to go, and who works has the disk.
const REST: u32 = 9;
const REST_A_BLOB: Duration = Duration::from_millis(2);

impl App {
    /// Removes those of the blobs that nothing points at any more, and what an earlier sweep left behind.
    pub async fn sweep(&self, candidates: Vec<BlobId>) -> Result<()> {
        if candidates.is_empty() {
            return Ok(());
        }
        let mut rowless = Vec::new();
        let tx = self.db.begin().await?;
        for blob in candidates {
            if blobs::Entity::find_by_id(blob).one(&tx).await?.is_none() {
                rowless.push(blob);
            } else if !is_needed(&tx, blob).await? {
                blobs::Entity::update_many()
                    .col_expr(
                        blobs::Column::State,
                        Expr::value(BlobState::Deleting.to_value()),
                    )
                    .filter(blobs::Column::Id.eq(blob))
                    .exec(&tx)
                    .await?;
            }
        }
        tx.commit().await?;
        for blob in rowless {
            self.storage.remove(blob).await?;
        }
        for blob in blobs::marked().all(self.db.read()).await? {
            self.storage.remove(blob.id).await?;
            crash::here("blob-removed");
            let tx = self.db.begin().await?;
            blobs::Entity::delete_by_id(blob.id).exec(&tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Removes the bytes of a blob that has no row; where that fails, a later sweep does it.
    pub async fn drop_blob(&self, id: BlobId) {
        if let Err(error) = self.storage.remove(id).await {
            tracing::warn!(blob = %id, %error, "a blob that nothing needs stays until it is swept");
        }
    }

    /// Removes what a process left behind that ended too early: blobs that it had named and whose rows it could not
    /// commit, and blobs that it had no time to sweep. `started` is when this process began: what is younger may be another
    /// request's; and where there are other processes, what is younger than a day may be theirs.
    pub async fn sweep_orphans(&self, started: i64) -> Result<usize> {
        let started = if self.db.is_shared() {
            started - A_DAY
        } else {
            started
        };
        let mut removed = 0;
        let mut last = None;
        let mut began = Instant::now();
        while let Some(page) = self.blobs_after(last).await? {
            let unneeded: Vec<BlobId> = blobs::Entity::find()
                .select_only()
                .column(blobs::Column::Id)
                .filter(blobs::Column::Id.is_in(page.iter().copied()))
                .filter(blobs::unneeded())
                .filter(blobs::Column::CreatedAt.lt(started))
                .into_tuple()
                .all(self.db.read())
                .await?;
            removed += unneeded.len();
            self.sweep(unneeded).await?;
            last = page.last().copied();
            rest(&mut began, page.len()).await;
        }
        let mut pages = self.storage.pages();
        while let Some(page) = pages.try_next().await? {
            let count = page.blobs.len() + page.unfinished.len();
            let stored: Vec<BlobId> = page.blobs.iter().map(|stored| stored.id).collect();
            for orphan in self.unknown(stored, started).await? {
                self.storage.remove(orphan).await?;
                removed += 1;
            }
            for orphan in self.unknown(page.unfinished, started).await? {
                self.storage.discard(orphan).await?;
                removed += 1;
            }
            rest(&mut began, count).await;
        }
        Ok(removed)
    }

    /// A page of all blobs in their order; none where there are no more.
    async fn blobs_after(&self, last: Option<BlobId>) -> Result<Option<Vec<BlobId>>> {
        let mut page = blobs::Entity::find()
            .select_only()
            .column(blobs::Column::Id)
            .order_by_asc(blobs::Column::Id)
            .limit(PAGE);
        if let Some(last) = last {
            page = page.filter(blobs::Column::Id.gt(last));
        }
        let page: Vec<BlobId> = page.into_tuple().all(self.db.read()).await?;
        Ok((!page.is_empty()).then_some(page))
    }

    /// Those that were born before, and that neither a blob's row nor an upload names.
    async fn unknown(&self, mut ids: Vec<BlobId>, before: i64) -> Result<Vec<BlobId>> {
        ids.retain(|id| id.born() < before);
        let mut unknown = Vec::new();
        for ids in ids.chunks(500) {
            let mut known = blobs::known(self.db.read(), ids.iter().copied()).await?;
            known.extend(uploads::coming(self.db.read(), ids.iter().copied()).await?);
            unknown.extend(ids.iter().copied().filter(|id| !known.contains(id)));
        }
        Ok(unknown)
    }
}

/// After a look at so many blobs that began then.
async fn rest(began: &mut Instant, blobs: usize) {
    let for_each = REST_A_BLOB * u32::try_from(blobs).unwrap_or(u32::MAX);
    tokio::time::sleep(for_each.max(began.elapsed() * REST)).await;
    *began = Instant::now();
}

async fn is_needed(connection: &impl ConnectionTrait, blob: BlobId) -> Result<bool> {
    let originals = originals::Entity::find()
        .filter(originals::Column::BlobId.eq(blob))
        .count(connection)
        .await?;
    let segments = rendition_segments::Entity::find()
        .filter(rendition_segments::Column::BlobId.eq(blob))
        .count(connection)
        .await?;
    Ok(originals + segments > 0)
}
