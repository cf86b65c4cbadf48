//! HEIF (ISO/IEC 23008-12): pictures in HEVC, as phones make them, and in AV1. The container's own turning holds; the
//! orientation in its EXIF is only a memory of how it was before (section 6.5.10).

use heifer_isobmff::{
    HeifFile, ItemId,
    boxes::{ColorInfo, Property},
};
use image::metadata::Orientation;

use super::{
    Head, MOST_PIXELS,
    colour::Meaning,
    raster::{Layout, Raster},
    segments::Segments,
};
use crate::{
    error::{Error, Result},
    media::libav::{Coded, StillDecoder},
};

/// Pictures made of pictures made of pictures: no more than this.
const DEEPEST: u8 = 3;

/// What the container says. The size, and how to turn it, are those of what [`decode`] gives.
pub fn head(bytes: &[u8]) -> Result<Head> {
    let file = HeifFile::parse(bytes).map_err(broken)?;
    let id = file.primary_id;
    let size = file.image_size(id).map_err(broken)?;
    let mut size = size.ok_or_else(|| Error::Unusable("it has no size".into()))?;
    let mut turned = turned(&file, id)?;
    if !is_av1(&file, id) {
        // This decoder crops and turns, too.
        size = cropped(&file, id, size)?;
        if super::turns_over(turned) {
            size = (size.1, size.0);
        }
        turned = Orientation::NoTransforms;
    }
    Ok(Head {
        size,
        turned,
        segments: Segments {
            exif: file.exif(id).ok().flatten(),
            xmp: file.xmp(id).ok().flatten(),
            ..Segments::default()
        },
    })
}

pub fn decode(bytes: &[u8], still: StillDecoder) -> Result<Raster> {
    let file = HeifFile::parse(bytes).map_err(broken)?;
    if is_av1(&file, file.primary_id) {
        av1(&file, still)
    } else {
        hevc(&file, bytes)
    }
}

fn is_av1(file: &HeifFile, id: ItemId) -> bool {
    let part = file.referenced_items(id, b"dimg").first().copied();
    std::iter::once(id)
        .chain(part)
        .any(|id| file.item(id).is_ok_and(|item| &item.item_type.0 == b"av01"))
}

/// A picture in HEVC, upright.
fn hevc(file: &HeifFile, bytes: &[u8]) -> Result<Raster> {
    let options = heifer::Options {
        max_pixels: MOST_PIXELS,
        ..heifer::Options::default()
    };
    let picture = heifer::decode_rgba8(bytes, &options).map_err(|cause| match cause {
        heifer::Error::Unsupported(what) => Error::Unusable(format!("no decoder for {what}")),
        cause => Error::Unusable(cause.to_string()),
    })?;
    let size = (picture.width, picture.height);
    let (pixels, layout) = if picture.has_alpha {
        (picture.data, Layout::Rgba)
    } else {
        (picture.into_rgb8(), Layout::Rgb)
    };
    Ok(Raster {
        pixels,
        size,
        layout,
        meaning: meaning(file, file.primary_id)?,
        damaged: false,
    })
}

/// A picture in AV1, as it is stored.
fn av1(file: &HeifFile, still: StillDecoder) -> Result<Raster> {
    let id = file.primary_id;
    let mut picture = item(file, id, 0, still)?;
    let transparency = file.referencing_items(id, b"auxl").into_iter();
    for plane in transparency.filter(|plane| is_alpha(file, *plane)) {
        let alpha = item(file, plane, 0, still)?;
        if alpha.size == picture.size {
            let pixels = picture
                .pixels
                .chunks_exact(3)
                .zip(alpha.pixels.chunks_exact(3));
            picture.pixels = pixels.flat_map(|(p, a)| [p[0], p[1], p[2], a[0]]).collect();
            picture.layout = Layout::Rgba;
            break;
        }
    }
    picture.meaning = meaning(file, id)?;
    Ok(picture)
}

/// The pixels of an item, RGB: coded, or a grid of others (section 6.6.2.3).
fn item(file: &HeifFile, id: ItemId, depth: u8, still: StillDecoder) -> Result<Raster> {
    let item = file.item(id).map_err(broken)?;
    match &item.item_type.0 {
        b"av01" => {
            let data = file.item_data(id).map_err(broken)?;
            let said = nclx(file, id)?;
            let (size, pixels) = still(&data, Coded::Av1(said.map(|said| (said.2, said.3))))?;
            Ok(Raster {
                pixels,
                size,
                layout: Layout::Rgb,
                meaning: Meaning::Usual,
                damaged: false,
            })
        }
        b"grid" if depth < DEEPEST => grid(file, id, depth, still),
        other => Err(Error::Unusable(format!(
            "no decoder for pictures of the sort {}",
            String::from_utf8_lossy(other)
        ))),
    }
}

