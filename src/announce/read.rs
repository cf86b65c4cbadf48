//! A page of the feed for one caller. The full copy is what the caller had at the moment at which it began, however long
//! it takes, and leads into what came after: nothing is missed or told twice.

use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Filter, tell};
use crate::{
    access::Caller,
    app::App,
    db::feed::{self, Model, Rows, Seen},
    error::{Code, Error, Result},
    language::Texts,
    terms::{Thing, Turn},
};

/// How often rows are asked for until a page is full: filters may pass over many.
const ROUNDS: usize = 20;
/// At most so many of an audience at once.
const MOST: u64 = 500;

/// Where somebody stands in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    epoch: Uuid,
    seq: i64,
    /// While the full copy goes on: the number at which it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    top: Option<i64>,
}

impl Place {
    /// What somebody who stands here was told.
    pub fn number(self) -> i64 {
        self.seq
    }
}

/// From where on somebody wants to hear.
#[derive(Debug, Clone, Copy)]
pub enum From {
    /// All that there is.
    Everything,
    Now,
    Place(Place),
}

/// What became of a thing.
#[derive(Debug, Clone)]
pub struct Change {
    pub place: Place,
    pub at: i64,
    pub turn: Turn,
    pub thing: Thing,
    pub id: Uuid,
    pub version: i32,
    pub changed: Vec<String>,
    pub notice: Option<Texts>,
}

/// A page of them.
#[derive(Debug)]
pub struct Found {
    pub changes: Vec<Change>,
    pub next: Place,
    /// Whether there are others already.
    pub more: bool,
}

/// Who asks, and about what.
struct View<'a> {
    connection: &'a DatabaseConnection,
    epoch: Uuid,
    audiences: Vec<String>,
    filter: &'a Filter,
    limit: usize,
}

/// At most `limit` changes.
///
/// # Errors
/// `CursorExpired` for a place in a feed that is not there any more.
pub async fn read(
    app: &App,
    caller: &Caller,
    filter: &Filter,
    from: From,
    limit: usize,
) -> Result<Found> {
    Box::pin(tell::catch_up(app)).await?;
    let connection = app.db.read();
    let view = View {
        connection,
        epoch: app.epoch,
        audiences: filter.audiences(caller)?,
        filter,
        limit,
    };
    // What others were told moves nobody's cursor.
    let newest = feed::last(connection, &view.audiences).await?;
    match from {
        From::Now => Ok(Found {
            changes: Vec::new(),
            next: view.place(newest, None),
            more: false,
        }),
        From::Everything => view.copy(0, newest, newest).await,
        From::Place(place) => {
            let furthest = place.top.unwrap_or(place.seq);
            if place.epoch != app.epoch || furthest > newest {
                let words = "The archive was restored since this cursor was given: begin again with the full copy.";
                return Err(Error::refused(Code::CursorExpired, words));
            }
            match place.top {
                Some(top) => view.copy(place.seq, top, newest).await,
                None => view.onward(place.seq, newest).await,
            }
        }
    }
}

