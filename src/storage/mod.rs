//! Blobs: streams in, ranges out, on disk or in an S3-compatible store, as the settings say. A blob lies under its own
//! id, chosen before its first byte; its digest, checksum and size are known when the last byte is in, and it has no name
//! before it is safe. A reader gets pieces of one mebibyte, read one ahead. What is written and never named disappears
//! when its writer is dropped, unless it was begun to go on later.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream::BoxStream};

use crate::{
    config::Config,
    db::blobs,
    error::{Error, Result},
    terms::BlobId,
};

mod digest;
mod disk;
mod flushed;
mod incoming;
mod outgoing;
mod s3;
mod shared;
mod sink;
mod spool;
mod timed;

pub use disk::empty;
pub use incoming::{Incoming, Kept, Sealed};
pub use outgoing::{Piece, stream};

use digest::Digest;
use disk::Disk;
use s3::S3;
use sink::Sink;
use timed::timed;

/// How much is read or written at once.
const PIECE: usize = 1 << 20;
/// The folders of a store on disk, and what lies beside them.
const PAGES: u16 = 257;

/// The store that the settings name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Storage {
    store: Arc<Store>,
}

#[derive(Debug)]
enum Store {
    Disk(Disk),
    S3(S3),
}

/// A blob that lies in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    pub id: BlobId,
    /// In bytes.
    pub size: u64,
}

/// A part of what lies in the store.
#[derive(Debug, Default)]
pub struct Page {
    pub blobs: Vec<Stored>,
    /// Blobs that have no name yet.
    pub unfinished: Vec<BlobId>,
    /// What is no blob: paths or keys.
    pub strangers: Vec<String>,
}

impl Storage {
    /// Opens the store that the settings name, and makes sure that it can be used.
    ///
    /// # Errors
    /// Refused, saying what is wrong with which setting.
    pub async fn open(config: &Config) -> Result<Self> {
        let storage = Self::named(&config.storage_url, config, Disk::open).await?;
        if let Store::S3(s3) = storage.store.as_ref() {
            Box::pin(s3.prove()).await?;
        }
        Ok(storage)
    }

    /// The same store beside the process that holds it: nothing is touched. To be read only.
    ///
    /// # Errors
    /// Unavailable where there is no such store.
    pub async fn beside(config: &Config) -> Result<Self> {
        Self::named(&config.storage_url, config, Disk::beside).await
    }

    /// A folder of blobs, made where it is not there.
    pub async fn at(url: &str) -> Result<Self> {
        Self::named(url, &Config::default(), Disk::open).await
    }

    /// Another store than that of the settings, which say who speaks to it.
    pub async fn other(url: &str, config: &Config) -> Result<Self> {
        let config = Config {
            storage_url: url.to_owned(),
            ..config.clone()
        };
        Self::open(&config).await
    }

    async fn named(
        url: &str,
        config: &Config,
        open: fn(PathBuf) -> io::Result<Disk>,
    ) -> Result<Self> {
        let store = match url.strip_prefix("file://") {
            Some(folder) => {
                let folder = PathBuf::from(folder);
                Store::Disk(blocking(move || open(folder)).await?)
            }
            None => Store::S3(S3::new(url, &config.aws, config.scratch())?),
        };
        Ok(Self {
            store: Arc::new(store),
        })
    }

    /// A new blob, to be filled with `expected` bytes, where that is known. It goes with its writer until it is sealed.
    pub async fn create(&self, expected: Option<u64>) -> Result<Incoming> {
        Incoming::create(Arc::clone(&self.store), expected).await
    }

    /// A blob whose id is known already, and which goes on later where it is not sealed at once.
    pub async fn begin(&self, id: BlobId, expected: Option<u64>) -> Result<Incoming> {
        Incoming::begin(Arc::clone(&self.store), id, expected).await
    }

    /// Goes on with what was kept of a blob. `torn`: whoever was at it before did not end in order.
    pub async fn go_on(
        &self,
        id: BlobId,
        kept: &Kept,
        expected: Option<u64>,
        torn: bool,
    ) -> Result<Incoming> {
        Incoming::go_on(Arc::clone(&self.store), id, kept, expected, torn).await
    }

    /// Removes what came of a blob that was never sealed.
    pub async fn discard(&self, id: BlobId) -> Result<()> {
        self.store.discard(id, None).await
    }

    /// Stores what is already in memory or small: a header, a text.
    pub async fn put(&self, bytes: Bytes) -> Result<Sealed> {
        let mut incoming = self.create(Some(bytes.len() as u64)).await?;
        incoming.write(bytes).await?;
        incoming.seal().await
    }

    /// Stores a file that a child process wrote, from its first byte.
    pub async fn put_file(&self, file: std::fs::File) -> Result<Sealed> {
        let size = file.metadata().map_err(failed)?.len();
        let mut incoming = self.create(Some(size)).await?;
        let mut pieces = std::pin::pin!(outgoing::whole_file(file));
        while let Some(piece) = pieces.next().await {
            incoming.write(piece?).await?;
        }
        incoming.seal().await
    }

