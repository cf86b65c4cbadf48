//! Rows: a file a table, and the one place that knows which engine runs. Reads go to a pool of many connections; writes
//! go through [`Db::begin`], one at a time, and nothing from outside is awaited within. An entity is plain; what several
//! steps ask in the same way stands beside it as a function. Times are milliseconds since 1970 in UTC.

use std::io;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use connect::connect;

use crate::error::{Error, Result};

pub mod accounts;
pub mod audiences;
pub mod audit;
pub mod blobs;
mod connect;
pub mod counters;
pub mod events;
pub mod idempotency;
pub mod kit_items;
pub mod kits;
pub mod log;
pub mod material_relations;
pub mod material_texts;
pub mod materials;
pub mod originals;
pub mod properties;
pub mod records;
pub mod rendition_segments;
pub mod renditions;
pub mod tokens;
pub mod units;
pub mod uploads;
pub mod visibility;
pub mod vocabularies;
pub mod withdrawals;

/// Far enough that nothing ever ends there by itself.
pub const FOREVER: i64 = i64::MAX;

const READERS: u32 = 4;

#[derive(Debug, Clone)]
pub struct Db {
    write: DatabaseConnection,
    read: DatabaseConnection,
}

impl Db {
    /// Opens the database that the URL names and brings its shapes up to date.
    pub async fn open(url: &str) -> Result<Self> {
        let write = connect(url, 1, true).await?;
        migrations::Migrator::up(&write, None).await?;
        let read = connect(url, READERS, false).await?;
        Ok(Self { write, read })
    }

    /// The connections for reading.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// A transaction that may write. It waits for its turn, so keep it short.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// A transaction of a single step that holds by itself: it compares and sets, and reads nothing to decide.
    pub async fn begin_small(&self) -> Result<DatabaseTransaction> {
        self.begin().await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.read.ping().await?)
    }

    pub async fn close(self) -> Result<()> {
        self.read.close().await?;
        Ok(self.write.close().await?)
    }
}

/// A connection that only reads, beside whoever holds the database. Its shapes are taken as they are.
pub async fn reader(url: &str) -> Result<DatabaseConnection> {
    connect(url, 1, false).await
}

/// Now, in milliseconds since 1970 in UTC.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => {
                Self::unavailable("the database", error)
            }
            DbErr::Exec(RuntimeErr::SqlxError(ref inner))
            | DbErr::Query(RuntimeErr::SqlxError(ref inner)) => {
                let message = inner.to_string();
                if message.contains("disk is full") {
                    let full = io::Error::new(io::ErrorKind::StorageFull, error);
                    Self::unavailable("the database", full)
                } else if out_of_reach(&message) {
                    Self::unavailable("the database", error)
                } else {
                    Self::internal("the database", error)
                }
            }
            other => Self::internal("the database", other),
        }
    }
}

/// A busy file passes; a wrong statement does not.
fn out_of_reach(message: &str) -> bool {
    ["database is locked", "disk I/O error", "unable to open"]
        .iter()
        .any(|words| message.contains(words))
}
