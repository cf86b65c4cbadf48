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

/// Writes the windows of a thing: from its publication or the end of its embargo, whichever is later, until its time is
/// out. Time passes by itself: no job has to run at that moment.
pub async fn refresh(
    tx: &DatabaseTransaction,
    thing: Uuid,
    term: Term,
    audiences: &[String],
) -> Result<()> {
    if term.status != Status::Published {
        return visibility::set(tx, thing, &[], 0, 0).await;
    }
    let from = term.published_at.max(term.embargo_until).unwrap_or(0);
    visibility::set(
        tx,
        thing,
        audiences,
        from,
        term.available_until.unwrap_or(FOREVER),
    )
    .await
}
