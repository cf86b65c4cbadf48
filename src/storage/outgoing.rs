//! Bytes on their way out: the pieces of an answer, one after the other, whether they lie in blobs or in memory. While
//! one mebibyte is sent, the next is read where that may block, be it of the same blob or of the next.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    sync::Arc,
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{PIECE, Storage, blocking, disk::Disk, failed};
use crate::{
    db::records::Segment,
    error::{Error, Result},
};

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

struct Reader<I> {
    storage: Storage,
    pieces: I,
    ahead: Option<Ahead>,
}

/// Bytes that are being read, and the segment that they are of, where it goes on after them.
type Ahead = JoinHandle<Result<(Bytes, Option<Open>)>>;

impl<I: Iterator<Item = Piece>> Reader<I> {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let Some(ahead) = self.ahead.take().or_else(|| self.read_after(None)) else {
            return Ok(None);
        };
        let (bytes, open) = ahead
            .await
            .map_err(|stopped| Error::unavailable("the storage", stopped))??;
        self.ahead = self.read_after(open);
        Ok(Some(bytes))
    }

    /// Begins to read what comes next. What lies in memory goes out with the segment that follows it, so that this one
    /// is read ahead, too.
    fn read_after(&mut self, open: Option<Open>) -> Option<Ahead> {
        let mut bytes = Vec::new();
        if let Some(open) = open {
            return Some(spawn_blocking(move || open.read(bytes)));
        }
        while bytes.len() < PIECE {
            match self.pieces.next() {
                None if bytes.is_empty() => return None,
                None => break,
                Some(Piece::Bytes(more)) => bytes.extend(more),
                Some(Piece::Segment(segment)) if segment.length == 0 => {}
                Some(Piece::Segment(segment)) => {
                    let disk = Arc::clone(&self.storage.disk);
                    let read = move || Open::new(&disk, &segment)?.read(bytes);
                    return Some(spawn_blocking(read));
                }
            }
        }
        Some(spawn_blocking(|| Ok((bytes.into(), None))))
    }
}

/// A segment whose blob is open, and how much of it is to be read.
struct Open {
    file: File,
    left: u64,
}

impl Open {
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
    fn read(mut self, mut bytes: Vec<u8>) -> Result<(Bytes, Option<Self>)> {
        let size = self.left.min(PIECE as u64);
        bytes.reserve_exact(usize::try_from(size).unwrap_or(PIECE));
        let read = (&mut self.file).take(size).read_to_end(&mut bytes);
        if (read.map_err(failed)? as u64) < size {
            let short = "a blob is shorter than its row says";
            return Err(Error::internal("the storage", short));
        }
        self.left -= size;
        Ok((bytes.into(), (self.left > 0).then_some(self)))
    }
}
