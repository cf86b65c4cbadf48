//! Counting by value: how many of the materials found are photos, how many of 2025, how many show a person. Only
//! what the viewer may know is counted: events with an audience of the viewer's, status and processing in its own
//! units, and of the audiences of others' materials those that let the viewer in.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::Serialize;
use tantivy::{DocId, SegmentReader, columnar::StrColumn};
use uuid::Uuid;

use super::{
    classes::Classes,
    flat::{Flat, Flats},
    query::Facet,
    schema::column,
    sight::{Knowledge, Sight},
};

/// The values with the highest counts, then in the order of their letters; so many of each facet.
const MOST_VALUES: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetCount {
    /// A code, a written keyword or name, a year, or the id of an event or a unit.
    pub value: String,
    pub count: u64,
}

/// Counts of values, segment by segment.
#[derive(Debug, Default)]
pub struct Counts(BTreeMap<Facet, Vec<Named>>);

/// The values of one segment, one after the other in one text: as many strings would take longer than counting did. In
/// UTF-8, which is looked at where a value is shown.
#[derive(Debug, Default)]
struct Named {
    text: Vec<u8>,
    /// Where each ends, and how often it was met.
    values: Vec<(usize, u64)>,
}

impl Named {
    fn push(&mut self, value: &[u8], count: u64) {
        self.text.extend_from_slice(value);
        self.values.push((self.text.len(), count));
    }

    fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let mut start = 0;
        self.values.iter().map(move |(end, count)| {
            let value = &self.text[start..*end];
            start = *end;
            (value, *count)
        })
    }
}

impl Counts {
    /// Nothing counted yet, of each of these.
    pub fn of(facets: &[Facet]) -> Self {
        Self(facets.iter().map(|facet| (*facet, Vec::new())).collect())
    }

    pub fn add(&mut self, other: Self) {
        for (facet, counts) in other.0 {
            self.0.entry(facet).or_default().extend(counts);
        }
    }

    /// Every facet that was asked for, the highest counts first, and no more values than a page can show.
    pub fn shown(self) -> BTreeMap<Facet, Vec<FacetCount>> {
        let facets = self.0.into_iter();
        facets
            .map(|(facet, segments)| (facet, highest(facet, &segments)))
            .collect()
    }
}

fn highest(facet: Facet, segments: &[Named]) -> Vec<FacetCount> {
    let mut counts: foldhash::HashMap<&[u8], u64> = foldhash::HashMap::default();
    for (value, count) in segments.iter().flat_map(Named::iter) {
        *counts.entry(value).or_default() += count;
    }
    let mut counts: Vec<(&[u8], u64)> = counts.into_iter().collect();
    let by_count = |(one, high): &(&[u8], u64), (other, low): &(&[u8], u64)| {
        low.cmp(high).then_with(|| one.cmp(other))
    };
    if counts.len() > MOST_VALUES {
        counts.select_nth_unstable_by(MOST_VALUES, by_count);
        counts.truncate(MOST_VALUES);
    }
    counts.sort_unstable_by(by_count);
    let counts = counts.into_iter();
    counts
        .map(|(value, count)| FacetCount {
            value: shown(facet, &String::from_utf8_lossy(value)),
            count,
        })
        .collect()
}

/// The counting within one segment, by the places of values in its columns.
pub struct Tally {
    sight: Arc<Sight>,
    /// How often each class was met, where a facet is counted by classes.
    classes: Option<(Arc<Classes>, Vec<u32>)>,
    facets: Vec<Counted>,
    /// The viewer's own audiences, counted by name.
    audiences: HashMap<String, u64>,
    /// Materials that are counted together: column by column takes half of the time.
    met: Vec<DocId>,
}

const TOGETHER: usize = 64;

/// A facet, and how often each of its values was met. An array: hashing each value of each material would take longer
/// than finding the material did.
struct Counted {
    facet: Facet,
    values: Values,
    /// None: it is counted by classes, or no material of the segment has a value.
    flat: Option<Arc<Flat>>,
    counts: Vec<u32>,
}

/// What the places in a column stand for.
enum Values {
    Absent,
    Words(StrColumn),
    /// From this year on.
    Years(i64),
}

