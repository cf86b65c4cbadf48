//! Pictures as renditions have them: upright, sRGB, eight bits, no transparency. Scaled down and never up, written as
//! JPEG or WebP without any metadata.

use std::{
    fs::File,
    io::{BufWriter, Write},
};

use fast_image_resize::{PixelType, ResizeOptions, Resizer, images::Image, images::ImageRef};
use image::{ExtendedColorType, RgbImage, codecs::jpeg::JpegEncoder};

use super::{facts::Preset, wire::Measures};
use crate::error::{Error, Result};

/// Of JPEG: what sharp eyes take for the original at press sizes.
const JPEG_QUALITY: u8 = 84;
const WEBP_QUALITY: f32 = 78.0;

/// The longest side of a preset, in pixels.
pub const fn longest(preset: Preset) -> u32 {
    match preset {
        Preset::Thumb => 320,
        Preset::Small => 640,
        Preset::Page => 1600,
        Preset::Large => 2048,
        _ => 1280,
    }
}

/// The size of a picture of `width` by `height` within a square of `longest`: never larger than it was, never nothing.
pub fn fit(width: u32, height: u32, longest: u32) -> (u32, u32) {
    let side = width.max(height).max(1);
    if side <= longest {
        return (width.max(1), height.max(1));
    }
    let scale = |length: u32| {
        let rounded =
            (u64::from(length) * u64::from(longest) + u64::from(side) / 2) / u64::from(side);
        u32::try_from(rounded).map_or(longest, |length| length.max(1))
    };
    (scale(width), scale(height))
}

/// `pixels` of `from`, laid out as `layout`, scaled to `size`. Both are width and height.
pub fn scale(
    pixels: &[u8],
    from: (u32, u32),
    layout: PixelType,
    size: (u32, u32),
) -> Result<Vec<u8>> {
    let failed =
        |cause: &dyn std::fmt::Display| Error::internal("scaling a picture", cause.to_string());
    let source = ImageRef::new(from.0, from.1, pixels, layout).map_err(|cause| failed(&cause))?;
    let mut target = Image::new(size.0, size.1, layout);
    Resizer::new()
        .resize(&source, &mut target, &ResizeOptions::new())
        .map_err(|cause| failed(&cause))?;
    Ok(target.into_vec())
}

/// Makes the renditions of `picture` that are wanted, the largest first, each from the one before it. `natural` is the
/// size of the original, upright: from it all sizes are reckoned, so that roundings do not add up.
pub fn cascade(
    mut picture: RgbImage,
    natural: (u32, u32),
    wanted: &[(Preset, File)],
    mut done: impl FnMut(Preset, Result<Measures>) -> Result<()>,
) -> Result<()> {
    let mut wanted: Vec<_> = wanted.iter().collect();
    wanted.sort_by_key(|(preset, _)| std::cmp::Reverse(longest(*preset)));
    for (preset, file) in wanted {
        let size = fit(natural.0, natural.1, longest(*preset));
        if size != picture.dimensions() {
            let pixels = scale(
                picture.as_raw(),
                picture.dimensions(),
                PixelType::U8x3,
                size,
            )?;
            picture = RgbImage::from_raw(size.0, size.1, pixels).ok_or_else(mismatch)?;
        }
        done(*preset, write(&picture, *preset, file))?;
    }
    Ok(())
}

/// A buffer that is not of the size that was asked for.
pub fn mismatch() -> Error {
    Error::internal("scaling a picture", "a buffer of another size came back")
}

/// Writes `picture` as it is, in the format of the preset.
fn write(picture: &RgbImage, preset: Preset, file: &File) -> Result<Measures> {
    let (width, height) = picture.dimensions();
    let failed =
        |cause: &dyn std::fmt::Display| Error::internal("writing a picture", cause.to_string());
    let mut out = BufWriter::new(file);
    if preset == Preset::Thumb {
        let webp = webp::Encoder::from_rgb(picture.as_raw(), width, height)
            .encode_simple(false, WEBP_QUALITY)
            .map_err(|cause| Error::internal("writing a picture", format!("{cause:?}")))?;
        out.write_all(&webp).map_err(|cause| failed(&cause))?;
    } else {
        JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY)
            .encode(picture.as_raw(), width, height, ExtendedColorType::Rgb8)
            .map_err(|cause| failed(&cause))?;
    }
    out.flush().map_err(|cause| failed(&cause))?;
    Ok(Measures {
        width: Some(width),
        height: Some(height),
        ..Measures::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_their_shape_and_never_grow() {
        assert_eq!(fit(4000, 3000, 320), (320, 240));
        assert_eq!(fit(3000, 4000, 320), (240, 320));
        assert_eq!(fit(100, 50, 320), (100, 50));
        assert_eq!(fit(65_000, 1, 320), (320, 1));
    }
}
