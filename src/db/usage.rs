//! How much somebody asked for in a span of time, over all nodes; each adds what it counted from time to time.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, QueryFilter, Set,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::error::Result;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "usage")]
pub struct Model {
    /// Who, and what of.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// When the span is over.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ends_at: i64,
    pub used: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds to what was used. Gives what all nodes together used.
pub async fn add(tx: &DatabaseTransaction, name: &str, ends_at: i64, used: i64) -> Result<i64> {
    let mut known = OnConflict::columns([Column::Name, Column::EndsAt]);
    known.value(Column::Used, Expr::col((Entity, Column::Used)).add(used));
    let row = ActiveModel {
        name: Set(name.to_owned()),
        ends_at: Set(ends_at),
        used: Set(used),
    };
    Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    let all = Entity::find_by_id((name.to_owned(), ends_at))
        .one(tx)
        .await?;
    Ok(all.map_or(used, |row| row.used))
}

/// Forgets the spans that are over.
pub async fn forget(tx: &DatabaseTransaction, now: i64) -> Result<()> {
    Entity::delete_many()
        .filter(Column::EndsAt.lt(now))
        .exec(tx)
        .await?;
    Ok(())
}
