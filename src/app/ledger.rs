//! The ledger of this process. That somebody takes something is in the database before the first byte goes out, once an
//! hour for the same, so that a withdrawal reaches everybody; how often and how many bytes is counted here and written
//! each second. Cheap to clone.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    stream::{self, LocalBoxStream},
};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    db::{
        self, Db,
        deliveries::{self, Handover},
        kit_days::{self, Count, Key},
    },
    error::Result,
    terms::{KitId, LinkId},
};

/// Between two times that what was counted is written.
const PAUSE: Duration = Duration::from_secs(1);
/// Beyond it the memory of what is written is emptied; the database knows it all.
const MOST_REMEMBERED: usize = 10_000;

#[derive(Debug, Clone)]
pub struct Ledger {
    db: Db,
    zone: TimeZone,
    counted: Arc<Mutex<Counted>>,
}

#[derive(Debug, Default)]
struct Counted {
    /// What stands in the database.
    written: HashSet<String>,
    /// What could not be written when it was handed over.
    owed: Vec<(Handover, i64)>,
    sums: BTreeMap<String, Sum>,
    days: BTreeMap<Key, Count>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    count: i64,
    bytes: i64,
    last_at: i64,
}

/// Counts what goes out, to its last byte or until the line breaks.
struct Taken {
    ledger: Ledger,
    once: String,
    kit: Option<Key>,
    sum: Sum,
}

impl Ledger {
    pub fn new(db: Db, zone: TimeZone) -> Self {
        let counted = Arc::default();
        Self { db, zone, counted }
    }

    /// The bytes, with what goes out of them written down; `begins` where they begin with the first of all.
    pub fn hand_over<S>(
        &self,
        handover: Option<Handover>,
        begins: bool,
        bytes: S,
    ) -> LocalBoxStream<'static, Result<Bytes>>
    where
        S: Stream<Item = Result<Bytes>> + 'static,
    {
        let ledger = self.clone();
        let begun = async move {
            let taken = match handover {
                Some(handover) => Some(ledger.begin(handover, begins).await),
                None => None,
            };
            counted(Box::pin(bytes), taken)
        };
        stream::once(begun).flatten().boxed_local()
    }

    /// The same for bytes that another serves.
    pub async fn handed_over(&self, handover: Handover, bytes: u64) {
        self.begin(handover, true).await.sum.bytes = bytes.cast_signed();
    }

    /// Somebody looked at a kit.
    pub fn viewed(&self, kit: KitId, link: Option<LinkId>) {
        let key = self.key(kit, link, db::now());
        self.counted().days.entry(key).or_default().views += 1;
    }

    async fn begin(&self, handover: Handover, begins: bool) -> Taken {
        let at = db::now();
        let once = handover.once(at);
        let is_written = self.counted().written.contains(&once);
        let kit = handover.kit_id.filter(|_| !handover.by_staff);
        let kit = kit.map(|kit| self.key(kit, handover.link_id, at));
        if !is_written {
            self.write(&once, handover, at).await;
        }
        let sum = Sum {
            count: i64::from(begins),
            bytes: 0,
            last_at: at,
        };
        let ledger = self.clone();
        Taken {
            ledger,
            once,
            kit,
            sum,
        }
    }

    /// What cannot be written now, on a full disk, is owed: reads go on.
    async fn write(&self, once: &str, handover: Handover, at: i64) {
        let written = self.record(&handover, at).await;
        let mut counted = self.counted();
        if let Err(error) = written {
            tracing::warn!(%error, "a delivery is written into the ledger later");
            counted.owed.push((handover, at));
        }
        if counted.written.len() >= MOST_REMEMBERED {
            counted.written.clear();
        }
        counted.written.insert(once.to_owned());
    }

    async fn record(&self, handover: &Handover, at: i64) -> Result<()> {
        let tx = self.db.begin().await?;
        deliveries::record(&tx, handover, at).await?;
        Ok(tx.commit().await?)
    }

    fn key(&self, kit: KitId, link: Option<LinkId>, at: i64) -> Key {
        let moment = Timestamp::from_millisecond(at).unwrap_or_default();
        let day = self.zone.to_datetime(moment).date().to_string();
        Key { kit, day, link }
    }

    /// Writes what was counted, until the process ends.
    pub async fn keep(&self) {
        loop {
            tokio::time::sleep(PAUSE).await;
            self.flush().await;
        }
    }

    /// Writes what was counted since the last time; what cannot be written waits.
    pub async fn flush(&self) {
        let owed = std::mem::take(&mut self.counted().owed);
        for (handover, at) in owed {
            if self.record(&handover, at).await.is_err() {
                self.counted().owed.push((handover, at));
            }
        }
        let (sums, days) = {
            let mut counted = self.counted();
            (
                std::mem::take(&mut counted.sums),
                std::mem::take(&mut counted.days),
            )
        };
        if sums.is_empty() && days.is_empty() {
            return;
        }
        if let Err(error) = self.add(&sums, &days).await {
            tracing::info!(%error, "what was counted is written later");
            let mut counted = self.counted();
            for (once, sum) in sums {
                counted.add(once, sum);
            }
            for (key, count) in days {
                counted.add_day(key, count);
            }
        }
    }

    async fn add(&self, sums: &BTreeMap<String, Sum>, days: &BTreeMap<Key, Count>) -> Result<()> {
        let tx = self.db.begin_small().await?;
        for (once, sum) in sums {
            deliveries::add(&tx, once, sum.count, sum.bytes, sum.last_at).await?;
        }
        for (key, count) in days {
            kit_days::add(&tx, key, *count).await?;
        }
        Ok(tx.commit().await?)
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        // Nothing panics while it is locked.
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn counted<S>(bytes: S, taken: Option<Taken>) -> impl Stream<Item = Result<Bytes>>
where
    S: Stream<Item = Result<Bytes>> + Unpin,
{
    stream::unfold((bytes, taken), |(mut bytes, mut taken)| async move {
        let piece = bytes.next().await?;
        if let (Some(taken), Ok(piece)) = (&mut taken, &piece) {
            taken.sum.bytes += i64::try_from(piece.len()).unwrap_or(i64::MAX);
        }
        Some((piece, (bytes, taken)))
    })
}

impl Counted {
    fn add(&mut self, once: String, sum: Sum) {
        let all = self.sums.entry(once).or_default();
        all.count += sum.count;
        all.bytes += sum.bytes;
        all.last_at = sum.last_at.max(all.last_at);
    }

    fn add_day(&mut self, key: Key, count: Count) {
        self.days.entry(key).or_default().add(count);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let ledger = self.ledger.clone();
        let mut counted = ledger.counted();
        if let Some(key) = self.kit.take() {
            let count = Count {
                views: 0,
                downloads: self.sum.count,
                bytes: self.sum.bytes,
            };
            counted.add_day(key, count);
        }
        counted.add(std::mem::take(&mut self.once), self.sum);
    }
}
