//! The bytes of a range of an archive, one piece after another: headers are made when they are due, data is named by
//! the segment that holds it. Whoever sends them holds one piece at a time, whatever the size of the archive.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;

use super::{
    Body, Layout, Placed,
    headers::{self, Header},
};
use crate::{db::records::Segment, storage::Piece};

/// Central headers are gathered to about so many bytes: tens of thousands of small writes would be slow.
const GATHERED: usize = 64 * 1024;

/// The pieces of a range, in their order; together exactly as long as the range.
#[derive(Debug, Clone)]
pub struct Pieces {
    layout: Arc<Layout>,
    left: Range<u64>,
}

impl Pieces {
    pub(super) fn new(layout: Arc<Layout>, range: Range<u64>) -> Self {
        let end = range.end.min(layout.size);
        Self {
            layout,
            left: range.start.min(end)..end,
        }
    }
}

impl Iterator for Pieces {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if self.left.is_empty() {
            return None;
        }
        let piece = self.layout.piece(&self.left);
        self.left.start += piece.length();
        Some(piece)
    }
}

impl Layout {
    /// The piece that starts where the range does; the range is not empty and within the archive.
    fn piece(&self, range: &Range<u64>) -> Piece {
        let at = range.start;
        if at >= self.directory.end {
            let tail = headers::end(self.entries.len(), &self.directory);
            return bytes(tail, self.directory.end, range);
        }
        if at >= self.directory.start {
            return self.central(range);
        }
        let placed = &self.entries[self.entries.partition_point(|placed| placed.start <= at) - 1];
        if at < placed.data {
            return bytes(Header::of(placed, &self.zone).local(), placed.start, range);
        }
        data(placed, range)
    }

    fn central(&self, range: &Range<u64>) -> Piece {
        let first = self
            .entries
            .partition_point(|placed| placed.central <= range.start)
            - 1;
        let start = self.entries[first].central;
        let mut gathered = Vec::new();
        for placed in &self.entries[first..] {
            gathered.extend(Header::of(placed, &self.zone).central());
            if gathered.len() >= GATHERED || placed.central >= range.end {
                break;
            }
        }
        bytes(gathered, start, range)
    }
}

fn data(placed: &Placed, range: &Range<u64>) -> Piece {
    match &placed.entry.body {
        Body::Packed(packed) => {
            let (begins, part) = packed.part(range.start - placed.data);
            bytes(part, placed.data + begins, range)
        }
        Body::Blob { segments, .. } => {
            let mut skip = range.start - placed.data;
            let holding = segments.iter().find(|segment| {
                let holds = skip < segment.length;
                if !holds {
                    skip -= segment.length;
                }
                holds
            });
            let segment = holding.expect("the segments are as long as the entry's data");
            let length = (segment.length - skip).min(range.end - range.start);
            Piece::Segment(Segment {
                offset: segment.offset + skip,
                length,
                ..*segment
            })
        }
    }
}

/// What lies in the range of bytes that stand at `start`.
fn bytes(all: impl Into<Bytes>, start: u64, range: &Range<u64>) -> Piece {
    let all = all.into();
    let index = |at: u64| {
        usize::try_from(at - start)
            .unwrap_or(usize::MAX)
            .min(all.len())
    };
    Piece::Bytes(all.slice(index(range.start)..index(range.end)))
}