impl Counted {
    fn of(facet: Facet, segment: &SegmentReader, flats: &Flats) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let name = column_of(facet);
        let (values, count) = if name == column::YEAR {
            let years = columns.i64(name)?;
            let (first, last) = (years.min_value(), years.max_value());
            let count = usize::try_from(last.saturating_sub(first)).map_or(0, |rest| rest + 1);
            (Values::Years(first), count)
        } else {
            columns.str(name)?.map_or((Values::Absent, 0), |column| {
                let count = column.num_terms();
                (Values::Words(column), count)
            })
        };
        let flat = match &values {
            Values::Words(column) if Classes::member(facet).is_none() => {
                let place = |ord: u64| u32::try_from(ord).ok();
                let make = || Flat::of(column.ords(), segment.max_doc(), place);
                Some(flats.get(segment, name, make))
            }
            Values::Absent | Values::Words(_) | Values::Years(_) => None,
        };
        Ok(Self {
            facet,
            values,
            flat,
            counts: vec![0; count],
        })
    }

    fn count(&mut self, docs: &[DocId]) {
        if let Some(flat) = &self.flat {
            flat.count(docs, &mut self.counts);
        }
    }

    /// What was met, by name.
    fn named(self) -> tantivy::Result<Named> {
        let mut named = Named::default();
        let counts = self.counts.into_iter().map(u64::from);
        match self.values {
            Values::Absent => {}
            Values::Years(first) => {
                let met = (first..).zip(counts).filter(|(_, count)| *count > 0);
                met.for_each(|(year, count)| named.push(year.to_string().as_bytes(), count));
            }
            Values::Words(column) => {
                let met = (0..).zip(counts).filter(|(_, count)| *count > 0);
                let (ords, counts): (Vec<u64>, Vec<u64>) = met.unzip();
                let mut counts = counts.into_iter();
                let name = |bytes: &[u8]| {
                    let count = counts.next().unwrap_or_default();
                    named.push(bytes, count);
                };
                column.dictionary().sorted_ords_to_term_cb(&ords, name)?;
            }
        }
        Ok(named)
    }
}

/// Ids of events and units with their hyphens.
fn shown(facet: Facet, value: &str) -> String {
    match (facet, Uuid::try_parse(value)) {
        (Facet::Event | Facet::Unit, Ok(id)) => id.to_string(),
        _ => value.to_owned(),
    }
}

impl Tally {
    pub fn new(
        facets: &[Facet],
        sight: Arc<Sight>,
        segment: &SegmentReader,
        flats: &Flats,
    ) -> tantivy::Result<Self> {
        let counted = facets
            .iter()
            .map(|facet| Counted::of(*facet, segment, flats));
        let by_class = facets.iter().any(|facet| Classes::member(*facet).is_some());
        let classes = by_class.then(|| flats.classes(segment)).transpose()?;
        Ok(Self {
            sight,
            classes: classes.map(|classes| {
                let counts = vec![0; classes.len()];
                (classes, counts)
            }),
            facets: counted.collect::<tantivy::Result<_>>()?,
            audiences: HashMap::new(),
            met: Vec::with_capacity(TOGETHER),
        })
    }

    pub fn count(&mut self, doc: DocId) {
        if self.facets.is_empty() {
            return;
        }
        self.met.push(doc);
        if self.met.len() == TOGETHER {
            self.count_met();
        }
    }

    fn count_met(&mut self) {
        if let Some((classes, counts)) = &mut self.classes {
            classes.count(&self.met, counts);
        }
        let mut seen = Vec::with_capacity(self.met.len());
        for counted in &mut self.facets {
            let knows = knowledge(counted.facet);
            if knows == Knowledge::Material {
                counted.count(&self.met);
                continue;
            }
            let met = self.met.iter().copied();
            seen.clear();
            seen.extend(met.clone().filter(|doc| self.sight.knows(knows, *doc)));
            counted.count(&seen);
            if counted.facet == Facet::Audience {
                for doc in met.filter(|doc| !self.sight.knows(knows, *doc)) {
                    for audience in self.sight.open_audiences(doc) {
                        *self.audiences.entry(audience.to_owned()).or_default() += 1;
                    }
                }
            }
        }
        self.met.clear();
    }

    pub fn counts(mut self) -> tantivy::Result<Counts> {
        self.count_met();
        let mut counts = Counts::default();
        for mut counted in self.facets {
            if let (Some(member), Some((classes, met))) =
                (Classes::member(counted.facet), &self.classes)
            {
                classes.of_member(member, met, &mut counted.counts);
            }
            let facet = counted.facet;
            counts.0.entry(facet).or_default().push(counted.named()?);
        }
        let mut audiences = Named::default();
        for (audience, count) in &self.audiences {
            audiences.push(audience.as_bytes(), *count);
        }
        if !self.audiences.is_empty() {
            counts.0.entry(Facet::Audience).or_default().push(audiences);
        }
        Ok(counts)
    }
}

/// Who may know this of a material.
const fn knowledge(facet: Facet) -> Knowledge {
    match facet {
        Facet::Event => Knowledge::Event,
        Facet::Status | Facet::Processing | Facet::Audience => Knowledge::Unit,
        Facet::Kind
        | Facet::Genre
        | Facet::Language
        | Facet::Keyword
        | Facet::Person
        | Facet::Unit
        | Facet::Year => Knowledge::Material,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::classes::FACETS;

    /// Classes are counted before anybody asks who may know what.
    #[test]
    fn what_is_counted_by_classes_is_known_to_whoever_sees_the_material() {
        for (facet, name) in FACETS {
            assert_eq!(knowledge(facet), Knowledge::Material);
            assert_eq!(column_of(facet), name);
        }
    }
}
