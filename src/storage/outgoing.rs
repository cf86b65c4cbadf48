//! Bytes on their way out: the pieces of an answer, one after the other, whether they lie in blobs or in memory. While
//! one mebibyte is sent, the next is read where that may block.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::task::JoinHandle;

use super::{PIECE, Storage, failed};
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
        left: 0,
        ahead: None,
    };
    futures_util::stream::try_unfold(reader, |mut reader| async move {
        Ok(reader.next().await?.map(|bytes| (bytes, reader)))
    })
}

/// A whole file that is already open.
pub(super) fn whole_file(file: File) -> impl Stream<Item = Result<Bytes>> {
    futures_util::stream::try_unfold(Some(file), |file| async move {
        let Some(mut file) = file else {
            return Ok(None);
        };
        let read = tokio::task::spawn_blocking(move || {
            let bytes = read_up_to(&mut file, PIECE)?;
            Ok((bytes, file))
        });
        let (bytes, file) = landed(read.await)?;
        Ok((!bytes.is_empty()).then_some((bytes, Some(file))))
    })
}

struct Reader<I> {
    storage: Storage,
    pieces: I,
    /// How much of the open segment has not been sent yet.
    left: u64,
    ahead: Option<JoinHandle<io::Result<(Bytes, File)>>>,
}

impl<I: Iterator<Item = Piece>> Reader<I> {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(ahead) = self.ahead.take() {
                let (bytes, file) = landed(ahead.await)?;
                if bytes.is_empty() {
                    return Err(Error::internal(
                        "the storage",
                        "a blob is shorter than its row says",
                    ));
                }
                self.left = self.left.saturating_sub(bytes.len() as u64);
                self.read_ahead(file);
                return Ok(Some(bytes));
            }
            match self.pieces.next() {
                None => return Ok(None),
                Some(Piece::Bytes(bytes)) if bytes.is_empty() => {}
                Some(Piece::Bytes(bytes)) => return Ok(Some(bytes)),
                Some(Piece::Segment(segment)) if segment.length == 0 => {}
                Some(Piece::Segment(segment)) => self.start(segment).await?,
            }
        }
    }

    async fn start(&mut self, segment: Segment) -> Result<()> {
        let mut file = self.storage.file(segment.blob).await?;
        if segment.offset > 0 {
            file.seek(SeekFrom::Start(segment.offset)).map_err(failed)?;
        }
        self.left = segment.length;
        self.read_ahead(file);
        Ok(())
    }

    fn read_ahead(&mut self, mut file: File) {
        if self.left == 0 {
            return;
        }
        let size = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        self.ahead = Some(tokio::task::spawn_blocking(move || {
            let bytes = read_up_to(&mut file, size)?;
            Ok((bytes, file))
        }));
    }
}

fn read_up_to(file: &mut File, size: usize) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(size);
    file.take(size as u64).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn landed<T>(joined: Result<io::Result<T>, tokio::task::JoinError>) -> Result<T> {
    joined
        .map_err(|stopped| Error::unavailable("the storage", stopped))?
        .map_err(failed)
}
