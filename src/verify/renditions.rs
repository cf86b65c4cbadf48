//! Every rendition that is ready against its segments: each lies within a blob, and joined they have the size, the digest
//! and the checksum that the row says. A rendition that is one whole blob is held against that blob's row, since the
//! blob's bytes were read already; what is joined of ranges is read again.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Archive, Fault, PAGE, Seen, Tally, blobs::measure};
use crate::{
    db::{
        blobs,
        records::Segment,
        rendition_segments::{self, Model as Range},
        renditions::{Column, Entity, Model},
    },
    error::Result,
    storage::{Piece, stream},
    terms::{BlobId, BlobState, RenditionId, RenditionState},
};

pub async fn check(
    archive: &Archive,
    tally: &mut Tally,
    seen: &mut impl FnMut(Seen),
) -> Result<()> {
    let mut after = RenditionId(Uuid::nil());
    loop {
        let page = Entity::find()
            .filter(Column::Id.gt(after))
            .filter(Column::State.eq(RenditionState::Ready))
            .order_by_asc(Column::Id)
            .limit(PAGE)
            .all(&archive.rows)
            .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        tally.renditions += page.len() as u64;
        let parts = Parts::load(archive, &page).await?;
        for row in &page {
            let Some(is) = parts.fault(archive, row).await? else {
                continue;
            };
            // It may have been made again while it was read.
            let again = Entity::find_by_id(row.id).one(&archive.rows).await?;
            if again.as_ref() == Some(row) {
                seen(Seen::Fault(Fault::Rendition {
                    material: row.material_id,
                    number: row.number,
                    name: row.name.clone(),
                    is,
                }));
            }
        }
    }
}

/// The segments of a page of renditions, and the blobs that they lie in.
struct Parts {
    ranges: HashMap<RenditionId, Vec<Range>>,
    blobs: HashMap<BlobId, blobs::Model>,
}

impl Parts {
    async fn load(archive: &Archive, page: &[Model]) -> Result<Self> {
        let all = rendition_segments::Entity::find()
            .filter(rendition_segments::Column::RenditionId.is_in(page.iter().map(|row| row.id)))
            .order_by_asc(rendition_segments::Column::Position)
            .all(&archive.rows)
            .await?;
        let blobs = blobs::Entity::find()
            .filter(blobs::Column::Id.is_in(all.iter().map(|range| range.blob_id)))
            .filter(blobs::Column::State.is_in([BlobState::Sealed, BlobState::Rotten]))
            .all(&archive.rows)
            .await?;
        let mut ranges: HashMap<RenditionId, Vec<Range>> = HashMap::new();
        for range in all {
            ranges.entry(range.rendition_id).or_default().push(range);
        }
        Ok(Self {
            ranges,
            blobs: blobs.into_iter().map(|row| (row.id, row)).collect(),
        })
    }

    async fn fault(&self, archive: &Archive, row: &Model) -> Result<Option<String>> {
        let ranges = self.ranges.get(&row.id).map_or(&[][..], Vec::as_slice);
        if let Some(is) = self.astray(row, ranges) {
            return Ok(Some(is));
        }
        if let [range] = ranges
            && let Some(blob) = self.blobs.get(&range.blob_id)
            && range.length == blob.size
        {
            return Ok(difference(row, &blob.sha256, blob.crc32));
        }
        let pieces: Vec<Piece> = ranges.iter().map(piece).collect();
        let joined = stream(archive.storage.clone(), pieces.into_iter());
        Ok(match measure(joined, &mut |_| ()).await {
            Ok(measured) => difference(row, &measured.sha256, measured.crc32.into()),
            Err(error) => Some(format!("it cannot be read: {error}")),
        })
    }

    /// What the rows alone give away.
    fn astray(&self, row: &Model, ranges: &[Range]) -> Option<String> {
        for range in ranges {
            let Some(blob) = self.blobs.get(&range.blob_id) else {
                return Some(format!(
                    "it points at blob {}, which has no row",
                    range.blob_id
                ));
            };
            let end = range.start.checked_add(range.length);
            if range.start < 0 || range.length < 0 || end.is_none_or(|end| end > blob.size) {
                return Some(format!("it reaches beyond the end of blob {}", blob.id));
            }
        }
        let joined: i64 = ranges.iter().map(|range| range.length).sum();
        (joined != row.size).then(|| format!("its segments have {joined} bytes, not {}", row.size))
    }
}

fn difference(row: &Model, sha256: &str, crc32: i64) -> Option<String> {
    if row.sha256.as_deref().is_some_and(|said| said != sha256) {
        return Some("its row says another SHA-256 than its bytes have".to_owned());
    }
    (row.crc32 != crc32).then(|| "its row says another CRC-32 than its bytes have".to_owned())
}

fn piece(range: &Range) -> Piece {
    Piece::Segment(Segment {
        blob: range.blob_id,
        offset: range.start.cast_unsigned(),
        length: range.length.cast_unsigned(),
    })
}
