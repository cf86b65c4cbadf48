//! Who sees what, asked of each material while the index is read: every search, count and suggestion goes through
//! here. A material is seen when its unit's drafts are, or when one of the viewer's audiences has it open now; what
//! only a unit may know of it (status, processing, filename) needs the former; its event needs an audience of its own.

use std::{
    collections::HashMap,
    fmt,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use tantivy::{
    DocId, SegmentReader,
    columnar::{Column, StrColumn},
    index::SegmentId,
    query::{
        AllScorer, ConstScoreQuery, Query,
        doc_predicate_query::{
            ConstOrVariableSegmentPredicate, DocPredicate, DocPredicateQuery, FunctionPredicate,
            SegmentDocPredicate,
        },
    },
};
use uuid::Uuid;

use super::{document::uuid_term, flat::Flats, schema::column};

/// For whom the index is read.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub audiences: Vec<String>,
    /// The units whose drafts are seen.
    pub units: Units,
    /// Milliseconds since 1970.
    pub now: i64,
    /// Set by the index, as the next.
    pub(super) known: Known,
    pub(super) flats: Flats,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Units {
    None,
    Some(Vec<Uuid>),
    All,
}

impl Viewer {
    pub fn new(audiences: Vec<String>, units: Units, now: i64) -> Self {
        Self {
            audiences,
            units,
            now,
            known: Known::default(),
            flats: Flats::default(),
        }
    }
}

/// What sort of viewer looks at which segment.
type Key = (SegmentId, Units, Vec<String>);

/// Sights that were asked for before: a segment never changes, and what is open in it is the same until the next moment
/// at which something opens or closes.
#[derive(Debug, Clone, Default)]
pub struct Known(Arc<Mutex<HashMap<Key, Arc<Sight>>>>);

/// Beyond so many, all are forgotten: segments go, and nobody says so.
const MOST_KNOWN: usize = 1024;

/// One viewer's sight of one segment.
pub struct Sight {
    units: Set,
    event_audiences: Set,
    windows: Vec<(String, Column<i64>)>,
    open: Open,
    now: i64,
}

impl fmt::Debug for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sight").finish_non_exhaustive()
    }
}

/// Who may know a thing of a material.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knowledge {
    /// Who sees the material.
    Material,
    /// Who sees its event.
    Event,
    /// Who works where it belongs.
    Unit,
}

/// Which materials are open to any of the viewer's audiences, and when that is so: `from <= now < until`.
struct Open {
    bits: Vec<u64>,
    /// Whether all of them are.
    all: bool,
    from: i64,
    until: i64,
}

/// Which values of a column count.
enum Set {
    All,
    Some {
        ords: Column<u64>,
        /// By the value's place among the values.
        wanted: Vec<bool>,
    },
    None,
}

impl Set {
    fn of(
        segment: &SegmentReader,
        name: &str,
        wanted: impl Iterator<Item = String>,
    ) -> tantivy::Result<Self> {
        let Some(column) = segment.fast_fields().str(name)? else {
            return Ok(Self::None);
        };
        let mut counts = vec![false; column.num_terms()];
        for value in wanted {
            let ord = column.dictionary().term_ord(value)?;
            if let Some(counts) = ord.and_then(|ord| counts.get_mut(usize::try_from(ord).ok()?)) {
                *counts = true;
            }
        }
        Ok(if counts.contains(&true) {
            Self::Some {
                ords: ords_of(column),
                wanted: counts,
            }
        } else {
            Self::None
        })
    }

    fn holds(&self, doc: DocId) -> bool {
        match self {
            Self::All => true,
            Self::Some { ords, wanted } => ords
                .values_for_doc(doc)
                .any(|ord| usize::try_from(ord).is_ok_and(|ord| wanted.get(ord) == Some(&true))),
            Self::None => false,
        }
    }
}

fn ords_of(column: StrColumn) -> Column<u64> {
    column.into_parts().1
}

impl Open {
    fn of(windows: &[(String, Column<i64>)], materials: DocId, now: i64) -> Self {
        let mut open = Self {
            bits: vec![0; materials.div_ceil(64) as usize],
            all: false,
            from: i64::MIN,
            until: i64::MAX,
        };
        for (_, windows) in windows {
            for doc in 0..materials {
                let mut bounds = windows.values_for_doc(doc);
                while let (Some(from), Some(until)) = (bounds.next(), bounds.next()) {
                    if from <= now && now < until {
                        open.bits[doc as usize / 64] |= 1 << (doc % 64);
                    }
                    for moment in [from, until] {
                        if moment <= now {
                            open.from = open.from.max(moment);
                        } else {
                            open.until = open.until.min(moment);
                        }
                    }
                }
            }
        }
        let count = open.bits.iter().map(|bits| bits.count_ones());
        open.all = materials > 0 && count.sum::<u32>() == materials;
        open
    }

    fn holds(&self, doc: DocId) -> bool {
        let bits = self.bits.get(doc as usize / 64);
        bits.is_some_and(|bits| bits >> (doc % 64) & 1 == 1)
    }
}

