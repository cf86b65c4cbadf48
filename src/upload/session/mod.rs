//! Uploads that go on (tus 1.0.0): a session is created with its material, takes bytes at its offset from one request at
//! a time, and is finished once. What is acknowledged is in the store and in the row; whoever goes on with it needs
//! nothing else. States: receiving → finished, receiving → ended or expired; and joining → finished for those that are
//! put together of others.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::{
    access::Caller,
    db::uploads::{Column, Entity, Model, open},
    error::{Code, Error, Result},
    terms::{UploadId, UploadState},
};

mod create;
mod end;
mod finish;
mod hold;
mod keep;
mod sweep;
mod take;

pub use create::{Concat, Wanted, create};
pub use end::end;
pub use finish::finish;
pub use hold::{free_all, settled};
pub use sweep::{EVERY as SWEPT_EVERY, sweep};
pub use take::{Part, Taking, past_the_end, takes_bytes};

/// The most that a file may have: what ten thousand parts of an S3 store reach.
pub const MOST: u64 = 5 << 40;

/// The limit of the settings, and no more than any store takes.
pub fn limit(max_upload_size: u64) -> u64 {
    match max_upload_size {
        0 => MOST,
        some => some.min(MOST),
    }
}

/// The caller's own; others' are not there.
///
/// # Errors
/// Not found; gone where it is over and was not finished.
pub async fn one(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: UploadId,
) -> Result<Model> {
    let row = Entity::find_by_id(id)
        .filter(Column::AccountId.eq(caller.account()?))
        .one(connection)
        .await?
        .ok_or_else(Error::not_found)?;
    match row.state {
        UploadState::Ended => Err(ended(&row)),
        UploadState::Expired => Err(late()),
        UploadState::Receiving if row.is_late() => Err(late()),
        _ => Ok(row),
    }
}

/// The caller's unfinished ones, the oldest first.
pub async fn unfinished(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    after: Option<UploadId>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut found = Entity::find()
        .filter(Column::AccountId.eq(caller.account()?))
        .filter(open());
    if let Some(after) = after {
        found = found.filter(Column::Id.gt(after));
    }
    let found = found.order_by_asc(Column::Id).limit(limit);
    Ok(found.all(connection).await?)
}

async fn row(tx: &DatabaseTransaction, id: UploadId) -> Result<Model> {
    let found = Entity::find_by_id(id).one(tx).await?;
    found.ok_or_else(Error::not_found)
}

fn ended(row: &Model) -> Error {
    match &row.problem {
        Some(problem) => gone(&format!("This upload was ended: {problem}")),
        None => gone("This upload was ended."),
    }
}

fn late() -> Error {
    gone("This upload waited too long for its next part.")
}

fn gone(words: &str) -> Error {
    Error::refused(Code::Gone, words)
}
