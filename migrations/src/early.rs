//! Who had a thing before its time, by a link, when it was withdrawn under its embargo.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait, schema::boolean,
    sea_orm::DeriveMigrationName, sea_query::Table,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut withdrawals = Table::alter();
        withdrawals
            .table("withdrawals")
            .add_column(boolean("early").default(false));
        manager.alter_table(withdrawals).await
    }
}
