//! One pass over all that a query finds: how many there are, the facets' counts, and the page that comes after a
//! position. Each material has a rank, a number and the id for ties, smaller ranks first; a title's rank is its
//! place in the segment's own list of titles until the segment is read, and its collation key from then on.

use std::{collections::BinaryHeap, ops::Bound, sync::Arc};

use serde::{Deserialize, Serialize};
use tantivy::{
    DocAddress, DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::{BytesColumn, Column},
};
use uuid::Uuid;

use super::{
    facets::{Counts, Tally},
    flat::{Flat, Flats},
    folder::FORMAT,
    forgiven::Forgiven,
    neighbours::{Lists, Neighbours},
    query::{DateField, Facet, Search, Sort},
    schema::column,
    sight::{Sight, Viewer},
};

/// Where a page ended: what comes next ranks after it, whatever has come and gone since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Of the index whose ranks these are: another version scores otherwise.
    format: u32,
    sort: Sort,
    date: DateField,
    /// How many pieces of the question had to be there.
    least: usize,
    forgiven: Forgiven,
    rank: Rank,
    tie: u128,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Rank {
    Number(u64),
    Title(Vec<u8>),
}

impl Position {
    /// Whether the position comes from a search in the same order, by the same version.
    pub(super) fn fits(&self, search: &Search) -> bool {
        let title = matches!(self.rank, Rank::Title(_));
        self.format == FORMAT
            && self.sort == search.sort
            && self.date == search.date
            && title == (self.sort == Sort::Title)
    }

    pub(super) const fn least(&self) -> usize {
        self.least
    }

    pub(super) const fn forgiven(&self) -> Forgiven {
        self.forgiven
    }
}

/// A hit with its rank in the whole index.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    rank: Rank,
    tie: u128,
    pub address: DocAddress,
    newest_first: bool,
}

impl Found {
    pub fn id(&self) -> Uuid {
        Uuid::from_u128(if self.newest_first {
            !self.tie
        } else {
            self.tie
        })
    }

    pub fn position(&self, search: &Search, least: usize, forgiven: Forgiven) -> Position {
        Position {
            format: FORMAT,
            sort: search.sort,
            date: search.date,
            least,
            forgiven,
            rank: self.rank.clone(),
            tie: self.tie,
        }
    }
}

pub struct Page {
    viewer: Arc<Viewer>,
    sort: Sort,
    date: DateField,
    facets: Vec<Facet>,
    limit: usize,
    after: Option<Position>,
    neighbours: Neighbours,
}

pub struct Collected {
    pub total: u64,
    /// One more than the limit, where there are more.
    pub found: Vec<Found>,
    pub counts: Counts,
}

impl Page {
    /// `neighbours` count where what is relevant comes first.
    pub fn of(search: &Search, viewer: &Arc<Viewer>, neighbours: Neighbours) -> Self {
        Self {
            viewer: Arc::clone(viewer),
            sort: search.sort,
            date: search.date,
            facets: search.facets.clone(),
            limit: search.limit,
            after: search.after.clone(),
            neighbours,
        }
    }
}

impl Collector for Page {
    type Fruit = Collected;
    type Child = SegmentPage;

