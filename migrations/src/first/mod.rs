//! The first shapes: who, what, which bytes, and what happened. Times are milliseconds since 1970 in UTC.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    sea_orm::DeriveMigrationName,
    sea_query::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement},
};

mod blobs;
mod kits;
mod machinery;
mod materials;
mod people;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let topics = [
            people::shapes(),
            blobs::shapes(),
            materials::shapes(),
            kits::shapes(),
            machinery::shapes(),
        ];
        for shapes in topics {
            for table in shapes.tables {
                manager.create_table(table).await?;
            }
            for index in shapes.indexes {
                manager.create_index(index).await?;
            }
        }
        machinery::first_rows(manager).await
    }
}

struct Shapes {
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
}

/// A table whose key is made of the columns named in `key`.
pub fn table(
    name: &'static str,
    key: &[&'static str],
    columns: Vec<ColumnDef>,
) -> TableCreateStatement {
    let mut primary = Index::create();
    for column in key {
        primary.col(*column);
    }
    let mut table = Table::create();
    table.table(name).primary_key(&mut primary);
    for column in columns {
        table.col(column);
    }
    table
}

/// An index named after its table and columns.
pub fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("{table}_{}", columns.join("_")))
        .table(table);
    for column in columns {
        index.col(*column);
    }
    index
}
