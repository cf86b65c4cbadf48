//! Blobs: streams in, ranges out. A blob lies under its own id, chosen before its first byte; its digest, checksum and
//! size are known when the last byte is in, and it is not named before it is on the disk. A reader gets pieces of one
//! mebibyte, read one ahead. What is written and never named disappears when its writer is dropped.

use std::{io, path::PathBuf, sync::Arc};

use bytes::Bytes;

use crate::{
    error::{Error, Result},
    terms::BlobId,
};

mod disk;
mod incoming;
mod outgoing;

pub use disk::Stored;
pub use incoming::{Incoming, Sealed};
pub use outgoing::{Piece, stream};

/// How much is read or written at once.
const PIECE: usize = 1 << 20;

/// The store that the settings name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Storage {
    disk: Arc<disk::Disk>,
}

impl Storage {
    /// Opens the store behind a URL such as `file:///srv/jarchi/blobs`, and drops what a former process left half-written.
    pub async fn open(url: &str) -> Result<Self> {
        let folder = url
            .strip_prefix("file://")
            .ok_or_else(|| Error::internal("the storage", format!("no store answers to {url}")))?;
        let folder = PathBuf::from(folder);
        let disk = blocking(move || disk::Disk::open(folder)).await?;
        Ok(Self {
            disk: Arc::new(disk),
        })
    }

    /// A new blob, to be filled.
    pub async fn create(&self) -> Result<Incoming> {
        Incoming::create(Arc::clone(&self.disk)).await
    }

    /// Stores what is already in memory or small: a header, a text.
    pub async fn put(&self, bytes: Bytes) -> Result<Sealed> {
        let mut incoming = self.create().await?;
        incoming.write(bytes).await?;
        incoming.seal().await
    }

    /// Stores a file that a child process wrote, from its first byte.
    pub async fn put_file(&self, file: std::fs::File) -> Result<Sealed> {
        let mut incoming = self.create().await?;
        let mut pieces = std::pin::pin!(outgoing::whole_file(file));
        while let Some(piece) = futures_util::StreamExt::next(&mut pieces).await {
            incoming.write(piece?).await?;
        }
        incoming.seal().await
    }

    /// The blob as a file, for decoders.
    pub async fn file(&self, blob: BlobId) -> Result<std::fs::File> {
        let disk = Arc::clone(&self.disk);
        blocking(move || disk.file(blob)).await
    }

    /// Removes a blob; one that is not there is no error.
    pub async fn remove(&self, blob: BlobId) -> Result<()> {
        let disk = Arc::clone(&self.disk);
        blocking(move || disk.remove(blob)).await
    }

    /// Every blob that lies in the store, with its size, folder by folder.
    pub fn list(&self) -> impl Iterator<Item = Result<Stored>> + use<> {
        self.disk.list()
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<()> {
        let disk = Arc::clone(&self.disk);
        blocking(move || disk.ping()).await
    }
}

/// Runs file work where it may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(failed),
        Err(stopped) => Err(Error::unavailable("the storage", stopped)),
    }
}

/// Away, full or refused: all of it may pass, so that a job is tried again and a caller is told so.
fn failed(error: io::Error) -> Error {
    Error::unavailable("the storage", error)
}
