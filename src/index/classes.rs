//! Facets of which a material has one value at most: what has the same of all of them is of one class, and classes are
//! counted, which is one look at a material where there were five.

use std::collections::HashMap;

use tantivy::{
    DocId, SegmentReader,
    columnar::{Column, StrColumn},
};

use super::{
    flat::{NONE, Places},
    query::Facet,
    schema::column,
};

pub(super) const FACETS: [(Facet, &str); 5] = [
    (Facet::Kind, column::KIND),
    (Facet::Genre, column::GENRE),
    (Facet::Language, column::LANGUAGE),
    (Facet::Unit, column::UNIT),
    (Facet::Year, column::YEAR),
];

/// Places of values in their columns, a facet each; `NONE` where it has none.
type Class = [u32; FACETS.len()];

pub struct Classes {
    of: Places,
    classes: Vec<Class>,
}

/// A column of the facet.
enum Values {
    Absent,
    Words(StrColumn),
    /// From the first year on.
    Years(Column<i64>),
}

impl Values {
    fn of(segment: &SegmentReader, name: &str) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        if name == column::YEAR {
            return Ok(Self::Years(columns.i64(name)?));
        }
        Ok(columns.str(name)?.map_or(Self::Absent, Self::Words))
    }

    fn place(&self, doc: DocId) -> u32 {
        let place = match self {
            Self::Absent => None,
            Self::Words(column) => column.ords().first(doc).and_then(|ord| ord.try_into().ok()),
            Self::Years(years) => years
                .first(doc)
                .and_then(|year| (year - years.min_value()).try_into().ok()),
        };
        place.unwrap_or(NONE)
    }
}

impl Classes {
    pub fn of(segment: &SegmentReader) -> tantivy::Result<Self> {
        let values = FACETS.map(|(_, name)| Values::of(segment, name));
        let values = values.into_iter().collect::<tantivy::Result<Vec<_>>>()?;
        let (mut known, mut classes) = (HashMap::new(), Vec::new());
        let of = (0..segment.max_doc()).map(|doc| {
            let mut class: Class = [NONE; FACETS.len()];
            for (place, values) in class.iter_mut().zip(&values) {
                *place = values.place(doc);
            }
            *known.entry(class).or_insert_with(|| {
                classes.push(class);
                u32::try_from(classes.len() - 1).unwrap_or(NONE)
            })
        });
        let of = Places::of(&of.collect::<Vec<_>>());
        Ok(Self { of, classes })
    }

    /// Which of a class's places this facet has; none: it is not counted by classes.
    pub fn member(facet: Facet) -> Option<usize> {
        FACETS.iter().position(|(one, _)| *one == facet)
    }

    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Counts the materials' classes.
    pub fn count(&self, docs: &[DocId], counts: &mut [u32]) {
        self.of.count(docs, counts);
    }

    /// How often each of the values of this member was met, where each class was met so often.
    pub fn of_member(&self, member: usize, met: &[u32], counts: &mut [u32]) {
        for (class, met) in self.classes.iter().zip(met) {
            if let Some(count) = counts.get_mut(class[member] as usize) {
                *count += met;
            }
        }
    }
}