impl View<'_> {
    fn place(&self, seq: i64, top: Option<i64>) -> Place {
        let epoch = self.epoch;
        Place { epoch, seq, top }
    }

    /// What came after a number.
    async fn onward(&self, number: i64, newest: i64) -> Result<Found> {
        let (mut changes, mut at) = (Vec::new(), number);
        for round in 0..ROUNDS {
            let rows = self.rows(round);
            let next = feed::after(self.connection, &self.audiences, at, newest, rows).await?;
            at = self.take(&next, None, &mut changes);
            if at >= newest || changes.len() > self.limit {
                break;
            }
        }
        Ok(self.page(changes, at, at < newest, None))
    }

    /// What there was when `top` was the newest number, from a number on.
    async fn copy(&self, number: i64, top: i64, newest: i64) -> Result<Found> {
        let (mut changes, mut at) = (Vec::new(), number);
        for round in 0..ROUNDS {
            let rows = self.rows(round);
            let next = feed::had(self.connection, &self.audiences, at, top, rows).await?;
            at = self.take(&next, Some(top), &mut changes);
            if at >= top || changes.len() > self.limit {
                break;
            }
        }
        if at >= top && changes.len() <= self.limit {
            // What follows is what came meanwhile.
            return Ok(self.page(changes, top, newest > top, None));
        }
        Ok(self.page(changes, at, true, Some(top)))
    }

    /// One more than the page has, so that it is known whether there are others.
    fn rows(&self, round: usize) -> u64 {
        let page = self.limit as u64 + 1;
        if round == 0 { page } else { page.max(MOST) }
    }

    fn take(&self, next: &Rows, top: Option<i64>, changes: &mut Vec<Change>) -> i64 {
        for rows in next.rows.chunk_by(|one, other| one.seq == other.seq) {
            let first = &rows[0];
            let told = match top {
                Some(_) => self.fits(first.after.as_ref()).then(Told::as_it_stands),
                None => self.told(rows),
            };
            changes.extend(told.map(|told| Change {
                place: self.place(first.seq, top),
                at: first.at,
                turn: told.turn,
                thing: first.thing,
                id: first.thing_id,
                version: first.version,
                changed: told.changed,
                notice: told.notice,
            }));
        }
        next.until
    }

    fn page(&self, mut changes: Vec<Change>, at: i64, more: bool, top: Option<i64>) -> Found {
        if changes.len() > self.limit {
            changes.truncate(self.limit);
            let last = changes.last().map(|change| change.place);
            return Found {
                next: last.unwrap_or_else(|| self.place(at, top)),
                changes,
                more: true,
            };
        }
        Found {
            changes,
            next: self.place(at, top),
            more,
        }
    }

    /// What the rows of one number say to a reader of all these audiences together.
    fn told(&self, rows: &[Model]) -> Option<Told> {
        let (before, after) = (rows[0].before.as_ref(), rows[0].after.as_ref());
        match (self.fits(before), self.fits(after)) {
            (false, false) => None,
            (false, true) => Some(Told::as_it_stands()),
            (true, false) => Some(self.left(rows)),
            (true, true) => Told::news(rows),
        }
    }

    fn left(&self, rows: &[Model]) -> Told {
        let withdrawn = rows.iter().find(|row| row.turn == Turn::Withdrawn);
        // Who has it still, by another filter, did not lose it to a withdrawal.
        let has = rows[0].after.as_ref();
        let has = has.is_some_and(|seen| seen.is_open_to(&self.audiences));
        match withdrawn.filter(|_| !has) {
            Some(row) => Told {
                turn: Turn::Withdrawn,
                changed: Vec::new(),
                notice: row.notice.clone(),
            },
            None => Told {
                turn: Turn::Removed,
                changed: Vec::new(),
                notice: None,
            },
        }
    }

    fn fits(&self, seen: Option<&Seen>) -> bool {
        seen.is_some_and(|seen| seen.is_open_to(&self.audiences) && self.filter.fits(seen))
    }
}

struct Told {
    turn: Turn,
    changed: Vec<String>,
    notice: Option<Texts>,
}

impl Told {
    fn as_it_stands() -> Self {
        Self {
            turn: Turn::Published,
            changed: Vec::new(),
            notice: None,
        }
    }

    /// None: nothing that this reader could notice.
    fn news(rows: &[Model]) -> Option<Self> {
        let is_new = |row: &&Model| matches!(row.turn, Turn::Updated | Turn::Corrected);
        let mut new = rows.iter().filter(is_new);
        let first = new.next()?;
        let mut changed = first.changed.0.clone();
        for field in new.flat_map(|row| &row.changed.0) {
            if !changed.contains(field) {
                changed.push(field.clone());
            }
        }
        Some(Self {
            turn: first.turn,
            changed,
            notice: first.notice.clone(),
        })
    }
}
