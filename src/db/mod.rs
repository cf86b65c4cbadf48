//! Rows: a file a table, and the one place that knows which engine runs. Reads go to a pool of many connections; writes
//! go through [`Db::begin`], one at a time, and nothing from outside is awaited within. An entity is plain; what several
//! steps ask in the same way stands beside it as a function. Times are milliseconds since 1970 in UTC.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{DatabaseConnection, DatabaseTransaction};

use engine::{Engine, Step, Use};

use crate::error::{Code, Error, Result};

pub mod accounts;
pub mod attempts;
pub mod audiences;
pub mod audit;
pub mod blobs;
pub mod carry;
mod clock;
pub mod counters;
pub mod deliveries;
pub mod delivery_contents;
pub mod early_withdrawals;
mod engine;
pub mod events;
mod failed;
pub mod feed;
pub mod idempotency;
pub mod kit_days;
pub mod kit_items;
pub mod kits;
pub mod links;
pub mod log;
pub mod material_relations;
pub mod material_texts;
pub mod materials;
pub mod notice_recipients;
pub mod notices;
pub mod originals;
pub mod properties;
pub mod records;
pub mod rendition_segments;
pub mod renditions;
pub mod saved_searches;
pub mod tokens;
pub mod units;
pub mod uploads;
pub mod usage;
pub mod visibility;
pub mod vocabularies;
pub mod withdrawals;

/// Far enough that nothing ever ends there by itself.
pub const FOREVER: i64 = i64::MAX;

/// How often somebody looks whether the lines to the database are alive, how long they may be silent, and how often in a
/// row.
const LOOK: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(20);
const MISSES: u32 = 2;

/// The rows, in the engine that the settings name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    engine: Engine,
    write: DatabaseConnection,
    /// For what waits for no turn, so that nobody who waits for one is in its way.
    small: DatabaseConnection,
    read: DatabaseConnection,
    /// How many transactions have begun.
    begun: Arc<AtomicU64>,
}

/// What all rows said at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State(u64);

impl Db {
    /// Opens the database that the URL names and brings its shapes up to date.
    pub async fn open(url: &str) -> Result<Self> {
        let engine = Engine::of(url);
        engine.migrate(url).await?;
        let write = engine.connect(url, Use::Write).await?;
        engine.tell_time(&write).await?;
        let small = if engine.has_many_writers() {
            engine.connect(url, Use::Write).await?
        } else {
            write.clone()
        };
        Ok(Self {
            engine,
            write,
            small,
            read: engine.connect(url, Use::Read).await?,
            begun: Arc::default(),
        })
    }

    /// The connections for reading.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// All rows as they stand at one moment, for what is put together of several questions. It holds a connection for
    /// reading: while it is there, ask it alone.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction> {
        self.engine.snapshot(&self.read).await
    }

    /// A transaction that may write whatever it read. They take turns, on all nodes, so keep it short.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        self.counted(&self.write, Step::Turn).await
    }

    /// A transaction of a single step that holds by itself: it compares and sets, and reads nothing to decide. It waits
    /// for no turn where the engine has many writers.
    pub async fn begin_small(&self) -> Result<DatabaseTransaction> {
        self.counted(&self.small, Step::Small).await
    }

    /// The same of what says who is at something just now, and is void when this machine falls: where the database falls
    /// with it, nobody waits until it is on the disk.
    pub async fn begin_fleeting(&self) -> Result<DatabaseTransaction> {
        self.counted(&self.small, Step::Fleeting).await
    }

    /// Counted when it has begun, and before it can commit: see `at_rest`.
    async fn counted(
        &self,
        connection: &DatabaseConnection,
        step: Step,
    ) -> Result<DatabaseTransaction> {
        let tx = self.engine.begin(connection, step).await?;
        self.begun.fetch_add(1, Ordering::SeqCst);
        Ok(tx)
    }

    /// The state of the rows, where nobody is changing them; none where somebody may be, or where other processes write.
    ///
    /// What is read after this call and before a look at `is_still` is of that state: a transaction that began before has
    /// its connection still, or has ended; one that begins later counts before it commits.
    pub fn at_rest(&self) -> Option<State> {
        let state = State(self.begun.load(Ordering::SeqCst));
        let is_at_rest = self.engine.is_idle(&self.write) && self.engine.is_idle(&self.small);
        is_at_rest.then_some(state)
    }

    /// Whether the rows are as they were: nobody has begun to change them.
    pub fn is_still(&self, state: State) -> bool {
        self.begun.load(Ordering::SeqCst) == state.0
    }

    /// Tells every other node, with the commit, that there is something new.
    pub async fn announce(&self, tx: &DatabaseTransaction) -> Result<()> {
        self.engine.announce(tx).await
    }

    /// Hears what other nodes announce, for as long as it is awaited; after a silence that may have hidden something, it
    /// is told once more.
    pub async fn listen(&self, url: &str, heard: impl Fn()) {
        self.engine.listen(url, heard).await;
    }

    /// Ends when the database answers new connections and none of those that are open: its host vanished without a word,
    /// and whoever waits on an old line waits for ever.
    pub async fn lost(&self, url: &str) {
        let mut misses = 0;
        while misses < MISSES {
            tokio::time::sleep(LOOK).await;
            let asked = async {
                self.begin_small()
                    .await?
                    .rollback()
                    .await
                    .map_err(Error::from)
            };
            let is_there = matches!(tokio::time::timeout(SILENCE, asked).await, Ok(Ok(())));
            let is_new = !is_there && self.engine.answers(url).await;
            misses = if is_new { misses + 1 } else { 0 };
        }
    }

    /// Whether other processes may be at work in it.
    pub fn is_shared(&self) -> bool {
        self.engine.is_shared()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.small.ping().await?;
        Ok(self.read.ping().await?)
    }

    pub async fn close(self) -> Result<()> {
        self.read.close().await?;
        self.small.close().await?;
        Ok(self.write.close().await?)
    }
}

/// Whether other processes may be at work in the database that the URL names.
pub fn is_shared(url: &str) -> bool {
    Engine::of(url).is_shared()
}

/// A connection that only reads, beside whoever holds the database. Its shapes are taken as they are.
pub async fn reader(url: &str) -> Result<DatabaseConnection> {
    Engine::of(url).connect(url, Use::Look).await
}

/// Writes all rows, as they stand at one moment, into a file that is not there yet.
///
/// # Errors
/// Refused where the engine has tools of its own for that.
pub async fn copy(connection: &DatabaseConnection, to: &Path) -> Result<()> {
    engine::copy(connection, to).await
}

/// What is said to who asks for copies of rows that are not in a file.
pub fn no_copies() -> Error {
    let words =
        "PostgreSQL and S3 stores have tools of their own for copies: pg_dump, and the store's";
    Error::refused(Code::BadRequest, words)
}

/// Now, in milliseconds since 1970 in UTC; where many nodes share a database, by its clock.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond() + clock::ahead()
}

#[cfg(test)]
pub mod tests {
    use sea_orm::{ConnectionTrait, EntityTrait, QueryTrait, Select};

    use super::Db;

    /// How `SQLite` goes about a question in the shapes of today, which no statistics help.
    pub async fn goes_through<E: EntityTrait>(asked: Select<E>) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/x.db", folder.path().display());
        let db = Db::open(&url).await.expect("a database");
        let mut statement = asked.build(db.read().get_database_backend());
        statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        let plan = db.read().query_all_raw(statement).await.expect("a plan");
        let steps = plan.iter().map(|step| step.try_get("", "detail"));
        let steps: Result<Vec<String>, _> = steps.collect();
        steps.expect("words").join("; ")
    }
}
