//! Materials of a segment, a bit each: whether one is among them is one look, and 64 are looked at together.

use tantivy::DocId;

const LANE: DocId = 64;

#[derive(Debug)]
pub enum Docs {
    All,
    None,
    Some(Box<[u64]>),
}

impl Docs {
    /// Those of so many for which it holds.
    pub fn of(materials: DocId, mut holds: impl FnMut(DocId) -> bool) -> Self {
        let mut bits = vec![0; materials.div_ceil(LANE) as usize];
        let mut count = 0;
        for doc in (0..materials).filter(|doc| holds(*doc)) {
            bits[(doc / LANE) as usize] |= 1 << (doc % LANE);
            count += 1;
        }
        match count {
            0 => Self::None,
            count if count == materials => Self::All,
            _ => Self::Some(bits.into()),
        }
    }

    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    pub fn holds(&self, doc: DocId) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Some(bits) => bit(bits, doc / LANE) >> (doc % LANE) & 1 == 1,
        }
    }

    /// Which of the 64 from this one on are among them, the first in the lowest bit.
    pub fn from(&self, doc: DocId) -> u64 {
        match self {
            Self::All => u64::MAX,
            Self::None => 0,
            Self::Some(bits) => {
                let (lane, within) = (doc / LANE, doc % LANE);
                let next = bit(bits, lane + 1).checked_shl(LANE - within);
                bit(bits, lane) >> within | next.unwrap_or(0)
            }
        }
    }
}

/// None behind the last.
fn bit(bits: &[u64], lane: DocId) -> u64 {
    bits.get(lane as usize).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_of_one_holds_among_64() {
        for rule in [
            (|doc| doc % 3 == 1) as fn(DocId) -> bool,
            |doc| doc > 100,
            |_| true,
            |_| false,
        ] {
            let docs = Docs::of(200, rule);
            for doc in 0..330 {
                let is_there = docs.is_all() || doc < 200 && rule(doc);
                assert_eq!(docs.holds(doc), is_there, "{doc}");
                for within in 0..LANE {
                    let together = docs.from(doc) >> within & 1 == 1;
                    assert_eq!(together, docs.holds(doc + within), "{doc} {within}");
                }
            }
        }
    }
}
