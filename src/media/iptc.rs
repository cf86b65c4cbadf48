//! IPTC-IIM 4.2, the records that news agencies have written into photos since 1991: bare, or within Photoshop's image
//! resources. UTF-8 where the file says so (`ESC % G`), else what the bytes look like, old Cyrillic included.

use encoding_rs::Encoding;
use md5::{Digest, Md5};

use super::{
    charset,
    embedded::{Embedded, Said},
};

/// The mark of UTF-8 in the coded character set, dataset 1:90 (ISO/IEC 2022 section 15.4).
const UTF8: &[u8] = b"\x1B%G";
/// The image resource that holds IPTC.
const IPTC_RESOURCE: u16 = 0x0404;
/// And the one that holds their MD5.
const DIGEST_RESOURCE: u16 = 0x0425;

/// Names of the datasets of record 2 that are kept, as the standard calls them.
const NAMES: [(u8, &str); 25] = [
    (5, "Object Name"),
    (15, "Category"),
    (20, "Supplemental Category"),
    (25, "Keywords"),
    (40, "Special Instructions"),
    (55, "Date Created"),
    (60, "Time Created"),
    (65, "Originating Program"),
    (80, "By-line"),
    (85, "By-line Title"),
    (90, "City"),
    (92, "Sublocation"),
    (95, "Province/State"),
    (100, "Country Code"),
    (101, "Country Name"),
    (103, "Original Transmission Reference"),
    (105, "Headline"),
    (110, "Credit"),
    (115, "Source"),
    (116, "Copyright Notice"),
    (118, "Contact"),
    (120, "Caption/Abstract"),
    (122, "Writer/Editor"),
    (130, "Image Type"),
    (135, "Language Identifier"),
];

/// What the records say.
#[derive(Debug, Default)]
pub struct Found {
    pub embedded: Embedded,
    /// Whether they were changed since whoever writes XMP, too, wrote their digest.
    pub is_newer: bool,
}

/// Reads what an `APP13` segment, a TIFF tag or a PNG chunk holds of IPTC.
pub fn read(bytes: &[u8]) -> Found {
    let records = resource(bytes, IPTC_RESOURCE).unwrap_or(bytes);
    let written = resource(bytes, DIGEST_RESOURCE).filter(|digest| digest.len() == 16);
    let encoding = encoding(records);
    let mut embedded = Embedded::default();
    let (mut date, mut time) = (None, None);
    for (_, dataset, value) in Datasets(records).filter(|(record, _, _)| *record == 2) {
        let (text, _, _) = encoding.decode(value);
        let text = text.trim_end_matches('\0').to_owned();
        match dataset {
            55 => date = Some(text.clone()),
            60 => time = Some(text.clone()),
            _ => describe(&mut embedded, dataset, &text),
        }
        if let Some((_, name)) = NAMES.iter().find(|(number, _)| *number == dataset) {
            embedded.keep("iptc", name, text);
        }
    }
    if embedded.headline.is_empty() {
        let title = embedded
            .raw
            .get("iptc")
            .and_then(|fields| fields.get("Object Name")?.as_str());
        embedded.headline.plain = title.map(str::to_owned);
    }
    if let Some(date) = date {
        date_created(&mut embedded, &date, time.as_deref());
    }
    Found {
        is_newer: written.is_some_and(|digest| digest != &Md5::digest(records)[..]),
        embedded,
    }
}

/// What the file says, or else what all its texts together look like: one word alone gives little away.
fn encoding(records: &[u8]) -> &'static Encoding {
    let marked = Datasets(records).any(|one| one == (1, 90, UTF8));
    if marked {
        return encoding_rs::UTF_8;
    }
    let texts: Vec<&[u8]> = Datasets(records)
        .filter(|(record, dataset, _)| {
            *record == 2 && NAMES.iter().any(|(number, _)| number == dataset)
        })
        .map(|(_, _, value)| value)
        .collect();
    charset::guess(&texts.join(&b"\n"[..])).unwrap_or(encoding_rs::WINDOWS_1252)
}

fn describe(embedded: &mut Embedded, dataset: u8, text: &str) {
    let text = text.trim().to_owned();
    if text.is_empty() {
        return;
    }
    match dataset {
        25 => embedded.keywords.push(text),
        80 => {
            embedded.creator = Some(
                embedded
                    .creator
                    .take()
                    .map_or(text.clone(), |others| format!("{others}, {text}")),
            );
        }
        90 => embedded.place.city = Some(text),
        92 => embedded.place.name = Some(text),
        95 => embedded.place.region = Some(text),
        100 => embedded.place.country_code = Some(text),
        101 => embedded.place.country = Some(text),
        105 => embedded.headline = Said::plain(text),
        110 => embedded.credit = Some(text),
        115 => embedded.source = Some(text),
        116 => embedded.copyright = Said::plain(text),
        120 => embedded.caption = Said::plain(text),
        _ => {}
    }
}

