//! The ledger of deliveries: who took which version of what, when and by which way; what was in an archive, once for each
//! content; the days of kits; and the notices that everybody in the ledger is sent.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    schema::{
        big_integer, big_integer_null, integer, json, string, string_null, text_null, uuid,
        uuid_null,
    },
    sea_orm::DeriveMigrationName,
};

use super::first::{index, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            deliveries(),
            table(
                "delivery_contents",
                &["digest", "material_id"],
                vec![string("digest"), uuid("material_id"), integer("version")],
            ),
            table(
                "kit_days",
                &["kit_id", "day", "link_id"],
                vec![
                    uuid("kit_id"),
                    string("day"),
                    // The nil UUID: no link.
                    uuid("link_id"),
                    big_integer("views"),
                    big_integer("downloads"),
                    big_integer("bytes"),
                ],
            ),
            table(
                "notices",
                &["id"],
                vec![
                    uuid("id"),
                    big_integer("at"),
                    string("thing"),
                    uuid("thing_id"),
                    integer("version"),
                    string("turn"),
                    json("notice"),
                ],
            ),
            table(
                "notice_recipients",
                &["notice_id", "recipient"],
                vec![
                    uuid("notice_id"),
                    // An account or a link.
                    uuid("recipient"),
                    string("via"),
                    big_integer_null("acknowledged_at"),
                    text_null("note"),
                ],
            ),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        manager
            .create_index(index("deliveries", &["once"]).unique().to_owned())
            .await?;
        for (table, columns) in [
            ("deliveries", &["thing_id", "id"][..]),
            ("deliveries", &["contents"]),
            ("delivery_contents", &["material_id"]),
            ("notices", &["thing_id", "id"]),
            ("notice_recipients", &["recipient", "notice_id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }
}

fn deliveries() -> sea_orm_migration::sea_query::TableCreateStatement {
    table(
        "deliveries",
        &["id"],
        vec![
            uuid("id"),
            // What makes two deliveries one row: who, what, which version, by which way, in which hour.
            string("once"),
            big_integer("at"),
            big_integer("last_at"),
            string("thing"),
            uuid("thing_id"),
            integer("version"),
            string("way"),
            string("via"),
            uuid_null("account_id"),
            uuid_null("token_id"),
            uuid_null("link_id"),
            uuid_null("kit_id"),
            // Of an archive: which materials were in it.
            string_null("contents"),
            big_integer("count"),
            big_integer("bytes"),
        ],
    )
}
