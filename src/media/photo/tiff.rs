//! TIFF (revision 6.0): what the common decoder takes by that; inks as they are stored, since their profile is what tells
//! how they look; and by libav the corners of the format that are left: palettes, fax.

use std::io::Cursor;

use image::metadata::Orientation;
use tiff::{
    ColorType,
    decoder::{Decoder, DecodingResult, Limits},
    tags::Tag,
};

use super::{
    Head,
    colour::Meaning,
    common,
    raster::{Layout, Raster},
    segments::Segments,
};
use crate::{
    error::Result,
    media::libav::{Coded, StillDecoder},
};

const MEDIA_TYPE: &str = "image/tiff";

pub fn head(bytes: &[u8], still: StillDecoder) -> Result<Head> {
    common::head(bytes, MEDIA_TYPE).or_else(|error| {
        let own = stored(bytes).and_then(|(mut decoder, ..)| decoder.dimensions().ok());
        let size = match own {
            Some(size) => size,
            None => still(bytes, Coded::Tiff).map_err(|_| error)?.0,
        };
        let turned = Orientation::from_exif_chunk(bytes);
        Ok(Head {
            size,
            turned: turned.unwrap_or(Orientation::NoTransforms),
            segments: Segments {
                exif: Some(bytes.to_vec()),
                ..Segments::default()
            },
        })
    })
}

pub fn decode(bytes: &[u8], still: StillDecoder) -> Result<Raster> {
    if let Some(raster) = as_stored(bytes) {
        return Ok(raster);
    }
    common::decode(bytes, MEDIA_TYPE).or_else(|error| {
        let (size, pixels) = still(bytes, Coded::Tiff).map_err(|_| error)?;
        Ok(Raster {
            pixels,
            size,
            layout: Layout::Rgb,
            meaning: Meaning::Usual,
            damaged: false,
        })
    })
}

type Open<'a> = Decoder<Cursor<&'a [u8]>>;

/// A picture for printers, or one of JPEG, open, with its channels and their layout.
fn stored(bytes: &[u8]) -> Option<(Open<'_>, usize, Layout)> {
    let most = common::DECODER_MEMORY.try_into().ok()?;
    let mut limits = Limits::default();
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most;
    limits.ifd_value_size = most;
    let mut decoder = Decoder::new(Cursor::new(bytes)).ok()?.with_limits(limits);
    let (channels, layout) = match decoder.colortype().ok()? {
        ColorType::CMYK(8 | 16) => (4, Layout::Cmyk),
        // Photoshop keeps a selection behind the inks.
        ColorType::CMYKA(8 | 16) => (5, Layout::Cmyk),
        // The decoder of what is compressed as JPEG brings it to RGB.
        ColorType::YCbCr(8) if is_jpeg(&mut decoder) => (3, Layout::Rgb),
        _ => return None,
    };
    Some((decoder, channels, layout))
}

fn as_stored(bytes: &[u8]) -> Option<Raster> {
    let (mut decoder, channels, layout) = stored(bytes)?;
    let size = decoder.dimensions().ok()?;
    super::checked(size).ok()?;
    let samples = match decoder.read_image().ok()? {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => {
            let high = |sample: u16| sample.to_be_bytes()[0];
            samples.into_iter().map(high).collect()
        }
        _ => return None,
    };
    let pixels: Vec<u8> = match layout {
        Layout::Cmyk => samples
            .chunks_exact(channels)
            .flat_map(|inks| &inks[..4])
            .copied()
            .collect(),
        _ => samples,
    };
    // Planes one behind the other are not read to their end.
    let whole = size.0 as usize * size.1 as usize * layout.bytes();
    let profile = decoder.get_tag_u8_vec(Tag::IccProfile).ok();
    (pixels.len() == whole).then_some(Raster {
        pixels,
        size,
        layout,
        meaning: Meaning::of(profile),
        damaged: false,
    })
}

fn is_jpeg(decoder: &mut Open<'_>) -> bool {
    const JPEG: u16 = 7;
    let compression = decoder.find_tag_unsigned(Tag::Compression);
    compression.is_ok_and(|compression| compression == Some(JPEG))
}
