#![no_main]
//! Office files as they are, and each part of theirs that is read, packed into the smallest file that has it.

use std::io::{Cursor, Write};

use jarchi::media::fuzzed;
use libfuzzer_sys::fuzz_target;
use zip::{ZipWriter, write::SimpleFileOptions};

/// The part that the bytes stand for, and those without which nobody looks at it.
const PARTS: [(&str, &[(&str, &str)]); 8] = [
    ("word/document.xml", &[]),
    (
        "word/footnotes.xml",
        &[("word/document.xml", "<w:document/>")],
    ),
    (
        "docProps/core.xml",
        &[("word/document.xml", "<w:document/>")],
    ),
    ("ppt/presentation.xml", &[]),
    (
        "ppt/slides/slide1.xml",
        &[
            ("ppt/presentation.xml", SLIDES),
            ("ppt/_rels/presentation.xml.rels", SLIDE),
        ],
    ),
    ("xl/workbook.xml", &[]),
    (
        "xl/worksheets/sheet1.xml",
        &[
            ("xl/workbook.xml", SHEETS),
            ("xl/_rels/workbook.xml.rels", SHEET),
        ],
    ),
    (
        "content.xml",
        &[("mimetype", "application/vnd.oasis.opendocument.text")],
    ),
];
const SLIDES: &str = "<p:presentation><p:sldId id='256' r:id='r1'/></p:presentation>";
const SLIDE: &str = "<Relationships><Relationship Id='r1' Type='http://x/slide' Target='slides/slide1.xml'/></Relationships>";
const SHEETS: &str =
    "<workbook><sheets><sheet name='a' sheetId='1' r:id='r1'/></sheets></workbook>";
const SHEET: &str = "<Relationships><Relationship Id='r1' Type='http://x/worksheet' Target='worksheets/sheet1.xml'/></Relationships>";

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else {
        return;
    };
    match PARTS.get(usize::from(*choice)) {
        None => fuzzed::office(bytes),
        Some((part, others)) => fuzzed::office(&packed(part, rest, others)),
    }
});

fn packed(part: &str, bytes: &[u8], others: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let whole = others.iter().map(|(name, text)| (*name, text.as_bytes()));
    for (name, bytes) in whole.chain([(part, bytes)]) {
        let stored =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file(name, stored).expect("a part");
        archive.write_all(bytes).expect("a part");
    }
    archive.finish().expect("an archive").into_inner()
}
