//! A counter whose numbers have no gap.

use crate::error::{Error, Result};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "counters")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub value: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The next number of a counter. The row stays locked until the commit, so let this be a transaction's last statement
/// but one: then numbers have no gap, and none turns up late.
pub async fn next(tx: &DatabaseTransaction, name: &str) -> Result<i64> {
    let mut rows = Entity::update_many()
        .col_expr(Column::Value, Expr::col(Column::Value).add(1))
        .filter(Column::Name.eq(name))
        .exec_with_returning(tx)
        .await?;
    let row = rows
        .pop()
        .ok_or_else(|| Error::internal("the counters", format!("there is no counter {name}")))?;
    Ok(row.value)
}

/// The number that was given last; 0 where none was.
pub async fn last(connection: &impl ConnectionTrait, name: &str) -> Result<i64> {
    let row = Entity::find_by_id(name.to_owned()).one(connection).await?;
    Ok(row.map_or(0, |row| row.value))
}
