//! From a thing's state to the rows that say who may see it and when. Called by every step that changes status,
//! audiences, embargo or availability, in the same transaction.

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    db::{FOREVER, visibility},
    error::Result,
    terms::Status,
};

/// What decides when a thing is open.
#[derive(Debug, Clone, Copy)]
pub struct Term {
    pub status: Status,
    pub published_at: Option<i64>,
    pub embargo_until: Option<i64>,
    pub available_until: Option<i64>,
}

/// The moment at which its readers got a thing, or get it: its publication or the end of its embargo, whichever is later.
/// None for what was never published. Every list, filter and feed goes by it.
pub fn opens_at(published_at: Option<i64>, embargo_until: Option<i64>) -> Option<i64> {
    published_at.map(|at| at.max(embargo_until.unwrap_or(at)))
}

/// Writes the windows of a thing: from the moment at which it opens until its time is out. Time passes by itself: no job has to run at that moment.
pub async fn refresh(
    tx: &DatabaseTransaction,
    thing: Uuid,
    term: Term,
    audiences: &[String],
) -> Result<()> {
    if term.status != Status::Published {
        return visibility::set(tx, thing, &[], 0, 0).await;
    }
    let from = opens_at(term.published_at, term.embargo_until).unwrap_or(0);
    visibility::set(
        tx,
        thing,
        audiences,
        from,
        term.available_until.unwrap_or(FOREVER),
    )
    .await
}
