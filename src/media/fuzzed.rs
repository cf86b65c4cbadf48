//! Doors for `tests/fuzz`, which are there for it alone, one for each parser of our own. Whatever comes in, none may panic,
//! hang, or take more memory than a child has.

use std::{
    fs::File,
    io::{Cursor, Write},
};

use super::{charset, exif, frame, iptc, markup, office, photo, raw, recognise, rich, xmp};

pub use super::sniff::sniff;

pub fn iptc(bytes: &[u8]) {
    iptc::read(bytes);
}

pub fn xmp(bytes: &[u8]) {
    xmp::read(bytes);
}

pub fn exif(bytes: &[u8]) {
    exif::read(bytes.to_vec());
}

pub fn jpeg(bytes: &[u8]) {
    photo::segments::read(Cursor::new(bytes));
    if let Some(framed) = frame::of_jpeg(Cursor::new(bytes)) {
        assert!(framed.holds(bytes.len() as u64));
    }
}

pub fn psd(bytes: &[u8]) {
    /// More take long, and fail in no other way.
    const MOST_PIXELS: u32 = 1 << 20;
    if let Ok(head) = photo::psd::head(bytes)
        && head.size.0.saturating_mul(head.size.1) < MOST_PIXELS
    {
        drop(head.decode());
    }
}

pub fn negative(bytes: &[u8]) {
    if let Some(media_type) = raw::media_type(bytes) {
        drop(photo::negative::head(bytes, media_type));
    }
}

pub fn rtf(bytes: &[u8]) {
    drop(rich::read(bytes));
}

pub fn html(bytes: &[u8]) {
    let page = markup::decode(bytes);
    markup::embedded(&page);
    drop(markup::text(&page));
}

pub fn charset(bytes: &[u8]) {
    charset::guess(bytes);
    charset::mended(charset::decode(bytes));
}

/// # Panics
/// Where no file can be had.
pub fn office(bytes: &[u8]) {
    let memory = rustix::fs::memfd_create("office", rustix::fs::MemfdFlags::CLOEXEC);
    let mut file = File::from(memory.expect("memory"));
    file.write_all(bytes).expect("memory");
    if let Ok(examined) = office::examine(&file, office::ZIPPED) {
        drop(office::text(&file, &examined.facts.media_type));
    }
}

pub fn table(bytes: &[u8]) {
    recognise::table::lines(&String::from_utf8_lossy(bytes));
}
