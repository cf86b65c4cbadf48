//! The feed as readers have it: what each audience has of a thing holds from one number to another, so that a page and a
//! full copy cost their own rows alone; and of each thing how far its readers have been told. The feed of the first shapes
//! was never written to.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    schema::{big_integer, integer, json, json_null, string, uuid},
    sea_orm::DeriveMigrationName,
    sea_query::Table,
};

use super::first::{index, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("feed").to_owned())
            .await?;
        let columns = vec![
            string("audience"),
            big_integer("seq"),
            // The number from which on something else holds; its own where the audience has nothing any more.
            big_integer("until"),
            big_integer("at"),
            string("turn"),
            string("thing"),
            uuid("thing_id"),
            integer("version"),
            json("changed"),
            json_null("notice"),
            json_null("before"),
            json_null("after"),
        ];
        manager
            .create_table(table("feed", &["audience", "seq"], columns))
            .await?;
        let columns = vec![
            uuid("thing_id"),
            string("thing"),
            // When its readers' view changes next by itself.
            big_integer("due_at"),
            // How much of the log they have been told.
            big_integer("number"),
            integer("original"),
            json("items"),
        ];
        manager
            .create_table(table("announced", &["thing_id"], columns))
            .await?;
        for (table, columns) in [
            ("feed", &["audience", "until", "seq"][..]),
            ("feed", &["thing_id", "until"]),
            ("feed", &["seq"]),
            ("announced", &["due_at"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }
}
