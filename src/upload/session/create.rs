//! An upload begins: with its material, so that it can be described while it travels; or as a part, without one; or as
//! what parts are put together to.

use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, Set, sea_query::Expr,
};
use serde_json::Value;

use super::{super::material, limit};
use crate::{
    access::Caller,
    app::App,
    db::{self, blobs, log, originals, uploads},
    description::Description,
    error::{Code, Error, Result},
    jobs::{self, Job},
    language::filenames::clean_filename,
    patch,
    terms::{AccountId, BlobId, BlobState, MaterialId, UploadId, UploadState},
};

/// What a client wants to send.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// In bytes; none: it is told later.
    pub length: Option<u64>,
    /// `Upload-Metadata`, as it was sent.
    pub metadata: String,
    pub filename: Option<String>,
    /// The document of the description.
    pub description: Value,
    pub concat: Concat,
}

/// What becomes of it (tus 1.0.0, concatenation).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concat {
    Whole,
    Partial,
    Final(Vec<UploadId>),
}

/// Makes the upload. To be followed by a commit.
///
/// # Errors
/// Too large; invalid where it is of no length, or the description has faults; conflict where parts are not whole.
pub async fn create(
    app: &App,
    tx: &DatabaseTransaction,
    caller: &Caller,
    wanted: Wanted,
) -> Result<uploads::Model> {
    let parts = match &wanted.concat {
        Concat::Final(ids) => Some(parts(tx, caller, ids).await?),
        _ => None,
    };
    let length = match &parts {
        Some(parts) => Some(parts.iter().map(|part| part.received.unsigned_abs()).sum()),
        None => wanted.length,
    };
    check_length(length, app.config.max_upload_size)?;
    let mut row = blank(app, caller.account()?, &wanted);
    row.length = length.map(u64::cast_signed);
    if let Concat::Final(ids) = &wanted.concat {
        let document = serde_json::to_value(ids);
        row.parts = Some(document.map_err(|error| Error::internal("an upload", error))?);
        row.state = UploadState::Joining;
        row.received = row.length.unwrap_or(0);
        claim(tx, ids).await?;
    }
    let mut entry = None;
    if !row.partial {
        let (id, made) = material_of(tx, caller, &row, wanted).await?;
        row.material_id = Some(id);
        entry = Some(made);
        if row.state == UploadState::Joining {
            let job = Job::Receive {
                material: id,
                upload: row.id,
            };
            jobs::enqueue(tx, &job, material::FIRST).await?;
        }
    }
    uploads::Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    log::append(tx, entry.into_iter().collect()).await?;
    Ok(row)
}

fn check_length(length: Option<u64>, most: u64) -> Result<()> {
    let most = limit(most);
    match length {
        Some(0) => Err(Error::invalid(
            "/Upload-Length",
            "is 0: there is nothing to keep",
        )),
        Some(length) if length > most => Err(too_large(most)),
        _ => Ok(()),
    }
}

pub(super) fn too_large(most: u64) -> Error {
    Error::refused(
        Code::TooLarge,
        format!("A file may have {most} bytes at most."),
    )
}

fn blank(app: &App, account: AccountId, wanted: &Wanted) -> uploads::Model {
    let now = db::now();
    uploads::Model {
        id: UploadId::new(),
        account_id: account,
        material_id: None,
        blob_id: BlobId::new(),
        state: UploadState::Receiving,
        partial: wanted.concat == Concat::Partial,
        parts: None,
        length: None,
        received: 0,
        metadata: wanted.metadata.clone(),
        media_type: None,
        head: None,
        kept: None,
        holder: None,
        holder_until: None,
        wanted: false,
        torn: false,
        stored: true,
        problem: None,
        created_at: now,
        expires_at: expires(app, now),
    }
}

/// When it is over if nothing comes from now on.
pub(super) fn expires(app: &App, now: i64) -> i64 {
    let lasts = i64::try_from(app.config.upload_expiry.as_millis()).unwrap_or(i64::MAX);
    now.saturating_add(lasts)
}

/// The material of an upload, with an original and a blob whose bytes have not come.
async fn material_of(
    tx: &DatabaseTransaction,
    caller: &Caller,
    upload: &uploads::Model,
    wanted: Wanted,
) -> Result<(MaterialId, log::Entry)> {
    let description: Description = if wanted.description.is_null() {
        Description::default()
    } else {
        patch::read(&wanted.description).map_err(|error| error.under("/metadata"))?
    };
    let said = wanted
        .description
        .as_object()
        .map(|members| members.keys().cloned().collect());
    let (row, entry) = material::create(tx, caller, description, said.unwrap_or_default())
        .await
        .map_err(|error| error.under("/metadata"))?;
    let blob = blobs::ActiveModel {
        id: Set(upload.blob_id),
        sha256: Set(String::new()),
        crc32: Set(0),
        size: Set(upload.length.unwrap_or(0)),
        state: Set(BlobState::Receiving),
        created_at: Set(upload.created_at),
    };
    blobs::Entity::insert(blob)
        .exec_without_returning(tx)
        .await?;
    let filename = wanted.filename.as_deref().and_then(clean_filename);
    let filename = filename.unwrap_or_else(|| "unnamed".to_owned());
    let original = material::coming(row.id, 1, upload.blob_id, filename);
    originals::Entity::insert(original)
        .exec_without_returning(tx)
        .await?;
    Ok((row.id, entry))
}

/// What is put together is of this one alone from now on, and waits for nothing.
async fn claim(tx: &DatabaseTransaction, ids: &[UploadId]) -> Result<()> {
    uploads::Entity::update_many()
        .col_expr(
            uploads::Column::State,
            Expr::value(UploadState::Joining.to_value()),
        )
        .filter(uploads::Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The caller's own parts, whole, in their order.
async fn parts(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    ids: &[UploadId],
) -> Result<Vec<uploads::Model>> {
    let found = uploads::Entity::find()
        .filter(uploads::Column::Id.is_in(ids.iter().copied()))
        .filter(uploads::Column::AccountId.eq(caller.account()?))
        .filter(uploads::Column::Partial.eq(true))
        .filter(uploads::Column::State.eq(UploadState::Receiving))
        .all(connection)
        .await?;
    let mut parts = Vec::new();
    for id in ids {
        let part = found.iter().find(|part| part.id == *id);
        let part = part.ok_or_else(|| {
            Error::refused(
                Code::BadRequest,
                format!("There is no partial upload {id} of yours."),
            )
        })?;
        if !part.is_whole() {
            let words = format!("The partial upload {id} does not have all its bytes yet.");
            return Err(Error::refused(Code::Conflict, words));
        }
        parts.push(part.clone());
    }
    let mut once: Vec<UploadId> = ids.to_vec();
    once.sort_unstable();
    once.dedup();
    if once.len() < ids.len() {
        return Err(Error::refused(
            Code::BadRequest,
            "Upload-Concat names a partial upload twice.",
        ));
    }
    if parts.is_empty() {
        return Err(Error::refused(
            Code::BadRequest,
            "Upload-Concat names no partial uploads.",
        ));
    }
    Ok(parts)
}
