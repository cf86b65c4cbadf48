//! What a layout rests on: it stands until the log of changes names one of its things, or something of it opens or
//! closes.

use std::{
    collections::HashSet,
    ops::Range,
    sync::atomic::{AtomicI64, Ordering},
};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Kit;
use crate::{
    db::{counters, log, records::Record},
    error::Result,
    terms::MaterialId,
};

/// Where more has changed since, it costs less to lay out anew than to look it all through.
const MOST_LOOKED_AT: u64 = 1_000;

#[derive(Debug)]
pub(super) struct Basis {
    /// The last entry of the log that is accounted for.
    number: AtomicI64,
    things: HashSet<Uuid>,
    /// When it was begun, in milliseconds since 1970.
    now: i64,
    holds: Range<i64>,
}

impl Basis {
    /// To be begun before the rows are read: what changes meanwhile is found in the log afterwards.
    pub async fn begin(connection: &impl ConnectionTrait, now: i64) -> Result<Self> {
        Ok(Self {
            number: AtomicI64::new(counters::last(connection, "log").await?),
            things: HashSet::new(),
            now,
            holds: i64::MIN..i64::MAX,
        })
    }

    pub const fn now(&self) -> i64 {
        self.now
    }

    /// When something of it last opened or closed.
    pub fn turned(&self) -> Option<i64> {
        Some(self.holds.start).filter(|start| *start > i64::MIN)
    }

    /// On a kit, on `all` that lies in it, whoever sees it, and on when something of it opens and closes.
    pub fn rest_on(&mut self, kit: &Kit, all: &[MaterialId], windows: &[(i64, i64)]) {
        self.things.insert(kit.row.id.0);
        self.things.extend(all.iter().map(|id| id.0));
        self.things.extend(kit.row.event_id.map(|event| event.0));
        self.turn_at([kit.row.embargo_until, kit.row.available_until]);
        for (from, until) in windows {
            self.turn_at([Some(*from), Some(*until)]);
        }
    }

    /// On what was read of a material that lies in it.
    pub fn rest_on_record(&mut self, record: &Record) {
        self.things.extend(record.row.event_id.map(|event| event.0));
        self.turn_at([record.row.embargo_until, record.row.available_until]);
    }

    /// About how many bytes it takes in memory.
    pub fn weight(&self) -> usize {
        self.things.capacity() * (size_of::<Uuid>() + 1)
    }

    /// Something opens or closes at these moments.
    fn turn_at(&mut self, moments: [Option<i64>; 2]) {
        for moment in moments.into_iter().flatten() {
            if moment <= self.now {
                self.holds.start = self.holds.start.max(moment);
            } else {
                self.holds.end = self.holds.end.min(moment);
            }
        }
    }

    /// Whether it still stands at the moment `now`.
    pub async fn stands(&self, connection: &impl ConnectionTrait, now: i64) -> Result<bool> {
        if !self.holds.contains(&now) {
            return Ok(false);
        }
        let from = self.number.load(Ordering::Relaxed);
        let since = log::things_after(connection, from, MOST_LOOKED_AT).await?;
        let is_touched = since.iter().any(|(_, thing)| self.things.contains(thing));
        if is_touched || since.len() as u64 == MOST_LOOKED_AT {
            return Ok(false);
        }
        if let Some((last, _)) = since.last() {
            self.number.fetch_max(*last, Ordering::Relaxed);
        }
        Ok(true)
    }
}
