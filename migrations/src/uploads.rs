//! Uploads that go on: how far each is, what the store has of it, and who is at it. The blob that it becomes has a row from
//! its beginning on, in a state of its own.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    schema::{
        big_integer, big_integer_null, boolean, json_null, string, string_null, text, text_null,
        uuid, uuid_null,
    },
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
            // None: a part of another one.
            uuid_null("material_id"),
            uuid("blob_id"),
            string("state"),
            boolean("partial"),
            // The uploads that it is put together of.
            json_null("parts"),
            // None: it is not known yet.
            big_integer_null("length"),
            big_integer("received"),
            text("metadata"),
            string_null("media_type"),
            // In base64: the first bytes, until they tell what it is.
            text_null("head"),
            json_null("kept"),
            uuid_null("holder"),
            big_integer_null("holder_until"),
            // Somebody waits for the holder to let go.
            boolean("wanted"),
            // Whoever was at it did not end in order.
            boolean("torn"),
            // The store may have something of it that goes when it is over.
            boolean("stored"),
            big_integer("created_at"),
            big_integer("expires_at"),
        ];
        manager
            .create_table(table("uploads", &["id"], columns))
            .await?;
        for columns in [
            &["account_id", "id"][..],
            &["state", "expires_at"],
            &["material_id"],
            &["blob_id"],
        ] {
            manager.create_index(index("uploads", columns)).await?;
        }
        Ok(())
    }
}
