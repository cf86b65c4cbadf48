//! The headers of an archive, byte by byte, as PKWARE's APPNOTE 6.3.10 lays them out; all numbers are little-endian.
//! In comes an entry and its place, out come the local header, the central one, and the records at the end. A number
//! that its field cannot hold is written as all ones and moves to ZIP64's extra field (4.5.3).

use std::ops::Range;

use jiff::{Timestamp, tz::TimeZone};

use super::Placed;

/// Of fields of two and of four bytes: as large as this, and the number stands elsewhere (4.4.1.4).
const FULL_16: u64 = 0xFFFF;
const FULL_32: u64 = 0xFFFF_FFFF;

/// Unix and version 6.3 of the specification, whose names are UTF-8 (4.4.2).
const MADE_BY: u16 = 3 << 8 | 63;
/// To extract: 2.0 for folders in names, 4.5 for ZIP64 (4.4.3.2).
const PLAIN: u16 = 20;
const ZIP64: u16 = 45;
/// General purpose bit 11: the name is UTF-8 (4.4.4). No bit 3: no data descriptor follows.
const UTF8: u16 = 1 << 11;
const STORED: u16 = 0;
/// A regular file that its owner writes and all read, as Unix's `st_mode` in the upper half (4.4.15).
const ATTRIBUTES: u32 = 0o100_644 << 16;

/// What both headers of an entry say.
pub(super) struct Header<'a> {
    path: &'a [u8],
    size: u64,
    crc32: u32,
    start: u64,
    dos_time: u32,
    unix_time: Option<i32>,
}

impl<'a> Header<'a> {
    pub(super) fn of(placed: &'a Placed, zone: &TimeZone) -> Self {
        let modified = placed.entry.modified;
        Self {
            path: placed.entry.path.as_bytes(),
            size: placed.size,
            crc32: placed.crc32,
            start: placed.start,
            dos_time: dos_time(modified, zone),
            unix_time: modified.as_second().try_into().ok(),
        }
    }

    pub(super) fn local_length(&self) -> u64 {
        (30 + self.path.len() + self.local_extra().len()) as u64
    }

    pub(super) fn central_length(&self) -> u64 {
        (46 + self.path.len() + self.central_extra().len()) as u64
    }

    /// Section 4.3.7.
    pub(super) fn local(&self) -> Vec<u8> {
        let extra = self.local_extra();
        let mut out = Vec::with_capacity(30 + self.path.len() + extra.len());
        put32(&mut out, 0x0403_4B50);
        put16(&mut out, if self.size >= FULL_32 { ZIP64 } else { PLAIN });
        self.put_common(&mut out, extra.len());
        out.extend(self.path);
        out.extend(extra);
        out
    }

    /// Section 4.3.12.
    pub(super) fn central(&self) -> Vec<u8> {
        let extra = self.central_extra();
        let mut out = Vec::with_capacity(46 + self.path.len() + extra.len());
        put32(&mut out, 0x0201_4B50);
        put16(&mut out, MADE_BY);
        put16(
            &mut out,
            if self.size.max(self.start) >= FULL_32 {
                ZIP64
            } else {
                PLAIN
            },
        );
        self.put_common(&mut out, extra.len());
        put16(&mut out, 0); // comment
        put16(&mut out, 0); // disk
        put16(&mut out, 0); // internal attributes
        put32(&mut out, ATTRIBUTES);
        put32(&mut out, low32(self.start));
        out.extend(self.path);
        out.extend(extra);
        out
    }

    /// From the flags to the length of the extra fields, which both headers have alike.
    fn put_common(&self, out: &mut Vec<u8>, extra: usize) {
        put16(out, UTF8);
        put16(out, STORED);
        put32(out, self.dos_time);
        put32(out, self.crc32);
        put32(out, low32(self.size)); // compressed
        put32(out, low32(self.size));
        put16(out, low16(self.path.len() as u64));
        put16(out, low16(extra as u64));
    }

    /// Both sizes must stand in a local header's ZIP64 field (4.5.3).
    fn local_extra(&self) -> Vec<u8> {
        let large = (self.size >= FULL_32).then_some([self.size; 2]);
        self.extra(large.iter().flatten().copied())
    }

    /// The central header's ZIP64 field has only the numbers that did not fit, in this order (4.5.3).
    fn central_extra(&self) -> Vec<u8> {
        let numbers = [self.size, self.size, self.start];
        self.extra(numbers.into_iter().filter(|&number| number >= FULL_32))
    }

