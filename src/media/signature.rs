//! The signatures by which formats make themselves known: fixed bytes at fixed places, and for the families that share
//! them (RIFF, ISO media, TIFF, Ogg, ZIP) the names inside. Every read is checked against the end of the head.

use super::{office, raw, sniff::Sniffed, text};
use crate::terms::Kind;

const AUDIO: Kind = Kind::Audio;
const PHOTO: Kind = Kind::Photo;
const TEXT: Kind = Kind::Text;
const VIDEO: Kind = Kind::Video;

/// Formats that one row of bytes at one place tells: place, bytes, what it is.
const FIXED: &[(usize, &[u8], Sniffed)] = &[
    (0, b"\xFF\xD8\xFF", known(PHOTO, "image/jpeg")),
    (0, b"\x89PNG\r\n\x1A\n", known(PHOTO, "image/png")),
    (0, b"GIF87a", known(PHOTO, "image/gif")),
    (0, b"GIF89a", known(PHOTO, "image/gif")),
    (0, b"%PDF-", known(TEXT, "application/pdf")),
    (0, b"\x1A\x45\xDF\xA3", known(VIDEO, "video/matroska")),
    (0, b"FLV\x01", known(VIDEO, "video/x-flv")),
    (
        0,
        b"\x30\x26\xB2\x75\x8E\x66\xCF\x11",
        known(VIDEO, "video/x-ms-asf"),
    ),
    (
        0,
        b"\x06\x0E\x2B\x34\x02\x05\x01\x01\x0D\x01\x02\x01\x01\x02",
        known(VIDEO, "application/mxf"),
    ),
    (0, b"\x00\x00\x01\xBA", known(VIDEO, "video/mpeg")),
    (0, b"\x00\x00\x01\xB3", known(VIDEO, "video/mpeg")),
    (0, b"ID3", known(AUDIO, "audio/mpeg")),
    (0, b"fLaC", known(AUDIO, "audio/flac")),
    (0, b"#!AMR", known(AUDIO, "audio/amr")),
    (0, b"caff\0\x01", known(AUDIO, "audio/x-caf")),
    (4, b"moov", known(VIDEO, "video/quicktime")),
    (4, b"mdat", known(VIDEO, "video/quicktime")),
    (4, b"wide", known(VIDEO, "video/quicktime")),
    (4, b"pnot", known(VIDEO, "video/quicktime")),
    (0, b"8BPS", known(PHOTO, "image/vnd.adobe.photoshop")),
    (0, b"{\\rtf", known(TEXT, text::RTF)),
    (
        0,
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        Sniffed::Unreadable {
            advice: office::OLD,
        },
    ),
    (0, b"FUJIFILMCCD-RAW", known(PHOTO, "image/x-fuji-raf")),
    (0, b"IIRO", known(PHOTO, "image/x-olympus-orf")),
    (0, b"IIRS", known(PHOTO, "image/x-olympus-orf")),
    (0, b"MMOR", known(PHOTO, "image/x-olympus-orf")),
    (0, b"IIU\0", known(PHOTO, "image/x-panasonic-rw2")),
];

const fn known(kind: Kind, media_type: &'static str) -> Sniffed {
    Sniffed::Known { kind, media_type }
}

const fn later(name: &'static str) -> Sniffed {
    Sniffed::Later { name }
}

/// What the signatures say, or `None` where none fits.
pub fn find(head: &[u8]) -> Option<Sniffed> {
    let families = [
        matroska,
        iso_media,
        riff,
        tiff,
        ogg,
        zip,
        bmp,
        aiff,
        transport_stream,
        dv,
        frames,
    ];
    let family = families.iter().find_map(|family| family(head));
    family.or_else(|| {
        FIXED
            .iter()
            .find(|(place, bytes, _)| has(head, *place, bytes))
            .map(|(_, _, found)| *found)
    })
}

fn has(head: &[u8], place: usize, bytes: &[u8]) -> bool {
    head.get(place..)
        .is_some_and(|rest| rest.starts_with(bytes))
}

fn holds(head: &[u8], bytes: &[u8]) -> bool {
    head.windows(bytes.len()).any(|window| window == bytes)
}

/// `WebM` is Matroska under a name of its own (RFC 9559).
fn matroska(head: &[u8]) -> Option<Sniffed> {
    let webm = has(head, 0, b"\x1A\x45\xDF\xA3") && holds(&head[..head.len().min(64)], b"webm");
    webm.then_some(known(VIDEO, "video/webm"))
}

