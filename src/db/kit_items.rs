//! A material in a kit, in its place.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};

use crate::{
    language::Texts,
    terms::{KitId, MaterialId},
};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kit_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kit_id: KitId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub material_id: MaterialId,
    pub position: i32,
    pub note: Texts,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
