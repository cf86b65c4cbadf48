//! Every blob that rows name, from one store to another: those that are there already are left alone.

use futures_util::{StreamExt, TryStreamExt, stream};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::ExprTrait,
};
use uuid::Uuid;

use super::Seen;
use crate::{
    db::blobs::{Column, Entity, Model},
    error::Result,
    storage::Storage,
    terms::{BlobId, BlobState},
};

const PAGE: u64 = 500;
/// Blobs that are copied at once: most are small, and wait rather than work.
const AT_ONCE: usize = 8;

/// What came of it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Brought {
    pub copied: u64,
    /// Of those that were copied.
    pub bytes: u64,
    /// Blobs that the rows name and the store does not have.
    pub missing: u64,
    /// Blobs whose bytes are not those that came in.
    pub rotten: u64,
}

/// What became of one of them.
enum One {
    There,
    Copied,
    Missing,
    Rotten,
}

pub async fn bring(
    rows: &impl ConnectionTrait,
    from: &Storage,
    to: &Storage,
    seen: &mut impl FnMut(Seen),
) -> Result<Brought> {
    let wanted = [BlobState::Sealed, BlobState::Rotten];
    let bytes: Option<Option<i64>> = Entity::find()
        .filter(Column::State.is_in(wanted))
        .select_only()
        .column_as(Column::Size.sum().cast_as("BIGINT"), "bytes")
        .into_tuple()
        .one(rows)
        .await?;
    seen(Seen::Ahead(bytes.flatten().unwrap_or(0).unsigned_abs()));
    let (mut brought, mut after) = (Brought::default(), BlobId(Uuid::nil()));
    loop {
        let page = Entity::find()
            .filter(Column::Id.gt(after))
            .filter(Column::State.is_in(wanted))
            .order_by_asc(Column::Id)
            .limit(PAGE)
            .all(rows)
            .await?;
        let Some(last) = page.last() else {
            return Ok(brought);
        };
        after = last.id;
        let mut copies = stream::iter(page.into_iter().map(async |row| {
            let done = one(from, to, &row).await?;
            Result::<_>::Ok((row, done))
        }))
        .buffer_unordered(AT_ONCE);
        while let Some((row, done)) = copies.try_next().await? {
            brought.count(&row, &done, seen);
        }
    }
}

impl Brought {
    fn count(&mut self, row: &Model, done: &One, seen: &mut impl FnMut(Seen)) {
        let size = row.size.unsigned_abs();
        let mut fault = |words: &str| seen(Seen::Fault(row.id, words.to_owned()));
        match done {
            One::There => {}
            One::Copied => {
                self.copied += 1;
                self.bytes += size;
            }
            One::Missing => {
                self.missing += 1;
                fault("its bytes are missing");
            }
            One::Rotten => {
                self.rotten += 1;
                fault("its bytes are not those that came in: it was not copied");
            }
        }
        seen(Seen::Done(size));
    }
}

async fn one(from: &Storage, to: &Storage, row: &Model) -> Result<One> {
    let size = row.size.unsigned_abs();
    if to.size(row.id).await? == Some(size) {
        return Ok(One::There);
    }
    let Some(bytes) = from.read(row.id).await? else {
        return Ok(One::Missing);
    };
    // Another copy that was cut may have left some of it.
    to.discard(row.id).await?;
    let mut incoming = to.begin(row.id, Some(size)).await?;
    let mut bytes = std::pin::pin!(bytes);
    while let Some(piece) = bytes.try_next().await? {
        incoming.write(piece).await?;
    }
    let sealed = incoming.seal().await?;
    if sealed.sha256 == row.sha256 {
        return Ok(One::Copied);
    }
    to.remove(row.id).await?;
    Ok(One::Rotten)
}
