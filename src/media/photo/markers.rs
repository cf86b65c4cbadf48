//! The segments of a JPEG in memory (ISO/IEC 10918-1 annex B.1.1.4), up to its pixels.

/// More segments than this are no photo's.
const MOST: usize = 1000;
const START_OF_SCAN: u8 = 0xDA;

/// The markers with their data, from behind the start of the image to the first scan or to where it makes no sense.
pub fn of(jpeg: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    let next = move || {
        let (marker, data, behind) = first(rest)?;
        rest = behind;
        Some((marker, data))
    };
    std::iter::from_fn(next).take(MOST)
}

fn first(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [0xFF, rest @ ..] = bytes else {
        return None;
    };
    // Any number of bytes of 0xFF may stand before a marker.
    let fill = rest.iter().take_while(|byte| **byte == 0xFF).count();
    let (marker, rest) = rest.get(fill..)?.split_first()?;
    if *marker == START_OF_SCAN {
        return None;
    }
    let (length, _) = rest.split_first_chunk()?;
    let (segment, behind) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((*marker, segment.get(2..)?, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_up_to_the_pixels_and_no_further_than_the_file() {
        let jpeg =
            b"\xFF\xD8\xFF\xFF\xE1\x00\x05abc\xFF\xDB\x00\x02\xFF\xDA\x00\x02\xFF\xE1\x00\x02";
        let found: Vec<_> = of(jpeg).collect();
        assert_eq!(found, [(0xE1, &b"abc"[..]), (0xDB, &b""[..])]);
        for end in 0..jpeg.len() {
            assert!(of(&jpeg[..end]).count() <= 2);
        }
        assert_eq!(
            of(b"\xFF\xD8\xFF\xE1\x00\x00").count(),
            0,
            "shorter than itself"
        );
    }
}
