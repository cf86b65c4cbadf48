//! The blobs that rotted, by their digests: whoever brings such bytes again heals them, and does not go through all blobs.

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
        let mut rotten = Index::create();
        rotten
            .name("blobs_rotten")
            .table("blobs")
            .col("sha256")
            .cond_where(Expr::col("state").eq("rotten"));
        manager.create_index(rotten).await
    }
}
