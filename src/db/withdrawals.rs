//! To whom a thing was open when it was withdrawn.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, Set};
use uuid::Uuid;

use super::visibility;
use crate::error::Result;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "withdrawals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub thing_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub audience: String,
    /// Whether it was under embargo then: only who came by a link that lifts embargoes had it.
    pub early: bool,
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
    let rows: Vec<ActiveModel> = had
        .map(|window| ActiveModel {
            thing_id: Set(thing),
            audience: Set(window.audience.clone()),
            early: Set(now < window.visible_from),
        })
        .collect();
    if !rows.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Nobody misses what is published again.
pub async fn forget(tx: &DatabaseTransaction, thing: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ThingId.eq(thing))
        .exec(tx)
        .await?;
    Ok(())
}
