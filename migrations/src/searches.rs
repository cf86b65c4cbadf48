//! Searches that somebody keeps, to ask them again and to follow them as a feed.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    schema::{big_integer, integer, json, text, uuid},
    sea_orm::DeriveMigrationName,
};

use super::first::{index, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            uuid("id"),
            uuid("account_id"),
            integer("version"),
            json("name"),
            text("query"),
            big_integer("created_at"),
            big_integer("updated_at"),
        ];
        manager
            .create_table(table("saved_searches", &["id"], columns))
            .await?;
        let of_account = index("saved_searches", &["account_id", "id"]);
        manager.create_index(of_account).await
    }
}
