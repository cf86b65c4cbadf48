//! The same bytes are stored once: a blob that was just sealed gets its row, or gives way to the one that is there.

use sea_orm::{DatabaseTransaction, EntityTrait, Set};

use super::Sealed;
use crate::{
    db::{self, blobs},
    error::Result,
    terms::{BlobId, BlobState},
};

impl Sealed {
    /// The blob to point at. Where it is not this one, this one is to be removed once the transaction is committed.
    pub async fn share(&self, tx: &DatabaseTransaction) -> Result<BlobId> {
        if let Some(there) = blobs::sealed(tx, &self.sha256).await? {
            return Ok(there.id);
        }
        let row = blobs::ActiveModel {
            id: Set(self.id),
            sha256: Set(self.sha256.clone()),
            crc32: Set(i64::from(self.crc32)),
            size: Set(self.size.cast_signed()),
            state: Set(BlobState::Sealed),
            created_at: Set(db::now()),
        };
        blobs::Entity::insert(row)
            .exec_without_returning(tx)
            .await?;
        blobs::heal(tx, &self.sha256, self.id).await?;
        Ok(self.id)
    }
}
