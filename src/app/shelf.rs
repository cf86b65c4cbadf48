//! Materials that were shown lately: first pages are asked for again and again, and to read their rows costs as much as to
//! find them. One stays until the log of changes names it, its unit or its event, and for a moment at most: what the
//! machine does by and by with what it has made stands in no log. Nobody sees more by it: whoever asks is measured by the
//! rule each time, and bytes are handed over by what the rows say.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use quick_cache::unsync::Cache;
use uuid::Uuid;

use super::App;
use crate::{
    db::{
        Db, State, counters, log,
        records::{self, Record},
    },
    error::Result,
    terms::{MaterialId, Processing, RenditionState},
};

/// Some eight kibibytes each.
const MOST: usize = 4096;
/// Bytes of headlines and captions; what says more is read each time.
const LONGEST: usize = 16 * 1024;
const A_MOMENT: Duration = Duration::from_secs(10);
/// Where more has changed, all are forgotten.
const MOST_LOOKED_AT: u64 = 1000;

/// Cheap to clone.
#[derive(Clone)]
pub struct Shelf(Arc<Mutex<Kept>>);

struct Kept {
    /// The last entry of the log that is accounted for.
    number: i64,
    /// How the rows stood then, where nobody was changing them.
    state: Option<State>,
    records: Cache<MaterialId, (Instant, Arc<Record>)>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Kept {
            number: 0,
            state: None,
            records: Cache::new(MOST),
        })))
    }
}

impl App {
    /// The materials that are there, as [`records::brief`] has them, in the order in which they were named.
    pub async fn shown(&self, ids: &[MaterialId]) -> Result<Vec<Arc<Record>>> {
        let number = self.shelf.catch_up(&self.db).await?;
        let mut shown = self.shelf.kept().get(ids);
        let missing: Vec<MaterialId> = ids
            .iter()
            .copied()
            .filter(|id| !shown.contains_key(id))
            .collect();
        if !missing.is_empty() {
            let read = records::brief(self.db.read(), &missing).await?;
            let read: Vec<Arc<Record>> = read.into_iter().map(Arc::new).collect();
            self.shelf.kept().put(number, &read);
            shown.extend(read.into_iter().map(|record| (record.row.id, record)));
        }
        Ok(ids.iter().filter_map(|id| shown.remove(id)).collect())
    }
}

impl Shelf {
    /// Forgets what changed. Gives the last entry of the log that is accounted for.
    async fn catch_up(&self, db: &Db) -> Result<i64> {
        let (from, state) = {
            let kept = self.kept();
            (kept.number, kept.state)
        };
        if state.is_some_and(|state| db.is_still(state)) {
            return Ok(from);
        }
        let state = db.at_rest();
        let since = log::things_after(db.read(), from, MOST_LOOKED_AT).await?;
        let is_all = (since.len() as u64) < MOST_LOOKED_AT;
        let number = match since.last() {
            Some((last, _)) if is_all => *last,
            Some(_) => counters::last(db.read(), "log").await?,
            None => from,
        };
        let mut kept = self.kept();
        if is_all {
            kept.forget(since.into_iter().map(|(_, thing)| thing));
        } else {
            kept.records.clear();
        }
        kept.number = kept.number.max(number);
        kept.state = state;
        Ok(number)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn get(&self, ids: &[MaterialId]) -> HashMap<MaterialId, Arc<Record>> {
        let kept = ids
            .iter()
            .filter_map(|id| Some((*id, self.records.get(id)?)));
        let fresh = kept.filter(|(_, (at, _))| at.elapsed() < A_MOMENT);
        fresh
            .map(|(id, (_, record))| (id, Arc::clone(record)))
            .collect()
    }

    /// Keeps what was read when the log stood at this number, and what the machine is done with.
    fn put(&mut self, number: i64, read: &[Arc<Record>]) {
        // What others accounted for meanwhile may have changed after it was read.
        if self.number != number {
            return;
        }
        let now = Instant::now();
        let kept = |record: &&Arc<Record>| is_settled(record) && is_short(record);
        for record in read.iter().filter(kept) {
            self.records
                .insert(record.row.id, (now, Arc::clone(record)));
        }
    }

    fn forget(&mut self, things: impl Iterator<Item = Uuid>) {
        let things: HashSet<Uuid> = things.collect();
        if !things.is_empty() {
            self.records.retain(|id, (_, record)| {
                let event = record.row.event_id.map(|event| event.0);
                let rests_on = [Some(id.0), Some(record.row.unit_id.0), event];
                !rests_on
                    .iter()
                    .flatten()
                    .any(|thing| things.contains(thing))
            });
        }
    }
}

/// Whether nothing is being made of it.
fn is_settled(record: &Record) -> bool {
    let made = &record.original.renditions;
    record.pending.is_none()
        && record.original.row.processing == Processing::Ready
        && made
            .iter()
            .all(|made| made.state != RenditionState::Pending)
}

fn is_short(record: &Record) -> bool {
    let texts = record.texts.iter();
    texts.map(|text| text.text.len()).sum::<usize>() <= LONGEST
}