    /// The blob as a file, for decoders: the one in the store, or a copy that goes with its last handle, and that has the
    /// digest of the row.
    pub async fn file(&self, blob: &blobs::Model) -> Result<std::fs::File> {
        let id = blob.id;
        timed("fetch", async {
            match self.store.as_ref() {
                Store::Disk(_) => {
                    let store = Arc::clone(&self.store);
                    blocking(move || store.disk()?.file(id)).await
                }
                Store::S3(s3) => Box::pin(fetched(s3, blob)).await,
            }
        })
        .await
    }

    /// The blob as it lies there, to its last byte, however long it is; none where it is not there.
    pub async fn read(&self, blob: BlobId) -> Result<Option<BoxStream<'static, Result<Bytes>>>> {
        timed("read", async {
            match self.store.as_ref() {
                Store::Disk(_) => {
                    let store = Arc::clone(&self.store);
                    let opened = blocking(move || match store.disk()?.file(blob) {
                        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                        opened => opened.map(Some),
                    });
                    Ok(opened.await?.map(|file| outgoing::whole_file(file).boxed()))
                }
                Store::S3(s3) => {
                    let body = Box::pin(s3.get(blob, 0, None)).await?;
                    Ok(body.map(|body| outgoing::whole_body(body).boxed()))
                }
            }
        })
        .await
    }

    /// An address at the store itself under which whoever has it reads the blob for so long; none where the store has no
    /// such addresses.
    pub async fn presigned(
        &self,
        blob: BlobId,
        lasting: Duration,
        media_type: &str,
        disposition: &str,
    ) -> Result<Option<String>> {
        match self.store.as_ref() {
            Store::Disk(_) => Ok(None),
            Store::S3(s3) => {
                let signed = s3.presigned(blob, lasting, media_type, disposition);
                signed.await.map(Some)
            }
        }
    }

    /// How long the blob is that lies there, in bytes; none where it is not there.
    pub async fn size(&self, blob: BlobId) -> Result<Option<u64>> {
        timed("size", async {
            match self.store.as_ref() {
                Store::Disk(_) => {
                    let store = Arc::clone(&self.store);
                    blocking(move || match store.disk()?.file(blob) {
                        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                        opened => Ok(Some(opened?.metadata()?.len())),
                    })
                    .await
                }
                Store::S3(s3) => Box::pin(s3.size(blob)).await,
            }
        })
        .await
    }

    /// Removes a blob; one that is not there is no error.
    pub async fn remove(&self, blob: BlobId) -> Result<()> {
        timed("remove", async {
            match self.store.as_ref() {
                Store::Disk(_) => {
                    let store = Arc::clone(&self.store);
                    blocking(move || store.disk()?.remove(blob)).await
                }
                Store::S3(s3) => Box::pin(s3.remove(blob)).await,
            }
        })
        .await
    }

    /// Everything that lies in the store.
    pub fn pages(&self) -> BoxStream<'static, Result<Page>> {
        match self.store.as_ref() {
            Store::Disk(_) => folders(Arc::clone(&self.store)).boxed(),
            Store::S3(s3) => s3.pages().boxed(),
        }
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<()> {
        timed("ping", async {
            match self.store.as_ref() {
                Store::Disk(_) => {
                    let store = Arc::clone(&self.store);
                    blocking(move || store.disk()?.ping()).await
                }
                Store::S3(s3) => Box::pin(s3.ping()).await,
            }
        })
        .await
    }
}

impl Store {
    fn disk(&self) -> io::Result<&Disk> {
        match self {
            Self::Disk(disk) => Ok(disk),
            Self::S3(_) => Err(io::Error::other("an S3 store has no files")),
        }
    }

    /// Removes what has no name of a blob; `sink` is what its writer held.
    async fn discard(self: &Arc<Self>, id: BlobId, sink: Option<Sink>) -> Result<()> {
        match (self.as_ref(), sink) {
            (Self::Disk(_), _) => {
                let store = Arc::clone(self);
                blocking(move || store.disk()?.discard(id)).await
            }
            (Self::S3(_), Some(Sink::Parts(parts))) => Box::pin(parts.discard()).await,
            (Self::S3(s3), _) => Box::pin(s3.discard(id)).await,
        }
    }
}

fn folders(store: Arc<Store>) -> impl Stream<Item = Result<Page>> {
    futures_util::stream::iter(0..PAGES).then(move |number| {
        let store = Arc::clone(&store);
        blocking(move || store.disk()?.page(number))
    })
}

async fn fetched(s3: &S3, blob: &blobs::Model) -> Result<std::fs::File> {
    use std::io::{Seek, Write};

    let body = s3.get(blob.id, 0, None).await?;
    let body = body.ok_or_else(outgoing::missing)?;
    let folder = s3.scratch().to_owned();
    let mut file = blocking(move || spool::file(&folder)).await?;
    let mut digest = Digest::default();
    let mut pieces = std::pin::pin!(outgoing::whole_body(body));
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        (file, digest) = blocking(move || {
            file.write_all(&piece)?;
            digest.update(&piece);
            Ok((file, digest))
        })
        .await?;
    }
    if hex::encode(digest.end().0) != blob.sha256 {
        let words = "the store gave other bytes than it was given";
        return Err(Error::unavailable("the storage", words));
    }
    blocking(move || file.rewind().map(|()| file)).await
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
