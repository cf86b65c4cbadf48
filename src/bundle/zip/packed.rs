//! What was generated, packed while it waits: captions of thousands of pictures are long, say the same again and again,
//! and are read from time to time.

use bytes::Bytes;
use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};
use sha2::{Digest, Sha256};

/// Unpacked at once, in bytes: as much as a download holds.
const PART: usize = 64 * 1024;

/// Bytes of which any part may be had.
#[derive(Debug, Clone)]
pub struct Packed {
    parts: Vec<Box<[u8]>>,
    length: usize,
    crc32: u32,
    sha256: [u8; 32],
}

impl Packed {
    /// In bytes, unpacked.
    pub fn length(&self) -> u64 {
        self.length as u64
    }

    pub fn crc32(&self) -> u32 {
        self.crc32
    }

    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// About how many bytes it takes in memory.
    pub fn weight(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    /// The part in which the byte at this place is, and where it begins; the place is within the length.
    pub(super) fn part(&self, at: u64) -> (u64, Bytes) {
        let number = usize::try_from(at).unwrap_or(usize::MAX) / PART;
        let begins = number * PART;
        let mut part = vec![0; PART.min(self.length - begins)];
        decompress_into(&self.parts[number], &mut part).expect("it was packed here");
        (begins as u64, part.into())
    }
}

impl<T: AsRef<[u8]>> From<T> for Packed {
    fn from(bytes: T) -> Self {
        let bytes = bytes.as_ref();
        let mut room = vec![0; get_maximum_output_size(PART)];
        let parts = bytes.chunks(PART).map(|part| {
            let length = compress_into(part, &mut room).expect("there is room for the longest");
            Box::from(&room[..length])
        });
        Self {
            parts: parts.collect(),
            length: bytes.len(),
            crc32: crc32fast::hash(bytes),
            sha256: Sha256::digest(bytes).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_out_as_it_went_in() {
        for length in [0, 1, PART - 1, PART, PART + 1, 3 * PART + 7] {
            let words = (0..).flat_map(|number: u32| format!("{number}, ").into_bytes());
            let bytes: Vec<u8> = words.take(length).collect();
            let packed = Packed::from(&bytes);
            assert_eq!(packed.length(), length as u64);
            let mut read = Vec::new();
            while read.len() < length {
                let (begins, part) = packed.part(read.len() as u64);
                assert_eq!(begins, read.len() as u64);
                read.extend(part);
            }
            assert!(read == bytes && packed.weight() <= get_maximum_output_size(length));
        }
    }
}
