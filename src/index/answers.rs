//! Answers that were given lately: many ask the same, the first page of everything above all, and counting a million
//! materials takes longer than anything else here. An answer holds for who sees the same, until the index changes or
//! something opens or closes.

use std::{ops::Range, sync::Arc};

use quick_cache::sync::Cache;
use tantivy::Searcher;

use super::{
    Hits,
    query::Search,
    sight::{Sight, Viewer},
};

/// Some forty kibibytes each, with all facets; longer pages are not kept.
const MOST: usize = 128;
const LONGEST_PAGE: usize = 50;

pub struct Answers(Cache<String, Answer>);

#[derive(Clone)]
struct Answer {
    generation: u64,
    /// Of the viewer's clock.
    holds: Range<i64>,
    hits: Arc<Hits>,
}

impl Answers {
    pub fn new() -> Self {
        Self(Cache::new(MOST))
    }

    /// What was answered, if it is still right.
    pub fn get(&self, search: &Search, viewer: &Viewer, searcher: &Searcher) -> Option<Hits> {
        let answer = self.0.get(&key(search, viewer))?;
        let is_right = answer.generation == searcher.generation().generation_id()
            && answer.holds.contains(&viewer.now);
        is_right.then(|| Hits::clone(&answer.hits))
    }

    pub fn keep(
        &self,
        search: &Search,
        viewer: &Viewer,
        searcher: &Searcher,
        hits: &Hits,
    ) -> tantivy::Result<()> {
        if search.limit > LONGEST_PAGE {
            return Ok(());
        }
        let mut holds = i64::MIN..i64::MAX;
        for segment in searcher.segment_readers() {
            let sight = Sight::of(viewer, segment)?.holds();
            holds = holds.start.max(sight.start)..holds.end.min(sight.end);
        }
        let answer = Answer {
            generation: searcher.generation().generation_id(),
            holds,
            hits: Arc::new(hits.clone()),
        };
        self.0.insert(key(search, viewer), answer);
        Ok(())
    }
}

/// All that an answer depends on, but for the index and the clock.
fn key(search: &Search, viewer: &Viewer) -> String {
    let Viewer {
        audiences,
        units,
        now: _,
        known: _,
        flats: _,
    } = viewer;
    format!("{search:?} {audiences:?} {units:?}")
}
