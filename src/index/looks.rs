//! Pictures that look alike, by their perceptual hashes: 64 bits, of which two that look alike share all but a few. What
//! is near is looked up, not scanned for: of four bands of 16 bits, one differs by no more than two wherever the whole
//! differs by no more than ten.

use tantivy::{
    Term,
    query::{Query, TermSetQuery},
    schema::Field,
};

/// Pictures that differ by more bits are others.
pub const FARTHEST: u32 = 10;
/// Bits of a band, and how many of them may differ.
const BAND: u32 = 16;
const SLACK: u32 = FARTHEST / (u64::BITS / BAND);

/// The bands of a hash, each under its number.
pub fn bands(hash: u64) -> impl Iterator<Item = String> {
    numbered(hash).map(|(number, bits)| term(number, bits))
}

fn numbered(hash: u64) -> impl Iterator<Item = (u32, u64)> {
    let mask = (1 << BAND) - 1;
    (0..u64::BITS / BAND).map(move |number| (number, hash >> (number * BAND) & mask))
}

fn term(number: u32, bits: u64) -> String {
    format!("{number}{bits:04x}")
}

/// Pictures of which a band is near one of the hash's: all that look alike, and a few others.
pub fn candidates(hash: u64, bands: Field) -> Box<dyn Query> {
    let near = numbered(hash)
        .flat_map(|(number, bits)| flips().map(move |flipped| term(number, bits ^ flipped)));
    Box::new(TermSetQuery::new(
        near.map(|band| Term::from_field_text(bands, &band)),
    ))
}

/// Every way in which a band may differ.
fn flips() -> impl Iterator<Item = u64> {
    (0..1_u64 << BAND).filter(|bits| bits.count_ones() <= SLACK)
}

/// How alike two pictures look, in thousandths: 1,000 for the same; none for others.
pub fn alike(one: u64, other: u64) -> Option<u32> {
    let apart = (one ^ other).count_ones();
    (apart <= FARTHEST).then(|| 1000 - apart * 1000 / u64::BITS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn whatever_is_near_shares_a_band_nearly() {
        assert_eq!(flips().count(), 1 + 16 + 120);
        let hash = 0x0123_4567_89ab_cdef_u64;
        let near: BTreeSet<String> = numbered(hash)
            .flat_map(|(number, bits)| flips().map(move |flipped| term(number, bits ^ flipped)))
            .collect();
        // The worst: the bits that differ lie spread over all bands.
        let spread = hash ^ 0x0007_0007_0003_0003;
        assert_eq!((hash ^ spread).count_ones(), FARTHEST);
        assert!(bands(spread).any(|band| near.contains(&band)));
        assert_eq!(alike(hash, spread), Some(844));
        assert_eq!(alike(hash, hash), Some(1000));
        assert_eq!(alike(hash, hash ^ 0x7ff), None);
    }
}
