//! A union of terms, each with a score of its own; what several stand for has the highest. Written by hand: tantivy's
//! unions give every term a scorer behind a pointer and a window of scores, which is too slow for a word in ten forms
//! that stands in every third material.

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED, Term,
    postings::SegmentPostings,
    query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight},
    schema::IndexRecordOption,
};

#[derive(Debug, Clone)]
pub struct Union(Vec<(Term, Score)>);

impl Union {
    /// Of these terms; one that is named twice counts with its higher score.
    pub fn of(terms: impl IntoIterator<Item = (Term, Score)>) -> Self {
        let mut all: Vec<(Term, Score)> = terms.into_iter().collect();
        all.sort_by(|(one, high), (other, low)| one.cmp(other).then(low.total_cmp(high)));
        all.dedup_by(|(later, _), (first, _)| later == first);
        Self(all)
    }

    /// The materials of a segment in which one of the terms stands.
    pub fn in_segment(&self, segment: &SegmentReader) -> tantivy::Result<Lists> {
        let mut lists = Vec::new();
        for (term, score) in &self.0 {
            let terms = segment.inverted_index(term.field())?;
            let postings = terms.read_postings(term, IndexRecordOption::Basic)?;
            lists.extend(postings.map(|postings| List {
                doc: postings.doc(),
                postings,
                score: *score,
            }));
        }
        lists.retain(|list| list.doc != TERMINATED);
        Ok(Lists::begin(lists))
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
}

/// The lists of a segment, walked side by side.
pub struct Lists {
    lists: Vec<List>,
    doc: DocId,
}

impl Lists {
    fn begin(lists: Vec<List>) -> Self {
        let mut begun = Self {
            lists,
            doc: TERMINATED,
        };
        begun.find();
        begun
    }

    /// Drops the lists that ended, and stands where the first of the others does.
    fn find(&mut self) -> DocId {
        self.lists.retain(|list| list.doc != TERMINATED);
        let first = self.lists.iter().map(|list| list.doc).min();
        self.doc = first.unwrap_or(TERMINATED);
        self.doc
    }
}

impl DocSet for Lists {
    fn advance(&mut self) -> DocId {
        let mut next = TERMINATED;
        let mut ended = false;
        for list in &mut self.lists {
            if list.doc == self.doc {
                list.doc = list.postings.advance();
                ended |= list.doc == TERMINATED;
            }
            next = next.min(list.doc);
        }
        if ended {
            return self.find();
        }
        self.doc = next;
        next
    }

    fn seek(&mut self, target: DocId) -> DocId {
        for list in &mut self.lists {
            if list.doc < target {
                list.doc = list.postings.seek(target);
            }
        }
        self.find()
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

impl Scorer for Lists {
    fn score(&mut self) -> Score {
        let here = self.lists.iter().filter(|list| list.doc == self.doc);
        here.map(|list| list.score).fold(0.0, Score::max)
    }
}
