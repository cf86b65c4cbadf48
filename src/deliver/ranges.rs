//! The `Range` header of a GET (RFC 9110 section 14): in comes the header and the size of what is asked for, out
//! comes which bytes to send. What is not understood is ignored, as the RFC wants it; many ranges, or ranges over each
//! other, cannot make an answer larger than the whole.

use std::ops::Range;

const UNIT: &str = "bytes";
/// Section 14.2: a server may ignore many small ranges, or more than two that overlap.
const MOST_RANGES: usize = 16;
const MOST_OVERLAPS: usize = 2;

/// Which bytes to send, and with which status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ranges {
    /// 200, everything.
    Whole,
    /// 206 with `Content-Range`; never empty.
    One(Range<u64>),
    /// 206 as `multipart/byteranges`: two or more, none empty, none touching another, in the order asked for.
    Many(Vec<Range<u64>>),
    /// 416 with `Content-Range: bytes */size`.
    Unsatisfiable,
}

/// One `range-spec` of section 14.1.1. Numbers too large for 64 bits are as good as the largest.
#[derive(Debug, Clone, Copy)]
enum Spec {
    From { first: u64, last: Option<u64> },
    Last { length: u64 },
}

/// What `header` asks for of `size` bytes. Without a header, in another unit, or against the grammar: everything.
pub fn parse(header: Option<&str>, size: u64) -> Ranges {
    let Some(specs) = header.and_then(specs) else {
        return Ranges::Whole;
    };
    if specs.len() > MOST_RANGES {
        return Ranges::Whole;
    }
    let suffix = specs
        .iter()
        .any(|spec| matches!(spec, Spec::Last { length: 1.. }));
    if size == 0 && suffix {
        // Satisfiable by section 14.1.2, but Content-Range has no words for the last bytes of nothing.
        return Ranges::Whole;
    }
    let asked: Vec<_> = specs
        .into_iter()
        .filter_map(|spec| resolve(spec, size))
        .collect();
    if overlaps(&asked) > MOST_OVERLAPS {
        return Ranges::Whole;
    }
    let mut joined = join(asked);
    match joined.len() {
        0 => Ranges::Unsatisfiable,
        1 => Ranges::One(joined.remove(0)),
        _ => Ranges::Many(joined),
    }
}

/// The value of `Content-Range` for bytes that are sent (section 14.4). The range is not empty.
pub fn content_range(range: &Range<u64>, size: u64) -> String {
    format!(
        "{UNIT} {}-{}/{size}",
        range.start,
        range.end.saturating_sub(1)
    )
}

/// The value of `Content-Range` for a 416.
pub fn unsatisfied(size: u64) -> String {
    format!("{UNIT} */{size}")
}

fn specs(header: &str) -> Option<Vec<Spec>> {
    let (unit, set) = header.trim().split_once('=')?;
    if !unit.eq_ignore_ascii_case(UNIT) {
        return None;
    }
    // Section 5.6.1.2: empty elements of a list are ignored.
    let elements = set
        .split(',')
        .map(|element| element.trim_matches([' ', '\t']));
    let specs: Option<Vec<_>> = elements
        .filter(|element| !element.is_empty())
        .map(spec)
        .collect();
    specs.filter(|specs| !specs.is_empty())
}

fn spec(element: &str) -> Option<Spec> {
    let (first, last) = element.split_once('-')?;
    if first.is_empty() {
        return Some(Spec::Last {
            length: number(last)?,
        });
    }
    let first = number(first)?;
    let last = if last.is_empty() {
        None
    } else {
        Some(number(last)?)
    };
    // Section 14.1.1: the last before the first is not a range, and spoils the set.
    last.is_none_or(|last| last >= first)
        .then_some(Spec::From { first, last })
}

fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

fn resolve(spec: Spec, size: u64) -> Option<Range<u64>> {
    let range = match spec {
        Spec::From { first, last } => {
            first..last.map_or(size, |last| last.saturating_add(1).min(size))
        }
        Spec::Last { length } => size.saturating_sub(length)..size,
    };
    (range.start < range.end).then_some(range)
}

fn overlaps(ranges: &[Range<u64>]) -> usize {
    let pairs = ranges.iter().enumerate().flat_map(|(at, one)| {
        ranges[at + 1..]
            .iter()
            .filter(move |other| one.start < other.end && other.start < one.end)
    });
    pairs.count()
}

