//! To whom a thing was open when it was withdrawn.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, Set};
use uuid::Uuid;

use super::{early_withdrawals, visibility};
use crate::error::Result;

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

/// Remembers to whom the thing is open now that it is withdrawn, or would be at the end of its embargo.
pub async fn remember(
    tx: &DatabaseTransaction,
    thing: Uuid,
    windows: &[visibility::Model],
    now: i64,
) -> Result<()> {
    forget(tx, thing).await?;
    let had = windows.iter().filter(|window| now < window.visible_until);
    let (early, open): (Vec<_>, Vec<_>) = had.partition(|window| now < window.visible_from);
    let open = open.into_iter().map(|window| ActiveModel {
        thing_id: Set(thing),
        audience: Set(window.audience.clone()),
    });
    let early = early
        .into_iter()
        .map(|window| early_withdrawals::ActiveModel {
            thing_id: Set(thing),
            audience: Set(window.audience.clone()),
            at: Set(now),
        });
    if open.len() > 0 {
        Entity::insert_many(open).exec_without_returning(tx).await?;
    }
    if early.len() > 0 {
        let early = early_withdrawals::Entity::insert_many(early);
        early.exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Nobody misses what is published again.
pub async fn forget(tx: &DatabaseTransaction, thing: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ThingId.eq(thing))
        .exec(tx)
        .await?;
    early_withdrawals::Entity::delete_many()
        .filter(early_withdrawals::Column::ThingId.eq(thing))
        .exec(tx)
        .await?;
    Ok(())
}
