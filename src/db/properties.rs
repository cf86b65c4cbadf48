//! What is one for the whole installation.

use crate::error::Result;
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Set, sea_query::OnConflict};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "properties")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The value of a property; where there is none, the one that `make` gives is kept from now on.
pub async fn get_or_make(
    tx: &DatabaseTransaction,
    name: &str,
    make: impl FnOnce() -> Result<String>,
) -> Result<String> {
    if let Some(row) = Entity::find_by_id(name.to_owned()).one(tx).await? {
        return Ok(row.value);
    }
    let value = make()?;
    Entity::insert(ActiveModel {
        name: Set(name.to_owned()),
        value: Set(value.clone()),
    })
    .exec(tx)
    .await?;
    Ok(value)
}

/// The value of a property, where there is one.
pub async fn get(connection: &impl ConnectionTrait, name: &str) -> Result<Option<String>> {
    let row = Entity::find_by_id(name.to_owned()).one(connection).await?;
    Ok(row.map(|row| row.value))
}

/// Keeps another value from now on.
pub async fn set(tx: &DatabaseTransaction, name: &str, value: &str) -> Result<()> {
    let mut known = OnConflict::column(Column::Name);
    known.update_column(Column::Value);
    Entity::insert(ActiveModel {
        name: Set(name.to_owned()),
        value: Set(value.to_owned()),
    })
    .on_conflict(known)
    .exec_without_returning(tx)
    .await?;
    Ok(())
}
