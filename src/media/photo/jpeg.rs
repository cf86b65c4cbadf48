//! JPEG (ISO/IEC 10918-1), by libjpeg-turbo, which scales while it decodes. What is missing or broken comes out grey, and
//! an editor must be told: the decoder's warnings say so.

use image::RgbImage;
use turbojpeg::{
    Colorspace, Compressor, DecompressHeader, Decompressor, Image, PixelFormat, ScalingFactor,
    Subsamp,
};
use zune_core::{bytestream::ZCursor, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use super::{
    colour::Meaning,
    raster::{Layout, Raster},
};
use crate::{
    error::{Error, Result},
    media::frame,
};

/// Scans of a progressive picture; programs write about ten. More are an attack on time.
const MOST_SCANS: u32 = 200;
/// From the smallest. Others than these are slower to decode than the pixels that they save.
const SCALES: [ScalingFactor; 4] = [
    ScalingFactor::ONE_EIGHTH,
    ScalingFactor::ONE_QUARTER,
    ScalingFactor::ONE_HALF,
    ScalingFactor::ONE,
];

/// From this quality on colours are as sharp as light; below, eyes miss nothing where they are half as fine.
const SHARP_COLOURS: u8 = 90;

/// The picture as JPEG of a `quality` from 1 to 100.
pub fn encode(picture: &RgbImage, quality: u8) -> Result<Vec<u8>> {
    let colours = if quality < SHARP_COLOURS {
        Subsamp::Sub2x2
    } else {
        Subsamp::None
    };
    let mut encoder = Compressor::new().map_err(ours)?;
    encoder.set_quality(quality.into()).map_err(ours)?;
    encoder.set_subsamp(colours).map_err(ours)?;
    encoder.set_optimize(true).map_err(ours)?;
    let [width, height] = [picture.width(), picture.height()].map(|side| side as usize);
    let image = Image {
        pixels: picture.as_raw().as_slice(),
        width,
        pitch: width * Layout::Rgb.bytes(),
        height,
        format: PixelFormat::RGB,
    };
    encoder.compress_to_vec(image).map_err(ours)
}

/// Width and height as they are stored.
pub fn size(bytes: &[u8]) -> Result<(u32, u32)> {
    let header = decoder()?.read_header(bytes).map_err(broken)?;
    Ok(sides(&header))
}

/// The picture, scaled down as far as `least` width and height allow. What is lost is grey.
pub fn decode(bytes: &[u8], least: (u32, u32)) -> Result<Raster> {
    let mut decoder = decoder()?;
    let header = decoder.read_header(bytes).map_err(broken)?;
    let scale = if header.is_lossless {
        ScalingFactor::ONE
    } else {
        scale(&header, least)
    };
    decoder.set_scaling_factor(scale).map_err(ours)?;
    let header = header.scaled(scale);
    let (format, layout) = match header.colorspace {
        Colorspace::Gray => (PixelFormat::GRAY, Layout::Grey),
        Colorspace::CMYK | Colorspace::YCCK => (PixelFormat::CMYK, Layout::Cmyk),
        _ => (PixelFormat::RGB, Layout::Rgb),
    };
    let pitch = header.width * layout.bytes();
    let mut pixels = vec![0x80; pitch * header.height];
    let into = Image {
        pixels: &mut pixels[..],
        width: header.width,
        pitch,
        height: header.height,
        format,
    };
    let warned = decoder.decompress(bytes, into).is_err();
    let segments = Segments::of(bytes);
    if layout == Layout::Cmyk && segments.is_adobe {
        // Adobe's programs store how much of the paper is left bare.
        for ink in &mut pixels {
            *ink = !*ink;
        }
    }
    Ok(Raster {
        pixels,
        size: sides(&header),
        layout,
        meaning: match segments.profile {
            None if segments.is_wide && layout == Layout::Rgb => Meaning::Adobe,
            profile => Meaning::of(profile),
        },
        damaged: warned && !is_whole(bytes),
    })
}

fn decoder() -> Result<Decompressor> {
    let mut decoder = Decompressor::new().map_err(ours)?;
    decoder.set_scan_limit(MOST_SCANS).map_err(ours)?;
    Ok(decoder)
}

fn sides(header: &DecompressHeader) -> (u32, u32) {
    // A JPEG's sides are numbers of 16 bits.
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    (side(header.width), side(header.height))
}

fn scale(header: &DecompressHeader, least: (u32, u32)) -> ScalingFactor {
    let enough = |scale: &ScalingFactor| {
        let (width, height) = sides(&header.scaled(*scale));
        width >= least.0 && height >= least.1
    };
    SCALES
        .into_iter()
        .find(enough)
        .unwrap_or(ScalingFactor::ONE)
}

/// A second word on a picture that a decoder warned of: some warnings are of bytes that nothing hangs on.
fn is_whole(bytes: &[u8]) -> bool {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    JpegDecoder::new_with_options(ZCursor::new(bytes), options)
        .decode()
        .is_ok()
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
fn broken(error: turbojpeg::Error) -> Error {
    eprintln!("a JPEG's header: {error}");
    Error::Unusable("its header is broken".into())
}

fn ours(error: turbojpeg::Error) -> Error {
    Error::internal("libjpeg-turbo", error)
}

/// What the segments before the pixels say of the colours.
struct Segments {
    /// ICC.1:2022 annex B.4, put together.
    profile: Option<Vec<u8>>,
    /// Whether a program of Adobe's wrote it.
    is_adobe: bool,
    /// Whether a camera says that they are those of Adobe RGB (DCF 2.0 section 5.6).
    is_wide: bool,
}

impl Segments {
    fn of(bytes: &[u8]) -> Self {
        const APP1: u8 = 0xE1;
        const APP2: u8 = 0xE2;
        const APP14: u8 = 0xEE;
        let (mut parts, mut is_adobe, mut is_wide) = (Vec::new(), false, false);
        for (marker, data) in super::markers::of(bytes) {
            match marker {
                APP2 => {
                    if let Some([number, _, part @ ..]) = data.strip_prefix(b"ICC_PROFILE\0") {
                        parts.push((*number, part));
                    }
                }
                APP1 => {
                    if let Some(exif) = data.strip_prefix(b"Exif\0\0") {
                        is_wide |= frame::is_wide(exif);
                    }
                }
                APP14 => is_adobe |= data.starts_with(b"Adobe"),
                _ => {}
            }
        }
        parts.sort_by_key(|(number, _)| *number);
        let profile: Vec<u8> = parts
            .into_iter()
            .flat_map(|(_, part)| part)
            .copied()
            .collect();
        Self {
            profile: (!profile.is_empty()).then_some(profile),
            is_adobe,
            is_wide,
        }
    }
}
