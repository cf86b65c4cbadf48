//! Photos in all the formats that cameras, phones, scanners and designers hand in. Comes in: the original. Goes out: its
//! size as people see it, what it says about itself, and its renditions: one decoding, colours brought to sRGB, the
//! camera's turning undone once, transparency on white.

mod bright;
mod colour;
mod common;
mod heif;
pub(super) mod jpeg;
mod markers;
mod moving;
pub(super) mod negative;
pub(super) mod psd;
mod raster;
pub(super) mod segments;
mod sheet;
mod tiff;

use std::{
    fs::File,
    io::{BufReader, Cursor, Read, Seek},
};

use image::{DynamicImage, RgbImage, metadata::Orientation};

use self::{raster::Raster, segments::Segments};
use super::{
    child,
    embedded::Embedded,
    exif,
    facts::Facts,
    frame, iptc,
    libav::StillDecoder,
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
/// What newsrooms get of formats that they cannot open: nobody sees a difference.
const FULL: Still = Still {
    size: Size::within(u32::MAX),
    format: Format::Jpeg,
    quality: 95,
};
/// What is decoded without libav.
const COMMON: [&str; 6] = [
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/bmp",
    "image/vnd.adobe.photoshop",
];
/// No photo's file is longer, in bytes: it is decoded from memory.
const LARGEST_FILE: u64 = 1 << 30;

/// What a photo's file says before its pixels are looked at.
struct Head {
    /// Width and height as they are stored.
    size: (u32, u32),
    /// How to turn what is stored.
    turned: Orientation,
    segments: Segments,
}

impl Head {
    fn upright(&self, (width, height): (u32, u32)) -> (u32, u32) {
        if turns_over(self.turned) {
            (height, width)
        } else {
            (width, height)
        }
    }
}

/// Measures a photo and reads what it says about itself, without decoding its pixels. `still` decodes the few that only
/// libav can; of [`is_common`] it is never asked.
pub fn examine(original: &File, media_type: &str, still: StillDecoder) -> Result<Examined> {
    let bytes = whole(original)?;
    let head = head(&bytes, media_type, still)?;
    let (width, height) = head.upright(head.size);
    let embedded = embedded(head.segments);
    let facts = Facts {
        drawn: !is_exposed(&embedded),
        width: Some(width),
        height: Some(height),
        duration_ms: moving::duration_ms(&bytes, media_type),
        ..Facts::new(Kind::Photo, media_type)
    };
    Ok(Examined { facts, embedded })
}

/// Whether light fell on something: only cameras write how long, and scanners do not.
fn is_exposed(embedded: &Embedded) -> bool {
    let exif = embedded.raw.get("exif");
    exif.is_some_and(|exif| exif.get("ExposureTime").or(exif.get("FNumber")).is_some())
}

fn head(bytes: &[u8], media_type: &str, still: StillDecoder) -> Result<Head> {
    let head = match media_type {
        "image/jpeg" => {
            let segments = segments::read(Cursor::new(bytes));
            let orientation = segments.exif.as_deref();
            let turned = orientation.and_then(Orientation::from_exif_chunk);
            Head {
                size: jpeg::size(bytes)?,
                turned: turned.unwrap_or(Orientation::NoTransforms),
                segments,
            }
        }
        "image/heic" | "image/heif" | "image/avif" => heif::head(bytes)?,
        "image/vnd.adobe.photoshop" => {
            let psd::Head { size, segments, .. } = psd::head(bytes)?;
            Head {
                size,
                turned: Orientation::NoTransforms,
                segments,
            }
        }
        raw if super::raw::MEDIA_TYPES.contains(&raw) => {
            let negative = negative::head(bytes, raw)?;
            Head {
                size: match negative.preview {
                    Some(preview) => jpeg::size(preview)?,
                    None => tiff::head(bytes, still)?.size,
                },
                turned: negative.turned.unwrap_or(Orientation::NoTransforms),
                segments: negative.segments,
            }
        }
        "image/tiff" => tiff::head(bytes, still)?,
        other => common::head(bytes, other)?,
    };
    checked(head.size)?;
    Ok(head)
}

/// The pixels as they are stored, at least so large where the format can be scaled while it is decoded.
fn decode(
    bytes: &[u8],
    media_type: &str,
    least: (u32, u32),
    still: StillDecoder,
) -> Result<Raster> {
    match media_type {
        "image/jpeg" => jpeg::decode(bytes, least),
        "image/heic" | "image/heif" | "image/avif" => heif::decode(bytes, still),
        "image/vnd.adobe.photoshop" => psd::head(bytes)?.decode(),
        raw if super::raw::MEDIA_TYPES.contains(&raw) => {
            match negative::head(bytes, raw)?.preview {
                Some(preview) => jpeg::decode(preview, least),
                None => tiff::decode(bytes, still),
            }
        }
        "image/tiff" => tiff::decode(bytes, still),
        other => common::decode(bytes, other),
    }
}

/// Whether such a photo is decoded without libav, whatever is in it.
pub fn is_common(media_type: &str) -> bool {
    COMMON.contains(&media_type)
}

fn checked((width, height): (u32, u32)) -> Result<()> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS || width > LONGEST_SIDE || height > LONGEST_SIDE {
        return Err(Error::Unusable(format!(
            "it has {width} × {height} pixels, more than {MOST_PIXELS}"
        )));
    }
    Ok(())
}

/// Makes the renditions asked for; `still` as in [`examine`].
pub fn render(
    original: &File,
    facts: &Facts,
    outputs: &[Output],
    still: StillDecoder,
) -> Result<()> {
    let mut wanted = Vec::new();
    for output in outputs {
        match output.recipe {
            Recipe::Picture(still) => wanted.push((*output, still)),
            Recipe::Sheet { .. } => {
                let natural = facts.width.zip(facts.height).unwrap_or((1, 1));
                let wanted = [(*output, sheet::size(natural))];
                let loaded = load(original, &facts.media_type, &wanted, still)?;
                let made = sheet::write(loaded.picture, &child::create(*output)?);
                child::made(*output, made)?;
            }
            Recipe::Press => match in_place(original, facts)? {
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
    } = load(original, &facts.media_type, &wanted, still)?;
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
fn load(
    original: &File,
    media_type: &str,
    wanted: &[Wanted],
    still: StillDecoder,
) -> Result<Loaded> {
    let bytes = whole(original)?;
    let head = head(&bytes, media_type, still)?;
    let natural = head.upright(head.size);
    let size = head.upright(picture::whole(natural, wanted));
    let raster = decode(&bytes, media_type, size, still)?;
    drop(bytes);
    let damaged = raster.damaged;
    let mut upright = DynamicImage::ImageRgb8(raster.into_srgb(size)?);
    upright.apply_orientation(head.turned);
    Ok(Loaded {
        picture: upright.into_rgb8(),
        natural,
        damaged,
    })
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
fn embedded(segments: Segments) -> Embedded {
    let exif = segments.exif.and_then(exif::read);
    let (exif, xmp_in_exif, iptc_in_exif) = match exif {
        Some(found) => (found.embedded, found.xmp, found.iptc),
        None => (Embedded::default(), None, None),
    };
    let xmp = segments.xmp.or(xmp_in_exif);
    let iptc = segments.resources.or(iptc_in_exif);
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
    file.rewind().map_err(failed)?;
    file.take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST_FILE {
        let most = LARGEST_FILE >> 20;
        return Err(Error::Unusable(format!("it is longer than {most} MiB")));
    }
    Ok(bytes)
}