impl Sight {
    pub fn of(viewer: &Viewer, segment: &SegmentReader) -> tantivy::Result<Arc<Self>> {
        let key = (
            segment.segment_id(),
            viewer.units.clone(),
            viewer.audiences.clone(),
        );
        // Nothing panics while it is locked.
        let known = viewer
            .known
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let sight = known.get(&key).map(Arc::clone);
        drop(known);
        let holds = |sight: &Arc<Self>| sight.holds().contains(&viewer.now);
        if let Some(sight) = sight.filter(holds) {
            return Ok(sight);
        }
        let sight = Arc::new(Self::look(viewer, segment)?);
        let mut known = viewer
            .known
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(key, Arc::clone(&sight));
        Ok(sight)
    }

    fn look(viewer: &Viewer, segment: &SegmentReader) -> tantivy::Result<Self> {
        let units = match &viewer.units {
            Units::None => Set::None,
            Units::All => Set::All,
            Units::Some(units) => {
                Set::of(segment, column::UNIT, units.iter().map(|id| uuid_term(*id)))?
            }
        };
        let mut windows = Vec::new();
        for audience in &viewer.audiences {
            let name = format!("{}.{}", column::OPEN, audience.replace('.', "\\."));
            windows.extend(
                segment
                    .fast_fields()
                    .column_opt::<i64>(&name)?
                    .map(|windows| (audience.clone(), windows)),
            );
        }
        let event_audiences = Set::of(
            segment,
            column::EVENT_AUDIENCE,
            viewer.audiences.iter().cloned(),
        )?;
        // Who sees all of it need not be told what is open.
        let looked_at = if matches!(units, Set::All) {
            0
        } else {
            segment.max_doc()
        };
        Ok(Self {
            units,
            event_audiences,
            open: Open::of(&windows, looked_at, viewer.now),
            windows,
            now: viewer.now,
        })
    }

    /// When all of it is so, by the viewer's clock.
    pub const fn holds(&self) -> Range<i64> {
        self.open.from..self.open.until
    }

    pub fn sees(&self, doc: DocId) -> bool {
        self.sees_unit(doc) || self.open.holds(doc)
    }

    pub fn sees_all(&self) -> bool {
        matches!(self.units, Set::All) || self.open.all
    }

    /// Whether the viewer, who sees the material, may know that of it.
    pub fn knows(&self, known: Knowledge, doc: DocId) -> bool {
        match known {
            Knowledge::Material => true,
            Knowledge::Event => self.sees_event(doc),
            Knowledge::Unit => self.sees_unit(doc),
        }
    }

    /// Whether the viewer works where the material belongs.
    pub fn sees_unit(&self, doc: DocId) -> bool {
        self.units.holds(doc)
    }

    pub fn sees_event(&self, doc: DocId) -> bool {
        self.sees_unit(doc) || self.event_audiences.holds(doc)
    }

    /// The viewer's audiences to which the material is open now.
    pub fn open_audiences(&self, doc: DocId) -> impl Iterator<Item = &str> {
        self.windows
            .iter()
            .filter(move |(_, windows)| is_open(windows, doc, self.now))
            .map(|(audience, _)| audience.as_str())
    }
}

fn is_open(windows: &Column<i64>, doc: DocId, now: i64) -> bool {
    let mut bounds = windows.values_for_doc(doc);
    while let (Some(from), Some(until)) = (bounds.next(), bounds.next()) {
        if from <= now && now < until {
            return true;
        }
    }
    false
}

/// A query for the materials that the viewer sees; it adds nothing to a score.
pub fn seen(viewer: &Arc<Viewer>) -> Box<dyn Query> {
    let seen = DocPredicateQuery::from(Seen(Arc::clone(viewer)));
    silent(Box::new(seen))
}

/// A query for the materials of which `question` holds; it adds nothing to a score.
pub fn only(viewer: &Arc<Viewer>, question: fn(&Sight, DocId) -> bool) -> Box<dyn Query> {
    let viewer = Arc::clone(viewer);
    let predicate = FunctionPredicate::from(move |segment: &SegmentReader| {
        let sight = Sight::of(&viewer, segment)?;
        Ok(move |doc: DocId| question(&sight, doc))
    });
    silent(Box::new(DocPredicateQuery::from(predicate)))
}

/// A query that adds nothing to the score.
pub fn silent(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

#[derive(Debug)]
struct Seen(Arc<Viewer>);

impl DocPredicate for Seen {
    type SegmentDocPredicate = SeenHere;

    fn doc_predicate(
        &self,
        segment: &SegmentReader,
    ) -> tantivy::Result<ConstOrVariableSegmentPredicate<SeenHere>> {
        let sight = Sight::of(&self.0, segment)?;
        Ok(if sight.sees_all() {
            ConstOrVariableSegmentPredicate::Const(true)
        } else {
            ConstOrVariableSegmentPredicate::Variable {
                predicate: SeenHere(sight),
                necessary_condition: Box::new(AllScorer::new(segment.max_doc())),
            }
        })
    }
}

struct SeenHere(Arc<Sight>);

impl SegmentDocPredicate for SeenHere {
    fn eval(&mut self, doc: DocId) -> bool {
        self.0.sees(doc)
    }

    fn cost(&self) -> u64 {
        // A look into a list of bits, after one into a column for who works in some units alone.
        1
    }
}
