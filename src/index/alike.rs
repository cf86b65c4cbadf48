//! More like this: materials in which the telling words of another one stand, and photos that look like it. Both count in
//! thousandths; the most alike come first, and of equals the newest ids. All of what the viewer sees, and of nothing else.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

use serde::{Deserialize, Serialize};
use tantivy::{
    DocId, Score, Searcher, SegmentOrdinal, SegmentReader,
    collector::{Collector, DocSetCollector, SegmentCollector},
    columnar::Column,
    query::{BooleanQuery, Occur, Query},
};
use uuid::Uuid;

use super::{
    document::{Document, uuid_term},
    looks,
    schema::{Fields, column},
    sight::{Viewer, seen, silent},
    telling,
    words::by_term,
};

/// A material that is like another one, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alike {
    pub id: Uuid,
    /// How much of what the other says stands in this one, too, in thousandths.
    pub words: u32,
    /// How alike the two look, in thousandths; none where they do not.
    pub looks: Option<u32>,
}

/// Where a page of them ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Nearness {
    rank: u32,
    id: Uuid,
}

impl Alike {
    pub const fn nearness(&self) -> Nearness {
        let looks = match self.looks {
            Some(looks) => looks,
            None => 0,
        };
        Nearness {
            rank: self.words + looks,
            id: self.id,
        }
    }
}

/// By what others are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    WordsAndLooks,
    Looks,
}

/// At most `limit` of those that come after `after`, the most alike first.
pub fn alike(
    searcher: &Searcher,
    fields: &Fields,
    document: &Document,
    by: By,
    viewer: &Arc<Viewer>,
    page: (usize, Option<Nearness>),
) -> tantivy::Result<Vec<Alike>> {
    let own = by_term(fields.id, &uuid_term(document.id));
    let own_address = searcher.search(&own, &DocSetCollector)?.into_iter().next();
    let words = match by {
        By::WordsAndLooks => telling::query(searcher, fields, document, own_address, viewer)?,
        By::Looks => None,
    };
    let looks = document.measures.looks;
    let near = looks.map(|hash| silent(looks::candidates(hash, fields.measures.bands)));
    let like: Vec<Box<dyn Query>> = words.into_iter().chain(near).collect();
    if like.is_empty() {
        return Ok(Vec::new());
    }
    let query = BooleanQuery::new(vec![
        (Occur::Must, seen(viewer)),
        (Occur::Must, Box::new(BooleanQuery::union(like))),
        (Occur::MustNot, Box::new(own)),
    ]);
    let (limit, after) = page;
    let nearest = Nearest {
        looks,
        limit,
        after,
    };
    searcher.search(&query, &nearest)
}

struct Nearest {
    looks: Option<u64>,
    limit: usize,
    after: Option<Nearness>,
}

struct SegmentNearest {
    looks: Option<u64>,
    hashes: Column<u64>,
    ids: (Column<u64>, Column<u64>),
    limit: usize,
    after: Option<Nearness>,
    /// The least near on top.
    best: BinaryHeap<Reverse<(Nearness, u32)>>,
}

impl Collector for Nearest {
    type Fruit = Vec<Alike>;
    type Child = SegmentNearest;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentNearest> {
        let columns = segment.fast_fields();
        Ok(SegmentNearest {
            looks: self.looks,
            hashes: columns.u64(column::LOOKS)?,
            ids: (columns.u64(column::ID_HIGH)?, columns.u64(column::ID_LOW)?),
            limit: self.limit,
            after: self.after,
            best: BinaryHeap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, segments: Vec<Vec<Alike>>) -> tantivy::Result<Vec<Alike>> {
        let mut all: Vec<Alike> = segments.into_iter().flatten().collect();
        all.sort_by_key(|alike| Reverse(alike.nearness()));
        all.truncate(self.limit);
        Ok(all)
    }
}

impl SegmentCollector for SegmentNearest {
    type Fruit = Vec<Alike>;

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "scores are thousandths"
    )]
    fn collect(&mut self, doc: DocId, score: Score) {
        let pair = self.looks.zip(self.hashes.first(doc));
        let looks = pair.and_then(|(one, other)| looks::alike(one, other));
        let words = (score as u32).min(1000);
        if words == 0 && looks.is_none() {
            return;
        }
        let alike = Alike {
            id: self.id(doc),
            words,
            looks,
        };
        let nearness = alike.nearness();
        if self.after.is_some_and(|after| nearness >= after) {
            return;
        }
        self.best.push(Reverse((nearness, words)));
        if self.best.len() > self.limit {
            self.best.pop();
        }
    }

    fn harvest(self) -> Vec<Alike> {
        let best = self.best.into_iter();
        best.map(|Reverse((Nearness { rank, id }, words))| Alike {
            id,
            words,
            looks: Some(rank - words).filter(|looks| *looks > 0),
        })
        .collect()
    }
}

impl SegmentNearest {
    fn id(&self, doc: DocId) -> Uuid {
        let half = |column: &Column<u64>| column.first(doc).unwrap_or(0);
        Uuid::from_u64_pair(half(&self.ids.0), half(&self.ids.1))
    }
}