/// Section 15.3.7.2: ranges that overlap or touch become one, which stands where the first of them stood.
fn join(asked: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::with_capacity(asked.len());
    for mut range in asked {
        let mut place = joined.len();
        while let Some(at) = joined
            .iter()
            .position(|other| range.start <= other.end && other.start <= range.end)
        {
            let other = joined.remove(at);
            range = range.start.min(other.start)..range.end.max(other.end);
            place = place.min(at);
        }
        joined.insert(place.min(joined.len()), range);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, size: u64) -> Ranges {
        parse(Some(header), size)
    }

    #[test]
    fn the_examples_of_section_14_1_2() {
        assert_eq!(of("bytes=0-499", 10_000), Ranges::One(0..500));
        assert_eq!(of("bytes=500-999", 10_000), Ranges::One(500..1_000));
        assert_eq!(of("bytes=-500", 10_000), Ranges::One(9_500..10_000));
        assert_eq!(of("bytes=9500-", 10_000), Ranges::One(9_500..10_000));
        assert_eq!(
            of("bytes=0-0,-1", 10_000),
            Ranges::Many(vec![0..1, 9_999..10_000])
        );
        assert_eq!(
            of("bytes= 0-0, -2", 10_000),
            Ranges::Many(vec![0..1, 9_998..10_000])
        );
        assert_eq!(
            of("bytes= 0-999, 4500-5499, -1000", 10_000),
            Ranges::Many(vec![0..1_000, 4_500..5_500, 9_000..10_000])
        );
        assert_eq!(of("bytes=500-600,601-999", 10_000), Ranges::One(500..1_000));
        assert_eq!(of("bytes=500-700,601-999", 10_000), Ranges::One(500..1_000));
    }

    #[test]
    fn what_is_not_understood_is_ignored() {
        assert_eq!(parse(None, 10), Ranges::Whole);
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "items=0-1",
            "bytes=a-b",
            "bytes=1",
            "bytes=-",
            "bytes=+1-2",
            "bytes=1--2",
            "bytes=5-4",
            "bytes=0-1,5-4",
            "bytes 0-1",
            "bytes=0x1-2",
            "bytes=1 - 2",
            "bytes =0-1",
            "bytes=0-1;2-3",
            "bytes=٣-٤",
        ] {
            assert_eq!(of(header, 10), Ranges::Whole, "{header:?}");
        }
        assert_eq!(of("Bytes=,0-1 ,\t,", 10), Ranges::One(0..2));
    }

    #[test]
    fn ends_are_kept_within_the_size() {
        assert_eq!(of("bytes=5-99", 10), Ranges::One(5..10));
        assert_eq!(of("bytes=-99", 10), Ranges::One(0..10));
        assert_eq!(of("bytes=10-", 10), Ranges::Unsatisfiable);
        assert_eq!(of("bytes=-0", 10), Ranges::Unsatisfiable);
        assert_eq!(of("bytes=10-,-0", 10), Ranges::Unsatisfiable);
        assert_eq!(of("bytes=99-,0-0", 10), Ranges::One(0..1));
    }

    #[test]
    fn numbers_beyond_64_bits_are_large_not_wrong() {
        assert_eq!(
            of("bytes=0-99999999999999999999999", 10),
            Ranges::One(0..10)
        );
        assert_eq!(of("bytes=-99999999999999999999999", 10), Ranges::One(0..10));
        assert_eq!(
            of("bytes=99999999999999999999999-", 10),
            Ranges::Unsatisfiable
        );
        assert_eq!(
            of(&format!("bytes=0-{}", u64::MAX), u64::MAX),
            Ranges::One(0..u64::MAX)
        );
    }

    #[test]
    fn nothing_has_no_parts() {
        assert_eq!(of("bytes=0-", 0), Ranges::Unsatisfiable);
        assert_eq!(of("bytes=0-0", 0), Ranges::Unsatisfiable);
        assert_eq!(of("bytes=-1", 0), Ranges::Whole);
        assert_eq!(of("bytes=-0", 0), Ranges::Unsatisfiable);
    }

    #[test]
    fn parts_keep_their_order_and_never_overlap() {
        assert_eq!(of("bytes=8-9,0-1", 10), Ranges::Many(vec![8..10, 0..2]));
        assert_eq!(of("bytes=6-7,0-1,4-6", 10), Ranges::Many(vec![4..8, 0..2]));
        assert_eq!(of("bytes=0-1,4-5,2-3", 10), Ranges::One(0..6));
        assert_eq!(
            of("bytes=8-9,0-1,4-5,1-4", 10),
            Ranges::Many(vec![8..10, 0..6])
        );
    }

    #[test]
    fn abuse_gets_the_whole() {
        let many: Vec<_> = (0..17).map(|at| format!("{0}-{0}", at * 10)).collect();
        assert_eq!(
            of(&format!("bytes={}", many.join(",")), 1_000),
            Ranges::Whole
        );
        assert!(
            matches!(of(&format!("bytes={}", many[..16].join(",")), 1_000), Ranges::Many(parts) if parts.len() == 16)
        );
        assert_eq!(of("bytes=0-,0-,0-", 1_000), Ranges::Whole);
        assert_eq!(of("bytes=0-,0-", 1_000), Ranges::One(0..1_000));
    }

    #[test]
    fn the_examples_of_section_14_4() {
        assert_eq!(content_range(&(42..1_234), 1_234), "bytes 42-1233/1234");
        assert_eq!(unsatisfied(1_234), "bytes */1234");
    }
}
