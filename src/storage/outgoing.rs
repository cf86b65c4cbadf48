//! Bytes on their way out: the pieces of an answer, one after the other, whether they lie in blobs or in memory. While
//! one mebibyte is sent, the next is read where that may block, be it of the same blob or of the next.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{
    PIECE, Storage, Store, blocking,
    disk::Disk,
    failed,
    s3::{self, Body, S3},
    timed::timed,
};
use crate::{
    db::records::Segment,
    error::{Error, Result},
    terms::BlobId,
};

/// How often a body may break off at the same place.
const BROKEN: u32 = 3;

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Bytes(Bytes),
    Segment(Segment),
}

impl Piece {
    /// In bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Segment(segment) => segment.length,
        }
    }
}

/// The pieces as one stream, asked for one after the other. A blob that ends before its segment does is an error, never
/// a short answer.
pub fn stream<I>(storage: Storage, pieces: I) -> impl Stream<Item = Result<Bytes>>
where
    I: Iterator<Item = Piece>,
{
    let reader = Reader {
        storage,
        pieces,
        ahead: None,
    };
    futures_util::stream::try_unfold(reader, |mut reader| async move {
        Ok(reader.next().await?.map(|bytes| (bytes, reader)))
    })
}

/// A whole file that is already open.
pub(super) fn whole_file(file: File) -> impl Stream<Item = Result<Bytes>> {
    futures_util::stream::try_unfold(file, |mut file| async move {
        let read = move || {
            let mut bytes = Vec::with_capacity(PIECE);
            (&mut file).take(PIECE as u64).read_to_end(&mut bytes)?;
            Ok((bytes, file))
        };
        let (bytes, file) = blocking(read).await?;
        Ok((!bytes.is_empty()).then_some((bytes.into(), file)))
    })
}

/// A body of a store, to its end, in pieces.
pub(super) fn whole_body(body: Body) -> impl Stream<Item = Result<Bytes>> {
    futures_util::stream::try_unfold(body, |mut body| async move {
        Ok(s3::next(&mut body).await?.map(|bytes| (bytes, body)))
    })
}

struct Reader<I> {
    storage: Storage,
    pieces: I,
    ahead: Option<Ahead>,
}

/// What comes next.
enum Ahead {
    /// From memory.
    Here(Bytes),
    /// Bytes that are being read, and the segment that they are of, where it goes on after them.
    Read(JoinHandle<Result<(Bytes, Option<Open>)>>),
}

impl<I: Iterator<Item = Piece>> Reader<I> {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let Some(ahead) = self.ahead.take().or_else(|| self.read_after(None)) else {
            return Ok(None);
        };
        let (bytes, open) = match ahead {
            Ahead::Here(bytes) => (bytes, None),
            Ahead::Read(ahead) => ahead
                .await
                .map_err(|stopped| Error::unavailable("the storage", stopped))??,
        };
        self.ahead = self.read_after(open);
        Ok(Some(bytes))
    }

    /// Begins to read what comes next. What lies in memory goes out with the segment that follows it, so that this one
    /// is read ahead, too.
    fn read_after(&mut self, open: Option<Open>) -> Option<Ahead> {
        let mut bytes = Vec::new();
        match open {
            Some(Open::File(open)) => {
                return Some(Ahead::Read(spawn_blocking(move || open.read(bytes))));
            }
            Some(Open::Object(open)) => return Some(Ahead::Read(tokio::spawn(open.read(bytes)))),
            None => {}
        }
        while bytes.len() < PIECE {
            match self.pieces.next() {
                None if bytes.is_empty() => return None,
                None => break,
                Some(Piece::Bytes(more)) => bytes.extend(more),
                Some(Piece::Segment(segment)) if segment.length == 0 => {}
                Some(Piece::Segment(segment)) => {
                    let store = Arc::clone(&self.storage.store);
                    return Some(Ahead::Read(match store.as_ref() {
                        Store::Disk(_) => spawn_blocking(move || {
                            let disk = store.disk().map_err(failed)?;
                            OpenFile::new(disk, &segment)?.read(bytes)
                        }),
                        Store::S3(s3) => {
                            let open = OpenObject::new(s3.clone(), &segment);
                            tokio::spawn(open.read(bytes))
                        }
                    }));
                }
            }
        }
        Some(Ahead::Here(bytes.into()))
    }
}

