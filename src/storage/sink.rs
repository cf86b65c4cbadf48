//! Where an incoming blob's bytes go: a file, or the parts of an object.

use std::{io, sync::Arc};

use bytes::Bytes;

use super::{
    Store, blocking,
    disk::Disk,
    flushed::Flushed,
    incoming::Kept,
    s3::{self, Parts},
};
use crate::{
    error::{Error, Result},
    terms::BlobId,
};

#[derive(Debug)]
pub enum Sink {
    File(Flushed),
    Parts(Box<Parts>),
}

impl Sink {
    /// `fleeting`: it goes with its writer.
    pub async fn create(
        store: &Arc<Store>,
        id: BlobId,
        expected: Option<u64>,
        fleeting: bool,
    ) -> Result<Self> {
        match store.as_ref() {
            Store::S3(s3) => Ok(Self::Parts(Box::new(Parts::new(s3.clone(), id, expected)))),
            Store::Disk(_) => {
                let store = Arc::clone(store);
                let make = if fleeting { Disk::create } else { Disk::begin };
                let file = blocking(move || make(store.disk()?, id)).await?;
                Ok(Self::File(Flushed::new(file)))
            }
        }
    }

    pub async fn go_on(
        store: &Arc<Store>,
        id: BlobId,
        kept: &Kept,
        expected: Option<u64>,
        torn: bool,
    ) -> Result<Self> {
        match store.as_ref() {
            Store::S3(s3) => {
                let parts = kept.parts.clone().ok_or_else(elsewhere)?;
                let parts = Parts::go_on(s3.clone(), id, parts, expected, torn);
                let parts = Box::pin(parts).await?;
                Ok(Self::Parts(Box::new(parts)))
            }
            Store::Disk(_) if kept.parts.is_some() => Err(elsewhere()),
            Store::Disk(_) => {
                let (store, size) = (Arc::clone(store), kept.size());
                let file = blocking(move || store.disk()?.go_on(id, size)).await?;
                Ok(Self::File(Flushed::new(file)))
            }
        }
    }

    /// May block.
    pub fn write(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        match self {
            Self::File(file) => file.write(pieces),
            Self::Parts(parts) => pieces.iter().try_for_each(|piece| parts.write(piece)),
        }
    }

    /// Sends what is enough for a part.
    pub async fn send(&mut self) -> Result<()> {
        match self {
            Self::File(_) => Ok(()),
            Self::Parts(parts) => Box::pin(parts.send_full()).await,
        }
    }

    /// When this returns, what was written outlives the process.
    pub async fn keep(&mut self) -> Result<Option<s3::Kept>> {
        match self {
            Self::File(file) => file.flush().await.map(|()| None),
            Self::Parts(parts) => Box::pin(parts.keep()).await.map(Some),
        }
    }

    pub async fn seal(
        self,
        store: &Arc<Store>,
        id: BlobId,
        size: u64,
        sha256: &[u8; 32],
    ) -> Result<()> {
        match self {
            Self::File(file) => {
                let (store, file) = (Arc::clone(store), file.file());
                blocking(move || store.disk()?.name(id, &file)).await
            }
            Self::Parts(parts) => Box::pin(parts.seal(size, sha256)).await,
        }
    }
}

/// The settings name another store than the one that this was begun in.
fn elsewhere() -> Error {
    Error::unavailable(
        "the storage",
        "what has come of this blob lies in another store",
    )
}
