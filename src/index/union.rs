//! Words, each of them a union of terms with a score of its own for each; what several terms stand for has the highest, and
//! the words' scores are added. Written by hand: tantivy's unions give every term a scorer behind a pointer, and its own
//! count of how many of several stand keeps each material of each list in a heap, which is too slow for words in ten forms
//! that stand in every third material.

use std::sync::Arc;

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED, Term,
    query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight},
    schema::IndexRecordOption,
};

use super::{
    sight::{Knowledge, Sight, Viewer},
    walk::{List, Walk},
};

/// A term, and what it says of a material that it stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    pub term: Term,
    pub score: Score,
    /// Added for each level of its `Place`, which is how often it stands there.
    pub each: Score,
    /// Who may know that it does.
    pub known: Knowledge,
}

#[derive(Debug, Clone)]
pub struct Union {
    words: Vec<Vec<Sought>>,
    least: usize,
    viewer: Arc<Viewer>,
    of_seen: bool,
}

impl Union {
    /// Of these terms; one that is named twice counts with its higher score.
    pub fn of(sought: impl IntoIterator<Item = Sought>, viewer: &Arc<Viewer>) -> Self {
        let mut sought: Vec<Sought> = sought.into_iter().collect();
        let says = |sought: &Sought| sought.score + sought.each;
        sought.sort_by(|one, other| {
            let terms = one.term.cmp(&other.term);
            terms.then_with(|| says(other).total_cmp(&says(one)))
        });
        sought.dedup_by(|later, first| later.term == first.term);
        Self {
            words: vec![sought],
            least: 1,
            viewer: Arc::clone(viewer),
            of_seen: false,
        }
    }

    /// At least so many of some words, each of which is one such union; `None` where one is more than that.
    pub fn at_least(queries: &[Box<dyn Query>], least: usize) -> Option<Self> {
        let unions = queries.iter().map(|query| query.downcast_ref::<Self>());
        let unions: Vec<&Self> = unions.collect::<Option<_>>()?;
        let first = unions.first()?;
        if unions.iter().any(|union| union.words.len() != 1) {
            return None;
        }
        let words = unions.iter().flat_map(|union| union.words.clone());
        Some(Self {
            words: words.collect(),
            least,
            viewer: Arc::clone(&first.viewer),
            of_seen: false,
        })
    }

    /// The same of those materials that the viewer sees.
    pub fn of_seen(&self) -> Self {
        Self {
            of_seen: true,
            ..self.clone()
        }
    }

    /// The materials of a segment in which enough of the words stand, their scores times `boost`.
    pub fn in_segment(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Walk> {
        let lists = |word: &Vec<Sought>| {
            let lists = word.iter().map(|sought| list(sought, segment, boost));
            let lists = lists.filter_map(Result::transpose);
            lists.collect::<tantivy::Result<Vec<List>>>()
        };
        let words = self.words.iter().map(lists);
        let words = words.collect::<tantivy::Result<_>>()?;
        let sight = Sight::of(&self.viewer, segment)?;
        Ok(Walk::begin(words, self.least, sight, self.of_seen))
    }
}

fn list(sought: &Sought, segment: &SegmentReader, boost: Score) -> tantivy::Result<Option<List>> {
    let terms = segment.inverted_index(sought.term.field())?;
    let read = if sought.each > 0.0 {
        IndexRecordOption::WithFreqs
    } else {
        IndexRecordOption::Basic
    };
    let block = terms.read_block_postings(&sought.term, read)?;
    let says = (sought.score * boost, sought.each * boost);
    Ok(block.map(|block| List::of(block, says, sought.known)))
}

impl Query for Union {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Union {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let walk = self.in_segment(segment, boost)?;
        if walk.doc() == TERMINATED {
            return Ok(Box::new(EmptyScorer));
        }
        Ok(Box::new(walk))
    }

    fn for_each(
        &self,
        segment: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        self.in_segment(segment, 1.0)?.each(callback);
        Ok(())
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut walk = self.in_segment(segment, 1.0)?;
        if walk.doc() > doc || walk.seek(doc) != doc {
            let words = format!("too few of the words stand in {doc}");
            return Err(tantivy::TantivyError::InvalidArgument(words));
        }
        Ok(Explanation::new(
            "the best of each word's terms",
            walk.score(),
        ))
    }
}