fn grid(file: &HeifFile, id: ItemId, depth: u8, still: StillDecoder) -> Result<Raster> {
    let grid = file.grid(id).map_err(broken)?;
    let (width, height) = (grid.output_width as usize, grid.output_height as usize);
    let tiles = file.referenced_items(id, b"dimg");
    let (columns, rows) = (usize::from(grid.columns), usize::from(grid.rows));
    let pixels = u64::from(grid.output_width) * u64::from(grid.output_height);
    if tiles.len() != columns * rows || !(1..=MOST_PIXELS).contains(&pixels) {
        return Err(Error::Unusable("its parts do not make a picture".into()));
    }
    let mut whole = vec![0; width * height * 3];
    for (number, tile) in tiles.iter().enumerate() {
        let tile = item(file, *tile, depth + 1, still)?;
        let (w, h) = (tile.size.0 as usize, tile.size.1 as usize);
        let (left, top) = (number % columns * w, number / columns * h);
        for (row, line) in tile.pixels.chunks_exact(w * 3).enumerate() {
            let shown = w.min(width.saturating_sub(left)) * 3;
            if top + row < height {
                let at = ((top + row) * width + left) * 3;
                whole[at..][..shown].copy_from_slice(&line[..shown]);
            }
        }
    }
    Ok(Raster {
        pixels: whole,
        size: (grid.output_width, grid.output_height),
        layout: Layout::Rgb,
        meaning: Meaning::Usual,
        damaged: false,
    })
}

/// Primaries, transfer, matrix and range of an item or of its first part.
fn nclx(file: &HeifFile, id: ItemId) -> Result<Option<(u8, u8, u8, bool)>> {
    for id in std::iter::once(id).chain(file.referenced_items(id, b"dimg").first().copied()) {
        for property in file.item_properties(id).map_err(broken)? {
            if let Property::Color(ColorInfo::Nclx {
                primaries,
                transfer,
                matrix,
                full_range,
            }) = property
            {
                let code = |code: &u16| u8::try_from(*code).unwrap_or(2);
                return Ok(Some((
                    code(primaries),
                    code(transfer),
                    code(matrix),
                    *full_range,
                )));
            }
        }
    }
    Ok(None)
}

fn meaning(file: &HeifFile, id: ItemId) -> Result<Meaning> {
    if let Some(profile) = file.icc_profile(id).map_err(broken)? {
        return Ok(Meaning::Profile(profile.to_vec()));
    }
    Ok(
        nclx(file, id)?.map_or(Meaning::Usual, |(primaries, transfer, _, _)| {
            Meaning::Coded(primaries, transfer)
        }),
    )
}

fn is_alpha(file: &HeifFile, id: ItemId) -> bool {
    file.item_properties(id).is_ok_and(|mut properties| {
        properties.any(|property| {
            matches!(property, Property::AuxiliaryType(sort)
                if sort == "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" || sort == "urn:mpeg:hevc:2015:auxid:1")
        })
    })
}

/// The size within the clean aperture (ISO/IEC 14496-12 section 12.1.4).
fn cropped(file: &HeifFile, id: ItemId, size: (u32, u32)) -> Result<(u32, u32)> {
    let within = |(over, under): (u32, u32), most: u32| {
        let rounded = (u64::from(over) + u64::from(under) / 2) / u64::from(under.max(1));
        u32::try_from(rounded).map_or(most, |side| side.clamp(1, most.max(1)))
    };
    for property in file.item_properties(id).map_err(broken)? {
        if let Property::CleanAperture { width, height, .. } = property {
            return Ok((within(*width, size.0), within(*height, size.1)));
        }
    }
    Ok(size)
}

/// Quarters against the clock, then a mirror (sections 6.5.10 and 6.5.12), as EXIF would say it.
fn turned(file: &HeifFile, id: ItemId) -> Result<Orientation> {
    let (mut quarters, mut mirror) = (0, None);
    for property in file.item_properties(id).map_err(broken)? {
        match property {
            Property::Rotation(turn) => quarters = *turn,
            Property::Mirror(upside_down) => mirror = Some(*upside_down),
            _ => {}
        }
    }
    Ok(match (quarters % 4, mirror) {
        (0, None) => Orientation::NoTransforms,
        (1, None) => Orientation::Rotate270,
        (2, None) => Orientation::Rotate180,
        (_, None) => Orientation::Rotate90,
        (0, Some(true)) | (2, Some(false)) => Orientation::FlipVertical,
        (0 | 2, Some(_)) => Orientation::FlipHorizontal,
        (1, Some(false)) | (3, Some(true)) => Orientation::Rotate270FlipH,
        (_, Some(_)) => Orientation::Rotate90FlipH,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
fn broken(cause: heifer_isobmff::Error) -> Error {
    Error::Unusable(cause.to_string())
}
