//! The audiences of a material, a kit, an event or an account.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use std::collections::HashMap;

use crate::error::Result;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter, QueryOrder, Set};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audiences")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub thing_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub audience: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The audiences of each of the things.
pub async fn of(
    connection: &impl ConnectionTrait,
    things: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<String>>> {
    let mut found: HashMap<Uuid, Vec<String>> = HashMap::new();
    let rows = Entity::find()
        .filter(Column::ThingId.is_in(things))
        .order_by_asc(Column::Audience)
        .all(connection)
        .await?;
    for row in rows {
        found.entry(row.thing_id).or_default().push(row.audience);
    }
    Ok(found)
}

/// Makes these the audiences of the thing.
pub async fn set(tx: &DatabaseTransaction, thing: Uuid, audiences: &[String]) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ThingId.eq(thing))
        .exec(tx)
        .await?;
    if audiences.is_empty() {
        return Ok(());
    }
    let rows = audiences.iter().map(|audience| ActiveModel {
        thing_id: Set(thing),
        audience: Set(audience.clone()),
    });
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}
