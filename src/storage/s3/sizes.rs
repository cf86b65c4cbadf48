//! How a blob is cut, so that ten thousand parts reach 5 TiB (Amazon S3 API, “Multipart upload limits”).

const MIB: u64 = 1 << 20;
/// All but the last part have at least this.
pub const LEAST: u64 = 5 * MIB;
const USUAL: u64 = 8 * MIB;
pub const MOST_PARTS: u64 = 10_000;
/// Parts are cut so that so many would do: the rest are for those that end early.
const PLANNED: u64 = 9_000;

/// How long a part should be, in bytes: as planned for what is expected; else eight mebibytes, twice as many after each
/// thousand parts.
pub fn size_of(expected: Option<u64>, number: i32) -> u64 {
    match expected {
        Some(expected) => expected.div_ceil(PLANNED).next_multiple_of(MIB).max(USUAL),
        None => USUAL << (number.unsigned_abs() / 1000).min(9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIB: u64 = 1 << 40;

    #[test]
    fn ten_thousand_parts_reach_five_tebibytes() {
        for expected in [1, USUAL, 100 * USUAL, 1 << 36, TIB, 5 * TIB] {
            let size = size_of(Some(expected), 1);
            assert!(expected.div_ceil(size) <= PLANNED, "{expected}: {size}");
            assert!((LEAST..=5 << 30).contains(&size));
        }
        let reached: u64 = (1..=9_999).map(|number| size_of(None, number)).sum();
        assert!(reached > 5 * TIB, "{reached}");
    }
}