/// ISO base media (ISO/IEC 14496-12 section 4.3): the brands in the first box say which of its many uses this is.
fn iso_media(head: &[u8]) -> Option<Sniffed> {
    if !has(head, 4, b"ftyp") {
        return None;
    }
    let size = u32::from_be_bytes(head.get(..4)?.try_into().ok()?) as usize;
    let brands: Vec<&[u8]> = head
        .get(8..size.clamp(12, 256).min(head.len()))?
        .chunks_exact(4)
        .collect();
    let any = |names: &[&[u8]]| brands.iter().any(|brand| names.contains(brand));
    let major = *brands.first()?;
    Some(match major {
        _ if any(&[b"avif", b"avis"]) => known(PHOTO, "image/avif"),
        _ if any(&[b"heic", b"heix", b"hevc", b"heim", b"heis"]) => known(PHOTO, "image/heic"),
        _ if any(&[b"mif1", b"msf1"]) => known(PHOTO, "image/heif"),
        b"crx " => known(PHOTO, "image/x-canon-cr3"),
        b"qt  " => known(VIDEO, "video/quicktime"),
        b"M4A " | b"M4B " | b"M4P " => known(AUDIO, "audio/mp4"),
        _ if major.starts_with(b"3g") => known(VIDEO, "video/3gpp"),
        _ => known(VIDEO, "video/mp4"),
    })
}

fn riff(head: &[u8]) -> Option<Sniffed> {
    match (head.get(..4)?, head.get(8..12)?) {
        (b"RIFF", b"WEBP") => Some(known(PHOTO, "image/webp")),
        (b"RIFF" | b"RF64", b"WAVE") => Some(known(AUDIO, "audio/wav")),
        (b"RIFF", b"AVI ") => Some(known(VIDEO, "video/x-msvideo")),
        _ => None,
    }
}

/// Most cameras' RAW files are TIFF (revision 6.0) whose tags say that the picture is still a sensor's mosaic.
fn tiff(head: &[u8]) -> Option<Sniffed> {
    let classic = has(head, 0, b"II*\0") || has(head, 0, b"MM\0*");
    let big = has(head, 0, b"II+\0") || has(head, 0, b"MM\0+");
    if let Some(media_type) = raw::media_type(head).filter(|_| classic) {
        return Some(known(PHOTO, media_type));
    }
    (classic || big).then_some(known(PHOTO, "image/tiff"))
}

fn ogg(head: &[u8]) -> Option<Sniffed> {
    if !has(head, 0, b"OggS") {
        return None;
    }
    let pictures = holds(&head[..head.len().min(512)], b"\x80theora");
    Some(if pictures {
        known(VIDEO, "video/ogg")
    } else {
        known(AUDIO, "audio/ogg")
    })
}

/// Office documents are ZIP archives with names of their own in them; which, the box finds out. Books and any other
/// archive are unknown.
fn zip(head: &[u8]) -> Option<Sniffed> {
    const OPEN: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.";
    const OPEN_KINDS: [(&[u8], &str); 3] = [
        (b"text", "application/vnd.oasis.opendocument.text"),
        (
            b"presentation",
            "application/vnd.oasis.opendocument.presentation",
        ),
        (
            b"spreadsheet",
            "application/vnd.oasis.opendocument.spreadsheet",
        ),
    ];
    const INSIDE: [&[u8]; 4] = [b"[Content_Types].xml", b"word/", b"ppt/", b"xl/"];
    if !has(head, 0, b"PK\x03\x04") {
        return None;
    }
    // The first part of an OpenDocument file is its type, unpacked (part 2, section 3.3): after 30 bytes of a header.
    if has(head, 30, OPEN) {
        let kind = OPEN_KINDS
            .iter()
            .find(|(kind, _)| has(head, 30 + OPEN.len(), kind));
        return Some(
            kind.map_or(later("OpenDocument files of this sort"), |(_, name)| {
                known(TEXT, name)
            }),
        );
    }
    if has(head, 30, b"mimetypeapplication/epub") {
        return Some(later("e-books"));
    }
    let office = INSIDE.iter().any(|name| holds(head, name));
    Some(if office {
        known(TEXT, office::ZIPPED)
    } else {
        Sniffed::Unknown
    })
}

/// Two letters are a weak sign: the size of the header that follows has to be one of those that there are.
fn bmp(head: &[u8]) -> Option<Sniffed> {
    let size = u32::from_le_bytes(head.get(14..18)?.try_into().ok()?);
    (has(head, 0, b"BM") && [12, 40, 52, 56, 64, 108, 124].contains(&size))
        .then_some(known(PHOTO, "image/bmp"))
}

fn aiff(head: &[u8]) -> Option<Sniffed> {
    (has(head, 0, b"FORM") && (has(head, 8, b"AIFF") || has(head, 8, b"AIFC")))
        .then_some(known(AUDIO, "audio/aiff"))
}

/// Packets of 188 bytes, or of 192 with a time before each, that all begin with 0x47 (ISO/IEC 13818-1 section 2.4.3.2).
fn transport_stream(head: &[u8]) -> Option<Sniffed> {
    let packets =
        |first: usize, size: usize| (0..5).all(|n| head.get(first + n * size) == Some(&0x47));
    (packets(0, 188) || packets(4, 192)).then_some(known(VIDEO, "video/mp2t"))
}

/// DV without a container (IEC 61834-2, SMPTE ST 314): a header block, two of subcode, three of VAUX, each of 80 bytes
/// with its sort in its first three bits and the number of its sequence behind.
fn dv(head: &[u8]) -> Option<Sniffed> {
    const SORTS: [u8; 7] = [0, 1, 1, 2, 2, 2, 3];
    let blocks = SORTS
        .iter()
        .zip(head.chunks_exact(80))
        .filter(|(sort, block)| block[0] >> 5 == **sort && block[1] >> 4 == 0)
        .count();
    (head.len() >= 560 && blocks == SORTS.len() && head[0] == 0x1F)
        .then_some(known(VIDEO, "video/dv"))
}

