//! Connections, as each engine needs them; and none that lost its transaction is used again.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::{self, Connection, SqliteConnection},
};

use crate::error::Result;

const WAIT: Duration = Duration::from_secs(30);

/// A pool of connections to what the URL names.
pub async fn connect(url: &str, connections: u32, create: bool) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(WAIT)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .create_if_missing(create)
                .busy_timeout(WAIT)
                .foreign_keys(true)
                .pragma("journal_mode", "WAL")
                // Every commit is on the disk before it is acknowledged: a power cut loses nothing.
                .pragma("synchronous", "FULL")
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-2000")
        })
        .map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| Box::pin(is_settled(connection)))
        });
    Ok(Database::connect(options).await?)
}

/// When the disk is full, `SQLite` ends the transaction by itself and refuses the rollback that follows; the driver goes on
/// counting it as open, and what later transactions commit would stay within it and be lost with the process. Such a
/// connection is closed, and the pool opens another.
async fn is_settled(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // The rollback of a transaction that was dropped waits in the connection's queue: the ping comes after it.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, TransactionTrait};

    use super::*;

    async fn count(pool: &DatabaseConnection) -> i64 {
        let asked = pool
            .query_one_raw(statement("SELECT COUNT(*) AS n FROM t"))
            .await
            .unwrap();
        asked.unwrap().try_get("", "n").unwrap()
    }

    fn statement(sql: &str) -> sea_orm::Statement {
        sea_orm::Statement::from_string(sea_orm::DatabaseBackend::Sqlite, sql)
    }

    #[tokio::test]
    async fn what_is_committed_after_a_full_disk_is_there_for_others() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/x.db", folder.path().display());
        let pool = connect(&url, 1, true).await.unwrap();
        pool.execute_unprepared("CREATE TABLE t (x BLOB)")
            .await
            .unwrap();

        // SQLite's own way to be out of room: no more pages than there are.
        pool.execute_unprepared("PRAGMA max_page_count = 1")
            .await
            .unwrap();
        let full = pool.begin().await.unwrap();
        let refused = full
            .execute_unprepared("INSERT INTO t VALUES (zeroblob(1000000))")
            .await;
        assert!(refused.unwrap_err().to_string().contains("full"));
        drop(full);

        // One that is given up, and one that is kept.
        drop(pool.begin().await.unwrap());
        let kept = pool.begin().await.unwrap();
        kept.execute_unprepared("INSERT INTO t VALUES (zeroblob(1000000))")
            .await
            .unwrap();
        kept.commit().await.unwrap();
        let other = connect(&url, 1, false).await.unwrap();
        assert_eq!(count(&other).await, 1);
    }
}