/// A segment whose blob is open, and how much of it is to be read.
enum Open {
    File(OpenFile),
    Object(OpenObject),
}

struct OpenFile {
    file: File,
    left: u64,
}

impl OpenFile {
    fn new(disk: &Disk, segment: &Segment) -> Result<Self> {
        let mut file = disk.file(segment.blob).map_err(failed)?;
        if segment.offset > 0 {
            file.seek(SeekFrom::Start(segment.offset)).map_err(failed)?;
        }
        Ok(Self {
            file,
            left: segment.length,
        })
    }

    /// The next piece, after the bytes that are there, and the rest of the segment where there is one.
    fn read(mut self, mut bytes: Vec<u8>) -> Result<(Bytes, Option<Open>)> {
        let size = self.left.min(PIECE as u64);
        bytes.reserve_exact(usize::try_from(size).unwrap_or(PIECE));
        let read = (&mut self.file).take(size).read_to_end(&mut bytes);
        if (read.map_err(failed)? as u64) < size {
            return Err(short());
        }
        self.left -= size;
        let rest = (self.left > 0).then_some(Open::File(self));
        Ok((bytes.into(), rest))
    }
}

struct OpenObject {
    s3: S3,
    blob: BlobId,
    at: u64,
    left: u64,
    body: Option<Body>,
    /// What came and was not asked for yet.
    over: Bytes,
}

impl OpenObject {
    fn new(s3: S3, segment: &Segment) -> Self {
        Self {
            s3,
            blob: segment.blob,
            at: segment.offset,
            left: segment.length,
            body: None,
            over: Bytes::new(),
        }
    }

    /// The next piece, after the bytes that are there, and the rest of the segment where there is one.
    async fn read(mut self, mut bytes: Vec<u8>) -> Result<(Bytes, Option<Open>)> {
        let size = self.left.min(PIECE as u64);
        let whole = bytes.len() + usize::try_from(size).unwrap_or(PIECE);
        bytes.reserve_exact(whole - bytes.len());
        while bytes.len() < whole {
            if self.over.is_empty() {
                self.over = self.more().await?;
            }
            let some = self.over.split_to(self.over.len().min(whole - bytes.len()));
            bytes.extend_from_slice(&some);
            self.at += some.len() as u64;
            self.left -= some.len() as u64;
        }
        let rest = (self.left > 0).then_some(Open::Object(self));
        Ok((bytes.into(), rest))
    }

    /// What comes next. A body that breaks off is asked for anew, from where it broke.
    async fn more(&mut self) -> Result<Bytes> {
        let mut tries = 0;
        loop {
            let body = match &mut self.body {
                Some(body) => body,
                none => {
                    let found = self.s3.get(self.blob, self.at, Some(self.left));
                    match timed("read", found).await {
                        Ok(found) => none.insert(found.ok_or_else(missing)?),
                        Err(error) if tries == BROKEN => return Err(error),
                        Err(_) => {
                            tries += 1;
                            continue;
                        }
                    }
                }
            };
            match s3::next(body).await {
                Ok(Some(bytes)) if !bytes.is_empty() => return Ok(bytes),
                Ok(Some(_)) => {}
                Ok(None) => return Err(short()),
                Err(error) if tries == BROKEN => return Err(error),
                Err(error) => {
                    tracing::debug!(%error, blob = %self.blob, at = self.at, "a body broke off");
                    self.body = None;
                    tries += 1;
                }
            }
        }
    }
}

fn short() -> Error {
    Error::internal("the storage", "a blob is shorter than its row says")
}

pub(super) fn missing() -> Error {
    let missing = io::Error::new(io::ErrorKind::NotFound, "there is no such blob");
    failed(missing)
}
