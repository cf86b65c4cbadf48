//! The engines, and all that differs between them: `SQLite`, in one process, with one writer and many readers;
//! `PostgreSQL`, for many nodes, where those who write take turns, too. None of it is asked elsewhere.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection,
    DatabaseTransaction, IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
    sqlx::{
        self, Connection, Executor, Sqlite, SqliteConnection, pool::PoolOptions,
        postgres::PgListener,
    },
};
use sea_orm_migration::MigratorTrait;

use super::clock;
use crate::error::{Error, Result};

/// For a connection, for a turn, for another process that has the file.
const WAIT: Duration = Duration::from_secs(30);
/// For a connection to be answered, before anything is asked by it.
const ANSWER: Duration = Duration::from_secs(5);
/// Who holds a transaction open and does nothing is gone.
const IDLE_MS: &str = "20000";
const STATEMENT_MS: &str = "60000";
/// Keys of advisory locks: one for those who write, one for those who change the shapes.
const TURN: i64 = 0x006a_6172_6368_6901;
const SHAPES: i64 = 0x006a_6172_6368_6902;
const CHANNEL: &str = "jarchi";
/// Rows that a connection's thread reads ahead, so that it and the reader seldom wait for each other: of a page of
/// materials, its renditions are the most.
const ROWS: usize = 256;
/// How often nodes look at the database's clock.
const CLOCK: Duration = Duration::from_secs(30);

/// A connection flushes a commit before it is acknowledged, or with the next that is.
const STRICT: &str = "PRAGMA synchronous = FULL";
const LAX: &str = "PRAGMA synchronous = NORMAL";

const TIME: &str = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// What connections are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Write,
    Read,
    /// One, beside whoever holds the database.
    Look,
}

/// What a transaction asks of others, and of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nobody else writes meanwhile.
    Turn,
    /// It holds by itself.
    Small,
    /// The same, and it is void when this machine falls.
    Fleeting,
}

tokio::task_local! {
    /// Of whoever asks for a connection.
    static IS_FLEETING: bool;
}

