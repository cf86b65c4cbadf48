//! EXIF 2.32 (CIPA DC-008), from the TIFF structure that photos carry it in. Fields that cannot be read are left out;
//! no field is trusted to be there.

use exif::{Exif, Field, In, Reader, Tag, Value};

use super::{charset, embedded::Embedded};

/// Long values are for programs: a maker's notes, thumbnails, curves.
const LONGEST_FOR_PEOPLE: usize = 400;
/// Two tags of TIFF that carry the other standards within.
const XMP: Tag = Tag(exif::Context::Tiff, 700);
const IPTC: Tag = Tag(exif::Context::Tiff, 33_723);

/// What stands in EXIF, and the packets of XMP and IPTC where a TIFF holds them in its tags.
pub struct Found {
    pub embedded: Embedded,
    pub xmp: Option<Vec<u8>>,
    pub iptc: Option<Vec<u8>>,
}

/// Reads a TIFF structure, whole or as far as it goes; `None` where there is none.
pub fn read(tiff: Vec<u8>) -> Option<Found> {
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    let exif = reader
        .read_raw(tiff)
        .or_else(|error| error.distill_partial_result(|_| ()))
        .ok()?;
    let mut embedded = Embedded::default();
    describe(&exif, &mut embedded);
    for field in exif.fields().filter(|field| field.ifd_num == In::PRIMARY) {
        let value = match field.value {
            Value::Ascii(_) => text(field).unwrap_or_default(),
            _ => field.display_value().with_unit(&exif).to_string(),
        };
        let binary =
            matches!(field.value, Value::Undefined(..) | Value::Unknown(..)) && value.len() > 64;
        if value.len() <= LONGEST_FOR_PEOPLE && !binary {
            embedded.keep("exif", &field.tag.to_string(), value);
        }
    }
    Some(Found {
        embedded,
        xmp: bytes(&exif, XMP),
        iptc: bytes(&exif, IPTC),
    })
}

fn describe(exif: &Exif, embedded: &mut Embedded) {
    let get = |tag| exif.get_field(tag, In::PRIMARY).and_then(text);
    embedded.caption.plain = get(Tag::ImageDescription);
    embedded.creator = get(Tag::Artist);
    embedded.copyright.plain = get(Tag::Copyright);
    let taken = get(Tag::DateTimeOriginal).map(|date| {
        (
            date,
            get(Tag::OffsetTimeOriginal),
            get(Tag::SubSecTimeOriginal),
        )
    });
    let digitized =
        || get(Tag::DateTimeDigitized).map(|date| (date, get(Tag::OffsetTimeDigitized), None));
    if let Some((date, offset, fraction)) = taken.or_else(digitized) {
        date_taken(embedded, &date, offset.as_deref(), fraction.as_deref());
    }
    let latitude = degrees(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, "S");
    let longitude = degrees(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, "W");
    if let (Some(latitude), Some(longitude)) = (latitude, longitude) {
        embedded.place.locate(latitude, longitude);
    }
}

/// `YYYY:MM:DD HH:MM:SS` with the offset and the fraction of a second that newer files write apart.
fn date_taken(embedded: &mut Embedded, date: &str, offset: Option<&str>, fraction: Option<&str>) {
    let Some((day, time)) = date.trim().split_once(' ') else {
        return;
    };
    let fraction = fraction
        .map(str::trim)
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let fraction = fraction
        .map(|digits| format!(".{}", &digits[..digits.len().min(9)]))
        .unwrap_or_default();
    let offset = offset.unwrap_or_default().trim();
    embedded.date(&format!(
        "{}T{}{fraction}{offset}",
        day.replace(':', "-"),
        time.trim()
    ));
}

fn degrees(exif: &Exif, tag: Tag, side: Tag, negative: &str) -> Option<f64> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    let mut degrees = 0.0;
    for (part, share) in parts.iter().zip([1.0, 60.0, 3600.0]) {
        degrees += if part.denom == 0 {
            0.0
        } else {
            part.to_f64() / share
        };
    }
    let side = exif.get_field(side, In::PRIMARY).and_then(text)?;
    Some(if side.eq_ignore_ascii_case(negative) {
        -degrees
    } else {
        degrees
    })
}

/// A field of letters. The standard knows only ASCII; what cameras and programs write is found out.
fn text(field: &Field) -> Option<String> {
    let Value::Ascii(parts) = &field.value else {
        return None;
    };
    let text = parts
        .iter()
        .map(|part| charset::decode(trim(part)))
        .collect::<Vec<_>>()
        .join(" ");
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

fn trim(part: &[u8]) -> &[u8] {
    &part[..part
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(part.len())]
}

fn bytes(exif: &Exif, tag: Tag) -> Option<Vec<u8>> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Byte(bytes) | Value::Undefined(bytes, _) => Some(bytes.clone()),
        // Some programs declare IPTC as numbers of four bytes, in the file's own order.
        Value::Long(longs) if exif.little_endian() => {
            Some(longs.iter().flat_map(|long| long.to_le_bytes()).collect())
        }
        Value::Long(longs) => Some(longs.iter().flat_map(|long| long.to_be_bytes()).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_with_and_without_a_zone() {
        let mut embedded = Embedded::default();
        date_taken(
            &mut embedded,
            "2024:03:01 10:00:00",
            Some("+05:00"),
            Some("25 "),
        );
        assert_eq!(
            embedded.taken_at.unwrap().to_string(),
            "2024-03-01T05:00:00.25Z"
        );
        let mut embedded = Embedded::default();
        date_taken(&mut embedded, "2024:03:01 10:00:00", None, None);
        assert_eq!(
            (embedded.taken_at, embedded.taken_local.unwrap().to_string()),
            (None, "2024-03-01T10:00:00".into())
        );
        let mut embedded = Embedded::default();
        date_taken(&mut embedded, "0000:00:00 00:00:00", None, None);
        assert_eq!(embedded, Embedded::default());
    }

    #[test]
    fn noise_is_no_exif() {
        assert!(
            read(b"II*\0\xFF\xFF\xFF\xFF".to_vec())
                .is_none_or(|found| found.embedded == Embedded::default())
        );
        assert!(read(Vec::new()).is_none());
    }
}
