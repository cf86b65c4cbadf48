//! A material: a work with its description. Its texts, audiences and relations are tables of their own.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use uuid::Uuid;

use crate::{
    language::Texts,
    terms::{AccountId, EventId, Kind, MaterialId, Persons, Place, Status, UnitId, Words},
};

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "materials")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MaterialId,
    pub version: i32,
    pub unit_id: UnitId,
    pub kind: Option<Kind>,
    pub genre: Option<String>,
    pub status: Status,
    pub language: Option<String>,
    pub alt_text: Texts,
    pub keywords: Words,
    pub persons: Persons,
    pub place: Option<Place>,
    pub creator: Option<String>,
    pub credit: Option<String>,
    pub source: Option<String>,
    pub copyright: Texts,
    pub usage_terms: Texts,
    pub license: Option<String>,
    pub taken_at: Option<i64>,
    pub event_id: Option<EventId>,
    pub rating: Option<i32>,
    pub pick: Option<String>,
    pub poster_at_ms: Option<i64>,
    pub text: Option<String>,
    pub said: Words,
    pub embargo_until: Option<i64>,
    pub available_until: Option<i64>,
    pub published_at: Option<i64>,
    pub notice: Texts,
    pub replaced_by: Option<Uuid>,
    pub current_original: i32,
    pub created_by: AccountId,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
