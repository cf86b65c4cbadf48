//! Colour profiles (ICC.1:2022): pixels of any profile brought to sRGB, which every screen takes a picture without
//! a profile for.

use image::RgbImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Brings `picture` from its profile to sRGB. A profile that is broken, or that is for other pixels than these (a
/// decoder turned CMYK into RGB), says nothing: the picture stays.
pub fn to_srgb(picture: &mut RgbImage, profile: &[u8], grey: bool) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else {
        return;
    };
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    match (profile.color_space, grey) {
        (DataColorSpace::Rgb, false) => {
            if let Ok(transform) =
                profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options)
            {
                let before = picture.as_raw().clone();
                // Only buffers that do not fit could fail; these are of one picture.
                if transform.transform(&before, picture).is_err() {
                    picture.copy_from_slice(&before);
                }
            }
        }
        (DataColorSpace::Gray, true) => {
            if let Ok(transform) =
                profile.create_transform_8bit(Layout::Gray, &srgb, Layout::Rgb, options)
            {
                let before: Vec<u8> = picture.pixels().map(|pixel| pixel[0]).collect();
                if transform.transform(&before, picture).is_err() {
                    before
                        .iter()
                        .zip(picture.pixels_mut())
                        .for_each(|(grey, pixel)| *pixel = image::Rgb([*grey; 3]));
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_space_is_brought_home() {
        let profile = ColorProfile::new_display_p3().encode().unwrap();
        let mut picture = RgbImage::from_pixel(4, 4, image::Rgb([200, 100, 100]));
        to_srgb(&mut picture, &profile, false);
        // Red of P3 is redder than red of sRGB.
        let pixel = picture.get_pixel(0, 0);
        assert!(pixel[0] > 203 && pixel[1] < 100, "{pixel:?}");
    }

    #[test]
    fn a_broken_profile_changes_nothing() {
        let mut picture = RgbImage::from_pixel(2, 2, image::Rgb([1, 2, 3]));
        to_srgb(&mut picture, b"not a profile", false);
        assert_eq!(picture.get_pixel(1, 1), &image::Rgb([1, 2, 3]));
    }
}
