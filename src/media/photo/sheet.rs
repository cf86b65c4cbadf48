//! A picture as its letters are recognised best, where there may be any.

use std::{fs::File, io};

use image::{GrayImage, RgbImage, imageops};

use super::{Format, Measures, Size, Still};
use crate::{
    error::{Error, Result},
    media::picture,
};

/// In pixels; a page of A4 at 300 dots an inch has nine million.
const LARGEST: f64 = 12_000_000.0;
/// Letters of a picture smaller than this are too small to be recognised as they are.
const SMALL: u32 = 1800;
/// What is written stands on a ground: one brightness that so much of the picture has, of a hundred.
const GROUND: u32 = 20;
/// How far the brightness of a ground may be from itself, for paper is not even.
const EVEN: usize = 3;

/// How large it is read: what is told from top to bottom may be very high.
pub fn size((width, height): (u32, u32)) -> Still {
    let scale = (LARGEST / (f64::from(width) * f64::from(height)).max(1.0))
        .sqrt()
        .min(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sides are positive and grow no larger"
    )]
    let side = |length: u32| (f64::from(length) * scale).ceil().max(1.0) as u32;
    Still {
        size: Size::Inside {
            width: side(width),
            height: side(height),
        },
        format: Format::Png,
        quality: 100,
    }
}

/// Writes the picture in grey, as PGM.
///
/// # Errors
/// Unusable where nothing can be written in it.
pub fn write(picture: RgbImage, file: &File) -> Result<Measures> {
    let mut grey = imageops::grayscale(&picture);
    drop(picture);
    if !has_ground(&grey) {
        return Err(Error::Unusable("there is no ground to write on".into()));
    }
    let (width, height) = grey.dimensions();
    if width.max(height) < SMALL {
        grey = imageops::resize(
            &grey,
            width * 2,
            height * 2,
            imageops::FilterType::CatmullRom,
        );
    }
    picture::pgm(&grey, file)
        .map_err(|cause: io::Error| Error::internal("writing a page", cause))?;
    Ok(Measures::default())
}

/// Photos have a little of every brightness; what is drawn or printed has a lot of one.
fn has_ground(grey: &GrayImage) -> bool {
    let mut counts = [0_u64; 256];
    for level in grey.as_raw() {
        counts[usize::from(*level)] += 1;
    }
    let most = counts.windows(2 * EVEN + 1).map(|near| near.iter().sum());
    let most: u64 = most.max().unwrap_or(0);
    most * 100 >= u64::from(GROUND) * grey.as_raw().len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_has_a_ground() {
        let gradient =
            GrayImage::from_fn(64, 64, |x, y| image::Luma([(x * 3 + y).to_le_bytes()[0]]));
        assert!(!has_ground(&gradient));
        let mut page = GrayImage::from_pixel(64, 64, image::Luma([250]));
        for x in 10..50 {
            page.put_pixel(x, 30, image::Luma([0]));
        }
        assert!(has_ground(&page));
    }
}
