//! A blob on its way in. Bytes are gathered to a mebibyte and then digested and written where that may block, while the
//! next mebibyte arrives: no copy is made of them, and no thread is held by a slow line. What has come can be kept, so
//! that another request, another process or another node goes on with it.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use super::{
    PIECE, Store, blocking,
    digest::{Digest, Saved},
    s3,
    sink::Sink,
    timed::timed,
};
use crate::{
    crash,
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

/// What must be known to go on with a blob: how far it is, and what the store has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    digest: Saved,
    /// None where the store holds it as one file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parts: Option<s3::Kept>,
}

impl Kept {
    /// How much of it is in the store, in bytes.
    pub fn size(&self) -> u64 {
        self.digest.size
    }
}

#[derive(Debug)]
pub struct Incoming {
    id: BlobId,
    store: Arc<Store>,
    gathered: Vec<Bytes>,
    gathered_size: usize,
    written: Written,
    /// Whether it goes with its writer, as what nobody knows of does.
    fleeting: bool,
}

/// The sink with what is in it, here or with the task that is just writing to it.
#[derive(Debug)]
enum Written {
    Here(Box<Tail>),
    Away(JoinHandle<Result<Box<Tail>>>),
    Lost,
}

#[derive(Debug)]
struct Tail {
    sink: Sink,
    digest: Digest,
}

impl Incoming {
    /// Of `expected` bytes in all, where that is known.
    pub(super) async fn create(store: Arc<Store>, expected: Option<u64>) -> Result<Self> {
        let id = BlobId::new();
        let sink = Sink::create(&store, id, expected, true).await?;
        Ok(Self::of(store, id, sink, Digest::default(), true))
    }

    /// The first bytes of a blob whose id is known already.
    pub(super) async fn begin(
        store: Arc<Store>,
        id: BlobId,
        expected: Option<u64>,
    ) -> Result<Self> {
        let sink = Sink::create(&store, id, expected, false).await?;
        Ok(Self::of(store, id, sink, Digest::default(), false))
    }

    /// The next bytes of one that was kept. `torn`: whoever was at it did not end in order.
    pub(super) async fn go_on(
        store: Arc<Store>,
        id: BlobId,
        kept: &Kept,
        expected: Option<u64>,
        torn: bool,
    ) -> Result<Self> {
        let sink = Sink::go_on(&store, id, kept, expected, torn).await?;
        let digest = Digest::load(&kept.digest)?;
        Ok(Self::of(store, id, sink, digest, false))
    }

    fn of(store: Arc<Store>, id: BlobId, sink: Sink, digest: Digest, fleeting: bool) -> Self {
        Self {
            id,
            store,
            gathered: Vec::new(),
            gathered_size: 0,
            written: Written::Here(Box::new(Tail { sink, digest })),
            fleeting,
        }
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

    /// When this returns, what has come outlives the process; more can be written.
    pub async fn keep(&mut self) -> Result<Kept> {
        self.pass_on().await?;
        let mut tail = self.tail().await?;
        let parts = timed("keep", tail.sink.keep()).await?;
        let digest = tail.digest.save();
        self.written = Written::Here(tail);
        Ok(Kept { digest, parts })
    }

    /// Ends the blob: when this returns, it lies in the store under its name. The same again changes nothing.
    pub async fn seal(mut self) -> Result<Sealed> {
        self.pass_on().await?;
        let tail = self.tail().await?;
        let size = tail.digest.size;
        let (sha256, crc32) = tail.digest.end();
        let sealed = tail.sink.seal(&self.store, self.id, size, &sha256);
        timed("seal", sealed).await?;
        crash::here("blob-sealed");
        self.fleeting = false;
        Ok(Sealed {
            id: self.id,
            sha256: hex::encode(sha256),
            crc32,
            size,
        })
    }

    /// Ends the writer, and gives up what it did not keep: when this returns, nothing is written any more.
    pub async fn stop(mut self) {
        self.gathered.clear();
        // What it was about to write failed or not: nobody asks for it again.
        if let Err(error) = self.tail().await {
            tracing::debug!(blob = %self.id, %error, "what was given up had failed");
        }
    }

    async fn pass_on(&mut self) -> Result<()> {
        let mut tail = self.tail().await?;
        let gathered = std::mem::take(&mut self.gathered);
        self.gathered_size = 0;
        self.written = Written::Away(tokio::spawn(async move {
            let mut tail = blocking(move || {
                tail.sink.write(&gathered)?;
                for bytes in &gathered {
                    tail.digest.update(bytes);
                }
                Ok(tail)
            })
            .await?;
            tail.sink.send().await?;
            Ok(tail)
        }));
        Ok(())
    }

    async fn tail(&mut self) -> Result<Box<Tail>> {
        match std::mem::replace(&mut self.written, Written::Lost) {
            Written::Here(tail) => Ok(tail),
            Written::Away(task) => task
                .await
                .map_err(|stopped| Error::unavailable("the storage", stopped))?,
            Written::Lost => Err(Error::unavailable(
                "the storage",
                "an earlier part was not written",
            )),
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.fleeting {
            return;
        }
        let (id, store) = (self.id, Arc::clone(&self.store));
        let written = std::mem::replace(&mut self.written, Written::Lost);
        // Whoever drops it may be on a thread that must not wait, and nobody is left to be told.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let sink = match written {
                Written::Here(tail) => Some(tail.sink),
                Written::Away(task) => task.await.ok().and_then(Result::ok).map(|tail| tail.sink),
                Written::Lost => None,
            };
            if let Err(error) = store.discard(id, sink).await {
                tracing::warn!(blob = %id, %error, "what was half-written stays until the next start");
            }
        });
    }
}
