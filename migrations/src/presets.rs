//! With each rendition the recipe that it was made by, as a digest: what was made by another one is made again.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait, schema::string_null,
    sea_orm::DeriveMigrationName, sea_query::Table,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::alter();
        table.table("renditions").add_column(string_null("recipe"));
        manager.alter_table(table).await
    }
}
