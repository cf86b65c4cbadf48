//! Taking blobs away. A blob is marked in a transaction that proves that nothing points at it, and only then removed:
//! whoever meets the mark keeps a blob of their own.

use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::Expr,
};

use super::App;
use crate::{
    db::{blobs, originals, rendition_segments},
    error::Result,
    terms::{BlobId, BlobState},
};

impl App {
    /// Removes those of the blobs that nothing points at any more, and what an earlier sweep left behind.
    pub async fn sweep(&self, candidates: impl IntoIterator<Item = BlobId>) -> Result<()> {
        let tx = self.db.begin().await?;
        for blob in candidates {
            if !is_needed(&tx, blob).await? {
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
        let marked = blobs::Column::State.eq(BlobState::Deleting);
        for blob in blobs::Entity::find()
            .filter(marked)
            .all(self.db.read())
            .await?
        {
            self.storage.remove(blob.id).await?;
            let tx = self.db.begin().await?;
            blobs::Entity::delete_by_id(blob.id).exec(&tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }
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
