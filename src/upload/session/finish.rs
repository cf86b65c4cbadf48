//! What is whole becomes an original, once, however often it is asked: the blob is sealed, the original points at it, and
//! it waits to be examined.

use futures_util::StreamExt;
use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr,
};

use super::{super::arrival::judge, super::material::FIRST, keep::kept};
use crate::{
    app::App,
    crash,
    db::{
        blobs, log, materials, originals,
        records::Segment,
        uploads::{Column, Entity, Model},
    },
    error::{Error, Result},
    jobs::{self, Job},
    media::HEAD,
    storage::{Incoming, Piece, Sealed, stream},
    terms::{BlobId, BlobState, MaterialId, Processing, Thing, UploadId, UploadState},
};

/// Finishes it where every byte is there; whatever is over already stays as it is.
pub async fn finish(app: &App, id: UploadId) -> Result<()> {
    let row = Entity::find_by_id(id).one(app.db.read()).await?;
    let Some(row) = row.filter(Model::is_whole) else {
        return Ok(());
    };
    let Some(material) = row.material_id else {
        return Ok(());
    };
    let (sealed, media_type) = match row.state {
        UploadState::Receiving => (open(app, &row).await?.seal().await?, row.media_type.clone()),
        UploadState::Joining => joined(app, &row).await?,
        _ => return Ok(()),
    };
    if sealed.size != row.received.unsigned_abs() {
        let words = format!("{} bytes were sealed of {}", sealed.size, row.received);
        return Err(Error::internal("an upload", words));
    }
    crash::here("upload-sealed");
    let tx = app.db.begin().await?;
    let finished = Entity::update_many()
        .col_expr(Column::State, Expr::value(UploadState::Finished.to_value()))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(row.state))
        .exec(&tx)
        .await?;
    if finished.rows_affected == 0 {
        return Ok(tx.rollback().await?);
    }
    let blob = share(&tx, &sealed).await?;
    original(&tx, material, &row, blob, media_type).await?;
    end_parts(&tx, &row).await?;
    jobs::enqueue(
        &tx,
        &Job::Examine {
            material,
            number: 1,
        },
        FIRST,
    )
    .await?;
    tell(&tx, material).await?;
    app.commit(tx).await?;
    if blob != sealed.id {
        app.drop_blob(sealed.id).await;
    }
    Ok(())
}

async fn open(app: &App, row: &Model) -> Result<Incoming> {
    let expected = row.length.map(i64::unsigned_abs);
    let kept = kept(row)?.ok_or_else(|| Error::internal("an upload", "nothing was kept of it"))?;
    app.storage
        .go_on(row.blob_id, &kept, expected, row.torn)
        .await
}

/// The parts, read one after the other into one blob. Only the queue does this, one at a time.
async fn joined(app: &App, row: &Model) -> Result<(Sealed, Option<String>)> {
    app.storage.discard(row.blob_id).await?;
    let expected = row.length.map(i64::unsigned_abs);
    let mut whole = app.storage.begin(row.blob_id, expected).await?;
    let mut head = Vec::new();
    for part in parts(app, row).await? {
        let sealed = open(app, &part).await?.seal().await?;
        let segment = Segment {
            blob: sealed.id,
            offset: 0,
            length: part.received.unsigned_abs(),
        };
        let pieces = std::iter::once(Piece::Segment(segment));
        let mut bytes = std::pin::pin!(stream(app.storage.clone(), pieces));
        while let Some(piece) = bytes.next().await {
            let piece = piece?;
            head.extend_from_slice(&piece[..piece.len().min(HEAD - head.len())]);
            whole.write(piece).await?;
        }
    }
    // What nobody can use fails when it is examined, with words for its editor.
    let media_type = judge(&head)
        .ok()
        .map(|(_, media_type)| media_type.to_owned());
    Ok((whole.seal().await?, media_type))
}

async fn parts(app: &App, row: &Model) -> Result<Vec<Model>> {
    let mut parts = Vec::new();
    for id in part_ids(row)? {
        let part = Entity::find_by_id(id).one(app.db.read()).await?;
        parts.push(part.ok_or_else(|| Error::internal("an upload", "a part has no row"))?);
    }
    Ok(parts)
}

fn part_ids(row: &Model) -> Result<Vec<UploadId>> {
    let ids = row.parts.clone().map(serde_json::from_value).transpose();
    let ids = ids.map_err(|error| Error::internal("an upload", error))?;
    Ok(ids.unwrap_or_default())
}

/// The blob to point at: this one, or one that has the same bytes.
async fn share(tx: &DatabaseTransaction, sealed: &Sealed) -> Result<BlobId> {
    if let Some(there) = blobs::sealed(tx, &sealed.sha256).await? {
        blobs::Entity::delete_by_id(sealed.id).exec(tx).await?;
        return Ok(there.id);
    }
    blobs::Entity::update_many()
        .col_expr(blobs::Column::Sha256, Expr::value(&sealed.sha256))
        .col_expr(blobs::Column::Crc32, Expr::value(i64::from(sealed.crc32)))
        .col_expr(blobs::Column::Size, Expr::value(sealed.size.cast_signed()))
        .col_expr(
            blobs::Column::State,
            Expr::value(BlobState::Sealed.to_value()),
        )
        .filter(blobs::Column::Id.eq(sealed.id))
        .exec(tx)
        .await?;
    blobs::heal(tx, &sealed.sha256, sealed.id).await?;
    Ok(sealed.id)
}

async fn original(
    tx: &DatabaseTransaction,
    material: MaterialId,
    row: &Model,
    blob: BlobId,
    media_type: Option<String>,
) -> Result<()> {
    use originals::Column as Of;

    let media_type = media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    originals::Entity::update_many()
        .col_expr(Of::BlobId, Expr::value(blob))
        .col_expr(Of::MediaType, Expr::value(media_type))
        .col_expr(Of::Processing, Expr::value(Processing::Queued.to_value()))
        .col_expr(Of::Progress, Expr::value(0.0))
        .filter(Of::MaterialId.eq(material))
        .filter(Of::BlobId.eq(row.blob_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The parts were for this, and are needed no more.
pub(super) async fn end_parts(tx: &DatabaseTransaction, row: &Model) -> Result<()> {
    let ids = part_ids(row)?;
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::State, Expr::value(UploadState::Ended.to_value()))
        .filter(Column::Id.is_in(ids))
        .exec(tx)
        .await?;
    Ok(())
}

async fn tell(tx: &DatabaseTransaction, material: MaterialId) -> Result<()> {
    let row = materials::Entity::find_by_id(material).one(tx).await?;
    let version = row.ok_or_else(Error::not_found)?.version;
    let entry = log::Entry::new(Thing::Material, material.0, version, "received");
    log::append(tx, vec![entry]).await
}
