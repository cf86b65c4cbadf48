//! The layout of an archive: in come the entries, out come its exact size, its entity tag, and the bytes of any range
//! of it, without the archive ever being built. Entries are stored, not compressed, and sizes and CRC-32 are known
//! beforehand, so every offset is known before the first byte is sent. Written by hand because no crate can both
//! stream with known sizes and serve any range. ZIP64 where a number needs it and nowhere else (APPNOTE 6.3.10).

mod headers;
mod packed;
mod pieces;
#[cfg(test)]
mod tests;

use std::{fmt::Write, ops::Range, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use sha2::{Digest, Sha256};

use crate::{
    db::records::Segment,
    error::{Error, Result},
};

use headers::Header;
pub use packed::Packed;
pub use pieces::Pieces;

/// Names go into two extra fields and a field of their own, each at most 65,535 bytes (APPNOTE 4.4.10, 4.4.11).
const LONGEST_PATH: usize = 0xFFFF - 64;

/// One file in the archive.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Relative, with `/` between its components; unlike every other path of the archive.
    pub path: String,
    pub modified: Timestamp,
    pub body: Body,
}

/// The bytes of an entry.
#[derive(Debug, Clone)]
pub enum Body {
    /// What object storage holds; `crc32` is over all the segments, one after another.
    Blob { segments: Vec<Segment>, crc32: u32 },
    /// What was generated.
    Packed(Packed),
}

/// An entry and where it stands in the archive.
#[derive(Debug)]
pub struct Placed {
    pub entry: Entry,
    pub size: u64,
    pub crc32: u32,
    /// Of the local header.
    start: u64,
    /// Of the first byte of data.
    pub data: u64,
    /// Of the header in the central directory.
    central: u64,
}

/// An archive, all but its bytes. The same entries, in the same order and zone, make the same bytes and the same tag.
#[derive(Debug)]
pub struct Layout {
    entries: Vec<Placed>,
    zone: TimeZone,
    /// Where the central directory starts, where it ends, and where the archive ends.
    directory: Range<u64>,
    size: u64,
    etag: String,
}

impl Layout {
    /// Lays the entries out in their order. `zone` is that of the office: old clients show times by its clock.
    ///
    /// # Errors
    /// `Internal` where a path is empty or over 65,471 bytes, or the sizes add up to more than 64 bits hold.
    pub fn new(entries: Vec<Entry>, zone: TimeZone) -> Result<Arc<Self>> {
        let mut placed = Vec::with_capacity(entries.len());
        let mut end = 0;
        for entry in entries {
            let one = place(entry, end, &zone)?;
            end = plus(one.data, one.size)?;
            placed.push(one);
        }
        let mut directory = end..end;
        for one in &mut placed {
            one.central = directory.end;
            directory.end = plus(directory.end, Header::of(one, &zone).central_length())?;
        }
        let tail = headers::end(placed.len(), &directory).len() as u64;
        let size = plus(directory.end, tail)?;
        let etag = etag(&placed, &zone);
        Ok(Arc::new(Self {
            entries: placed,
            zone,
            directory,
            size,
            etag,
        }))
    }

    /// The exact length of the archive in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn entries(&self) -> &[Placed] {
        &self.entries
    }

    /// A strong entity tag in its quotes (RFC 9110 section 8.8.3), made of everything that the bytes are made of:
    /// paths, times, sizes, checksums, the segments of blobs, which never change, and what was generated.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// The bytes of a range of the archive, cut to its size: headers as they are due, and segments to read.
    pub fn pieces(self: &Arc<Self>, range: Range<u64>) -> Pieces {
        Pieces::new(Arc::clone(self), range)
    }
}

impl Entry {
    fn size(&self) -> Result<u64> {
        match &self.body {
            Body::Packed(packed) => Ok(packed.length()),
            Body::Blob { segments, .. } => segments
                .iter()
                .try_fold(0, |size, segment| plus(size, segment.length)),
        }
    }
}

fn place(entry: Entry, start: u64, zone: &TimeZone) -> Result<Placed> {
    if entry.path.is_empty() || entry.path.len() > LONGEST_PATH {
        let reason = format!("a path of {} bytes", entry.path.len());
        return Err(Error::internal("the layout of an archive", reason));
    }
    let crc32 = match &entry.body {
        Body::Blob { crc32, .. } => *crc32,
        Body::Packed(packed) => packed.crc32(),
    };
    let mut placed = Placed {
        size: entry.size()?,
        entry,
        crc32,
        start,
        data: start,
        central: 0,
    };
    placed.data = plus(start, Header::of(&placed, zone).local_length())?;
    Ok(placed)
}

fn plus(one: u64, other: u64) -> Result<u64> {
    one.checked_add(other)
        .ok_or_else(|| Error::internal("the layout of an archive", "more than 64 bits of bytes"))
}

fn etag(entries: &[Placed], zone: &TimeZone) -> String {
    let mut digest = Sha256::new();
    for placed in entries {
        // Says path, times, size and CRC-32; the central directory only says them again.
        digest.update(Header::of(placed, zone).local());
        match &placed.entry.body {
            Body::Packed(packed) => digest.update(packed.sha256()),
            Body::Blob { segments, .. } => {
                digest.update((segments.len() as u64).to_le_bytes());
                for segment in segments {
                    digest.update(segment.blob.0.as_bytes());
                    digest.update(segment.offset.to_le_bytes());
                    digest.update(segment.length.to_le_bytes());
                }
            }
        }
    }
    let mut tag = String::from("\"");
    for byte in &digest.finalize()[..16] {
        write!(tag, "{byte:02x}").expect("a String takes every write");
    }
    tag + "\""
}
