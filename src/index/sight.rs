//! Who sees what, asked of each material while the index is read: every search, count and suggestion goes through
//! here. A material is seen when its unit's drafts are, or when one of the viewer's audiences has it open now; what
//! only a unit may know of it (status, processing, filename) needs the former; its event needs an audience of its own.

use std::{collections::HashSet, sync::Arc};

use tantivy::{
    DocId, SegmentReader,
    columnar::{Column, StrColumn},
    query::{
        ConstScoreQuery, Query,
        doc_predicate_query::{DocPredicateQuery, FunctionPredicate},
    },
};
use uuid::Uuid;

use super::{document::uuid_term, schema::column};

/// For whom the index is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub audiences: Vec<String>,
    /// The units whose drafts are seen.
    pub units: Units,
    /// Milliseconds since 1970.
    pub now: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Units {
    None,
    Some(Vec<Uuid>),
    All,
}

/// One viewer's sight of one segment.
pub struct Sight {
    units: Set,
    event_audiences: Set,
    open: Vec<(String, Column<i64>)>,
    now: i64,
}

/// Which values of a column count.
enum Set {
    All,
    Some {
        ords: Column<u64>,
        wanted: HashSet<u64>,
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
        let mut ords = HashSet::new();
        for value in wanted {
            ords.extend(column.dictionary().term_ord(value)?);
        }
        Ok(if ords.is_empty() {
            Self::None
        } else {
            Self::Some {
                ords: ords_of(column),
                wanted: ords,
            }
        })
    }

    fn holds(&self, doc: DocId) -> bool {
        match self {
            Self::All => true,
            Self::Some { ords, wanted } => {
                ords.values_for_doc(doc).any(|ord| wanted.contains(&ord))
            }
            Self::None => false,
        }
    }
}

fn ords_of(column: StrColumn) -> Column<u64> {
    column.into_parts().1
}

impl Sight {
    pub fn of(viewer: &Viewer, segment: &SegmentReader) -> tantivy::Result<Self> {
        let units = match &viewer.units {
            Units::None => Set::None,
            Units::All => Set::All,
            Units::Some(units) => {
                Set::of(segment, column::UNIT, units.iter().map(|id| uuid_term(*id)))?
            }
        };
        let mut open = Vec::new();
        for audience in &viewer.audiences {
            let name = format!("{}.{}", column::OPEN, audience.replace('.', "\\."));
            open.extend(
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
        Ok(Self {
            units,
            event_audiences,
            open,
            now: viewer.now,
        })
    }

    pub fn sees(&self, doc: DocId) -> bool {
        self.sees_unit(doc) || self.open_audiences(doc).next().is_some()
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
        self.open
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

/// A query for the materials of which `question` holds; it adds nothing to a score.
pub fn only(viewer: &Arc<Viewer>, question: fn(&Sight, DocId) -> bool) -> Box<dyn Query> {
    let viewer = Arc::clone(viewer);
    let predicate = FunctionPredicate::from(move |segment: &SegmentReader| {
        let sight = Sight::of(&viewer, segment)?;
        Ok(move |doc: DocId| question(&sight, doc))
    });
    Box::new(ConstScoreQuery::new(
        Box::new(DocPredicateQuery::from(predicate)),
        0.0,
    ))
}
