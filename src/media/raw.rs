//! Whether a TIFF is a camera's RAW file, and of which maker: its directories say so by a tag of DNG, by a colour filter
//! array, or by a compression that only cameras use. Looks no further than the bytes at hand.

/// All RAW files, under the names that the desktop's database of types has for them (shared-mime-info).
pub const MEDIA_TYPES: [&str; 11] = [
    "image/x-adobe-dng",
    "image/x-canon-cr2",
    "image/x-canon-cr3",
    "image/x-nikon-nef",
    "image/x-sony-arw",
    "image/x-fuji-raf",
    "image/x-olympus-orf",
    "image/x-panasonic-rw2",
    "image/x-pentax-pef",
    "image/x-samsung-srw",
    "image/x-dcraw",
];

/// Tags of TIFF 6.0 and of DNG 1.7 (chapter 2) that this looks for.
const COMPRESSION: u16 = 259;
const MAKE: u16 = 271;
const PHOTOMETRIC: u16 = 262;
const SUB_DIRECTORIES: u16 = 330;
const DNG_VERSION: u16 = 50_706;

struct Head<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

/// The media type of the TIFF that begins with `bytes`, where it holds what a sensor saw, not yet a picture.
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let head = Head {
        bytes,
        big_endian: bytes.starts_with(b"MM"),
    };
    if bytes.get(8..10) == Some(b"CR") {
        return Some("image/x-canon-cr2");
    }
    let first = head.directory(head.long(4)?);
    let below = first.below.iter().map(|place| head.directory(*place));
    let is_mosaic = first.is_mosaic || below.into_iter().any(|directory| directory.is_mosaic);
    let makers = [
        ("NIKON", "image/x-nikon-nef"),
        ("SONY", "image/x-sony-arw"),
        ("PENTAX", "image/x-pentax-pef"),
        ("RICOH", "image/x-pentax-pef"),
        ("SAMSUNG", "image/x-samsung-srw"),
    ];
    let of_maker = || {
        let make = first.make.to_ascii_uppercase();
        makers.iter().find(|(maker, _)| make.starts_with(maker))
    };
    if first.is_dng {
        Some("image/x-adobe-dng")
    } else {
        is_mosaic.then(|| of_maker().map_or("image/x-dcraw", |(_, media_type)| media_type))
    }
}

/// What a directory says.
#[derive(Default)]
struct Directory {
    is_dng: bool,
    is_mosaic: bool,
    make: String,
    /// The places of those below it, eight at most.
    below: Vec<usize>,
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

    fn directory(&self, place: usize) -> Directory {
        let mut found = Directory::default();
        let entries = self.short(place).unwrap_or(0).min(256);
        for entry in (0..usize::from(entries)).map(|n| place + 2 + n * 12) {
            let (Some(tag), Some(value)) = (self.short(entry), self.short(entry + 8)) else {
                break;
            };
            match (tag, value) {
                (DNG_VERSION, _) => found.is_dng = true,
                (PHOTOMETRIC, 32_803 | 34_892) | (COMPRESSION, 34_713 | 32_767 | 65_535) => {
                    found.is_mosaic = true;
                }
                (MAKE, _) => found.make = self.letters(entry),
                (SUB_DIRECTORIES, _) => {
                    let count = self.long(entry + 4).unwrap_or(0).min(8);
                    let list = if count == 1 {
                        Some(entry + 8)
                    } else {
                        self.long(entry + 8)
                    };
                    let places = (0..count).filter_map(|n| self.long(list? + n * 4));
                    found.below.extend(places);
                }
                _ => {}
            }
        }
        found
    }

    /// The first letters of an entry's text.
    fn letters(&self, entry: usize) -> String {
        let length = self.long(entry + 4).unwrap_or(0).min(16);
        let place = if length <= 4 {
            Some(entry + 8)
        } else {
            self.long(entry + 8)
        };
        let bytes = place.and_then(|place| self.bytes.get(place..place.checked_add(length)?));
        String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
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
        assert_eq!(
            media_type(&tiff(PHOTOMETRIC, 32_803)),
            Some("image/x-dcraw")
        );
        assert_eq!(media_type(&tiff(DNG_VERSION, 1)), Some("image/x-adobe-dng"));
        assert_eq!(media_type(&tiff(PHOTOMETRIC, 2)), None);
    }

    #[test]
    fn a_head_cut_anywhere_is_no_harm() {
        let whole = tiff(SUB_DIRECTORIES, 8);
        assert!((0..whole.len()).all(|end| media_type(&whole[..end]).is_none()));
    }
}
