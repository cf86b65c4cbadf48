//! Columns that are counted by, laid out flat in memory: what a facet asks of each material found is one look into an
//! array. Written by hand: tantivy's columns are packed bit by bit, and to count through them took longer than to find.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use tantivy::{
    DocId, Searcher, SegmentReader,
    columnar::{Cardinality, Column},
    index::SegmentId,
};

use super::classes::Classes;

/// The values of each material of a segment, as places in a list of them.
pub enum Flat {
    /// One at most, by the material.
    One(Places),
    Many {
        /// Where the values of each material begin, and the last ones end.
        bounds: Box<[u32]>,
        values: Places,
    },
}

/// Numbers in as few bytes as the largest of them takes: the closer they lie, the sooner they are counted. Where there is
/// none stands the largest number of so many bytes, which is nobody's place.
pub enum Places {
    Small(Box<[u8]>),
    Middling(Box<[u16]>),
    Large(Box<[u32]>),
}

/// No value.
pub const NONE: u32 = u32::MAX;

impl Places {
    pub fn of(places: &[u32]) -> Self {
        let most = places.iter().filter(|place| **place != NONE).max();
        match most.copied().unwrap_or(0) {
            0..=0xfe => Self::Small(narrow(places, u8::MAX)),
            0xff..=0xfffe => Self::Middling(narrow(places, u16::MAX)),
            _ => Self::Large(places.into()),
        }
    }

    fn get(&self, at: usize) -> u32 {
        match self {
            Self::Small(places) => places[at].into(),
            Self::Middling(places) => places[at].into(),
            Self::Large(places) => places[at],
        }
    }

    /// Counts what stands at each of these.
    pub fn count(&self, at: &[DocId], counts: &mut [u32]) {
        match self {
            Self::Small(places) => count(at.iter().map(|at| places[*at as usize]), counts),
            Self::Middling(places) => count(at.iter().map(|at| places[*at as usize]), counts),
            Self::Large(places) => count(at.iter().map(|at| places[*at as usize]), counts),
        }
    }

    /// Counts what stands there.
    fn count_all(&self, there: Range<usize>, counts: &mut [u32]) {
        match self {
            Self::Small(places) => count(places[there].iter().copied(), counts),
            Self::Middling(places) => count(places[there].iter().copied(), counts),
            Self::Large(places) => count(places[there].iter().copied(), counts),
        }
    }
}

fn narrow<P: TryFrom<u32> + Copy>(places: &[u32], none: P) -> Box<[P]> {
    let places = places.iter();
    places
        .map(|place| P::try_from(*place).unwrap_or(none))
        .collect()
}

fn count<P: Into<u32>>(places: impl Iterator<Item = P>, counts: &mut [u32]) {
    for place in places {
        if let Some(count) = counts.get_mut(place.into() as usize) {
            *count += 1;
        }
    }
}

impl Flat {
    /// `place` says where a value stands in the list of them.
    pub fn of<T: Copy + PartialOrd + std::fmt::Debug + Send + Sync + Default + 'static>(
        column: &Column<T>,
        materials: DocId,
        place: impl Fn(T) -> Option<u32>,
    ) -> Self {
        let place = |value| place(value).unwrap_or(NONE);
        if column.index.get_cardinality() != Cardinality::Multivalued {
            let values = (0..materials).map(|doc| column.first(doc).map_or(NONE, place));
            return Self::One(Places::of(&values.collect::<Vec<_>>()));
        }
        let (mut bounds, mut values) = (vec![0], Vec::new());
        for doc in 0..materials {
            values.extend(column.values_for_doc(doc).map(place));
            bounds.push(u32::try_from(values.len()).unwrap_or(NONE));
        }
        Self::Many {
            bounds: bounds.into(),
            values: Places::of(&values),
        }
    }

    /// As their values the places of the materials in the order of these numbers, which are theirs one after the other.
    pub fn order(numbers: impl Iterator<Item = u128>) -> Self {
        let mut numbers: Vec<(u128, usize)> = numbers.zip(0..).collect();
        numbers.sort_unstable();
        let mut places = vec![NONE; numbers.len()];
        for (place, (_, doc)) in (0..).zip(numbers) {
            places[doc] = place;
        }
        Self::One(Places::of(&places))
    }

    /// The first value of a material that has one.
    pub fn first(&self, doc: DocId) -> u32 {
        let doc = doc as usize;
        match self {
            Self::One(values) => values.get(doc),
            Self::Many { bounds, values } => values.get(bounds[doc] as usize),
        }
    }

    /// Counts the materials' values.
    pub fn count(&self, docs: &[DocId], counts: &mut [u32]) {
        match self {
            Self::One(values) => values.count(docs, counts),
            Self::Many { bounds, values } => {
                for doc in docs {
                    let doc = *doc as usize;
                    let range = bounds[doc] as usize..bounds[doc + 1] as usize;
                    values.count_all(range, counts);
                }
            }
        }
    }
}

/// Those that were asked for before, of segments that are still read.
#[derive(Clone, Default)]
pub struct Flats(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    columns: HashMap<(SegmentId, &'static str), Arc<Flat>>,
    classes: HashMap<SegmentId, Arc<Classes>>,
}

impl std::fmt::Debug for Flats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flats").finish_non_exhaustive()
    }
}

impl Flats {
    /// The column of this name, made where it was not asked for before.
    pub fn get(
        &self,
        segment: &SegmentReader,
        name: &'static str,
        make: impl FnOnce() -> Flat,
    ) -> Arc<Flat> {
        let key = (segment.segment_id(), name);
        let kept = self.with(|kept| kept.columns.get(&key).map(Arc::clone));
        kept.unwrap_or_else(|| {
            let flat = Arc::new(make());
            self.with(|kept| kept.columns.insert(key, Arc::clone(&flat)));
            flat
        })
    }

    /// The classes of the segment's materials.
    pub fn classes(&self, segment: &SegmentReader) -> tantivy::Result<Arc<Classes>> {
        let key = segment.segment_id();
        if let Some(kept) = self.with(|kept| kept.classes.get(&key).map(Arc::clone)) {
            return Ok(kept);
        }
        let classes = Arc::new(Classes::of(segment)?);
        self.with(|kept| kept.classes.insert(key, Arc::clone(&classes)));
        Ok(classes)
    }

    /// Gives up those of segments that nobody will read any more.
    pub fn keep_only(&self, searcher: &Searcher) {
        let read = searcher.segment_readers().iter();
        let read: Vec<SegmentId> = read.map(SegmentReader::segment_id).collect();
        self.with(|kept| {
            kept.columns
                .retain(|(segment, _), _| read.contains(segment));
            kept.classes.retain(|segment, _| read.contains(segment));
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        // Nothing panics while it is locked.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_whichever_width_and_what_has_none_is_not() {
        for values in [1, 255, 256, 65_535, 65_536, 70_000] {
            let mut places: Vec<u32> = (0..values).collect();
            places.extend([NONE, values - 1]);
            let docs: Vec<DocId> = (0..values + 2).collect();
            let mut counts = vec![0; values as usize];
            Places::of(&places).count(&docs, &mut counts);
            assert_eq!(counts.pop(), Some(2), "{values}");
            assert!(counts.iter().all(|count| *count == 1), "{values}");
        }
    }
}
