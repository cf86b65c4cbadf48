//! What somebody did or was refused.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait,
};
use uuid::Uuid;

use crate::terms::{AccountId, TokenId, UnitId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: i64,
    pub account_id: Option<AccountId>,
    pub token_id: Option<TokenId>,
    pub unit_id: Option<UnitId>,
    pub action: String,
    pub thing: Option<String>,
    pub thing_id: Option<Uuid>,
    pub address: Option<String>,
    pub once: Option<String>,
    pub detail: Option<Json>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
