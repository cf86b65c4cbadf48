//! The description of a picture as it is written into its files, after the IPTC Photo Metadata Standard 2023.1: XMP,
//! IPTC-IIM and EXIF side by side in JPEG, XMP in WebP and PNG. Comes in: what people said and a [`Frame`]. Goes out:
//! what stands before the pixels and what stands behind them. Pure: the same description makes the same bytes, and no
//! foreign byte is read or copied. Positions go out only where they stand in the place that comes in.

mod iim;
mod jpeg;
mod packet;
mod tags;

use jiff::Zoned;

use super::frame::{Canvas, Frame};
use crate::{
    language::{Language, Texts},
    terms::{EventId, MaterialId, Person, Place},
};

/// What is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Inscription {
    pub id: MaterialId,
    /// The work's own, which the formats that know one language alone are written in.
    pub language: Option<Language>,
    pub headline: Texts,
    pub caption: Texts,
    pub alt_text: Texts,
    pub creator: Option<String>,
    pub credit: Option<String>,
    pub source: Option<String>,
    pub copyright: Texts,
    pub usage_terms: Texts,
    /// An SPDX name or an address.
    pub license: Option<String>,
    pub keywords: Vec<String>,
    pub persons: Vec<Person>,
    pub place: Option<Place>,
    /// By the clock of the office.
    pub taken_at: Option<Zoned>,
    pub event: Option<(EventId, Texts)>,
    /// By the clock of the office. It stays in the file when it is over: it says so itself.
    pub embargo_until: Option<Zoned>,
}

/// What is put around the pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inscribed {
    pub head: Vec<u8>,
    pub tail: Vec<u8>,
}

/// Writes the description for a picture whose own bytes are `length` bytes long.
pub fn inscribe(inscription: &Inscription, frame: &Frame, length: u64) -> Inscribed {
    match frame {
        Frame::Jpeg(camera) => Inscribed {
            head: jpeg::head(inscription, camera),
            tail: Vec::new(),
        },
        Frame::Webp(canvas) => webp(&packet::whole(inscription), *canvas, length),
        Frame::Png => png(&packet::whole(inscription)),
    }
}

impl Inscription {
    /// The text for whoever knows one language alone: one in which headline and caption both stand, so that a file
    /// speaks in one, the work's own before others; or else whichever is there.
    fn one<'a>(&self, texts: &'a Texts) -> Option<&'a str> {
        let is_said = |language: &&Language| self.caption.get(language).is_some();
        let mut both: Vec<Language> = self.headline.0.keys().filter(is_said).cloned().collect();
        both.sort_by_key(|language| Some(language) != self.language.as_ref());
        both.extend(self.language.clone());
        texts.best(&both)
    }

    /// The moment when it was taken; none where the day alone is known, which is kept as the day's beginning. A picture
    /// that was taken at that very moment loses its hour, and no other is given one that nobody measured.
    fn moment(&self) -> Option<&Zoned> {
        let is_day = |at: &&Zoned| at.start_of_day().is_ok_and(|start| start == **at);
        self.taken_at.as_ref().filter(|at| !is_day(at))
    }

    /// What a picture desk reads first (IPTC Photo Metadata Standard 2023.1, Instructions).
    fn instructions(&self) -> Option<String> {
        let until = self.embargo_until.as_ref()?;
        let until = until.strftime("%Y-%m-%d %H:%M:%S (UTC%:z)");
        Some(format!("EMBARGO: not for publication before {until}"))
    }

    /// 32 hexadecimal digits: as long as the oldest of the formats has room for.
    fn short_id(&self) -> String {
        self.id.0.simple().to_string()
    }

    fn urn(&self) -> String {
        format!("urn:uuid:{}", self.id)
    }

    /// The licence's address: its own, or that of its name in the list of SPDX.
    fn license_address(&self) -> Option<String> {
        let license = self.license.as_deref()?.trim();
        let is_name = |license: &str| {
            license
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || b".-+".contains(&letter))
        };
        if license.starts_with("https://") || license.starts_with("http://") {
            Some(license.to_owned())
        } else {
            let named = is_name(license) && !license.is_empty();
            named.then(|| format!("https://spdx.org/licenses/{license}"))
        }
    }
}

/// An extended header before the pixels and a chunk of XMP behind them (RFC 9649 section 2.7).
fn webp(packet: &str, canvas: Canvas, length: u64) -> Inscribed {
    const XMP: u8 = 0x04;
    let mut tail = b"XMP ".to_vec();
    tail.extend(small(packet.len()).to_le_bytes());
    tail.extend(packet.as_bytes());
    if packet.len() % 2 == 1 {
        tail.push(0);
    }
    let mut head = b"RIFF".to_vec();
    // Behind the eight bytes of this very head: `WEBP`, the extended header, the pixels, the packet.
    let size = 4 + 18 + small(usize::try_from(length).unwrap_or(usize::MAX)) + small(tail.len());
    head.extend(size.to_le_bytes());
    head.extend(b"WEBPVP8X\x0A\0\0\0");
    head.extend([canvas.flags | XMP, 0, 0, 0]);
    head.extend(&(canvas.width - 1).to_le_bytes()[..3]);
    head.extend(&(canvas.height - 1).to_le_bytes()[..3]);
    Inscribed { head, tail }
}

/// A chunk of XMP before the last one (XMP part 3 section 1.1.5; PNG 3 section 11.3.3.3).
fn png(packet: &str) -> Inscribed {
    let mut data = b"XML:com.adobe.xmp\0\0\0\0\0".to_vec();
    data.extend(packet.as_bytes());
    let mut tail = Vec::new();
    for (name, data) in [(b"iTXt", &data[..]), (b"IEND", &[])] {
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(name);
        checksum.update(data);
        tail.extend(small(data.len()).to_be_bytes());
        tail.extend(name);
        tail.extend(data);
        tail.extend(checksum.finalize().to_be_bytes());
    }
    Inscribed {
        head: Vec::new(),
        tail,
    }
}

/// Descriptions have their limits, and renditions of WebP are small.
fn small(length: usize) -> u32 {
    u32::try_from(length).expect("a description and a rendition stay far below 4 GiB together")
}

/// As much of the text as fits into so many bytes, cut at a character.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests;
