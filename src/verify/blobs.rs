//! Every row of a blob against the blob's bytes: they are there, all of them, and have the digest and the checksum that
//! the row says.

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::ExprTrait,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Archive, Fault, PAGE, Seen, Tally};
use crate::{
    db::blobs::{Column, Entity, Model},
    error::Result,
    terms::{BlobId, BlobState},
};

/// What bytes are.
#[derive(Debug, PartialEq, Eq)]
pub struct Measured {
    /// In bytes.
    pub size: u64,
    /// SHA-256 (FIPS 180-4), in hexadecimal.
    pub sha256: String,
    /// CRC-32 (ISO 3309).
    pub crc32: u32,
}

pub async fn check(
    archive: &Archive,
    after: Option<BlobId>,
    tally: &mut Tally,
    seen: &mut impl FnMut(Seen),
) -> Result<()> {
    let mut after = after.unwrap_or(BlobId(Uuid::nil()));
    let ahead = || sealed().filter(Column::Id.gt(after));
    let blobs = ahead().count(&archive.rows).await?;
    let bytes: Option<Option<i64>> = ahead()
        .select_only()
        .column_as(Column::Size.sum().cast_as("BIGINT"), "bytes")
        .into_tuple()
        .one(&archive.rows)
        .await?;
    let bytes = bytes.flatten().unwrap_or(0).cast_unsigned();
    seen(Seen::Ahead { blobs, bytes });
    loop {
        let page = sealed()
            .filter(Column::Id.gt(after))
            .order_by_asc(Column::Id)
            .limit(PAGE)
            .all(&archive.rows)
            .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        for row in &page {
            tally.blobs += 1;
            tally.bytes += row.size.cast_unsigned();
            if let Some((is, is_certain)) = fault(archive, row, seen).await? {
                seen(Seen::Fault(Fault::Blob {
                    blob: row.id,
                    is,
                    is_certain,
                }));
            }
        }
        seen(Seen::Upto(after));
    }
}

fn sealed() -> Select<Entity> {
    Entity::find().filter(Column::State.is_in([BlobState::Sealed, BlobState::Rotten]))
}

/// What is wrong with a blob, and whether that is certain: a store that does not answer says nothing of its bytes.
async fn fault(
    archive: &Archive,
    row: &Model,
    seen: &mut impl FnMut(Seen),
) -> Result<Option<(String, bool)>> {
    let is = match archive.storage.read(row.id).await {
        Ok(None) => Some(("its bytes are missing".to_owned(), true)),
        Ok(Some(bytes)) => match measure(bytes, &mut |read| seen(Seen::Read(read))).await {
            Ok(measured) => difference(row, &measured).map(|is| (is, true)),
            Err(error) => Some((format!("it cannot be read: {error}"), false)),
        },
        Err(error) => Some((format!("it cannot be read: {error}"), false)),
    };
    // It may have been taken away while it was read.
    let is_gone = is.is_some()
        && sealed()
            .filter(Column::Id.eq(row.id))
            .one(&archive.rows)
            .await?
            .is_none();
    Ok(is.filter(|_| !is_gone))
}

/// Reads a stream to its end.
pub async fn measure(
    bytes: impl Stream<Item = Result<Bytes>>,
    read: &mut impl FnMut(u64),
) -> Result<Measured> {
    let (mut size, mut sha256, mut crc32) = (0, Sha256::new(), crc32fast::Hasher::new());
    let mut bytes = std::pin::pin!(bytes);
    while let Some(piece) = bytes.try_next().await? {
        size += piece.len() as u64;
        sha256.update(&piece);
        crc32.update(&piece);
        read(piece.len() as u64);
    }
    Ok(Measured {
        size,
        sha256: hex::encode(sha256.finalize()),
        crc32: crc32.finalize(),
    })
}

fn difference(row: &Model, measured: &Measured) -> Option<String> {
    let size = row.size.cast_unsigned();
    if measured.size != size {
        let has = measured.size;
        return Some(format!("it has {has} bytes, not {size}"));
    }
    if measured.sha256 != row.sha256 {
        return Some("its bytes are not those that came in: another SHA-256".to_owned());
    }
    if i64::from(measured.crc32) != row.crc32 {
        return Some("its row says another CRC-32 than its bytes have".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_are_held_against_their_row() {
        let pieces = [Bytes::from_static(b"1234"), Bytes::from_static(b"56789")];
        let mut read = 0;
        let measured = measure(futures_util::stream::iter(pieces.map(Ok)), &mut |more| {
            read += more;
        })
        .await
        .unwrap();
        assert_eq!((measured.size, read, measured.crc32), (9, 9, 0xCBF4_3926));
        let row = Model {
            id: BlobId::new(),
            sha256: hex::encode(Sha256::digest(b"123456789")),
            crc32: 0xCBF4_3926,
            size: 9,
            state: BlobState::Sealed,
            created_at: 0,
        };
        assert_eq!(difference(&row, &measured), None);
        let longer = Model {
            size: 10,
            ..row.clone()
        };
        assert!(
            difference(&longer, &measured)
                .unwrap()
                .contains("9 bytes, not 10")
        );
        let other = Model {
            sha256: hex::encode(Sha256::digest(b"x")),
            ..row.clone()
        };
        assert!(difference(&other, &measured).unwrap().contains("SHA-256"));
        let wrong = Model { crc32: 1, ..row };
        assert!(difference(&wrong, &measured).unwrap().contains("CRC-32"));
    }
}
