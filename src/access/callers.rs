//! Callers that were recognised lately: who shows a page of thumbnails sends the same token a hundred times. It is asked
//! for again as soon as anything is written, be it that the token was revoked; where other processes write, always.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::{Caller, hash, identify};
use crate::{
    db::{Db, State},
    error::Result,
};

const MOST: usize = 1024;

/// By what is kept of the token. Cheap to clone.
#[derive(Clone)]
pub struct Callers(Arc<Cache<String, (Arc<Caller>, State)>>);

impl Default for Callers {
    fn default() -> Self {
        Self(Arc::new(Cache::new(MOST)))
    }
}

impl Callers {
    /// The caller behind a token at the moment `now`.
    ///
    /// # Errors
    /// As for [`identify()`].
    pub async fn identify(&self, db: &Db, token: &str, now: i64) -> Result<Caller> {
        let key = hash(token);
        if let Some((caller, state)) = self.0.get(&key)
            && db.is_still(state)
            && caller.expires_at.is_none_or(|at| at > now)
        {
            return Ok(Caller::clone(&caller));
        }
        let state = db.at_rest();
        let caller = identify(db, Some(token), now).await?;
        if let Some(state) = state.filter(|state| db.is_still(*state)) {
            self.0.insert(key, (Arc::new(caller.clone()), state));
        }
        Ok(caller)
    }
}
