//! The seal on cursors: HMAC-SHA256 (RFC 2104) under a key that the installation makes once and keeps. A cursor is
//! base64url of the digest and, veiled by what the digest makes of the key (a synthetic IV, as in RFC 5297), the key of the
//! last row: it tells nothing that the page did not, not even a number.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::{Code, Error, Result};

const BLOCK: usize = 64;
const DIGEST: usize = 32;

pub struct Seal {
    key: Arc<[u8]>,
}

impl Seal {
    /// `key` is at most a block of 64 bytes.
    pub fn new(key: impl Into<Arc<[u8]>>) -> Self {
        Self { key: key.into() }
    }

    /// A cursor that says `key` and counts for `query` alone.
    pub fn close<K: Serialize>(&self, key: &K, query: &[u8]) -> Result<String> {
        let said = serde_json::to_vec(key).map_err(|error| Error::internal("a cursor", error))?;
        let mut sealed = hmac(&self.key, &[query, &said]).to_vec();
        let veil = self.veil(&sealed, said.len());
        sealed.extend(said.iter().zip(veil).map(|(byte, veil)| byte ^ veil));
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What the cursor says.
    ///
    /// # Errors
    /// `InvalidCursor` where it was not sealed here for this query.
    pub fn open<K: DeserializeOwned>(&self, cursor: &str, query: &[u8]) -> Result<K> {
        let foreign = || {
            Error::refused(
                Code::InvalidCursor,
                "This cursor is not one of this list with these parameters.",
            )
        };
        let sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| foreign())?;
        let (digest, veiled) = sealed.split_at_checked(DIGEST).ok_or_else(foreign)?;
        let veil = self.veil(digest, veiled.len());
        let said: Vec<u8> = veiled
            .iter()
            .zip(veil)
            .map(|(byte, veil)| byte ^ veil)
            .collect();
        if !bool::from(hmac(&self.key, &[query, &said]).ct_eq(digest)) {
            return Err(foreign());
        }
        serde_json::from_slice(&said).map_err(|_| foreign())
    }

    /// As many bytes as are to be veiled, of the key and the digest.
    fn veil(&self, digest: &[u8], length: usize) -> Vec<u8> {
        let blocks = (0..length.div_ceil(DIGEST) as u64)
            .flat_map(|block| hmac(&self.key, &[b"veil", digest, &block.to_be_bytes()]));
        blocks.take(length).collect()
    }
}

/// RFC 2104 section 2, for keys of at most a block.
fn hmac(key: &[u8], message: &[&[u8]]) -> [u8; DIGEST] {
    let padded = |pad: u8| {
        let mut block = [pad; BLOCK];
        block
            .iter_mut()
            .zip(key)
            .for_each(|(byte, key)| *byte ^= key);
        block
    };
    let mut inner = Sha256::new_with_prefix(padded(0x36));
    for part in message {
        inner.update(part);
    }
    Sha256::new_with_prefix(padded(0x5c))
        .chain_update(inner.finalize())
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_rfc_4231() {
        let cases: [(&[u8], &[u8], &str); 2] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
        ];
        for (key, message, digest) in cases {
            assert_eq!(hex::encode(hmac(key, &[message])), digest);
        }
    }

    #[test]
    fn what_was_changed_or_made_elsewhere_does_not_open() {
        let seal = Seal::new([1; 32]);
        let cursor = seal.close(&("a", 5), b"query").unwrap();
        assert_eq!(
            seal.open::<(String, i32)>(&cursor, b"query").unwrap(),
            ("a".to_owned(), 5)
        );
        let elsewhere = Seal::new([2; 32]).close(&("a", 5), b"query").unwrap();
        let mut changed = cursor.clone().into_bytes();
        let last = changed.last_mut().unwrap();
        *last = if *last == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        for wrong in [elsewhere.as_str(), &changed, "", "!", &cursor[..20]] {
            let error = seal
                .open::<(String, i32)>(wrong, b"query")
                .expect_err(wrong);
            assert_eq!(error.code(), Some(Code::InvalidCursor));
        }
        assert!(seal.open::<(String, i32)>(&cursor, b"another").is_err());
    }
}