impl Engine {
    pub fn of(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            Self::Sqlite
        } else {
            Self::Postgres
        }
    }

    pub fn is_shared(self) -> bool {
        self == Self::Postgres
    }

    /// A pool of connections to what the URL names.
    pub async fn connect(self, url: &str, purpose: Use) -> Result<DatabaseConnection> {
        let mut options = ConnectOptions::new(url.to_owned());
        options
            .max_connections(self.connections(purpose))
            .min_connections(1)
            .acquire_timeout(WAIT)
            .sqlx_logging(false);
        match self {
            Self::Sqlite => sqlite(&mut options, purpose == Use::Write),
            Self::Postgres => postgres(&mut options),
        }
        Ok(Database::connect(options).await?)
    }

    fn connections(self, purpose: Use) -> u32 {
        match (self, purpose) {
            (_, Use::Look) | (Self::Sqlite, Use::Write) => 1,
            (Self::Sqlite, Use::Read) => 4,
            (Self::Postgres, Use::Write | Use::Read) => 8,
        }
    }

    pub fn has_many_writers(self) -> bool {
        self == Self::Postgres
    }

    /// Brings the shapes up to date, one node at a time. A node of an older version finds them as a newer one left them:
    /// they expand first, and it can work with them.
    pub async fn migrate(self, url: &str) -> Result<()> {
        if self == Self::Sqlite {
            let one = self.connect(url, Use::Write).await?;
            migrations::Migrator::up(&one, None).await?;
            return Ok(one.close().await?);
        }
        let one = self.connect(url, Use::Look).await?;
        // A shape may take its time, and so may whoever is at it before.
        one.execute_unprepared("SET statement_timeout = 0").await?;
        one.query_one_raw(lock("pg_advisory_lock", SHAPES)).await?;
        let done = if knows_all(&one).await? {
            Ok(())
        } else {
            migrations::Migrator::up(&one, None).await
        };
        // The lock goes with its connection.
        one.close().await?;
        Ok(done?)
    }

    /// Whether a new connection is answered. A file has no lines that could be lost.
    pub async fn answers(self, url: &str) -> bool {
        if self == Self::Sqlite {
            return false;
        }
        let asked = async {
            let one = self.connect(url, Use::Look).await?;
            one.ping().await?;
            one.close().await?;
            Result::<()>::Ok(())
        };
        matches!(tokio::time::timeout(ANSWER, asked).await, Ok(Ok(())))
    }

    /// Sets this node's time by the database's.
    pub async fn tell_time(self, connection: &DatabaseConnection) -> Result<()> {
        if self == Self::Sqlite {
            return Ok(());
        }
        let before = jiff::Timestamp::now().as_millisecond();
        let asked = Statement::from_string(DatabaseBackend::Postgres, format!("{TIME} AS now"));
        let row = connection.query_one_raw(asked).await?;
        let after = jiff::Timestamp::now().as_millisecond();
        if let Some(row) = row {
            clock::set(before, row.try_get("", "now")?, after);
        }
        Ok(())
    }

    pub async fn begin(
        self,
        write: &DatabaseConnection,
        step: Step,
    ) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = begun(write, options, step == Step::Fleeting).await?;
        if step == Step::Turn && self == Self::Postgres {
            Box::pin(tx.query_one_raw(lock("pg_advisory_xact_lock", TURN))).await?;
        }
        Ok(tx)
    }

    /// A transaction that only reads, and finds all rows as they stand at one moment.
    pub async fn snapshot(self, read: &DatabaseConnection) -> Result<DatabaseTransaction> {
        let options = match self {
            // Its transactions are of one moment by themselves.
            Self::Sqlite => TransactionOptions::default(),
            Self::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        begun(read, options, false).await
    }

    /// Whether nobody in the world has a transaction by such connections. Of an engine with other processes nobody knows.
    pub fn is_idle(self, connections: &DatabaseConnection) -> bool {
        match self {
            Self::Sqlite => {
                let pool = connections.get_sqlite_connection_pool();
                pool.num_idle() == pool.size() as usize
            }
            Self::Postgres => false,
        }
    }

    pub async fn announce(self, tx: &DatabaseTransaction) -> Result<()> {
        if self == Self::Postgres {
            let tell = format!("NOTIFY {CHANNEL}");
            Box::pin(tx.execute_unprepared(&tell)).await?;
        }
        Ok(())
    }

    /// Never ends.
    pub async fn listen(self, url: &str, heard: impl Fn()) {
        if self == Self::Sqlite {
            return std::future::pending().await;
        }
        loop {
            if let Err(error) = hear(url, &heard).await {
                tracing::warn!(%error, "other nodes are not heard; what they do is looked for from time to time");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// A transaction that has begun. Whoever stops waiting in the middle of it would leave behind one that the driver does not
/// count, in a connection that others get: it is begun by a task that nobody stops.
async fn begun(
    connection: &DatabaseConnection,
    options: TransactionOptions,
    is_fleeting: bool,
) -> Result<DatabaseTransaction> {
    let connection = connection.clone();
    let begun = async move { connection.begin_with_options(options).await };
    let begun = tokio::spawn(IS_FLEETING.scope(is_fleeting, begun));
    let tx = begun
        .await
        .map_err(|stopped| Error::unavailable("the database", stopped))??;
    Ok(tx)
}

pub async fn copy(connection: &DatabaseConnection, to: &Path) -> Result<()> {
    if connection.get_database_backend() != DatabaseBackend::Sqlite {
        return Err(super::no_copies());
    }
    let to = to.to_string_lossy().into_owned();
    let vacuum =
        Statement::from_sql_and_values(DatabaseBackend::Sqlite, "VACUUM INTO ?", [to.into()]);
    connection.execute_raw(vacuum).await?;
    Ok(())
}

fn sqlite(options: &mut ConnectOptions, create: bool) {
    options
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .create_if_missing(create)
                .busy_timeout(WAIT)
                .foreign_keys(true)
                .pragma("journal_mode", "WAL")
                // Every commit is on the disk before it is acknowledged: a power cut loses nothing.
                .pragma("synchronous", "FULL")
                .pragma("temp_store", "MEMORY")
                // KiB of each connection: the upper pages of the trees of a million materials.
                .pragma("cache_size", "-8000")
                .row_buffer_size(ROWS)
        })
        .map_sqlx_sqlite_pool_opts(move |pool| {
            let pool = pool.after_release(|connection, _| Box::pin(is_settled(connection)));
            if create { flushing(pool) } else { pool }
        });
}

/// The one connection that writes flushes each commit, but for those that are void without this process: what comes after
/// them takes them to the disk.
fn flushing(pool: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    let is_lax = Arc::new(AtomicBool::new(false));
    let new = Arc::clone(&is_lax);
    pool.after_connect(move |_, _| {
        new.store(false, Ordering::Release);
        Box::pin(async { Ok(()) })
    })
    .before_acquire(move |connection, _| {
        let is_lax = Arc::clone(&is_lax);
        Box::pin(async move {
            let fleeting = IS_FLEETING.try_with(|told| *told).unwrap_or(false);
            if fleeting != is_lax.load(Ordering::Acquire) {
                // Whoever stops waiting in the middle of it leaves a connection that counts as lax.
                is_lax.store(true, Ordering::Release);
                connection
                    .execute(if fleeting { LAX } else { STRICT })
                    .await?;
                is_lax.store(fleeting, Ordering::Release);
            }
            Ok(true)
        })
    })
}

fn postgres(options: &mut ConnectOptions) {
    options
        .test_before_acquire(false)
        // A line that died without a word would be waited on for as long as whoever asks has.
        .map_sqlx_postgres_pool_opts(|pool| {
            pool.before_acquire(|line, _| {
                Box::pin(async {
                    let answered = tokio::time::timeout(ANSWER, line.ping()).await;
                    Ok(matches!(answered, Ok(Ok(()))))
                })
            })
        })
        .idle_timeout(Duration::from_mins(5))
        .map_sqlx_postgres_opts(|options| {
            options.application_name("jarchi").options([
                ("idle_in_transaction_session_timeout", IDLE_MS),
                ("statement_timeout", STATEMENT_MS),
                // A node that lost the line keeps nobody waiting for longer.
                ("tcp_keepalives_idle", "10"),
                ("tcp_keepalives_interval", "5"),
                ("tcp_keepalives_count", "3"),
            ])
        });
}

/// Whether every shape that this version knows is there already.
async fn knows_all(connection: &DatabaseConnection) -> Result<bool> {
    let there = "SELECT to_regclass('seaql_migrations') IS NOT NULL AS there";
    let there = Statement::from_string(DatabaseBackend::Postgres, there);
    let there = connection.query_one_raw(there).await?;
    if !there.is_some_and(|row| row.try_get("", "there").unwrap_or(false)) {
        return Ok(false);
    }
    let all = "SELECT version FROM seaql_migrations";
    let all = Statement::from_string(DatabaseBackend::Postgres, all);
    let rows = connection.query_all_raw(all).await?;
    let mut known = Vec::new();
    for row in rows {
        known.push(row.try_get::<String>("", "version")?);
    }
    Ok(migrations::Migrator::migrations()
        .iter()
        .all(|own| known.iter().any(|name| name == own.name())))
}

fn lock(function: &str, key: i64) -> Statement {
    let sql = format!("SELECT {function}({key})");
    Statement::from_string(DatabaseBackend::Postgres, sql)
}

async fn hear(url: &str, heard: &impl Fn()) -> Result<()> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let before = jiff::Timestamp::now().as_millisecond();
        let asked = sqlx::query_scalar(TIME).fetch_one(&mut listener);
        let said: i64 = tokio::time::timeout(ANSWER, asked)
            .await
            .map_err(|late| Error::unavailable("the database", late))??;
        clock::set(before, said, jiff::Timestamp::now().as_millisecond());
        // What was announced before it listened is not heard.
        heard();
        let again = tokio::time::Instant::now() + CLOCK;
        while let Ok(told) = tokio::time::timeout_at(again, listener.try_recv()).await {
            if told?.is_none() {
                return Err(Error::unavailable("the database", "the line was lost"));
            }
            heard();
        }
    }
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
        let pool = Engine::Sqlite.connect(&url, Use::Write).await.unwrap();
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
        let other = Engine::Sqlite.connect(&url, Use::Look).await.unwrap();
        assert_eq!(count(&other).await, 1);
    }

    async fn level(asked: &impl ConnectionTrait) -> i64 {
        let found = asked.query_one_raw(statement("PRAGMA synchronous")).await;
        found.unwrap().unwrap().try_get("", "synchronous").unwrap()
    }

    #[tokio::test]
    async fn commits_are_flushed_but_for_those_that_are_void_without_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/x.db", folder.path().display());
        let pool = Engine::Sqlite.connect(&url, Use::Write).await.unwrap();
        let (lax, strict) = (1, 2);
        for (step, expected) in [
            (Step::Small, strict),
            (Step::Fleeting, lax),
            (Step::Fleeting, lax),
            (Step::Turn, strict),
            (Step::Fleeting, lax),
        ] {
            let tx = Engine::Sqlite.begin(&pool, step).await.unwrap();
            assert_eq!(level(&tx).await, expected, "{step:?}");
            tx.commit().await.unwrap();
        }
        assert_eq!(level(&pool).await, strict);
    }
}
