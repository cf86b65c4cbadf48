//! A job in the queue. One that is done is deleted; one that can never be done leaves its reason with its original.

use sea_orm::{
    DeriveActiveEnum, EnumIter,
    entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
        Json, PrimaryKeyTrait,
    },
};
use uuid::Uuid;

use super::Lane;
use crate::terms::MaterialId;

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    Waiting,
    Running,
}

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub lane: Lane,
    pub payload: Json,
    pub material_id: MaterialId,
    pub state: State,
    pub priority: i32,
    pub attempts: i32,
    pub run_at: i64,
    pub lease: Option<Uuid>,
    pub lease_until: Option<i64>,
    pub problem: Option<String>,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
