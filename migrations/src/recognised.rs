//! Of a text whether letters in it were recognised in pictures: nobody typed them, and some may be wrong.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait, schema::boolean,
    sea_orm::DeriveMigrationName, sea_query::Table,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut recognised = boolean("recognised");
        recognised.default(false);
        let mut table = Table::alter();
        table.table("renditions").add_column(recognised);
        manager.alter_table(table).await
    }
}
