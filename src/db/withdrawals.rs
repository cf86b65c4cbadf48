//! To whom a thing was open when it was withdrawn.

use crate::error::Result;
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, Set};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "withdrawals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub thing_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub audience: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Remembers to whom the thing was open when it was withdrawn; nobody, when it is published again.
pub async fn set(tx: &DatabaseTransaction, thing: Uuid, audiences: Vec<String>) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ThingId.eq(thing))
        .exec(tx)
        .await?;
    if audiences.is_empty() {
        return Ok(());
    }
    let rows = audiences.into_iter().map(|audience| ActiveModel {
        thing_id: Set(thing),
        audience: Set(audience),
    });
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}
