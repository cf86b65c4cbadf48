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

use super::sight::{Knowledge, Sight, Viewer};

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

    /// The materials of a segment in which one of the terms stands, their scores times `boost`.
    pub fn in_segment(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Walk> {
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
                score: score * boost,
                each: each * boost,
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
        let lists = self.in_segment(segment, boost)?;
        if lists.doc == TERMINATED {
            return Ok(Box::new(EmptyScorer));
        }
        Ok(Box::new(lists))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut lists = self.in_segment(segment, 1.0)?;
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
    known: Knowledge,
}

/// Materials that are looked at together: so many after a leap, twice as many each time that the walk goes on without one.
const SHORTEST: DocId = 64;
const LONGEST: DocId = 4096;

/// The lists of a segment, poured one after the other into a window that moves over its materials: of a common word, that
/// takes a third of the time of walking them side by side.
pub struct Walk {
    lists: Vec<List>,
    doc: DocId,
    sight: Arc<Sight>,
    window: Window,
}

/// The materials `start..end`: which are there, and their scores.
struct Window {
    start: DocId,
    end: DocId,
    bits: Vec<u64>,
    scores: Vec<Score>,
}

impl Walk {
    fn begin(lists: Vec<List>, sight: Arc<Sight>) -> Self {
        let mut begun = Self {
            lists,
            doc: 0,
            sight,
            window: Window::new(),
        };
        begun.seek(0);
        begun
    }

    /// The first material from `target` on, which is behind the window, in the first window from there on that holds one.
    fn fill(&mut self, mut target: DocId, mut length: DocId) -> DocId {
        loop {
            for list in &mut self.lists {
                list.seek(target);
            }
            self.lists.retain(|list| list.doc != TERMINATED);
            let start = self.lists.iter().map(|list| list.doc).min();
            let Some(start) = start else {
                return TERMINATED;
            };
            self.window.open(start, length);
            for list in &mut self.lists {
                list.pour(&mut self.window, &self.sight);
            }
            if let Some(doc) = self.window.next(start) {
                return doc;
            }
            target = self.window.end;
            length = (2 * length).min(LONGEST);
        }
    }
}

impl List {
    fn seek(&mut self, target: DocId) {
        if self.doc < target {
            self.doc = if self.doc + 1 == target {
                self.postings.advance()
            } else {
                self.postings.seek(target)
            };
        }
    }

    /// All of it that lies within the window and may be known.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a term stands a few times in a material"
    )]
    fn pour(&mut self, window: &mut Window, sight: &Sight) {
        while self.doc < window.end {
            if sight.knows(self.known, self.doc) {
                let times = match self.each {
                    0.0 => 0,
                    _ => self.postings.term_freq(),
                };
                window.put(self.doc, self.score + self.each * times as Score);
            }
            self.doc = self.postings.advance();
        }
    }
}

impl Window {
    fn new() -> Self {
        Self {
            start: 0,
            end: 0,
            bits: Vec::new(),
            scores: Vec::new(),
        }
    }

    /// Nothing there yet.
    fn open(&mut self, start: DocId, length: DocId) {
        self.start = start;
        self.end = start.saturating_add(length).min(TERMINATED);
        self.bits.clear();
        self.bits.resize(length.div_ceil(64) as usize, 0);
        self.scores.clear();
        self.scores.resize(length as usize, 0.0);
    }

    fn put(&mut self, doc: DocId, score: Score) {
        let at = (doc - self.start) as usize;
        self.bits[at / 64] |= 1 << (at % 64);
        self.scores[at] = self.scores[at].max(score);
    }

    /// The first that is there, `doc` or after it.
    fn next(&self, doc: DocId) -> Option<DocId> {
        let at = (doc - self.start) as usize;
        let mut word = at / 64;
        let mut bits = self.bits.get(word)? & (u64::MAX << (at % 64));
        while bits == 0 {
            word += 1;
            bits = *self.bits.get(word)?;
        }
        let within = 64 * u32::try_from(word).ok()? + bits.trailing_zeros();
        Some(self.start + within)
    }

    fn score(&self, doc: DocId) -> Score {
        self.scores[(doc - self.start) as usize]
    }
}

impl DocSet for Walk {
    fn advance(&mut self) -> DocId {
        self.seek(self.doc + 1)
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let Window { start, end, .. } = self.window;
        let within = target < end;
        if let Some(doc) = self.window.next(target.max(start)).filter(|_| within) {
            self.doc = doc;
            return doc;
        }
        let (target, length) = if target <= end {
            (end, (2 * (end - start)).clamp(SHORTEST, LONGEST))
        } else {
            (target, SHORTEST)
        };
        self.doc = self.fill(target, length);
        self.doc
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
    fn score(&mut self) -> Score {
        self.window.score(self.doc)
    }
}
