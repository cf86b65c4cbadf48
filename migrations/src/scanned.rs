//! Of an original what a scanner for malware said of it, and what is written in it while it is not the one that readers
//! have; of a rendition whether it holds the original's own bytes, which are kept back with it. Press copies and texts
//! may, and whoever made them before did not say.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    schema::{big_integer_null, boolean, text_null},
    sea_orm::DeriveMigrationName,
    sea_query::{ColumnDef, Expr, ExprTrait, Query, Table},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut copied = boolean("copied");
        copied.default(false);
        for (table, column) in [
            ("originals", text_null("text")),
            ("originals", text_null("scan")),
            ("originals", text_null("scan_detail")),
            ("originals", big_integer_null("scanned_at")),
            ("renditions", copied),
        ] {
            add(manager, table, column).await?;
        }
        let mut press = Query::update();
        press
            .table("renditions")
            .value("copied", true)
            .and_where(Expr::col("name").is_in(["press", "text"]));
        manager.execute(press).await
    }
}

/// One at a time: `SQLite` adds no more than that.
async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    let mut alter = Table::alter();
    alter.table(table).add_column(column);
    manager.alter_table(alter).await
}
