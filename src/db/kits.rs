//! A press kit.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use uuid::Uuid;

use crate::{
    language::Texts,
    terms::{AccountId, Contact, EventId, KitId, Status, UnitId},
};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kits")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: KitId,
    pub version: i32,
    pub unit_id: UnitId,
    pub status: Status,
    pub title: Texts,
    pub summary: Texts,
    pub event_id: Option<EventId>,
    pub contact: Option<Contact>,
    pub embargo_until: Option<i64>,
    pub available_until: Option<i64>,
    pub published_at: Option<i64>,
    pub notice: Texts,
    pub replaced_by: Option<Uuid>,
    pub created_by: AccountId,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
