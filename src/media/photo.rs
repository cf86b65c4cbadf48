//! Photos: JPEG, PNG, WebP, GIF, TIFF and BMP. Comes in: the original. Goes out: its size as people see it, what it
//! says about itself, and its renditions: one decoding, colours brought to sRGB, the camera's turning undone once,
//! transparency on white.

mod colour;
mod jpeg;
pub(super) mod segments;

use std::{
    fs::File,
    io::{BufReader, Read, Seek},
};

use fast_image_resize::PixelType;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage,
    metadata::Orientation,
};

use self::segments::Segments;
use super::{
    child,
    embedded::Embedded,
    exif,
    facts::Facts,
    frame, iptc,
    picture::{self, Wanted},
    recipe::{Format, Recipe, Size, Still},
    wire::{Examined, Measures, Output},
    xmp,
};
use crate::{
    error::{Error, Result},
    terms::Kind,
};

/// Pixels of one photo; twice what the largest cameras make.
const MOST_PIXELS: u64 = 200_000_000;
const LONGEST_SIDE: u32 = 65_535;
/// What a decoder may take for itself, in bytes.
const DECODER_MEMORY: u64 = 2 << 30;
/// What newsrooms get of formats that they cannot open: nobody sees a difference.
const FULL: Still = Still {
    size: Size::within(u32::MAX),
    format: Format::Jpeg,
    quality: 95,
};
/// No photo's file is longer, in bytes: JPEG is decoded from memory.
const LARGEST_FILE: u64 = 1 << 30;

/// Measures a photo and reads what it says about itself, without decoding its pixels.
pub fn examine(original: File, media_type: &str) -> Result<Examined> {
    let tiff = if media_type == "image/tiff" {
        Some(whole(&original)?)
    } else {
        None
    };
    let segments = if media_type == "image/jpeg" {
        segments::read(BufReader::new(&original))
    } else {
        Segments::default()
    };
    (&original)
        .rewind()
        .map_err(|cause| Error::internal("reading an original", cause))?;
    let mut decoder = open(original, media_type)?;
    let (width, height) = decoder.dimensions();
    let turned = orientation(&mut decoder, tiff.as_deref());
    let (width, height) = if turns_over(turned) {
        (height, width)
    } else {
        (width, height)
    };
    let facts = Facts {
        width: Some(width),
        height: Some(height),
        ..Facts::new(Kind::Photo, media_type)
    };
    Ok(Examined {
        facts,
        embedded: embedded(&mut decoder, tiff, segments),
    })
}

