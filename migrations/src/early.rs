//! Who had a thing before its time, by a link, when it was withdrawn under its embargo.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    schema::{big_integer, string, uuid},
    sea_orm::DeriveMigrationName,
};

use super::first::table;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![uuid("thing_id"), string("audience"), big_integer("at")];
        let early = table("early_withdrawals", &["thing_id", "audience"], columns);
        manager.create_table(early).await
    }
}
