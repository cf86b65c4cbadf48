//! EXIF 2.32 anew: what the IPTC standard maps to it, and of what the camera wrote that which is needed to see the
//! picture as it is, and how it was exposed. UTF-8 where the standard speaks of ASCII, as the Metadata Working Group
//! asks for (2.0, section 3.2).

use std::io::Cursor;

use exif::{Field, In, Rational, Tag, Value, experimental::Writer};

use super::{Inscription, cut};
use crate::media::frame::Camera;

/// In bytes; together they stay below what a segment holds.
const LONGEST_CAPTION: usize = 32_000;
const LONGEST_LINE: usize = 8_000;

pub fn tiff(inscription: &Inscription, camera: &Camera) -> Vec<u8> {
    let fields: Vec<Field> = said(inscription)
        .into_iter()
        .chain(shown(camera))
        .chain(position(inscription))
        .map(|(tag, value)| Field {
            tag,
            ifd_num: In::PRIMARY,
            value,
        })
        .collect();
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut bytes = Cursor::new(Vec::new());
    writer
        .write(&mut bytes, false)
        .expect("memory takes every write, and the fields are of the sorts that EXIF knows");
    bytes.into_inner()
}

fn said(inscription: &Inscription) -> Vec<(Tag, Value)> {
    let mut fields = vec![
        (Tag::ExifVersion, Value::Undefined(b"0232".to_vec(), 0)),
        (Tag::FlashpixVersion, Value::Undefined(b"0100".to_vec(), 0)),
        (
            Tag::ComponentsConfiguration,
            Value::Undefined(vec![1, 2, 3, 0], 0),
        ),
    ];
    let texts = [
        (
            Tag::ImageDescription,
            inscription.one(&inscription.caption),
            LONGEST_CAPTION,
        ),
        (Tag::Artist, inscription.creator.as_deref(), LONGEST_LINE),
        (
            Tag::Copyright,
            inscription.one(&inscription.copyright),
            LONGEST_LINE,
        ),
    ];
    for (tag, text, longest) in texts {
        fields.extend(text.map(|text| (tag, ascii(cut(text, longest)))));
    }
    if let Some(at) = inscription.moment() {
        let written = |format: &str| ascii(&at.strftime(format).to_string());
        fields.push((Tag::DateTimeOriginal, written("%Y:%m:%d %H:%M:%S")));
        fields.push((Tag::OffsetTimeOriginal, written("%:z")));
        if at.subsec_nanosecond() > 0 {
            let milliseconds = format!("{:03}", at.millisecond());
            fields.push((Tag::SubSecTimeOriginal, ascii(&milliseconds)));
        }
    }
    fields
}

fn shown(camera: &Camera) -> Vec<(Tag, Value)> {
    let shorts = [
        (Tag::Orientation, camera.orientation),
        (Tag::ColorSpace, camera.colour_space.or(Some(1))),
        (Tag::PhotographicSensitivity, camera.sensitivity),
    ];
    let ratios = [
        (Tag::ExposureTime, camera.exposure_time),
        (Tag::FNumber, camera.f_number),
        (Tag::FocalLength, camera.focal_length),
    ];
    let short = |(tag, value): (_, Option<u16>)| Some((tag, Value::Short(vec![value?])));
    let ratio = |(tag, value): (_, Option<(u32, u32)>)| {
        let (num, denom) = value?;
        Some((tag, Value::Rational(vec![Rational { num, denom }])))
    };
    let (unit, across, down) = match camera.density {
        Some((unit @ 1..=2, across, down)) => (unit + 1, across, down),
        _ => (2, 72, 72),
    };
    let whole = |number: u16| {
        Value::Rational(vec![Rational {
            num: number.into(),
            denom: 1,
        }])
    };
    let resolution = [
        (Tag::XResolution, whole(across)),
        (Tag::YResolution, whole(down)),
        (Tag::ResolutionUnit, Value::Short(vec![unit.into()])),
        (Tag::YCbCrPositioning, Value::Short(vec![1])),
    ];
    let size = camera.size.map(|(columns, lines)| {
        [
            (Tag::PixelXDimension, Value::Long(vec![columns.into()])),
            (Tag::PixelYDimension, Value::Long(vec![lines.into()])),
        ]
    });
    let index = camera.interoperability.as_deref();
    let index = index.map(|index| (Tag::InteroperabilityIndex, ascii(index)));
    shorts
        .into_iter()
        .filter_map(short)
        .chain(ratios.into_iter().filter_map(ratio))
        .chain(index)
        .chain(resolution)
        .chain(size.into_iter().flatten())
        .collect()
}

/// Where it was taken, as an editor confirmed it and the office lets it out.
fn position(inscription: &Inscription) -> Vec<(Tag, Value)> {
    let place = inscription.place.as_ref();
    let Some((north, east)) = place.and_then(|place| place.latitude.zip(place.longitude)) else {
        return Vec::new();
    };
    let side = |degrees: f64, sides: [&str; 2]| ascii(sides[usize::from(degrees < 0.0)]);
    vec![
        (Tag::GPSVersionID, Value::Byte(vec![2, 3, 0, 0])),
        (Tag::GPSLatitudeRef, side(north, ["N", "S"])),
        (Tag::GPSLatitude, degrees(north)),
        (Tag::GPSLongitudeRef, side(east, ["E", "W"])),
        (Tag::GPSLongitude, degrees(east)),
    ]
}

/// Degrees, minutes, and seconds to a hundredth: 30 centimetres.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "180 degrees are 64,800,000 hundredths of a second"
)]
fn degrees(degrees: f64) -> Value {
    let hundredths = (degrees.abs() * 360_000.0).round() as u32;
    let parts = [
        (hundredths / 360_000, 1),
        (hundredths / 6_000 % 60, 1),
        (hundredths % 6_000, 100),
    ];
    let part = |(num, denom)| Rational { num, denom };
    Value::Rational(parts.map(part).to_vec())
}

/// Without its end, which the writer puts behind it.
fn ascii(text: &str) -> Value {
    let clean: Vec<u8> = text.bytes().filter(|byte| *byte != 0).collect();
    Value::Ascii(vec![clean])
}
