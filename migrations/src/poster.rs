//! Of a film which moment its poster shows, where an editor chose one.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait, schema::big_integer_null,
    sea_orm::DeriveMigrationName, sea_query::Table,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::alter();
        table
            .table("materials")
            .add_column(big_integer_null("poster_at_ms"));
        manager.alter_table(table).await
    }
}
