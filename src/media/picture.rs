//! Pictures as renditions have them: upright, sRGB, eight bits, no transparency. Scaled down and never up, written
//! without any metadata.

use std::{
    fs::File,
    io::{Cursor, Write},
};

use fast_image_resize::{PixelType, ResizeOptions, Resizer, images::Image, images::ImageRef};
use image::{ExtendedColorType, ImageEncoder, RgbImage, codecs::png::PngEncoder, imageops};

use super::{
    child, frame,
    likeness::Likeness,
    photo::jpeg,
    recipe::{Format, Still, View},
    wire::{Measures, Output},
};
use crate::error::{Error, Result};

/// `pixels` of `from`, laid out as `layout` with transparency last or without, scaled to `size`. Both are width and
/// height.
pub fn scale(
    pixels: &[u8],
    from: (u32, u32),
    (layout, is_alpha): (PixelType, bool),
    size: (u32, u32),
) -> Result<Vec<u8>> {
    let failed =
        |cause: &dyn std::fmt::Display| Error::internal("scaling a picture", cause.to_string());
    let source = ImageRef::new(from.0, from.1, pixels, layout).map_err(|cause| failed(&cause))?;
    let mut target = Image::new(size.0, size.1, layout);
    Resizer::new()
        .resize(
            &source,
            &mut target,
            &ResizeOptions::new().use_alpha(is_alpha),
        )
        .map_err(|cause| failed(&cause))?;
    Ok(target.into_vec())
}

/// Writes a grey picture as PGM, which any program reads.
pub fn pgm(grey: &image::GrayImage, mut file: &File) -> std::io::Result<()> {
    let (width, height) = grey.dimensions();
    file.write_all(format!("P5\n{width} {height}\n255\n").as_bytes())?;
    file.write_all(grey.as_raw())
}

/// A picture that is wanted, and how.
pub type Wanted = (Output, Still);

/// How large a picture of `natural` size has to be so that everything wanted can be made of it.
pub fn whole(natural: (u32, u32), wanted: &[Wanted]) -> (u32, u32) {
    let whole = |(_, still): &Wanted| still.size.view(natural).whole;
    wanted.iter().map(whole).max().unwrap_or(natural)
}

/// Makes the renditions of `picture` that are wanted, the largest first, each from the one before it; with the last it says
/// how the original looks. `natural` is the
/// size of the original, upright: from it all sizes are reckoned, so that roundings do not add up.
pub fn cascade(
    mut picture: RgbImage,
    natural: (u32, u32),
    wanted: &[Wanted],
    mut done: impl FnMut(Output, Result<Measures>) -> Result<()>,
) -> Result<()> {
    let view = |still: &Still| still.size.view(natural);
    let mut wanted: Vec<_> = wanted.iter().collect();
    let mut left = wanted.len();
    wanted.sort_by_key(|(_, still)| std::cmp::Reverse(view(still).whole));
    for (output, still) in wanted {
        let View { whole, shown } = view(still);
        if whole != picture.dimensions() {
            let from = picture.dimensions();
            let pixels = scale(picture.as_raw(), from, (PixelType::U8x3, false), whole)?;
            picture = RgbImage::from_raw(whole.0, whole.1, pixels).ok_or_else(mismatch)?;
        }
        let file = child::create(*output)?;
        let made = if shown == whole {
            write(&picture, *still, &file)
        } else {
            write(&middle(&picture, shown), *still, &file)
        };
        left -= 1;
        let likeness = (left == 0).then(|| Likeness::of(&picture));
        done(*output, made.map(|made| Measures { likeness, ..made }))?;
    }
    Ok(())
}

fn middle(picture: &RgbImage, (width, height): (u32, u32)) -> RgbImage {
    let left = picture.width().saturating_sub(width) / 2;
    let top = picture.height().saturating_sub(height) / 2;
    imageops::crop_imm(picture, left, top, width, height).to_image()
}

/// A buffer that is not of the size that was asked for.
pub fn mismatch() -> Error {
    Error::internal("scaling a picture", "a buffer of another size came back")
}

/// Writes `picture` as it is.
pub fn write(picture: &RgbImage, still: Still, mut file: &File) -> Result<Measures> {
    let (width, height) = picture.dimensions();
    let failed =
        |cause: &dyn std::fmt::Display| Error::internal("writing a picture", cause.to_string());
    let mut bytes = Vec::new();
    match still.format {
        Format::Webp => {
            let webp = webp::Encoder::from_rgb(picture.as_raw(), width, height)
                .encode_simple(false, f32::from(still.quality))
                .map_err(|cause| Error::internal("writing a picture", format!("{cause:?}")))?;
            bytes.extend_from_slice(&webp);
        }
        Format::Jpeg => bytes = jpeg::encode(picture, still.quality)?,
        Format::Png => PngEncoder::new(&mut bytes)
            .write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8)
            .map_err(|cause| failed(&cause))?,
    }
    file.write_all(&bytes).map_err(|cause| failed(&cause))?;
    let framed = match still.format {
        Format::Webp => frame::of_webp(&bytes, (width, height)),
        Format::Jpeg => frame::of_jpeg(Cursor::new(&bytes)),
        Format::Png => frame::of_png(bytes.len() as u64),
    };
    Ok(Measures {
        width: Some(width),
        height: Some(height),
        framed,
        ..Measures::default()
    })
}
