//! Counting by value: how many of the materials found are photos, how many of 2025, how many show a person. Only
//! what the viewer may know is counted: events with an audience of the viewer's, status and processing in its own
//! units, and of the audiences of others' materials those that let the viewer in.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use tantivy::{
    DocId, SegmentReader,
    columnar::{Column, StrColumn},
};
use uuid::Uuid;

use super::{query::Facet, schema::column, sight::Sight};

/// The values with the highest counts, then in the order of their letters; so many of each facet.
const MOST_VALUES: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetCount {
    /// A code, a written keyword or name, a year, or the id of an event or a unit.
    pub value: String,
    pub count: u64,
}

/// Counts of whole values.
#[derive(Debug, Default)]
pub struct Counts(BTreeMap<Facet, HashMap<String, u64>>);

impl Counts {
    /// Nothing counted yet, of each of these.
    pub fn of(facets: &[Facet]) -> Self {
        Self(
            facets
                .iter()
                .map(|facet| (*facet, HashMap::new()))
                .collect(),
        )
    }

    pub fn add(&mut self, other: Self) {
        for (facet, counts) in other.0 {
            let own = self.0.entry(facet).or_default();
            for (value, count) in counts {
                *own.entry(value).or_default() += count;
            }
        }
    }

    /// Every facet that was asked for, the highest counts first.
    pub fn ranked(self) -> BTreeMap<Facet, Vec<FacetCount>> {
        let rank = |counts: HashMap<String, u64>| {
            let mut counts: Vec<FacetCount> = counts
                .into_iter()
                .map(|(value, count)| FacetCount { value, count })
                .collect();
            counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
            counts
        };
        self.0
            .into_iter()
            .map(|(facet, counts)| (facet, rank(counts)))
            .collect()
    }

    /// `ranked`, and no more values than a page can show.
    pub fn shown(self) -> BTreeMap<Facet, Vec<FacetCount>> {
        let mut ranked = self.ranked();
        for values in ranked.values_mut() {
            values.truncate(MOST_VALUES);
        }
        ranked
    }
}

/// The counting within one segment, by the places of values in its columns.
pub struct Tally {
    sight: Sight,
    facets: Vec<(Facet, Values, HashMap<u64, u64>)>,
    /// The viewer's own audiences, counted by name.
    audiences: HashMap<String, u64>,
}

enum Values {
    /// Not there where no material of the segment has a value.
    Words(Option<StrColumn>),
    Years(Column<i64>),
}

impl Tally {
    pub fn new(facets: &[Facet], sight: Sight, segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let mut counted = Vec::new();
        for facet in facets {
            let values = match column_of(*facet) {
                column::YEAR => Values::Years(columns.i64(column::YEAR)?),
                name => Values::Words(columns.str(name)?),
            };
            counted.push((*facet, values, HashMap::new()));
        }
        Ok(Self {
            sight,
            facets: counted,
            audiences: HashMap::new(),
        })
    }

    pub fn count(&mut self, doc: DocId) {
        for (facet, values, counts) in &mut self.facets {
            if !knows(&self.sight, *facet, doc) {
                if *facet == Facet::Audience {
                    for audience in self.sight.open_audiences(doc) {
                        *self.audiences.entry(audience.to_owned()).or_default() += 1;
                    }
                }
                continue;
            }
            match values {
                Values::Words(None) => {}
                Values::Words(Some(column)) => {
                    column
                        .ords()
                        .values_for_doc(doc)
                        .for_each(|ord| *counts.entry(ord).or_default() += 1);
                }
                Values::Years(column) => {
                    column
                        .values_for_doc(doc)
                        .for_each(|year| *counts.entry(year.cast_unsigned()).or_default() += 1);
                }
            }
        }
    }

    pub fn counts(self) -> tantivy::Result<Counts> {
        let mut counts = Counts::default();
        for (facet, values, by_place) in self.facets {
            let mut named = HashMap::with_capacity(by_place.len());
            for (place, count) in by_place {
                named.insert(name(facet, &values, place)?, count);
            }
            counts.add(Counts(BTreeMap::from([(facet, named)])));
            if facet == Facet::Audience {
                counts.add(Counts(BTreeMap::from([(facet, self.audiences.clone())])));
            }
        }
        Ok(counts)
    }
}

fn name(facet: Facet, values: &Values, place: u64) -> tantivy::Result<String> {
    let column = match values {
        Values::Years(_) => return Ok(place.cast_signed().to_string()),
        Values::Words(column) => column,
    };
    let mut value = String::new();
    if let Some(column) = column {
        column.ord_to_str(place, &mut value)?;
    }
    Ok(match (facet, Uuid::try_parse(&value)) {
        (Facet::Event | Facet::Unit, Ok(id)) => id.to_string(),
        _ => value,
    })
}

/// Whether the viewer may know this of the material.
fn knows(sight: &Sight, facet: Facet, doc: DocId) -> bool {
    match facet {
        Facet::Event => sight.sees_event(doc),
        Facet::Status | Facet::Processing | Facet::Audience => sight.sees_unit(doc),
        _ => true,
    }
}

fn column_of(facet: Facet) -> &'static str {
    match facet {
        Facet::Kind => column::KIND,
        Facet::Genre => column::GENRE,
        Facet::Language => column::LANGUAGE,
        Facet::Keyword => column::KEYWORD,
        Facet::Person => column::PERSON,
        Facet::Event => column::EVENT,
        Facet::Unit => column::UNIT,
        Facet::Audience => column::AUDIENCE,
        Facet::Status => column::STATUS,
        Facet::Processing => column::PROCESSING,
        Facet::Year => column::YEAR,
    }
}
