//! Descriptions written into files: what is said around the pixels of a rendition, and which of its segments are the
//! picture, with a checksum each so that the whole's is combined.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    schema::{big_integer_null, json_null},
    sea_orm::DeriveMigrationName,
    sea_query::Table,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let renditions = Table::alter()
            .table("renditions")
            .add_column(json_null("frame"))
            .to_owned();
        manager.alter_table(renditions).await?;
        // Null: the segment is a whole rendition, or what was written into one.
        let segments = Table::alter()
            .table("rendition_segments")
            .add_column(big_integer_null("crc32"))
            .to_owned();
        manager.alter_table(segments).await
    }
}
