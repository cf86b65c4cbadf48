//! Columns that are counted by, laid out flat in memory: what a facet asks of each material found is one look into an
//! array. Written by hand: tantivy's columns are packed bit by bit, and to count through them took longer than to find.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tantivy::{
    DocId, Searcher, SegmentReader,
    columnar::{Cardinality, Column},
    index::SegmentId,
};

/// The values of each material of a segment, as places in a list of them. Four bytes a value, and four a material.
pub enum Flat {
    /// One at most, by the material.
    One(Box<[u32]>),
    Many {
        /// Where the values of each material begin, and the last ones end.
        bounds: Box<[u32]>,
        values: Box<[u32]>,
    },
}

/// No value.
const NONE: u32 = u32::MAX;

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
            return Self::One(values.collect());
        }
        let (mut bounds, mut values) = (vec![0], Vec::new());
        for doc in 0..materials {
            values.extend(column.values_for_doc(doc).map(place));
            bounds.push(u32::try_from(values.len()).unwrap_or(NONE));
        }
        Self::Many {
            bounds: bounds.into(),
            values: values.into(),
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
        Self::One(places.into())
    }

    /// The first value of a material.
    pub fn first(&self, doc: DocId) -> u32 {
        let doc = doc as usize;
        match self {
            Self::One(values) => values[doc],
            Self::Many { bounds, values } if bounds[doc] < bounds[doc + 1] => {
                values[bounds[doc] as usize]
            }
            Self::Many { .. } => NONE,
        }
    }

    /// Counts the materials' values.
    pub fn count(&self, docs: &[DocId], counts: &mut [u64]) {
        let mut count = |place: u32| {
            if let Some(count) = counts.get_mut(place as usize) {
                *count += 1;
            }
        };
        match self {
            Self::One(values) => {
                let values = docs.iter().map(|doc| values[*doc as usize]);
                values.for_each(count);
            }
            Self::Many { bounds, values } => {
                for doc in docs {
                    let doc = *doc as usize;
                    let range = bounds[doc] as usize..bounds[doc + 1] as usize;
                    values[range].iter().copied().for_each(&mut count);
                }
            }
        }
    }
}

/// Those that were asked for before, of segments that are still read.
#[derive(Clone, Default)]
pub struct Flats(Arc<Mutex<Kept>>);

type Kept = HashMap<(SegmentId, &'static str), Arc<Flat>>;

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
        let kept = self.with(|kept| kept.get(&key).map(Arc::clone));
        kept.unwrap_or_else(|| {
            let flat = Arc::new(make());
            self.with(|kept| kept.insert(key, Arc::clone(&flat)));
            flat
        })
    }

    /// Gives up those of segments that nobody will read any more.
    pub fn keep_only(&self, searcher: &Searcher) {
        let read = searcher.segment_readers().iter();
        let read: Vec<SegmentId> = read.map(SegmentReader::segment_id).collect();
        self.with(|kept| kept.retain(|(segment, _), _| read.contains(segment)));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        // Nothing panics while it is locked.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