/// `CCYYMMDD` and, where it is known, `HHMMSS±HHMM`.
fn date_created(embedded: &mut Embedded, date: &str, time: Option<&str>) {
    let slice =
        |text: &str, from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    let day = format!(
        "{}-{}-{}",
        slice(date, 0, 4),
        slice(date, 4, 6),
        slice(date, 6, 8)
    );
    let Some(time) = time.filter(|time| time.len() >= 6) else {
        embedded.date(&day);
        return;
    };
    let clock = format!(
        "{}:{}:{}",
        slice(time, 0, 2),
        slice(time, 2, 4),
        slice(time, 4, 6)
    );
    embedded.date(&format!("{day}T{clock}{}", slice(time, 6, time.len())));
}

/// One of Photoshop's image resources (Adobe Photoshop File Formats, "Image Resource Blocks").
fn resource(bytes: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(b"Photoshop 3.0\0").unwrap_or(bytes);
    loop {
        rest = rest.strip_prefix(b"8BIM")?;
        let id = u16::from_be_bytes(rest.get(..2)?.try_into().ok()?);
        let name = usize::from(*rest.get(2)?) + 1;
        let after_name = 2 + name.next_multiple_of(2);
        let size =
            u32::from_be_bytes(rest.get(after_name..after_name + 4)?.try_into().ok()?) as usize;
        let data = rest.get(after_name + 4..)?;
        if id == wanted {
            return Some(&data[..size.min(data.len())]);
        }
        rest = data.get(size.next_multiple_of(2)..)?;
    }
}

/// The datasets of a stream of records: record, dataset, value. Ends where the bytes make no sense.
struct Datasets<'a>(&'a [u8]);

impl<'a> Iterator for Datasets<'a> {
    type Item = (u8, u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let [0x1C, record, dataset, high, low] = *self.0.get(..5)? else {
            return None;
        };
        let size = u16::from_be_bytes([high, low]);
        // The highest bit says that the size stands in the next bytes: only previews are that long.
        let value = self
            .0
            .get(5..5 + usize::from(size))
            .filter(|_| size < 0x8000)?;
        self.0 = &self.0[5 + value.len()..];
        Some((record, dataset, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(record: u8, number: u8, value: &[u8]) -> Vec<u8> {
        let size = u16::try_from(value.len()).unwrap().to_be_bytes();
        [&[0x1C, record, number, size[0], size[1]], value].concat()
    }

    #[test]
    fn an_agencys_records_in_image_resources() {
        let records = [
            dataset(1, 90, UTF8),
            dataset(2, 105, "Шаҳар ҳокими".as_bytes()),
            dataset(2, 25, "сессия".as_bytes()),
            dataset(2, 25, "бюджет".as_bytes()),
            dataset(2, 55, b"20240301"),
            dataset(2, 60, b"100000+0500"),
        ]
        .concat();
        let size = u32::try_from(records.len()).unwrap().to_be_bytes();
        let other = b"Photoshop 3.0\x008BIM\x03\xED\0\0\0\0\0\x02ab".to_vec();
        let embedded =
            read(&[other, b"8BIM\x04\x04\0\0".to_vec(), size.to_vec(), records].concat()).embedded;
        assert_eq!(embedded.headline, Said::plain("Шаҳар ҳокими"));
        assert_eq!(embedded.keywords, ["сессия", "бюджет"]);
        assert_eq!(
            embedded.taken_at.unwrap().to_string(),
            "2024-03-01T05:00:00Z"
        );
    }

    #[test]
    fn old_cyrillic_without_a_mark_is_found_out() {
        let text = "Президент открыл новую школу в Бишкеке";
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(text);
        assert_eq!(
            read(&dataset(2, 120, &bytes)).embedded.caption,
            Said::plain(text)
        );
    }

    #[test]
    fn a_cut_anywhere_is_no_harm() {
        let whole = [
            b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x09".to_vec(),
            dataset(2, 105, b"news"),
        ]
        .concat();
        assert_eq!(read(&whole).embedded.headline, Said::plain("news"));
        assert!((0..whole.len()).all(|end| read(&whole[..end]).embedded.headline.is_empty()));
    }
}
