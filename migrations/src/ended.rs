//! Of an upload that was ended before its end, why.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait, schema::text_null,
    sea_orm::DeriveMigrationName, sea_query::Table,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut alter = Table::alter();
        alter.table("uploads").add_column(text_null("problem"));
        manager.alter_table(alter).await
    }
}
