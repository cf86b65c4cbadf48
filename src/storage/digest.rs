//! What is found out about bytes while they stream by, and can be put aside until the rest of them comes.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, digest::common::hazmat::SerializableState};

use crate::error::{Error, Result};

/// SHA-256 (FIPS 180-4), CRC-32 (ISO 3309) and size of what came so far.
#[derive(Debug, Clone, Default)]
pub struct Digest {
    sha256: Sha256,
    crc32: crc32fast::Hasher,
    pub size: u64,
}

/// The same, put aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// In hexadecimal: the state within SHA-256, which is no digest yet.
    sha256: String,
    crc32: u32,
    pub size: u64,
}

impl Digest {
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.crc32.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// The SHA-256 and the CRC-32.
    pub fn end(self) -> ([u8; 32], u32) {
        (self.sha256.finalize().into(), self.crc32.finalize())
    }

    pub fn save(&self) -> Saved {
        Saved {
            sha256: hex::encode(self.sha256.serialize()),
            crc32: self.crc32.clone().finalize(),
            size: self.size,
        }
    }

    pub fn load(saved: &Saved) -> Result<Self> {
        let broken = || Error::internal("a digest", "what was put aside of it is broken");
        let state = hex::decode(&saved.sha256).map_err(|_| broken())?;
        let state = state.as_slice().try_into().map_err(|_| broken())?;
        Ok(Self {
            sha256: Sha256::deserialize(state).map_err(|_| broken())?,
            crc32: crc32fast::Hasher::new_with_initial_len(saved.crc32, saved.size),
            size: saved.size,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_goes_on_where_it_was_put_aside() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        for cut in [0, 1, 63, 64, 65, 4096, 99_999] {
            let mut first = Digest::default();
            first.update(&bytes[..cut]);
            let aside = serde_json::to_string(&first.save()).unwrap();
            let mut second = Digest::load(&serde_json::from_str(&aside).unwrap()).unwrap();
            second.update(&bytes[cut..]);
            assert_eq!(second.size, 100_000);
            let (sha256, crc32) = second.end();
            assert_eq!(sha256, <[u8; 32]>::from(Sha256::digest(&bytes)), "{cut}");
            assert_eq!(crc32, crc32fast::hash(&bytes), "{cut}");
        }
        let broken = Saved {
            sha256: "00".into(),
            crc32: 0,
            size: 1,
        };
        assert!(Digest::load(&broken).is_err());
    }
}
