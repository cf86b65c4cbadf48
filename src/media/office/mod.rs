//! Office files that are ZIP archives of XML: Office Open XML (ISO/IEC 29500) and `OpenDocument` (ISO/IEC 26300). Comes in: the
//! file. Goes out: what it is, its properties, and its text as people read it.

mod archive;
mod open;
mod paper;
mod properties;
mod relations;
mod sheets;
mod slides;
mod word;
mod xml;

use std::fs::File;

pub use paper::{LONGEST_TEXT, NEXT_PAGE, Paper};
pub use properties::{is_title, words as keywords};

use super::{facts::Facts, wire::Examined};
use crate::{
    error::{Error, Result},
    terms::Kind,
};
use archive::Archive;

/// What is read, by its media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Word,
    Slides,
    Sheets,
    Open,
}

const FORMATS: [(&str, Format); 8] = [
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Format::Word,
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        Format::Slides,
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        Format::Slides,
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format::Sheets,
    ),
    ("application/vnd.oasis.opendocument.text", Format::Open),
    (
        "application/vnd.oasis.opendocument.presentation",
        Format::Open,
    ),
    (
        "application/vnd.oasis.opendocument.spreadsheet",
        Format::Open,
    ),
    // What the first bytes cannot tell more closely.
    (ZIPPED, Format::Word),
];

/// An Office Open XML file of which the first bytes do not say which.
pub const ZIPPED: &str = "application/vnd.openxmlformats-officedocument";
/// Of a compound file (MS-CFB), which office programs wrote before 2007 and still lock their files in.
pub const OLD: &str = "Jarchi does not read office files of before 2007 (.doc, .xls, .ppt) or locked ones; \
    save it as .docx, .xlsx, .pptx or PDF, without a password.";

/// Whether files of this type are read here.
pub fn reads(media_type: &str) -> bool {
    FORMATS.iter().any(|(known, _)| *known == media_type)
}

pub fn examine(original: &File, media_type: &str) -> Result<Examined> {
    let mut archive = Archive::open(original)?;
    let (media_type, format) = judge(&mut archive, media_type)?;
    let mut facts = Facts::new(Kind::Text, &media_type);
    let mut properties = properties::read(&mut archive)?;
    facts.pages = match format {
        Format::Slides => u32::try_from(slides::count(&mut archive)?).ok(),
        Format::Sheets => None,
        Format::Word | Format::Open => properties.pages.take(),
    };
    Ok(Examined {
        facts,
        embedded: properties.embedded,
    })
}

/// The text of a file that was examined.
pub fn text(original: &File, media_type: &str) -> Result<String> {
    let mut archive = Archive::open(original)?;
    match judge(&mut archive, media_type)?.1 {
        Format::Word => word::text(&mut archive),
        Format::Slides => slides::text(&mut archive),
        Format::Sheets => sheets::text(&mut archive),
        Format::Open => open::text(&mut archive),
    }
}

/// What it is, by the parts that it has.
fn judge(archive: &mut Archive, media_type: &str) -> Result<(String, Format)> {
    const MAIN: [(&str, usize); 3] = [
        ("word/document.xml", 0),
        ("ppt/presentation.xml", 1),
        ("xl/workbook.xml", 3),
    ];
    if let Some((_, at)) = MAIN.iter().find(|(part, _)| archive.has(part)) {
        let (known, format) = FORMATS[*at];
        return Ok((known.to_owned(), format));
    }
    if archive.has("content.xml") {
        let said = archive.part("mimetype")?;
        let said = said.as_deref().map_or(media_type, str::trim);
        // Templates and master documents are texts, too.
        let known = FORMATS
            .iter()
            .filter(|(_, format)| *format == Format::Open)
            .find(|(known, _)| said.starts_with(known));
        if let Some((known, format)) = known {
            return Ok(((*known).to_owned(), *format));
        }
    }
    if archive.has("xl/workbook.bin") {
        return Err(Error::Unusable(
            "it is a binary Excel workbook (.xlsb); save it as .xlsx".into(),
        ));
    }
    Err(Error::Unusable(
        "it is an archive, but no text, presentation or table of an office program".into(),
    ))
}
