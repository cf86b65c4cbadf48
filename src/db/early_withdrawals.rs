//! Who had a thing before its time, by a link that lifts embargoes, when it was withdrawn under its own; in a table apart,
//! so that nobody who asks what was open to all can come upon it.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "early_withdrawals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub thing_id: Uuid,
    /// To whom it would have opened.
    #[sea_orm(primary_key, auto_increment = false)]
    pub audience: String,
    /// When it was withdrawn.
    pub at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
