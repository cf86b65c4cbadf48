//! The blobs that are about to go, which each sweep takes up: it does not go through all blobs.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    sea_orm::DeriveMigrationName,
    sea_query::{ConditionalStatement, Expr, ExprTrait, Index},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut deleting = Index::create();
        deleting
            .name("blobs_deleting")
            .table("blobs")
            .col("id")
            .cond_where(Expr::col("state").eq("deleting"));
        manager.create_index(deleting).await
    }
}
