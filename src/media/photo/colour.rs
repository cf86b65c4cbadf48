//! Colour profiles (ICC.1:2022): pixels of any profile brought to sRGB, which every screen takes a picture without
//! a profile for.

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, Layout as Order,
    MatrixCoefficients, ToneReprCurve, TransferCharacteristics, TransformOptions,
};

use super::{bright, raster::Layout};

/// What inks mean where a file does not say: the characterisation of web offset on coated paper (CGATS TR 001, known as
/// SWOP), a table of Clinton Ingram's Compact ICC Profiles, which are in the public domain (CC0 1.0).
const INKS: &[u8] = include_bytes!("cmyk.icc");

/// What the numbers of pixels mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// sRGB, or ink on usual paper.
    Usual,
    /// Adobe RGB (1998), which cameras name without a profile (DCF 2.0).
    Adobe,
    /// A profile, as it stands in the file.
    Profile(Vec<u8>),
    /// Code points for primaries and transfer (ITU-T H.273).
    Coded(u8, u8),
}

impl Meaning {
    pub fn of(profile: Option<Vec<u8>>) -> Self {
        profile.map_or(Self::Usual, Self::Profile)
    }
}

/// Brings `pixels` to sRGB, three bytes a pixel. A profile that is broken, or that is for other pixels than these, says
/// nothing: they are taken for what is usual.
pub fn to_srgb(pixels: Vec<u8>, layout: Layout, meaning: &Meaning) -> Vec<u8> {
    let profile = match meaning {
        Meaning::Usual => None,
        Meaning::Adobe => Some(ColorProfile::new_adobe_rgb()),
        Meaning::Profile(bytes) => ColorProfile::new_from_slice(bytes).ok(),
        Meaning::Coded(primaries, transfer) => coded(*primaries, *transfer),
    };
    match transformed(&pixels, layout, profile.as_ref()) {
        Some(pixels) => pixels,
        None => match layout {
            Layout::Rgb => pixels,
            Layout::Grey => pixels.into_iter().flat_map(|grey| [grey; 3]).collect(),
            Layout::Rgba => pixels
                .chunks_exact(4)
                .flat_map(|p| [p[0], p[1], p[2]])
                .collect(),
            Layout::Cmyk => ColorProfile::new_from_slice(INKS)
                .ok()
                .and_then(|usual| transformed(&pixels, layout, Some(&usual)))
                .unwrap_or_else(|| vec![255; pixels.len() / 4 * 3]),
        },
    }
}

fn transformed(pixels: &[u8], layout: Layout, profile: Option<&ColorProfile>) -> Option<Vec<u8>> {
    let profile = profile?;
    // Inks take four numbers, which this library calls by the name of four others.
    let order = match (layout, profile.color_space) {
        (Layout::Rgb, DataColorSpace::Rgb) => Order::Rgb,
        (Layout::Grey, DataColorSpace::Gray) => Order::Gray,
        (Layout::Cmyk, DataColorSpace::Cmyk) => Order::Rgba,
        _ => return None,
    };
    let transform = profile
        .create_transform_8bit(
            order,
            &ColorProfile::new_srgb(),
            Order::Rgb,
            TransformOptions::default(),
        )
        .ok()?;
    let mut out = vec![0; pixels.len() / layout.bytes() * 3];
    transform.transform(pixels, &mut out).ok()?;
    Some(out)
}

/// `None` for what is as good as sRGB, and for codes that say nothing.
fn coded(primaries: u8, transfer: u8) -> Option<ColorProfile> {
    const SRGB_LIKE: [u8; 5] = [1, 6, 13, 14, 15];
    let primaries = CicpColorPrimaries::try_from(primaries).ok()?;
    let is_usual = primaries == CicpColorPrimaries::Bt709;
    if is_usual && SRGB_LIKE.contains(&transfer) {
        return None;
    }
    // Screens show the transfers of television as they show sRGB's.
    let bright = bright::curve(transfer);
    let transfer = if SRGB_LIKE.contains(&transfer) || bright.is_some() {
        TransferCharacteristics::Srgb
    } else {
        TransferCharacteristics::try_from(transfer).ok()?
    };
    ToneReprCurve::try_from(transfer).ok()?;
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    profile.update_rgb_colorimetry_from_cicp(CicpProfile {
        color_primaries: primaries,
        transfer_characteristics: transfer,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    // What it gives back says nothing; this is set where the primaries have colours.
    profile.cicp.take()?;
    if bright.is_some() {
        profile.red_trc.clone_from(&bright);
        profile.green_trc.clone_from(&bright);
        profile.blue_trc = bright;
    }
    Some(profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_space_is_brought_home() {
        let profile = ColorProfile::new_display_p3().encode().unwrap();
        // Red of P3 is redder than red of sRGB.
        for meaning in [Meaning::Profile(profile), Meaning::Coded(12, 13)] {
            let pixel = to_srgb(vec![200, 100, 100], Layout::Rgb, &meaning);
            assert!(pixel[0] > 203 && pixel[1] < 100, "{meaning:?}: {pixel:?}");
        }
    }

    #[test]
    fn a_profile_that_is_broken_or_of_other_pixels_changes_nothing() {
        let grey = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        for meaning in [
            Meaning::Usual,
            Meaning::Profile(b"not a profile".to_vec()),
            Meaning::Profile(grey),
            Meaning::Coded(2, 2),
            Meaning::Coded(1, 13),
        ] {
            let pixel = to_srgb(vec![1, 2, 3], Layout::Rgb, &meaning);
            assert_eq!(pixel, [1, 2, 3], "{meaning:?}");
        }
    }

    #[test]
    fn inks_without_a_profile_look_as_in_print() {
        let of = |inks: [u8; 4]| to_srgb(inks.to_vec(), Layout::Cmyk, &Meaning::Usual);
        assert!(
            of([0; 4]).iter().all(|part| *part > 250),
            "{:?}",
            of([0; 4])
        );
        let cyan = of([255, 0, 0, 0]);
        // Printed cyan is no light of a screen: sRGB's own would be 0, 255, 255.
        assert!(
            cyan[0] < 40 && (130..200).contains(&cyan[1]) && cyan[2] > 190,
            "{cyan:?}"
        );
        assert!(of([0, 0, 0, 255]).iter().all(|part| *part < 70));
    }
}
