//! Whether a TIFF is a camera's RAW file: its directories say so by a tag of DNG, by a colour filter array, or by a
//! compression that only cameras use. Looks no further than the bytes at hand.

/// Tags of TIFF 6.0 and of DNG 1.7 (chapter 2) that this looks for.
const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const SUB_DIRECTORIES: u16 = 330;
const DNG_VERSION: u16 = 50_706;

struct Head<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

/// Whether the TIFF that begins with `bytes` holds what a sensor saw, not yet a picture.
pub fn is_mosaic(bytes: &[u8]) -> bool {
    let head = Head {
        bytes,
        big_endian: bytes.starts_with(b"MM"),
    };
    if bytes.get(8..10) == Some(b"CR") {
        return true;
    }
    let Some(first) = head.long(4) else {
        return false;
    };
    let (mosaic, below) = head.directory(first);
    mosaic || below.into_iter().any(|place| head.directory(place).0)
}

impl Head<'_> {
    fn short(&self, place: usize) -> Option<u16> {
        let bytes = self
            .bytes
            .get(place..place.checked_add(2)?)?
            .try_into()
            .ok()?;
        Some(if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    fn long(&self, place: usize) -> Option<usize> {
        let bytes = self
            .bytes
            .get(place..place.checked_add(4)?)?
            .try_into()
            .ok()?;
        usize::try_from(if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
        .ok()
    }

    /// Whether the directory at `place` speaks of a mosaic, and the places of those below it (eight at most).
    fn directory(&self, place: usize) -> (bool, Vec<usize>) {
        let mut below = Vec::new();
        let entries = self.short(place).unwrap_or(0).min(256);
        for entry in (0..usize::from(entries)).map(|n| place + 2 + n * 12) {
            let (Some(tag), Some(value)) = (self.short(entry), self.short(entry + 8)) else {
                break;
            };
            match (tag, value) {
                (DNG_VERSION, _)
                | (PHOTOMETRIC, 32_803 | 34_892)
                | (COMPRESSION, 34_713 | 32_767 | 65_535) => {
                    return (true, below);
                }
                (SUB_DIRECTORIES, _) => {
                    let count = self.long(entry + 4).unwrap_or(0).min(8);
                    let list = if count == 1 {
                        Some(entry + 8)
                    } else {
                        self.long(entry + 8)
                    };
                    below.extend((0..count).filter_map(|n| self.long(list? + n * 4)));
                }
                _ => {}
            }
        }
        (false, below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiff(tag: u16, value: u16) -> Vec<u8> {
        let mut bytes = b"II*\0\x08\0\0\0\x01\0".to_vec();
        bytes.extend(tag.to_le_bytes());
        bytes.extend([3, 0, 1, 0, 0, 0]);
        bytes.extend(value.to_le_bytes());
        bytes.extend([0; 6]);
        bytes
    }

    #[test]
    fn a_mosaic_is_told_from_a_picture() {
        assert!(is_mosaic(&tiff(PHOTOMETRIC, 32_803)));
        assert!(is_mosaic(&tiff(DNG_VERSION, 1)));
        assert!(!is_mosaic(&tiff(PHOTOMETRIC, 2)));
    }

    #[test]
    fn a_head_cut_anywhere_is_no_harm() {
        let whole = tiff(SUB_DIRECTORIES, 8);
        assert!((0..whole.len()).all(|end| !is_mosaic(&whole[..end])));
    }
}
