//! How much one may ask for: requests a minute, bytes a day, wrong secrets a minute. Counted in memory, so that no request
//! costs a write; what somebody used in earnest is added up with the other nodes each second. Cheap to clone.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    config::Config,
    db::{self, Db, usage},
    error::{Code, Error, Result},
    terms::{AccountId, LinkId},
};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// Between two times that nodes add up.
const PAUSE: Duration = Duration::from_secs(1);
/// So many are counted at once; beyond it, who used little is forgotten.
const MOST: usize = 50_000;
/// Who used less than this part of a limit is not told to the other nodes.
const IN_EARNEST: u64 = 100;

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    Account(AccountId),
    Link(LinkId),
    /// Of IPv6 the network of 64 bits, which is one household's.
    Address(IpAddr),
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    Requests,
    Bytes,
    /// Secrets that opened nothing.
    Wrong,
}

/// What is left to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub limit: u64,
    pub left: u64,
    /// In seconds, until all of it is there again.
    pub resets_in: i64,
}

#[derive(Debug, Clone)]
pub struct Limits {
    db: Db,
    config: Arc<Config>,
    counted: Arc<Mutex<HashMap<(What, Who), Used>>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Used {
    ends_at: i64,
    /// On all nodes, when they added up last.
    all: u64,
    /// Here since then.
    here: u64,
}

impl Who {
    pub fn at(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self::Address(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(six) => {
                let network = six.to_bits() >> 64 << 64;
                IpAddr::V6(network.into())
            }
        })
    }
}

impl What {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Bytes => "bytes",
            Self::Wrong => "wrong",
        }
    }

    /// In milliseconds.
    pub const fn span(self) -> i64 {
        match self {
            Self::Requests | Self::Wrong => MINUTE_MS,
            Self::Bytes => DAY_MS,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Requests => "These are more requests than are served in a minute.",
            Self::Bytes => "These are more bytes than are served in a day.",
            Self::Wrong => "Too many wrong tokens came from this address.",
        }
    }
}

impl Limits {
    pub fn new(db: Db, config: Arc<Config>) -> Self {
        let counted = Arc::default();
        Self {
            db,
            config,
            counted,
        }
    }

    /// None: there is no limit.
    fn limit(&self, what: What, who: &Who) -> Option<u64> {
        let limit = match (what, who) {
            (What::Wrong, _) => self.config.wrong_tokens_per_minute,
            (What::Requests, Who::Address(_)) => self.config.address_requests_per_minute,
            (What::Requests, _) => self.config.requests_per_minute,
            (What::Bytes, Who::Address(_)) => self.config.address_bytes_per_day,
            (What::Bytes, _) => self.config.bytes_per_day,
        };
        (limit > 0).then_some(limit)
    }

    /// Counts, whatever is left.
    pub fn count(&self, what: What, who: &Who, number: u64) {
        if self.limit(what, who).is_none() {
            return;
        }
        let now = db::now();
        let mut counted = self.counted();
        if counted.len() >= MOST {
            self.make_room(&mut counted, now);
        }
        let used = counted.entry((what, who.clone())).or_default();
        used.turn(what, now);
        used.here += number;
    }

    /// What is left; none where there is no limit.
    pub fn left(&self, what: What, who: &Who) -> Option<Left> {
        let limit = self.limit(what, who)?;
        let now = db::now();
        let mut used = self
            .counted()
            .get(&(what, who.clone()))
            .copied()
            .unwrap_or_default();
        used.turn(what, now);
        Some(Left {
            limit,
            left: limit.saturating_sub(used.all + used.here),
            // Never 0, which would be at once.
            resets_in: (used.ends_at - now + 999) / 1000,
        })
    }

    /// # Errors
    /// `TooManyRequests`, with the seconds to wait, where nothing is left.
    pub fn check(&self, what: What, who: &Who) -> Result<()> {
        match self.left(what, who) {
            Some(left) if left.left == 0 => {
                let refused = Error::refused(Code::TooManyRequests, what.words());
                Err(refused.with("retry_after", left.resets_in))
            }
            _ => Ok(()),
        }
    }

    /// Adds up with the other nodes, until the process ends.
    pub async fn keep(&self) {
        let mut rounds = 0_u64;
        loop {
            tokio::time::sleep(PAUSE).await;
            rounds += 1;
            if let Err(error) = self.add_up(rounds.is_multiple_of(60)).await {
                tracing::info!(%error, "what was asked for is added up later");
            }
        }
    }

    /// What one process counts alone is told to nobody but for the day's bytes, which outlive it.
    pub async fn add_up(&self, forgets: bool) -> Result<()> {
        let now = db::now();
        let mut shared: Vec<((What, Who), Used)> = self
            .counted()
            .iter()
            .filter(|((what, who), used)| self.is_shared(*what, who, used, now))
            .map(|(key, used)| (key.clone(), *used))
            .collect();
        if shared.is_empty() && !forgets {
            return Ok(());
        }
        // In one order on all nodes, so that they do not wait for each other in a circle.
        shared.sort_by_cached_key(|((what, who), _)| name(*what, who));
        let tx = self.db.begin_small().await?;
        let mut sums = Vec::with_capacity(shared.len());
        for ((what, who), used) in shared {
            let name = name(what, &who);
            let all = usage::add(&tx, &name, used.ends_at, used.here.cast_signed()).await?;
            sums.push(((what, who), used, all.unsigned_abs()));
        }
        if forgets {
            usage::forget(&tx, now).await?;
        }
        tx.commit().await?;
        let mut counted = self.counted();
        for (key, told, all) in sums {
            let used = counted.get_mut(&key);
            if let Some(used) = used.filter(|used| used.ends_at == told.ends_at) {
                used.all = all;
                used.here -= told.here.min(used.here);
            }
        }
        Ok(())
    }

    fn is_shared(&self, what: What, who: &Who, used: &Used, now: i64) -> bool {
        let is_told = self.db.is_shared() || what == What::Bytes;
        let limit = self.limit(what, who).unwrap_or(u64::MAX);
        let in_earnest = used.all + used.here > limit / IN_EARNEST;
        is_told && used.here > 0 && used.ends_at > now && in_earnest
    }

    fn make_room(&self, counted: &mut HashMap<(What, Who), Used>, now: i64) {
        counted.retain(|_, used| used.ends_at > now);
        if counted.len() >= MOST {
            counted.retain(|(what, who), used| {
                let limit = self.limit(*what, who).unwrap_or(u64::MAX);
                used.all + used.here > limit / IN_EARNEST
            });
        }
        if counted.len() >= MOST {
            counted.clear();
        }
    }

    fn counted(&self) -> MutexGuard<'_, HashMap<(What, Who), Used>> {
        // Nothing panics while it is locked.
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    /// A span that is over counts for nothing; a clock that jumped back begins none anew.
    fn turn(&mut self, what: What, now: i64) {
        let span = what.span();
        if self.ends_at <= now || self.ends_at > now + 2 * span {
            *self = Self {
                ends_at: (now / span + 1) * span,
                all: 0,
                here: 0,
            };
        }
    }
}

fn name(what: What, who: &Who) -> String {
    let what = what.as_str();
    match who {
        Who::Account(id) => format!("{what}:account:{id}"),
        Who::Link(id) => format!("{what}:link:{id}"),
        Who::Address(address) => format!("{what}:address:{address}"),
    }
}