/// MP3 and AAC without a container: two frames' headers, the second where the first says that it ends.
fn frames(head: &[u8]) -> Option<Sniffed> {
    let header: [u8; 4] = head.get(..4)?.try_into().ok()?;
    if let Some(length) = adts_frame(head) {
        return adts_frame(head.get(length..)?).map(|_| known(AUDIO, "audio/aac"));
    }
    let length = mp3_frame(header)?;
    let next: [u8; 4] = head.get(length..length + 4)?.try_into().ok()?;
    mp3_frame(next).map(|_| known(AUDIO, "audio/mpeg"))
}

fn adts_frame(head: &[u8]) -> Option<usize> {
    let header = head.get(..6)?;
    let length = usize::from(header[3] & 3) << 11
        | usize::from(header[4]) << 3
        | usize::from(header[5]) >> 5;
    (header[0] == 0xFF && header[1] & 0xF6 == 0xF0 && length > 7).then_some(length)
}

/// The length in bytes of a frame of MPEG audio, layer III (ISO/IEC 11172-3 section 2.4.2.3).
fn mp3_frame(header: [u8; 4]) -> Option<usize> {
    const FIRST: [usize; 15] = [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ];
    const SECOND: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let (version, layer) = (header[1] >> 3 & 3, header[1] >> 1 & 3);
    if header[0] != 0xFF || header[1] & 0xE0 != 0xE0 || version == 1 || layer != 1 {
        return None;
    }
    let (rates, samples) = if version == 3 {
        (FIRST, 144)
    } else {
        (SECOND, 72)
    };
    let bit_rate = *rates.get(usize::from(header[2] >> 4))?;
    let shift = [2, 0, 1, 0][usize::from(version)];
    let rate = [44_100_usize, 48_000, 32_000].get(usize::from(header[2] >> 2 & 3))? >> shift;
    (bit_rate > 0).then(|| samples * bit_rate * 1000 / rate + usize::from(header[2] >> 1 & 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::FORMATS;

    #[test]
    fn families_are_told_apart_by_what_is_inside() {
        let cases: [(&[u8], Sniffed); 9] = [
            (b"RIFF\0\0\0\0WEBPVP8 ", known(PHOTO, "image/webp")),
            (b"RIFF\0\0\0\0WAVEfmt ", known(AUDIO, "audio/wav")),
            (
                b"\0\0\0\x18ftypmp42\0\0\0\0isommp42",
                known(VIDEO, "video/mp4"),
            ),
            (
                b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif",
                known(PHOTO, "image/avif"),
            ),
            (
                b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
                known(PHOTO, "image/heic"),
            ),
            (b"\0\0\0\x14ftypM4A \0\0\0\0isom", known(AUDIO, "audio/mp4")),
            (
                b"\x1A\x45\xDF\xA3\x9F\x42\x82\x84webm",
                known(VIDEO, "video/webm"),
            ),
            (
                b"PK\x03\x04 [Content_Types].xml word/document.xml",
                known(TEXT, office::ZIPPED),
            ),
            (b"PK\x03\x04 photos/1.jpg", Sniffed::Unknown),
        ];
        for (head, wanted) in cases {
            assert_eq!(
                find(head),
                Some(wanted),
                "{}",
                String::from_utf8_lossy(head)
            );
        }
    }

    #[test]
    fn an_mp3_needs_two_frames() {
        let mut head = vec![0_u8; 1000];
        head[..4].copy_from_slice(b"\xFF\xFB\x90\x00");
        assert_eq!(find(&head), None);
        head[417..421].copy_from_slice(b"\xFF\xFB\x90\x00");
        assert_eq!(find(&head), Some(known(AUDIO, "audio/mpeg")));
    }

    #[test]
    fn what_is_told_apart_here_stands_in_the_table_of_formats() {
        let sources = [
            include_str!("signature.rs"),
            include_str!("raw.rs"),
            include_str!("film.rs"),
        ];
        let kinds = ["image/", "video/", "audio/", "application/", "text/"];
        let named = sources.iter().flat_map(|source| source.split('"'));
        let types = named.filter(|word| {
            let short = kinds.iter().find_map(|kind| word.strip_prefix(kind));
            short.is_some_and(|short| !short.is_empty() && !short.contains(char::is_whitespace))
        });
        let types: Vec<&str> = types.collect();
        assert!(types.len() > 50, "{types:?}");
        let missing = |name: &&&str| !FORMATS.iter().any(|format| format.media_type == **name);
        assert_eq!(types.iter().find(missing), None);
    }

    #[test]
    fn no_head_is_too_short() {
        for (place, bytes, _) in FIXED {
            for end in 0..bytes.len() {
                find(&[&vec![0; *place], &bytes[..end]].concat());
            }
        }
    }
}
