//! From when until when an audience may see a thing; half-open.

use crate::error::Result;
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, Set};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visibility")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub thing_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub audience: String,
    pub visible_from: i64,
    pub visible_until: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Opens the thing to the audiences in the half-open span, and to nobody else.
pub async fn set(
    tx: &DatabaseTransaction,
    thing: Uuid,
    audiences: &[String],
    from: i64,
    until: i64,
) -> Result<()> {
    Box::pin(super::feed::passed(tx, thing)).await?;
    Entity::delete_many()
        .filter(Column::ThingId.eq(thing))
        .exec(tx)
        .await?;
    if audiences.is_empty() || from >= until {
        return Ok(());
    }
    let rows = audiences.iter().map(|audience| ActiveModel {
        thing_id: Set(thing),
        audience: Set(audience.clone()),
        visible_from: Set(from),
        visible_until: Set(until),
    });
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}
