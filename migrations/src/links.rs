//! Links to kits, for people without a token, and how often somebody was wrong about a password lately.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    schema::{
        big_integer, big_integer_null, boolean, integer, json_null, string, text, text_null, uuid,
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
            uuid("kit_id"),
            string("hash"),
            text("label"),
            json_null("recipient"),
            boolean("shows_embargoed"),
            // As a PHC string; none: whoever has the link needs no password.
            text_null("password"),
            uuid("created_by"),
            big_integer("created_at"),
            big_integer("expires_at"),
            big_integer_null("revoked_at"),
            big_integer("uses"),
            big_integer_null("last_used_at"),
        ];
        manager
            .create_table(table("links", &["id"], columns))
            .await?;
        manager
            .create_index(index("links", &["hash"]).unique().to_owned())
            .await?;
        manager
            .create_index(index("links", &["kit_id", "id"]))
            .await?;
        let columns = vec![string("name"), integer("count"), big_integer("since")];
        let attempts = table("attempts", &["name"], columns);
        manager.create_table(attempts).await
    }
}
