//! A union of terms, each with a score of its own; what several stand for has the highest. Written by hand: tantivy's
//! unions give every term a scorer behind a pointer and a window of scores, which is too slow for a word in ten forms
//! that stands in every third material.

use std::sync::Arc;

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED, Term,
    postings::{Postings, SegmentPostings},
    query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight},
    schema::IndexRecordOption,
};

use super::{
    places::Place,
    sight::{Knowledge, Sight, Viewer},
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
    sought: Vec<Sought>,
    viewer: Arc<Viewer>,
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
            sought,
            viewer: Arc::clone(viewer),
        }
    }

    /// The materials of a segment in which one of the terms stands.
    pub fn in_segment(&self, segment: &SegmentReader) -> tantivy::Result<Walk> {
        let mut lists = Vec::new();
        for Sought {
            term,
            score,
            each,
            known,
        } in &self.sought
        {
            let terms = segment.inverted_index(term.field())?;
            let read = if *each > 0.0 {
                IndexRecordOption::WithFreqs
            } else {
                IndexRecordOption::Basic
            };
            let postings = terms.read_postings(term, read)?;
            lists.extend(postings.map(|postings| List {
                doc: postings.doc(),
                postings,
                score: *score,
                each: *each,
                most: score + each * Score::from(Place::Headline as u8),
                known: *known,
            }));
        }
        Ok(Walk::begin(lists, Sight::of(&self.viewer, segment)?))
    }
}

impl Query for Union {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Union {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut lists = self.in_segment(segment)?;
        if lists.doc == TERMINATED {
            return Ok(Box::new(EmptyScorer));
        }
        for list in &mut lists.lists {
            list.score *= boost;
            list.each *= boost;
            list.most *= boost;
        }
        Ok(Box::new(lists))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut lists = self.in_segment(segment)?;
        if lists.doc > doc || lists.seek(doc) != doc {
            let words = format!("none of the terms stands in {doc}");
            return Err(tantivy::TantivyError::InvalidArgument(words));
        }
        Ok(Explanation::new("the best of its terms", lists.score()))
    }
}

struct List {
    /// Where it stands: kept here, so that it is compared without a look into the postings.
    doc: DocId,
    postings: SegmentPostings,
    score: Score,
    each: Score,
    /// The highest score that it can give.
    most: Score,
    known: Knowledge,
}

/// The lists of a segment, walked side by side; those that can say most come first.
pub struct Walk {
    lists: Vec<List>,
    doc: DocId,
    sight: Arc<Sight>,
    /// Whether some are not for everybody.
    guarded: bool,
}

impl Walk {
    fn begin(mut lists: Vec<List>, sight: Arc<Sight>) -> Self {
        lists.sort_by(|one, other| other.most.total_cmp(&one.most));
        let guarded = lists.iter().any(|list| list.known != Knowledge::Material);
        let mut begun = Self {
            lists,
            doc: 0,
            sight,
            guarded,
        };
        begun.seek(0);
        begun
    }

    fn is_known(&self) -> bool {
        let here = |list: &&List| list.doc == self.doc;
        let known = |list: &List| self.sight.knows(list.known, self.doc);
        !self.guarded || self.doc == TERMINATED || self.lists.iter().filter(here).any(known)
    }
}

impl DocSet for Walk {
    fn advance(&mut self) -> DocId {
        self.seek(self.doc + 1)
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let mut target = target;
        loop {
            let mut next = TERMINATED;
            let mut ended = false;
            for list in &mut self.lists {
                if list.doc < target {
                    list.doc = if list.doc + 1 == target {
                        list.postings.advance()
                    } else {
                        list.postings.seek(target)
                    };
                    ended |= list.doc == TERMINATED;
                }
                next = next.min(list.doc);
            }
            if ended {
                self.lists.retain(|list| list.doc != TERMINATED);
            }
            self.doc = next;
            if self.is_known() {
                return next;
            }
            target = next + 1;
        }
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let longest = self
            .lists
            .iter()
            .map(|list| list.postings.size_hint())
            .max();
        longest.unwrap_or(0)
    }

    fn cost(&self) -> u64 {
        self.lists.iter().map(|list| list.postings.cost()).sum()
    }
}

impl Scorer for Walk {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a term stands a few times in a material"
    )]
    fn score(&mut self) -> Score {
        let mut best = 0.0_f32;
        for list in &self.lists {
            if list.most <= best {
                break;
            }
            if list.doc == self.doc && self.sight.knows(list.known, self.doc) {
                let times = match list.each {
                    0.0 => 0,
                    _ => list.postings.term_freq(),
                };
                best = best.max(list.score + list.each * times as Score);
            }
        }
        best
    }
}