    fn extra(&self, large: impl Iterator<Item = u64>) -> Vec<u8> {
        let large: Vec<_> = large.flat_map(u64::to_le_bytes).collect();
        let mut out = Vec::new();
        if !large.is_empty() {
            put_field(&mut out, 0x0001, &large);
        }
        if let Some(time) = self.unix_time {
            // Info-ZIP's extended timestamp (4.6.1): bit 0 says that the time of modification is there, in UTC.
            put_field(&mut out, 0x5455, &[&[1], &time.to_le_bytes()[..]].concat());
        }
        if !self.path.is_ascii() {
            // Info-ZIP's Unicode Path (4.6.9): version, the CRC-32 of the name in the header, the name in UTF-8.
            let crc32 = crc32fast::hash(self.path).to_le_bytes();
            put_field(&mut out, 0x7075, &[&[1], &crc32[..], self.path].concat());
        }
        out
    }
}

/// What follows the central directory: ZIP64's record and its locator where they are needed (4.3.14, 4.3.15), and the
/// end record (4.3.16).
pub(super) fn end(count: usize, directory: &Range<u64>) -> Vec<u8> {
    let count = count as u64;
    let length = directory.end - directory.start;
    let mut out = Vec::new();
    if count >= FULL_16 || length >= FULL_32 || directory.start >= FULL_32 {
        put32(&mut out, 0x0606_4B50);
        put64(&mut out, 44); // what follows of this record
        put16(&mut out, MADE_BY);
        put16(&mut out, ZIP64);
        put32(&mut out, 0); // this disk
        put32(&mut out, 0); // the directory's disk
        put64(&mut out, count); // on this disk
        put64(&mut out, count);
        put64(&mut out, length);
        put64(&mut out, directory.start);
        put32(&mut out, 0x0706_4B50);
        put32(&mut out, 0); // the record's disk
        put64(&mut out, directory.end);
        put32(&mut out, 1); // disks
    }
    put32(&mut out, 0x0605_4B50);
    put16(&mut out, 0); // this disk
    put16(&mut out, 0); // the directory's disk
    put16(&mut out, low16(count)); // on this disk
    put16(&mut out, low16(count));
    put32(&mut out, low32(length));
    put32(&mut out, low32(directory.start));
    put16(&mut out, 0); // comment
    out
}

/// The date in the upper half, the time in the lower (4.4.6), by the clock of the zone. Seconds are even, and years
/// from 1980 to 2107: what lies beyond is the nearest.
fn dos_time(modified: Timestamp, zone: &TimeZone) -> u32 {
    let first = jiff::civil::date(1980, 1, 1).at(0, 0, 0, 0);
    let last = jiff::civil::date(2107, 12, 31).at(23, 59, 59, 0);
    let local = zone.to_datetime(modified).clamp(first, last);
    let year = u32::from(local.year().abs_diff(1980));
    let part = |number: i8| u32::from(number.unsigned_abs());
    let date = year << 9 | part(local.month()) << 5 | part(local.day());
    let time = part(local.hour()) << 11 | part(local.minute()) << 5 | (part(local.second()) / 2);
    date << 16 | time
}

fn put_field(out: &mut Vec<u8>, id: u16, data: &[u8]) {
    put16(out, id);
    put16(out, low16(data.len() as u64));
    out.extend(data);
}

fn put16(out: &mut Vec<u8>, number: u16) {
    out.extend(number.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, number: u32) {
    out.extend(number.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, number: u64) {
    out.extend(number.to_le_bytes());
}

fn low16(number: u64) -> u16 {
    number.try_into().unwrap_or(u16::MAX)
}

fn low32(number: u64) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dos_times_go_by_the_zones_clock() {
        let tashkent = TimeZone::fixed(jiff::tz::offset(5));
        let of = |text: &str| dos_time(text.parse().expect("a time"), &tashkent);
        let expected = 0x5D64_0BDD; // 46 years, month 11, day 4, 1:30:58
        assert_eq!(of("2026-11-03T20:30:59Z"), expected);
        assert_eq!(of("1969-01-01T00:00:00Z"), 0x0021_0000);
        assert_eq!(of("2108-01-01T00:00:00Z"), of("2107-12-31T18:59:59Z"));
    }
}