/// Makes the renditions asked for.
pub fn render(original: File, facts: &Facts, outputs: &[Output]) -> Result<()> {
    let mut wanted = Vec::new();
    for output in outputs {
        match output.recipe {
            Recipe::Picture(still) => wanted.push((*output, still)),
            Recipe::Press => match in_place(&original, facts)? {
                Some(measures) => child::made(*output, Ok(measures))?,
                None => wanted.push((*output, FULL)),
            },
            _ => child::made(
                *output,
                Err(Error::Unusable("a photo has no such rendition".into())),
            )?,
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let Loaded {
        picture,
        natural,
        damaged,
    } = load(original, &facts.media_type, &wanted)?;
    child::progress(0.5)?;
    picture::cascade(picture, natural, &wanted, |output, made| {
        child::made(output, made.map(|made| Measures { damaged, ..made }))
    })
}

/// The pixels of a JPEG where they lie, for whoever can open one; of another format, or where its segments make no
/// sense, nothing.
fn in_place(mut original: &File, facts: &Facts) -> Result<Option<Measures>> {
    if facts.media_type != "image/jpeg" {
        return Ok(None);
    }
    let framed = frame::of_jpeg(BufReader::with_capacity(1 << 16, original));
    original
        .rewind()
        .map_err(|cause| Error::internal("reading an original", cause))?;
    Ok(framed.map(|framed| Measures {
        width: facts.width,
        height: facts.height,
        framed: Some(framed),
        in_original: true,
        ..Measures::default()
    }))
}

/// Opens a decoder within its limits.
fn open(original: File, media_type: &str) -> Result<impl ImageDecoder> {
    let format = ImageFormat::from_mime_type(media_type)
        .ok_or_else(|| Error::Unusable(format!("{media_type} is no format of photos")))?;
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(DECODER_MEMORY);
    let mut reader = ImageReader::with_format(
        BufReader::with_capacity(1 << 16, original.take(LARGEST_FILE)),
        format,
    );
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS {
        return Err(Error::Unusable(format!(
            "it has {width} × {height} pixels, more than {MOST_PIXELS}"
        )));
    }
    Ok(decoder)
}

/// A photo upright in sRGB.
struct Loaded {
    picture: RgbImage,
    /// The size that it has in full.
    natural: (u32, u32),
    /// Whether parts of it are missing: what there is, is shown.
    damaged: bool,
}

/// The photo, as large as everything wanted needs it.
///
/// Scaled first: turning and colours cost by the pixel, and Lanczos does not mind in which order they come.
fn load(original: File, media_type: &str, wanted: &[Wanted]) -> Result<Loaded> {
    let is_jpeg = media_type == "image/jpeg";
    let strictly = if is_jpeg {
        Some(whole(&original)?)
    } else {
        None
    };
    let tiff = if media_type == "image/tiff" {
        Some(whole(&original)?)
    } else {
        None
    };
    let mut decoder = open(original, media_type)?;
    let turned = orientation(&mut decoder, tiff.as_deref());
    drop(tiff);
    let profile = decoder.icc_profile().map_err(broken)?;
    let sound = strictly.and_then(|bytes| jpeg::decode_strictly(&bytes));
    let damaged = is_jpeg && sound.is_none();
    let whole = match sound {
        Some(whole) => whole,
        None => DynamicImage::from_decoder(decoder).map_err(broken)?,
    };
    let grey = !whole.color().has_color();
    let natural = (whole.width(), whole.height());
    let turn = |(width, height)| {
        if turns_over(turned) {
            (height, width)
        } else {
            (width, height)
        }
    };
    let size = turn(picture::whole(turn(natural), wanted));
    let mut small = if whole.color().has_alpha() {
        let pixels = picture::scale(whole.into_rgba8().as_raw(), natural, PixelType::U8x4, size)?;
        on_white(&RgbaImage::from_raw(size.0, size.1, pixels).ok_or_else(picture::mismatch)?)
    } else {
        let pixels = picture::scale(whole.into_rgb8().as_raw(), natural, PixelType::U8x3, size)?;
        RgbImage::from_raw(size.0, size.1, pixels).ok_or_else(picture::mismatch)?
    };
    if let Some(profile) = profile {
        colour::to_srgb(&mut small, &profile, grey);
    }
    let mut upright = DynamicImage::ImageRgb8(small);
    upright.apply_orientation(turned);
    Ok(Loaded {
        picture: upright.into_rgb8(),
        natural: turn(natural),
        damaged,
    })
}

fn on_white(picture: &RgbaImage) -> RgbImage {
    let mut flat = RgbImage::new(picture.width(), picture.height());
    for (pixel, image::Rgba([red, green, blue, alpha])) in flat.pixels_mut().zip(picture.pixels()) {
        let over = |part: &u8| {
            (u16::from(*part) * u16::from(*alpha) + 255 * (255 - u16::from(*alpha)) + 127) / 255
        };
        let part = |part: &u8| u8::try_from(over(part)).unwrap_or(u8::MAX);
        *pixel = image::Rgb([part(red), part(green), part(blue)]);
    }
    flat
}

/// How the camera was held (EXIF 2.32 section 4.6.4, "Orientation"). Decoders of TIFF do not tell, its tags do.
fn orientation(decoder: &mut impl ImageDecoder, tiff: Option<&[u8]>) -> Orientation {
    let told = match tiff {
        Some(tiff) => Orientation::from_exif_chunk(tiff),
        None => decoder.orientation().ok(),
    };
    told.unwrap_or(Orientation::NoTransforms)
}

fn turns_over(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(
        orientation,
        Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH
    )
}

/// XMP before IPTC before EXIF: the order in which editors' programs keep them true. But where the records of IPTC are
/// others than when their digest was written, a program that knows nothing of XMP wrote them last (Metadata Working
/// Group 2.0, section 3.3).
fn embedded(
    decoder: &mut impl ImageDecoder,
    tiff: Option<Vec<u8>>,
    segments: Segments,
) -> Embedded {
    let exif = tiff
        .or(segments.exif)
        .or_else(|| decoder.exif_metadata().ok().flatten())
        .and_then(exif::read);
    let (exif, xmp_in_exif, iptc_in_exif) = match exif {
        Some(found) => (found.embedded, found.xmp, found.iptc),
        None => (Embedded::default(), None, None),
    };
    let xmp = segments
        .xmp
        .or_else(|| decoder.xmp_metadata().ok().flatten())
        .or(xmp_in_exif);
    let iptc = segments
        .resources
        .or_else(|| decoder.iptc_metadata().ok().flatten())
        .or(iptc_in_exif);
    let mut xmp = xmp.map(|packet| xmp::read(&packet)).unwrap_or_default();
    if let Some(extension) = segments.xmp_extension {
        xmp = xmp.or(xmp::read(&extension));
    }
    let iptc = iptc.map(|records| iptc::read(&records)).unwrap_or_default();
    if iptc.is_newer {
        return iptc.embedded.or(xmp).or(exif);
    }
    xmp.or(iptc.embedded).or(exif)
}

fn whole(mut file: &File) -> Result<Vec<u8>> {
    let failed = |cause| Error::internal("reading an original", cause);
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    file.rewind().map_err(failed)?;
    Ok(bytes)
}

fn broken(error: ImageError) -> Error {
    match error {
        ImageError::Limits(_) => Error::Unusable("it takes more memory than a photo may".into()),
        ImageError::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
            Error::Unusable("it ends too early".into())
        }
        error => Error::Unusable(error.to_string()),
    }
}
