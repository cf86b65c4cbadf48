//! An account: a person or a partner organisation, with its role in a unit.

use std::collections::HashMap;

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};

use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use crate::{
    error::Result,
    terms::{AccountId, Role, UnitId},
};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    pub name: String,
    pub role: Role,
    pub unit_id: UnitId,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Those of the accounts that are there.
pub async fn of(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = AccountId>,
) -> Result<HashMap<AccountId, Model>> {
    let found = Entity::find().filter(Column::Id.is_in(ids));
    let found = found.all(connection).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}
