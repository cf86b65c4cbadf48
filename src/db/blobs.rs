//! A blob: bytes as storage holds them, under an id of their own.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, QueryFilter,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Iden},
};

use super::{originals, rendition_segments};
use crate::{
    error::{Error, Result},
    terms::{BlobId, BlobState},
};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BlobId,
    pub sha256: String,
    pub crc32: i64,
    pub size: i64,
    pub state: BlobState,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The sealed blob with these bytes, by their SHA-256 in hexadecimal.
pub async fn sealed(connection: &impl ConnectionTrait, sha256: &str) -> Result<Option<Model>> {
    Ok(of(&[sha256], BlobState::Sealed).one(connection).await?)
}

/// The blobs with one of these digests that are in a state.
pub fn of(sha256: &[&str], state: BlobState) -> Select<Entity> {
    let of_them = Column::Sha256.is_in(sha256.iter().copied());
    Entity::find().filter(of_them).filter(is_in(state))
}

/// The blobs that were marked, and whose bytes may be there still.
pub fn marked() -> Select<Entity> {
    Entity::find().filter(is_in(BlobState::Deleting))
}

/// The state stands in the question itself, so that a plan which is made before the values come can go by the index of
/// those that are in it.
fn is_in(state: BlobState) -> Expr {
    let state = Expr::Constant(state.to_value().into());
    Expr::col((Entity, Column::State)).eq(state)
}

/// The row of a blob that something points at.
pub async fn one(connection: &impl ConnectionTrait, id: BlobId) -> Result<Model> {
    let row = Entity::find_by_id(id).one(connection).await?;
    row.ok_or_else(|| Error::internal("a blob", "it has no row"))
}

/// Lets what points at a blob that rotted point at one that has its bytes, as they came in.
pub async fn heal(tx: &DatabaseTransaction, sha256: &str, whole: BlobId) -> Result<()> {
    let rotten: Vec<BlobId> = of(&[sha256], BlobState::Rotten)
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    if rotten.is_empty() {
        return Ok(());
    }
    originals::Entity::update_many()
        .col_expr(originals::Column::BlobId, Expr::value(whole))
        .filter(originals::Column::BlobId.is_in(rotten.iter().copied()))
        .exec(tx)
        .await?;
    rendition_segments::Entity::update_many()
        .col_expr(rendition_segments::Column::BlobId, Expr::value(whole))
        .filter(rendition_segments::Column::BlobId.is_in(rotten.iter().copied()))
        .exec(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::State, Expr::value(BlobState::Deleting.to_value()))
        .filter(Column::Id.is_in(rotten))
        .exec(tx)
        .await?;
    Ok(())
}

/// Marks a blob whose bytes are not those that came in.
pub async fn mark_rotten(tx: &DatabaseTransaction, id: BlobId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(BlobState::Rotten.to_value()))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(BlobState::Sealed))
        .exec(tx)
        .await?;
    Ok(())
}

/// Those of the blobs that have a row.
pub async fn known(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = BlobId>,
) -> Result<Vec<BlobId>> {
    let found = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(ids));
    Ok(found.into_tuple().all(connection).await?)
}

/// What nothing points at: no original, and no segment of a rendition.
pub fn unneeded() -> Condition {
    let by_originals = originals::Entity::find()
        .select_only()
        .column(originals::Column::BlobId)
        .filter(pointing(originals::Entity, originals::Column::BlobId));
    let by_segments = rendition_segments::Entity::find()
        .select_only()
        .column(rendition_segments::Column::BlobId)
        .filter(pointing(
            rendition_segments::Entity,
            rendition_segments::Column::BlobId,
        ));
    Condition::all()
        .add(Expr::exists(by_originals.into_query()).not())
        .add(Expr::exists(by_segments.into_query()).not())
}

/// That the row points at the blob of the query around it.
fn pointing<T: EntityTrait + Iden, C: ColumnTrait>(table: T, column: C) -> Expr {
    Expr::col((table, column)).equals((Entity, Column::Id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::tests::goes_through;

    #[tokio::test]
    async fn a_digest_is_looked_up_however_many_there_are() {
        for state in [BlobState::Sealed, BlobState::Rotten] {
            let plan = goes_through(of(&["00"], state)).await;
            assert!(plan.contains("INDEX blobs_"), "{plan}");
        }
    }

    #[tokio::test]
    async fn what_is_marked_is_found_among_any_number() {
        let plan = goes_through(marked()).await;
        assert!(plan.contains("INDEX blobs_deleting"), "{plan}");
    }
}
