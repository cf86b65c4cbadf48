//! The segments of a JPEG before its pixels (ISO/IEC 10918-1 annex B.1.1.4) that carry descriptions. Read by hand,
//! since decoders give back one of each sort, and programs spread what is long over several.

use std::io::{BufRead, Read, Seek, SeekFrom};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const XMP_EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
/// Of an extension: the digest by which the packet names it, the whole length, the place of this part.
const EXTENSION_HEAD: usize = 32 + 4 + 4;
/// No extension is larger, in bytes.
const LARGEST_EXTENSION: usize = 4 << 20;
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
/// More segments than this are no photo's.
const MOST: usize = 1000;

#[derive(Debug, Default)]
pub struct Segments {
    pub exif: Option<Vec<u8>>,
    pub xmp: Option<Vec<u8>>,
    /// What did not fit into the packet (XMP part 3 section 1.1.3.1), where it is whole and the packet names it.
    pub xmp_extension: Option<Vec<u8>>,
    /// Photoshop's image resources, joined.
    pub resources: Option<Vec<u8>>,
}

/// Reads from the start of a JPEG to its pixels, or to where it ends or makes no sense.
pub fn read(mut file: impl BufRead + Seek) -> Segments {
    let mut segments = Segments::default();
    // What could not be read is not there: the decoder says what is wrong with the file.
    let mut parts = Vec::new();
    drop(walk(&mut file, &mut segments, &mut parts));
    if segments.resources.is_none() {
        segments.resources = behind(&mut file).ok().flatten();
    }
    segments.xmp_extension = extension(segments.xmp.as_deref(), parts);
    segments
}

fn walk(
    mut file: impl BufRead + Seek,
    segments: &mut Segments,
    parts: &mut Vec<Vec<u8>>,
) -> std::io::Result<()> {
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
        } else if let Some(part) = data.strip_prefix(XMP_EXTENSION) {
            parts.push(part.to_vec());
        } else if let Some(resources) = data.strip_prefix(PHOTOSHOP) {
            segments
                .resources
                .get_or_insert_default()
                .extend_from_slice(resources);
        }
    }
    Ok(())
}

/// The IPTC records that `FotoStation` appended behind the image: parts that each end with a tag, their own length and a
/// mark, so that they are read from the end.
fn behind(file: &mut (impl Read + Seek)) -> std::io::Result<Option<Vec<u8>>> {
    const MARK: [u8; 4] = [0xA1, 0xB2, 0xC3, 0xD4];
    const END: u64 = 10;
    const RECORDS: [u8; 2] = [0, 1];
    const LARGEST: u64 = 1 << 20;
    let mut end = file.seek(SeekFrom::End(0))?;
    for _ in 0..8 {
        let Some(place) = end.checked_sub(END) else {
            break;
        };
        file.seek(SeekFrom::Start(place))?;
        let mut last = [0; 10];
        file.read_exact(&mut last)?;
        let [tag, more, a, b, c, d, mark @ ..] = last;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        let start = end
            .checked_sub(length)
            .filter(|_| mark == MARK && length >= END);
        let Some(start) = start else { break };
        if [tag, more] == RECORDS {
            file.seek(SeekFrom::Start(start))?;
            let mut records = Vec::new();
            file.take((length - END).min(LARGEST))
                .read_to_end(&mut records)?;
            return Ok(Some(records));
        }
        end = start;
    }
    Ok(None)
}

/// Puts the parts of an extension together, whatever their order in the file.
fn extension(packet: Option<&[u8]>, parts: Vec<Vec<u8>>) -> Option<Vec<u8>> {
    let named =
        |digest: &[u8]| packet.is_some_and(|packet| packet.windows(32).any(|part| part == digest));
    let number = |part: &[u8], at: usize| -> Option<usize> {
        let bytes = part.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    let mut mine: Vec<(usize, usize, Vec<u8>)> = parts
        .into_iter()
        .filter(|part| part.get(..32).is_some_and(named))
        .filter_map(|part| {
            let (length, place) = (number(&part, 32)?, number(&part, 36)?);
            Some((place, length, part[EXTENSION_HEAD..].to_vec()))
        })
        .collect();
    mine.sort_by_key(|(place, _, _)| *place);
    let length = mine.first()?.1;
    let mut whole = Vec::new();
    for (place, _, bytes) in mine {
        if place == whole.len() && whole.len() + bytes.len() <= LARGEST_EXTENSION {
            whole.extend(bytes);
        }
    }
    (whole.len() == length).then_some(whole)
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
