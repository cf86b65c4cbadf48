//! The segments of a JPEG before its pixels (ISO/IEC 10918-1 annex B.1.1.4) that carry descriptions. Read by hand,
//! since decoders give back one of each sort, and programs spread what is long over several.

use std::io::{BufRead, Read, Seek, SeekFrom};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
/// More segments than this are no photo's.
const MOST: usize = 1000;

#[derive(Debug, Default)]
pub struct Segments {
    pub exif: Option<Vec<u8>>,
    pub xmp: Option<Vec<u8>>,
    /// Photoshop's image resources, joined.
    pub resources: Option<Vec<u8>>,
}

/// Reads from the start of a JPEG to its pixels, or to where it ends or makes no sense.
pub fn read(file: impl BufRead + Seek) -> Segments {
    let mut segments = Segments::default();
    // What could not be read is not there: the decoder says what is wrong with the file.
    drop(walk(file, &mut segments));
    segments
}

fn walk(mut file: impl BufRead + Seek, segments: &mut Segments) -> std::io::Result<()> {
    const START_OF_SCAN: u8 = 0xDA;
    const APP1: u8 = 0xE1;
    const APP13: u8 = 0xED;
    file.seek(SeekFrom::Start(2))?;
    for _ in 0..MOST {
        let mut lead = byte(&mut file)?;
        let mut marker = byte(&mut file)?;
        while (lead, marker) == (0xFF, 0xFF) {
            (lead, marker) = (marker, byte(&mut file)?);
        }
        if lead != 0xFF || marker == START_OF_SCAN {
            break;
        }
        let mut length = [0; 2];
        file.read_exact(&mut length)?;
        let length = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
        if !matches!(marker, APP1 | APP13) {
            file.seek_relative(i64::try_from(length).unwrap_or(i64::MAX))?;
            continue;
        }
        let mut data = Vec::new();
        file.by_ref().take(length).read_to_end(&mut data)?;
        if let Some(exif) = data.strip_prefix(EXIF) {
            segments.exif.get_or_insert_with(|| exif.to_vec());
        } else if let Some(packet) = data.strip_prefix(XMP) {
            segments.xmp.get_or_insert_with(|| packet.to_vec());
        } else if let Some(resources) = data.strip_prefix(PHOTOSHOP) {
            segments
                .resources
                .get_or_insert_default()
                .extend_from_slice(resources);
        }
    }
    Ok(())
}

fn byte(file: &mut impl Read) -> std::io::Result<u8> {
    let mut byte = [0];
    file.read_exact(&mut byte)?;
    Ok(byte[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], &length[..], data].concat()
    }

    #[test]
    fn what_is_spread_is_joined_and_the_pixels_are_not_looked_at() {
        let file = [
            vec![0xFF, 0xD8],
            segment(0xE1, b"Exif\0\0II*\0"),
            segment(0xED, b"Photoshop 3.0\0one"),
            segment(0xDB, &[0; 64]),
            segment(0xED, b"Photoshop 3.0\0two"),
            segment(0xDA, b""),
            segment(0xED, b"Photoshop 3.0\0three"),
        ]
        .concat();
        let segments = read(std::io::Cursor::new(&file));
        assert_eq!(segments.exif.as_deref(), Some(&b"II*\0"[..]));
        assert_eq!(segments.resources.as_deref(), Some(&b"onetwo"[..]));
        for end in 0..file.len() {
            read(std::io::Cursor::new(&file[..end]));
        }
    }
}
