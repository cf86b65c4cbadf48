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
mod shared;

pub use disk::{Stored, empty};
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
        let folder = folder_of(url)?;
        let disk = blocking(move || disk::Disk::open(folder)).await?;
        Ok(Self {
            disk: Arc::new(disk),
        })
    }

    /// The same store beside the process that holds it: nothing is touched. To be read only.
    ///
    /// # Errors
    /// Unavailable where there is no such store.
    pub async fn beside(url: &str) -> Result<Self> {
        let folder = folder_of(url)?;
        let disk = blocking(move || disk::Disk::beside(folder)).await?;
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

    /// The blob as it lies there, to its last byte, however long it is; none where it is not there.
    pub async fn read(
        &self,
        blob: BlobId,
    ) -> Result<Option<impl futures_util::Stream<Item = Result<Bytes>> + use<>>> {
        let disk = Arc::clone(&self.disk);
        let opened = blocking(move || match disk.file(blob) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        });
        Ok(opened.await?.map(outgoing::whole_file))
    }

    /// Removes a blob; one that is not there is no error.
    pub async fn remove(&self, blob: BlobId) -> Result<()> {
        let disk = Arc::clone(&self.disk);
        blocking(move || disk.remove(blob)).await
    }

    /// Every blob that lies in the store, with its size.
    pub async fn list(&self) -> Result<Vec<Stored>> {
        let disk = Arc::clone(&self.disk);
        blocking(move || disk.list()).await
    }

    /// What lies in the store's folders and is no blob of it.
    pub async fn strangers(&self) -> Result<Vec<PathBuf>> {
        let disk = Arc::clone(&self.disk);
        blocking(move || disk.strangers()).await
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<()> {
        let disk = Arc::clone(&self.disk);
        blocking(move || disk.ping()).await
    }
}

fn folder_of(url: &str) -> Result<PathBuf> {
    let folder = url
        .strip_prefix("file://")
        .ok_or_else(|| Error::internal("the storage", format!("no store answers to {url}")))?;
    Ok(PathBuf::from(folder))
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
