//! TIFF (revision 6.0): what the common decoder takes by that; inks as they are stored, since their profile is what tells
//! how they look, and luminance with two differences of colour, which scans and cameras have; and by libav the corners of
//! the format that are left: palettes, fax.

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
            None => by_libav(bytes, still).ok_or(error)?.size,
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
    common::decode(bytes, MEDIA_TYPE).or_else(|error| by_libav(bytes, still).ok_or(error))
}

/// What libav is known to show rightly: of the rest of the format it makes green pictures without a word.
fn by_libav(bytes: &[u8], still: StillDecoder) -> Option<Raster> {
    /// Bare, the three of fax, LZW, Deflate in its two numbers, `PackBits`, LZMA.
    const COMPRESSIONS: [u32; 9] = [1, 2, 3, 4, 5, 8, 32_946, 32_773, 34_925];
    /// From white to black and from black to white, RGB, palettes.
    const MEANINGS: [u32; 4] = [0, 1, 2, 3];
    let mut decoder = open(bytes)?;
    let mut number = |tag| decoder.find_tag_unsigned::<u32>(tag).ok().flatten();
    let compression = number(Tag::Compression).unwrap_or(1);
    let meaning = number(Tag::PhotometricInterpretation)?;
    if !COMPRESSIONS.contains(&compression) || !MEANINGS.contains(&meaning) {
        return None;
    }
    let profile = decoder.get_tag_u8_vec(Tag::IccProfile).ok();
    let (size, pixels) = still(bytes, Coded::Tiff).ok()?;
    Some(Raster {
        pixels,
        size,
        layout: Layout::Rgb,
        meaning: Meaning::of(profile),
        damaged: false,
    })
}

type Open<'a> = Decoder<Cursor<&'a [u8]>>;

fn open(bytes: &[u8]) -> Option<Open<'_>> {
    let most = common::DECODER_MEMORY.try_into().ok()?;
    let mut limits = Limits::default();
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most;
    limits.ifd_value_size = most;
    Some(Decoder::new(Cursor::new(bytes)).ok()?.with_limits(limits))
}

/// A picture for printers, or one in luminance and colour, open, with its channels and how they are stored.
fn stored(bytes: &[u8]) -> Option<(Open<'_>, usize, Stored)> {
    let mut decoder = open(bytes)?;
    let (channels, stored) = match decoder.colortype().ok()? {
        ColorType::CMYK(8 | 16) => (4, Stored::Inks),
        // Photoshop keeps a selection behind the inks.
        ColorType::CMYKA(8 | 16) => (5, Stored::Inks),
        ColorType::YCbCr(8) => (3, Stored::Differences),
        _ => return None,
    };
    Some((decoder, channels, stored))
}

enum Stored {
    Inks,
    Differences,
}

fn as_stored(bytes: &[u8]) -> Option<Raster> {
    let (mut decoder, channels, stored) = stored(bytes)?;
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
    let (pixels, layout): (Vec<u8>, _) = match stored {
        Stored::Inks => {
            let inks = samples.chunks_exact(channels).flat_map(|all| &all[..4]);
            (inks.copied().collect(), Layout::Cmyk)
        }
        Stored::Differences => {
            let pixels = samples.as_chunks::<3>().0.iter().flat_map(|own| rgb(*own));
            (pixels.collect(), Layout::Rgb)
        }
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

/// Full range, by the coefficients that hold where a file names none (section 21, `YCbCrCoefficients`).
fn rgb([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let luma = i32::from(luma) << 16;
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let parts = [
        luma + 91_881 * red,
        luma - 22_554 * blue - 46_802 * red,
        luma + 116_130 * blue,
    ];
    parts.map(|part| u8::try_from(((part + (1 << 15)) >> 16).clamp(0, 255)).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::rgb;

    #[test]
    fn luminance_and_differences_become_colours() {
        assert_eq!(rgb([76, 85, 255]), [254, 0, 0]);
        assert_eq!(rgb([128, 128, 128]), [128; 3]);
        assert_eq!(rgb([255, 128, 128]), [255; 3]);
    }
}
