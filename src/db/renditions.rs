//! A rendition of an original; its bytes are its segments.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait,
};

use crate::terms::{MaterialId, RenditionId, RenditionState};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "renditions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RenditionId,
    pub material_id: MaterialId,
    pub number: i32,
    pub name: String,
    pub state: RenditionState,
    pub detail: Option<String>,
    pub media_type: Option<String>,
    pub size: i64,
    pub sha256: Option<String>,
    pub crc32: i64,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub duration_ms: Option<i64>,
    pub of_version: i32,
    /// Of a picture that descriptions are written around: `media::Frame`.
    pub frame: Option<Json>,
    /// The digest of the recipe that it was made by, or that failed.
    pub recipe: Option<String>,
    /// Of a text: whether letters in it were recognised in pictures.
    pub recognised: bool,
    /// Whether it holds the original's own picture or sound, as they came in.
    pub copied: bool,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
