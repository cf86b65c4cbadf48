//! What gathers for the next part: a file of this node, with the digest of what is in it.

use std::{fs::File, io, io::Write, path::Path};

use aws_sdk_s3::primitives::{ByteStream, Length};
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    storage::spool,
};

/// What gathers for the next part.
#[derive(Debug)]
pub struct Spool {
    pub file: File,
    pub size: u64,
    pub sha256: Sha256,
}

impl Spool {
    pub fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            file: spool::file(folder)?,
            size: 0,
            sha256: Sha256::new(),
        })
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        self.sha256.update(bytes);
        Ok(())
    }

    pub async fn body(&self) -> Result<ByteStream> {
        let body = ByteStream::read_from()
            .path(spool::way(&self.file))
            .length(Length::Exact(self.size))
            .buffer_size(256 << 10);
        let body = body.build().await;
        body.map_err(|error| Error::unavailable("the storage", error))
    }
}
