//! A blob on its way in. Bytes are gathered to a mebibyte and then digested and written where that may block, while the
//! next mebibyte arrives: no copy is made of them, and no thread is held by a slow line.

use std::{fs::File, io::Write, sync::Arc};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use super::{PIECE, blocking, disk::Disk, failed};
use crate::{
    error::{Error, Result},
    terms::BlobId,
};

/// A blob that lies in the store, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub id: BlobId,
    /// SHA-256 (FIPS 180-4), in hexadecimal.
    pub sha256: String,
    /// CRC-32 (ISO 3309), as ZIP wants it.
    pub crc32: u32,
    /// In bytes.
    pub size: u64,
}

#[derive(Debug)]
pub struct Incoming {
    id: BlobId,
    disk: Arc<Disk>,
    gathered: Vec<Bytes>,
    gathered_size: usize,
    written: Written,
    sealed: bool,
}

/// The file with what is in it, here or with the thread that is just writing to it.
#[derive(Debug)]
enum Written {
    Here(Box<Tail>),
    Away(JoinHandle<std::io::Result<Box<Tail>>>),
    Lost,
}

#[derive(Debug)]
struct Tail {
    file: File,
    sha256: Sha256,
    crc32: crc32fast::Hasher,
    size: u64,
}

impl Incoming {
    pub(super) async fn create(disk: Arc<Disk>) -> Result<Self> {
        let id = BlobId::new();
        let place = Arc::clone(&disk);
        let file = blocking(move || place.create(id)).await?;
        let tail = Tail {
            file,
            sha256: Sha256::new(),
            crc32: crc32fast::Hasher::new(),
            size: 0,
        };
        Ok(Self {
            id,
            disk,
            gathered: Vec::new(),
            gathered_size: 0,
            written: Written::Here(Box::new(tail)),
            sealed: false,
        })
    }

    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.gathered_size += bytes.len();
        self.gathered.push(bytes);
        if self.gathered_size >= PIECE {
            self.pass_on().await
        } else {
            Ok(())
        }
    }

    /// Ends the blob: when this returns, it is on the disk under its name.
    pub async fn seal(mut self) -> Result<Sealed> {
        self.pass_on().await?;
        let tail = self.tail().await?;
        let (id, disk) = (self.id, Arc::clone(&self.disk));
        let sealed = blocking(move || {
            disk.name(id, &tail.file)?;
            let sha256 = hex::encode(tail.sha256.finalize());
            Ok(Sealed {
                id,
                sha256,
                crc32: tail.crc32.finalize(),
                size: tail.size,
            })
        })
        .await?;
        self.sealed = true;
        Ok(sealed)
    }

    async fn pass_on(&mut self) -> Result<()> {
        let mut tail = self.tail().await?;
        let gathered = std::mem::take(&mut self.gathered);
        self.gathered_size = 0;
        self.written = Written::Away(tokio::task::spawn_blocking(move || {
            for bytes in &gathered {
                tail.file.write_all(bytes)?;
                tail.sha256.update(bytes);
                tail.crc32.update(bytes);
                tail.size += bytes.len() as u64;
            }
            Ok(tail)
        }));
        Ok(())
    }

    async fn tail(&mut self) -> Result<Box<Tail>> {
        match std::mem::replace(&mut self.written, Written::Lost) {
            Written::Here(tail) => Ok(tail),
            Written::Away(thread) => match thread.await {
                Ok(done) => done.map_err(failed),
                Err(stopped) => Err(Error::unavailable("the storage", stopped)),
            },
            Written::Lost => Err(Error::unavailable(
                "the storage",
                "an earlier part was not written",
            )),
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if self.sealed {
            return;
        }
        if let Err(error) = self.disk.discard(self.id) {
            tracing::warn!(blob = %self.id, %error, "what was half-written stays until the next start");
        }
    }
}
