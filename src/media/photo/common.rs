//! The formats that the image crate decodes: PNG, WebP, GIF, TIFF and BMP. Of what moves or has pages, the first.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, metadata::Orientation,
};

use super::{Head, LONGEST_SIDE, checked, colour::Meaning, raster::Raster, segments::Segments};
use crate::error::{Error, Result};

/// What a decoder may take for itself, in bytes.
pub const DECODER_MEMORY: u64 = 2 << 30;

pub fn head(bytes: &[u8], media_type: &str) -> Result<Head> {
    let mut decoder = open(bytes, media_type)?;
    // Decoders of TIFF do not tell what its tags say.
    let exif = if media_type == "image/tiff" {
        Some(bytes.to_vec())
    } else {
        decoder.exif_metadata().ok().flatten()
    };
    let turned = exif.as_deref().and_then(Orientation::from_exif_chunk);
    Ok(Head {
        size: decoder.dimensions(),
        turned: turned.unwrap_or(Orientation::NoTransforms),
        segments: Segments {
            exif,
            xmp: decoder.xmp_metadata().ok().flatten(),
            resources: decoder.iptc_metadata().ok().flatten(),
            ..Segments::default()
        },
    })
}

pub fn decode(bytes: &[u8], media_type: &str) -> Result<Raster> {
    let mut decoder = open(bytes, media_type)?;
    let profile = decoder.icc_profile().map_err(broken)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    Ok(Raster::of(picture, Meaning::of(profile)))
}

/// Opens a decoder within its limits.
fn open<'a>(bytes: &'a [u8], media_type: &str) -> Result<impl ImageDecoder + 'a> {
    let format = ImageFormat::from_mime_type(media_type)
        .ok_or_else(|| Error::Unusable(format!("{media_type} is no format of photos")))?;
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(DECODER_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(broken)?;
    checked(decoder.dimensions())?;
    Ok(decoder)
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
