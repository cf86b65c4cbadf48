//! Words that stand one after the other, as they were typed: they find nothing, and add to the score. Reading where words
//! stand takes longer than all the rest, so that it is done where it can matter alone: the page asks for materials that
//! this could bring onto it.

use tantivy::{
    DocId, DocSet, Searcher, SeekDangerResult, SegmentReader,
    query::{EnableScoring, Query, Scorer, Weight},
};

/// What a pair of words may stand as, and what each adds.
pub type Pair = Vec<(Box<dyn Query>, u32)>;

/// Pairs of words, for all segments.
#[derive(Default)]
pub struct Neighbours(Vec<Vec<(Box<dyn Weight>, u32)>>);

impl Neighbours {
    /// Of each pair the best counts.
    pub fn of(pairs: Vec<Pair>, searcher: &Searcher) -> tantivy::Result<Self> {
        let scoring = EnableScoring::disabled_from_searcher(searcher);
        let weights = pairs.into_iter().map(|mut pair| {
            pair.sort_by_key(|(_, adds)| std::cmp::Reverse(*adds));
            let weights = pair
                .into_iter()
                .map(|(query, adds)| Ok((query.weight(scoring)?, adds)));
            weights.collect::<tantivy::Result<_>>()
        });
        Ok(Self(weights.collect::<tantivy::Result<_>>()?))
    }

    pub fn in_segment(&self, segment: &SegmentReader) -> tantivy::Result<Lists> {
        let mut pairs = Vec::new();
        for pair in &self.0 {
            let mut lists = Vec::new();
            for (weight, adds) in pair {
                let (first, scorer) = weight.scorer_danger(segment, 0, 1.0)?;
                let (from, is_there) = stood(0, first);
                lists.push(List {
                    scorer,
                    from,
                    is_there,
                    adds: *adds,
                });
            }
            pairs.push(lists);
        }
        Ok(Lists(pairs))
    }
}

/// The pairs in one segment.
pub struct Lists(Vec<Vec<List>>);

struct List {
    scorer: Box<dyn Scorer>,
    /// It stands in nothing before.
    from: DocId,
    /// Whether it stands there.
    is_there: bool,
    adds: u32,
}

impl List {
    /// To be asked of one material after the other.
    fn stands_in(&mut self, doc: DocId) -> bool {
        // What it is at lies behind: it was not in the one before.
        if doc < self.from.max(self.scorer.doc()) {
            return false;
        }
        if self.from < doc || !self.is_there {
            (self.from, self.is_there) = stood(doc, self.scorer.seek_danger(doc));
        }
        self.from == doc && self.is_there
    }
}

/// From where on it may stand, and whether it does there.
const fn stood(doc: DocId, found: SeekDangerResult) -> (DocId, bool) {
    match found {
        SeekDangerResult::Found => (doc, true),
        SeekDangerResult::SeekLowerBound(from) => (from, false),
    }
}

impl Lists {
    /// The most that they can add.
    pub fn most(&self) -> u32 {
        let best = self.0.iter().filter_map(|pair| pair.first());
        best.map(|list| list.adds).sum()
    }

    /// What they add to a material; to be asked of one after the other.
    pub fn add(&mut self, doc: DocId) -> u32 {
        let best = self.0.iter_mut().filter_map(|pair| {
            pair.iter_mut()
                .find_map(|list| list.stands_in(doc).then_some(list.adds))
        });
        best.sum()
    }
}
