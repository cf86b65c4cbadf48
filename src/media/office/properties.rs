//! What an office file says about itself: the core and extended properties of Office Open XML (ISO/IEC 29500-2 section
//! 8, 29500-1 section 22.2), the metadata of `OpenDocument` (part 3, section 4.3). The language that programs note down is
//! that of their keyboard, and is only kept, not believed.

use super::{
    archive::Archive,
    xml::{Step, walk},
};
use crate::{
    error::Result,
    media::embedded::{Embedded, Said},
};

#[derive(Default)]
pub struct Properties {
    pub embedded: Embedded,
    pub pages: Option<u32>,
}

pub fn read(archive: &mut Archive) -> Result<Properties> {
    let mut properties = Properties::default();
    for part in ["docProps/core.xml", "docProps/app.xml", "meta.xml"] {
        if let Some(xml) = archive.part(part)? {
            fields(&xml, &mut properties)?;
        }
    }
    Ok(properties)
}

fn fields(xml: &str, properties: &mut Properties) -> Result<()> {
    let (mut value, mut own_name) = (String::new(), None);
    walk(xml, |step| {
        match step {
            Step::Open(element) => {
                value.clear();
                own_name = element.get("name");
                if element.name == "document-statistic" {
                    properties.pages = element.number("page-count").and_then(page_count);
                }
            }
            Step::Words(words) => value.push_str(words),
            Step::Close(name) => {
                let value = std::mem::take(&mut value);
                field(name, own_name.take().as_deref(), value.trim(), properties);
            }
        }
        Ok(true)
    })
}

fn page_count(pages: usize) -> Option<u32> {
    u32::try_from(pages).ok().filter(|pages| *pages > 0)
}

/// What is kept under its own name.
const KEPT: [&str; 14] = [
    "title",
    "creator",
    "initial-creator",
    "subject",
    "description",
    "keywords",
    "keyword",
    "category",
    "language",
    "created",
    "creation-date",
    "lastModifiedBy",
    "Company",
    "Application",
];

fn field(name: &str, own_name: Option<&str>, value: &str, properties: &mut Properties) {
    if value.is_empty() {
        return;
    }
    let embedded = &mut properties.embedded;
    match name {
        "title" if is_title(value) => embedded.headline = Said::plain(value),
        // The first author; `dc:creator` of OpenDocument is whoever saved it last.
        "initial-creator" => embedded.creator = Some(value.to_owned()),
        "creator" if embedded.creator.is_none() => embedded.creator = Some(value.to_owned()),
        "description" => embedded.caption = Said::plain(value),
        "subject" if embedded.caption.is_empty() => embedded.caption = Said::plain(value),
        "keywords" => embedded.keywords = words(value),
        // One each in OpenDocument, or several in one.
        "keyword" => embedded.keywords.extend(words(value)),
        "created" | "creation-date" => embedded.date(value),
        "Pages" => properties.pages = value.parse().ok().and_then(page_count),
        _ => {}
    }
    if KEPT.contains(&name) {
        embedded.keep("document", name, value);
    } else if let Some(own_name) = own_name.filter(|_| name == "user-defined") {
        embedded.keep("document", own_name, value);
    }
}

/// Keywords in one field are parted by commas or semicolons.
pub fn words(value: &str) -> Vec<String> {
    let words = value.split([',', ';']).map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What programs call a document that nobody gave a title: their own name, or that of the file.
pub fn is_title(title: &str) -> bool {
    const NONE: [&str; 6] = [
        "Microsoft ",
        "PowerPoint Presentation",
        "Презентация PowerPoint",
        "PowerPoint-презентация",
        "Word Document",
        "Untitled",
    ];
    let ending = title.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_file_name = (2..=5).contains(&ending.len())
        && ending.chars().all(|c| c.is_ascii_alphanumeric())
        && ending.chars().any(|c| c.is_ascii_alphabetic());
    !is_file_name && !NONE.iter().any(|name| title.starts_with(name))
}
