//! IPTC-IIM 4.2, for programs that know nothing newer: UTF-8 with its mark, each text cut at a character to the length
//! that the standard allows (XMP has the whole), within Photoshop's image resources (Adobe Photoshop File Formats).

use jiff::Zoned;
use md5::{Digest, Md5};

use super::{Inscription, cut};

/// Coded character set, dataset 1:90: UTF-8 (ISO/IEC 2022 section 15.4).
const UTF8: &[u8] = b"\x1B%G";
/// The version of the records.
const VERSION: &[u8] = &[0, 4];
/// Keywords beyond this are left to XMP: resources must fit into one segment.
const MOST_KEYWORDS: usize = 500;

/// The resources that hold the records and their digest, by which programs see that XMP is as new as they are (Metadata
/// Working Group 2.0, section 3.3).
pub fn resources(inscription: &Inscription) -> Vec<u8> {
    let records = records(inscription);
    let mut bytes = b"Photoshop 3.0\0".to_vec();
    resource(&mut bytes, 0x0404, &records);
    resource(&mut bytes, 0x0425, &Md5::digest(&records));
    bytes
}

fn resource(bytes: &mut Vec<u8>, id: u16, data: &[u8]) {
    bytes.extend(b"8BIM");
    bytes.extend(id.to_be_bytes());
    // An empty name, padded.
    bytes.extend([0, 0]);
    let length = u32::try_from(data.len()).expect("records fit into a segment");
    bytes.extend(length.to_be_bytes());
    bytes.extend(data);
    if data.len() % 2 == 1 {
        bytes.push(0);
    }
}

fn records(inscription: &Inscription) -> Vec<u8> {
    let one = |texts| inscription.one(texts).unwrap_or_default();
    let line = |line: &Option<String>| line.clone().unwrap_or_default();
    let place = inscription.place.clone().unwrap_or_default();
    let language = inscription
        .language
        .as_ref()
        .map(|l| l.primary().to_owned());
    let written = |at: Option<&Zoned>, format: &str| {
        at.map_or_else(String::new, |at| at.strftime(format).to_string())
    };
    let date = written(inscription.taken_at.as_ref(), "%Y%m%d");
    let time = written(inscription.moment(), "%H%M%S%z");
    let instructions = inscription.instructions().unwrap_or_default();
    let mut records = Vec::new();
    dataset(&mut records, 1, 90, UTF8);
    dataset(&mut records, 2, 0, VERSION);
    text(&mut records, 5, one(&inscription.headline), 64);
    for keyword in inscription.keywords.iter().take(MOST_KEYWORDS) {
        text(&mut records, 25, keyword, 64);
    }
    let datasets = [
        (40, instructions.as_str(), 256),
        (55, &date, 8),
        (60, &time, 11),
        (80, &line(&inscription.creator), 32),
        (92, one(&place.name), 32),
        (100, &country(place.country.as_deref()), 3),
        (103, &inscription.short_id(), 32),
        (105, one(&inscription.headline), 256),
        (110, &line(&inscription.credit), 32),
        (115, &line(&inscription.source), 32),
        (116, one(&inscription.copyright), 128),
        (120, one(&inscription.caption), 2000),
        (135, &language.unwrap_or_default(), 3),
    ];
    for (number, value, longest) in datasets {
        text(&mut records, number, value, longest);
    }
    records
}

/// The record wants three letters where the description has two.
fn country(code: Option<&str>) -> String {
    code.and_then(crate::language::countries::three)
        .unwrap_or_default()
        .to_owned()
}

fn text(records: &mut Vec<u8>, number: u8, value: &str, longest: usize) {
    let value = cut(value.trim(), longest).trim_end();
    if !value.is_empty() {
        dataset(records, 2, number, value.as_bytes());
    }
}

fn dataset(records: &mut Vec<u8>, record: u8, number: u8, value: &[u8]) {
    let length = u16::try_from(value.len()).expect("values are cut to 2000 bytes");
    records.extend([0x1C, record, number]);
    records.extend(length.to_be_bytes());
    records.extend(value);
}
