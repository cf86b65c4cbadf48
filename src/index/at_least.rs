//! At least so many of some queries, their scores added. Written by hand: tantivy's own keeps every material of every list
//! in a heap, where two of three common words stand in half of the archive.

use std::sync::Arc;

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED,
    query::{EnableScoring, Explanation, Query, Scorer, Weight},
};

#[derive(Debug, Clone)]
pub struct AtLeast {
    queries: Arc<[Box<dyn Query>]>,
    least: usize,
}

impl AtLeast {
    /// `least` is from one to the number of the queries.
    pub fn new(queries: Vec<Box<dyn Query>>, least: usize) -> Self {
        let queries = queries.into();
        Self { queries, least }
    }
}

impl Query for AtLeast {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let weights = self.queries.iter().map(|query| query.weight(scoring));
        Ok(Box::new(Weights {
            weights: weights.collect::<tantivy::Result<_>>()?,
            least: self.least,
        }))
    }
}

struct Weights {
    weights: Vec<Box<dyn Weight>>,
    least: usize,
}

impl Weight for Weights {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let scorers = self.weights.iter().map(|weight| {
            let scorer = weight.scorer(segment, boost)?;
            Ok(List {
                doc: scorer.doc(),
                scorer,
            })
        });
        let lists: Vec<List> = scorers.collect::<tantivy::Result<_>>()?;
        let mut lists = Walk {
            docs: Vec::new(),
            lists,
            least: self.least,
            doc: 0,
        };
        lists.find();
        Ok(Box::new(lists))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(segment, 1.0)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            let words = format!("too few stand in {doc}");
            return Err(tantivy::TantivyError::InvalidArgument(words));
        }
        Ok(Explanation::new(
            "the sum of those that stand",
            scorer.score(),
        ))
    }
}

struct List {
    /// Where it stands.
    doc: DocId,
    scorer: Box<dyn Scorer>,
}

struct Walk {
    lists: Vec<List>,
    least: usize,
    doc: DocId,
    /// Room to sort in.
    docs: Vec<DocId>,
}

impl Walk {
    /// Goes on to the first material, from where the lists stand, in which enough of them do.
    fn find(&mut self) -> DocId {
        loop {
            let first = self.earliest();
            let mut there = 0;
            for list in &mut self.lists {
                if list.doc < first {
                    list.doc = list.scorer.seek(first);
                }
                there += usize::from(list.doc == first);
            }
            if there >= self.least || first == TERMINATED {
                self.doc = first;
                return first;
            }
        }
    }

    /// Before it stand too few: where the list is that is the `least`th.
    fn earliest(&mut self) -> DocId {
        let docs = self.lists.iter().map(|list| list.doc);
        if self.least == self.lists.len() {
            return docs.max().unwrap_or(TERMINATED);
        }
        self.docs.clear();
        self.docs.extend(docs);
        self.docs.sort_unstable();
        self.docs[self.least - 1]
    }
}

impl DocSet for Walk {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED {
            return TERMINATED;
        }
        for list in &mut self.lists {
            if list.doc == self.doc {
                list.doc = list.scorer.advance();
            }
        }
        self.find()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        for list in &mut self.lists {
            if list.doc < target {
                list.doc = list.scorer.seek(target);
            }
        }
        self.find()
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let mut hints: Vec<u32> = self
            .lists
            .iter()
            .map(|list| list.scorer.size_hint())
            .collect();
        hints.sort_unstable_by(|a, b| b.cmp(a));
        hints[self.least - 1]
    }

    fn cost(&self) -> u64 {
        self.lists.iter().map(|list| list.scorer.cost()).sum()
    }
}

impl Scorer for Walk {
    fn score(&mut self) -> Score {
        let here = self.lists.iter_mut().filter(|list| list.doc == self.doc);
        here.map(|list| list.scorer.score()).sum()
    }
}
