//! RAW files: what a sensor saw is for the programs of photographers. Shown is the picture that the camera itself made of
//! it, the largest JPEG within; where there is none, the picture that stands first in the file. Found by looking through
//! the bytes, since each maker hides it in a place of its own.

use image::metadata::Orientation;

use super::{jpeg, markers, segments::Segments};
use crate::error::{Error, Result};

/// Numbers in front of a TIFF's first directory: TIFF's own, and what Olympus and Panasonic write instead.
const TIFF: [u8; 2] = [42, 0];

pub struct Head<'a> {
    /// None: the file is to be read as the TIFF that it is.
    pub preview: Option<&'a [u8]>,
    pub turned: Option<Orientation>,
    pub segments: Segments,
}

/// Looks for the preview and for what the camera said.
pub fn head<'a>(bytes: &'a [u8], media_type: &str) -> Result<Head<'a>> {
    let preview = largest(bytes);
    let mut segments = match preview {
        Some((jpeg, _)) => super::segments::read(std::io::Cursor::new(jpeg)),
        None => Segments::default(),
    };
    let own = match media_type {
        "image/x-canon-cr3" => directory_of_cr3(bytes),
        "image/x-fuji-raf" => None,
        _ => Some(as_tiff(bytes)),
    };
    if preview.is_none() && !matches!(bytes, [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..]) {
        return Err(Error::Unusable("there is no preview in it".into()));
    }
    // The camera's word on the whole comes before that of a picture within.
    segments.exif = own.or(segments.exif);
    let turned = segments
        .exif
        .as_deref()
        .and_then(Orientation::from_exif_chunk);
    let lies = preview.is_none_or(|(_, (width, height))| width >= height);
    Ok(Head {
        preview: preview.map(|(jpeg, _)| jpeg),
        // Sensors lie: what stands already was turned by the camera.
        turned: turned.filter(|turned| lies || !super::turns_over(*turned)),
        segments,
    })
}

/// The JPEG with the most pixels, up to the end of the file, and its size. Pictures of a sensor are JPEG, too, but
/// lossless or of other components than a screen's, and are passed over.
fn largest(bytes: &[u8]) -> Option<(&[u8], (u32, u32))> {
    const START: [u8; 3] = [0xFF, 0xD8, 0xFF];
    let mut best: Option<(&[u8], (u32, u32))> = None;
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&bytes[from..], &START) {
        from += at;
        let jpeg = &bytes[from..];
        if let Some(size) = shown(jpeg)
            && jpeg::size(jpeg).is_ok()
        {
            let pixels = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
            if best.is_none_or(|(_, other)| pixels(size) > pixels(other)) {
                best = Some((jpeg, size));
            }
        }
        from += START.len();
    }
    best
}

/// The size of a JPEG for screens: baseline or progressive, eight bits, three components (ISO/IEC 10918-1 annex B.2.2).
fn shown(jpeg: &[u8]) -> Option<(u32, u32)> {
    let (_, frame) = markers::of(jpeg).find(|(marker, _)| matches!(marker, 0xC0..=0xC3))?;
    let lossless = markers::of(jpeg).any(|(marker, _)| marker == 0xC3);
    let [8, a, b, c, d, 3, ..] = frame else {
        return None;
    };
    let size = (
        u32::from(u16::from_be_bytes([*c, *d])),
        u32::from(u16::from_be_bytes([*a, *b])),
    );
    (!lossless && size.0 > 0 && size.1 > 0).then_some(size)
}

/// The file under TIFF's own number, so that readers of EXIF take it.
fn as_tiff(bytes: &[u8]) -> Vec<u8> {
    let mut tiff = bytes.to_vec();
    if tiff.starts_with(b"II") && tiff.len() > 4 {
        tiff[2..4].copy_from_slice(&TIFF);
    } else if tiff.starts_with(b"MM") && tiff.len() > 4 {
        tiff[2..4].copy_from_slice(&[TIFF[1], TIFF[0]]);
    }
    tiff
}

/// Canon's first directory: a TIFF in a box of its own, within `uuid` within `moov`.
fn directory_of_cr3(bytes: &[u8]) -> Option<Vec<u8>> {
    const NAME: &[u8] = b"CMT1";
    let at = memchr::memmem::find(bytes, NAME)?;
    let length = bytes.get(at.checked_sub(4)?..at)?.try_into().ok()?;
    let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
    let data = bytes.get(at + NAME.len()..at.checked_sub(4)?.checked_add(length)?)?;
    Some(data.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sensors_picture_is_no_preview() {
        let jpeg = |frame: &[u8]| [b"\xFF\xD8", frame, b"\xFF\xDA"].concat();
        let screen = jpeg(b"\xFF\xC0\x00\x09\x08\x00\x10\x00\x20\x03\0");
        assert_eq!(shown(&screen), Some((32, 16)));
        let lossless = jpeg(b"\xFF\xC3\x00\x09\x08\x00\x10\x00\x20\x03\0");
        assert_eq!(shown(&lossless), None);
        let two = jpeg(b"\xFF\xC0\x00\x09\x0C\x00\x10\x00\x20\x02\0");
        assert_eq!(shown(&two), None);
    }

    #[test]
    fn noise_holds_no_preview() {
        let noise = [0xFF, 0xD8, 0xFF].repeat(1000);
        assert!(head(&noise, "image/x-fuji-raf").is_err());
        assert!(directory_of_cr3(b"CMT1").is_none());
        assert!(directory_of_cr3(b"\xFF\xFF\xFF\xFFCMT1").is_none());
    }
}