    fn for_segment(
        &self,
        ord: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentPage> {
        let columns = segment.fast_fields();
        let order = match self.sort {
            Sort::Relevance => Order::Score,
            Sort::Newest => Order::Newest(columns.i64(self.date.column())?),
            Sort::Oldest => Order::Oldest(columns.i64(self.date.column())?),
            Sort::Title => Order::Title(
                columns
                    .bytes(column::TITLE)?
                    .unwrap_or_else(|| BytesColumn::empty(segment.max_doc())),
            ),
        };
        let after = match &self.after {
            Some(position) => order.place(position)?,
            None => None,
        };
        let sight = Sight::of(&self.viewer, segment)?;
        let neighbours = match self.sort {
            Sort::Relevance => &self.neighbours,
            Sort::Newest | Sort::Oldest | Sort::Title => &Neighbours::default(),
        };
        let neighbours = neighbours.in_segment(segment)?;
        Ok(SegmentPage {
            ord,
            order,
            after,
            ids: Ids::of(segment, &self.viewer.flats)?,
            room: self.limit + 1,
            best: BinaryHeap::new(),
            total: 0,
            tally: Tally::new(&self.facets, sight, segment, &self.viewer.flats)?,
            most: u64::from(neighbours.most()),
            neighbours,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.sort == Sort::Relevance
    }

    fn merge_fruits(
        &self,
        segments: Vec<tantivy::Result<Collected>>,
    ) -> tantivy::Result<Collected> {
        let mut all = Collected {
            total: 0,
            found: Vec::new(),
            counts: Counts::of(&self.facets),
        };
        for segment in segments {
            let segment = segment?;
            all.total += segment.total;
            all.found.extend(segment.found);
            all.counts.add(segment.counts);
        }
        all.found
            .sort_by(|a, b| (&a.rank, a.tie).cmp(&(&b.rank, b.tie)));
        all.found.truncate(self.limit + 1);
        Ok(all)
    }
}

enum Order {
    Score,
    Newest(Column<i64>),
    Oldest(Column<i64>),
    Title(BytesColumn),
}

impl Order {
    /// The rank of a material within its segment.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "scores are whole numbers below 2^24"
    )]
    fn rank(&self, doc: DocId, score: Score) -> u64 {
        match self {
            Self::Score => u64::MAX - score as u64,
            // What has no date comes last, both ways.
            Self::Newest(moments) => moments
                .first(doc)
                .map_or(u64::MAX, |moment| !ordered(moment)),
            Self::Oldest(moments) => moments.first(doc).map_or(u64::MAX, ordered),
            Self::Title(titles) => titles.term_ords(doc).next().unwrap_or(u64::MAX),
        }
    }

    fn tie(&self, id: u128) -> u128 {
        if self.newest_first() { !id } else { id }
    }

    fn newest_first(&self) -> bool {
        matches!(self, Self::Score | Self::Newest(_))
    }

    /// A position within this segment: the rank and tie after which a page begins, `None` before the first.
    fn place(&self, position: &Position) -> tantivy::Result<Option<(u64, u128)>> {
        Ok(Some(match (self, &position.rank) {
            (Self::Title(titles), Rank::Title(key)) => {
                let lower: Bound<&[u8]> = Bound::Excluded(key);
                match titles
                    .dictionary()
                    .term_bounds_to_ord(lower, Bound::Unbounded)?
                    .0
                {
                    // The title itself is here: ties decide.
                    Bound::Excluded(ord) => (ord, position.tie),
                    // All from the next title on.
                    Bound::Included(0) => return Ok(None),
                    Bound::Included(next) => (next - 1, u128::MAX),
                    Bound::Unbounded => (u64::MAX, u128::MAX),
                }
            }
            (_, Rank::Number(rank)) => (*rank, position.tie),
            (_, Rank::Title(_)) => {
                return Err(tantivy::TantivyError::InvalidArgument(
                    "a title's position in another order".to_owned(),
                ));
            }
        }))
    }

    /// The rank in the whole index.
    fn everywhere(&self, rank: u64) -> tantivy::Result<Rank> {
        let Self::Title(titles) = self else {
            return Ok(Rank::Number(rank));
        };
        let mut key = Vec::new();
        titles.ord_to_bytes(rank, &mut key)?;
        Ok(Rank::Title(key))
    }
}

/// Keeps the order of moments in unsigned numbers.
const fn ordered(moment: i64) -> u64 {
    moment.cast_unsigned() ^ (1 << 63)
}

pub struct SegmentPage {
    ord: SegmentOrdinal,
    order: Order,
    after: Option<(u64, u128)>,
    ids: Ids,
    room: usize,
    best: BinaryHeap<Candidate>,
    total: u64,
    tally: Tally,
    neighbours: Lists,
    /// The most that they add.
    most: u64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    rank: u64,
    /// The material's place in the order of ids.
    tie: u32,
    doc: DocId,
}

impl SegmentCollector for SegmentPage {
    type Fruit = tantivy::Result<Collected>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.total += 1;
        self.tally.count(doc);
        let full = self.best.len() >= self.room;
        let worst = self.best.peek().filter(|_| full).map(|worst| worst.rank);
        let is_behind = |rank| worst.is_some_and(|worst| worst < rank);
        let mut rank = self.order.rank(doc, score);
        let most = self.most;
        if is_behind(rank - most) {
            return;
        }
        if most > 0 {
            rank -= u64::from(self.neighbours.add(doc));
            if is_behind(rank) {
                return;
            }
        }
        let tie = self.ids.tie(doc, self.order.newest_first());
        let is_worse = |worst: &Candidate| (worst.rank, worst.tie) < (rank, tie);
        if full && self.best.peek().is_some_and(is_worse) {
            return;
        }
        if self.is_before(rank, doc) {
            return;
        }
        self.best.push(Candidate { rank, tie, doc });
        if full {
            self.best.pop();
        }
    }

    fn harvest(self) -> tantivy::Result<Collected> {
        let newest_first = self.order.newest_first();
        let found = self.best.into_iter().map(|Candidate { rank, doc, .. }| {
            let address = DocAddress::new(self.ord, doc);
            Ok(Found {
                rank: self.order.everywhere(rank)?,
                tie: self.order.tie(self.ids.id(doc)),
                address,
                newest_first,
            })
        });
        let found = found.collect::<tantivy::Result<Vec<_>>>()?;
        Ok(Collected {
            total: self.total,
            found,
            counts: self.tally.counts()?,
        })
    }
}

impl SegmentPage {
    /// Whether it stands on a page before this one.
    fn is_before(&self, rank: u64, doc: DocId) -> bool {
        self.after.is_some_and(|(after, tie)| {
            rank < after || rank == after && self.order.tie(self.ids.id(doc)) <= tie
        })
    }
}

/// The materials' ids, and their order within the segment, which is quicker to ask for.
struct Ids {
    high: Column<u64>,
    low: Column<u64>,
    order: Arc<Flat>,
}

impl Ids {
    fn of(segment: &SegmentReader, flats: &Flats) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let (high, low) = (columns.u64(column::ID_HIGH)?, columns.u64(column::ID_LOW)?);
        let ids = (0..segment.max_doc()).map(|doc| id(&high, &low, doc));
        let order = flats.get(segment, column::ID_HIGH, || Flat::order(ids));
        Ok(Self { high, low, order })
    }

    fn id(&self, doc: DocId) -> u128 {
        id(&self.high, &self.low, doc)
    }

    /// What ranks alike within the segment is in this order.
    fn tie(&self, doc: DocId, newest_first: bool) -> u32 {
        let place = self.order.first(doc);
        if newest_first { !place } else { place }
    }
}

fn id(high: &Column<u64>, low: &Column<u64>, doc: DocId) -> u128 {
    let half = |column: &Column<u64>| u128::from(column.first(doc).unwrap_or(0));
    half(high) << 64 | half(low)
}
