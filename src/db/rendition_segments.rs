//! A piece of a rendition: a range of a blob.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};

use crate::terms::{BlobId, RenditionId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rendition_segments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub rendition_id: RenditionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub blob_id: BlobId,
    pub start: i64,
    pub length: i64,
    /// Of a piece of a picture, which stays while descriptions come and go; null: a whole file, or a description.
    pub crc32: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
