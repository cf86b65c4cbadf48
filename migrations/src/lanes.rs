//! The lane of a job, so that whoever claims one passes no other lane's, however many wait there. Jobs that a version before
//! this one asks for are in the first lane; whoever is there can do them, too.

use sea_orm_migration::{
    DbErr, MigrationTrait, SchemaManager, async_trait,
    schema::string,
    sea_orm::DeriveMigrationName,
    sea_query::{Expr, ExprTrait, Index, Query, Table},
};

use super::first::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut lane = string("lane");
        lane.default("work");
        let mut alter = Table::alter();
        alter.table("jobs").add_column(lane);
        manager.alter_table(alter).await?;
        let mut scans = Query::update();
        scans
            .table("jobs")
            .value("lane", "scans")
            .and_where(Expr::col("kind").eq("scan"));
        manager.execute(scans).await?;
        let next = index("jobs", &["state", "lane", "priority", "run_at", "id"]);
        manager.create_index(next).await?;
        // It is needed by nobody: the new one begins alike.
        let mut former = Index::drop();
        former.name("jobs_state_priority_run_at").table("jobs");
        manager.drop_index(former).await
    }
}
