//! A picture as its letters are recognised best, where there may be any.

use std::{fs::File, io};

use image::{GrayImage, RgbImage, imageops};

use super::{Format, Measures, Size, Still};
use crate::{
    error::{Error, Result},
    media::picture,
};

/// The longer side of a page of A4 at 300 dots an inch.
const LARGEST: u32 = 3508;
/// Letters of a picture smaller than this are too small to be recognised as they are.
const SMALL: u32 = 1800;
/// What is written stands on a ground: one brightness that so much of the picture has, of a hundred.
const GROUND: u32 = 20;
/// How far the brightness of a ground may be from itself, for paper is not even.
const EVEN: usize = 3;

/// In which size it is read.
pub const READ: Still = Still {
    size: Size::within(LARGEST),
    format: Format::Png,
    quality: 100,
};

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
