//! The numbers that the files of a kit begin with: the places among what a caller has of it and had. What is taken back
//! leaves a gap, and the others keep theirs; whoever never had it has no gap.

use std::collections::HashMap;

use super::Withdrawn;
use crate::{db::kit_items, terms::MaterialId};

pub(super) struct Numbers {
    /// With their positions in the kit, in its order.
    gone: Vec<(i32, Withdrawn)>,
    /// The positions of the others, where there is a gap.
    places: HashMap<MaterialId, i32>,
}

impl Numbers {
    pub fn new(rows: &[kit_items::Model], gone: Vec<(i32, Withdrawn)>) -> Self {
        let rows = rows.iter().filter(|_| !gone.is_empty());
        Self {
            places: rows.map(|row| (row.material_id, row.position)).collect(),
            gone,
        }
    }

    /// How many gaps there are before the item.
    pub fn gaps_before(&self, material: MaterialId) -> usize {
        let place = self.places.get(&material).copied().unwrap_or_default();
        self.gone.partition_point(|(gone, _)| *gone < place)
    }

    /// What was taken back, numbered among these, which are in the kit's order.
    pub fn gaps(self, held: impl Iterator<Item = MaterialId>) -> Vec<Withdrawn> {
        let place = |id: MaterialId| self.places.get(&id).copied().unwrap_or_default();
        let held: Vec<i32> = if self.gone.is_empty() {
            Vec::new()
        } else {
            held.map(place).collect()
        };
        let numbered = self.gone.into_iter().enumerate().map(|(at, (gap, gone))| {
            let before = held.partition_point(|place| *place < gap);
            Withdrawn {
                number: at + before + 1,
                ..gone
            }
        });
        numbered.collect()
    }
}
