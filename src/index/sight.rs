//! Who sees what, told of each material before the index is read: every search, count and suggestion goes through
//! here. A material is seen when its unit's drafts are, or when one of the viewer's audiences has it open now; what
//! only a unit may know of it (status, processing, filename) needs the former; its event needs an audience of its own.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use tantivy::{
    DocId, SegmentReader,
    columnar::Column,
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

use super::{docs::Docs, document::uuid_term, flat::Flats, schema::column};

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
    /// What belongs where the viewer works.
    units: Docs,
    /// That, and what is of an event of which the viewer may know.
    events: Docs,
    /// That of the units, and what is open to any of the viewer's audiences, as long as the clock stands within `holds`.
    seen: Docs,
    holds: Range<i64>,
    windows: Vec<(String, Column<i64>)>,
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

/// The materials that have any of these values.
fn that_have(
    segment: &SegmentReader,
    name: &str,
    values: impl Iterator<Item = String>,
) -> tantivy::Result<Docs> {
    let Some(column) = segment.fast_fields().str(name)? else {
        return Ok(Docs::None);
    };
    let mut wanted = HashSet::new();
    for value in values {
        wanted.extend(column.dictionary().term_ord(value)?);
    }
    if wanted.is_empty() {
        return Ok(Docs::None);
    }
    Ok(Docs::of(segment.max_doc(), |doc| {
        column.term_ords(doc).any(|ord| wanted.contains(&ord))
    }))
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
        let materials = segment.max_doc();
        let units = match &viewer.units {
            Units::None => Docs::None,
            Units::All => Docs::All,
            Units::Some(units) => {
                let units = units.iter().map(|id| uuid_term(*id));
                that_have(segment, column::UNIT, units)?
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
        let mut holds = i64::MIN..i64::MAX;
        // Who sees all of it need not be told what is open.
        let (events, seen) = if units.is_all() {
            (Docs::All, Docs::All)
        } else {
            let audiences = viewer.audiences.iter().cloned();
            let events = that_have(segment, column::EVENT_AUDIENCE, audiences)?;
            let of_units = |doc| units.holds(doc);
            let events = Docs::of(materials, |doc| of_units(doc) || events.holds(doc));
            let seen = Docs::of(materials, |doc| {
                is_open_to_any(&windows, doc, viewer.now, &mut holds) || of_units(doc)
            });
            (events, seen)
        };
        Ok(Self {
            units,
            events,
            seen,
            holds,
            windows,
            now: viewer.now,
        })
    }

    /// When all of it is so, by the viewer's clock.
    pub const fn holds(&self) -> Range<i64> {
        self.holds.start..self.holds.end
    }

    pub fn sees(&self, doc: DocId) -> bool {
        self.seen.holds(doc)
    }

    /// What is seen of the 64 materials from this one on, a bit each.
    pub fn sees_from(&self, doc: DocId) -> u64 {
        self.seen.from(doc)
    }

    pub const fn sees_all(&self) -> bool {
        self.seen.is_all()
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
        self.events.holds(doc)
    }

    /// The viewer's audiences to which the material is open now.
    pub fn open_audiences(&self, doc: DocId) -> impl Iterator<Item = &str> {
        self.windows
            .iter()
            .filter(move |(_, windows)| is_open(windows, doc, self.now))
            .map(|(audience, _)| audience.as_str())
    }
}

/// Whether it is open to any audience now; `holds` is narrowed to when that is so of it.
fn is_open_to_any(
    windows: &[(String, Column<i64>)],
    doc: DocId,
    now: i64,
    holds: &mut Range<i64>,
) -> bool {
    let mut is_open = false;
    for (_, windows) in windows {
        let mut bounds = windows.values_for_doc(doc);
        while let (Some(from), Some(until)) = (bounds.next(), bounds.next()) {
            is_open |= from <= now && now < until;
            for moment in [from, until] {
                if moment <= now {
                    holds.start = holds.start.max(moment);
                } else {
                    holds.end = holds.end.min(moment);
                }
            }
        }
    }
    is_open
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
        // A look into a list of bits.
        1
    }
}
