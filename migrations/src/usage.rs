//! How much was asked for in a span of time, over all nodes.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    schema::{big_integer, string},
    sea_orm::DeriveMigrationName,
};

use super::first::{index, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![string("name"), big_integer("ends_at"), big_integer("used")];
        manager
            .create_table(table("usage", &["name", "ends_at"], columns))
            .await?;
        manager.create_index(index("usage", &["ends_at"])).await?;
        // The audit is pruned by age.
        manager.create_index(index("audit", &["at"])).await
    }
}
