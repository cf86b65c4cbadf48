//! What is acknowledged: the bytes are in the store, and then the row says so, if it still is the holder's.

use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, UpdateMany, sea_query::Expr,
};
use uuid::Uuid;

use super::create::expires;
use crate::{
    app::App,
    db::{
        self, originals,
        uploads::{Column, Entity, Model},
    },
    error::{Code, Error, Result},
    jobs::{self, Job},
    storage::Kept,
    terms::UploadState,
};

/// When what is whole is finished by the queue, if whoever took its last byte has not done it, in milliseconds.
const SAFETY: i64 = 30_000;

/// Writes down how far the upload is. `release`: the holder lets go of it.
///
/// # Errors
/// Locked where it is the holder's no more; gone where it was ended.
pub async fn keep(app: &App, row: &Model, holder: Uuid, kept: &Kept, release: bool) -> Result<()> {
    let tx = app.db.begin_small().await?;
    let document =
        serde_json::to_value(kept).map_err(|error| Error::internal("an upload", error))?;
    let mut update = mine(row, holder)
        .col_expr(Column::Received, Expr::value(row.received))
        .col_expr(Column::Length, Expr::value(row.length))
        .col_expr(Column::Kept, Expr::value(Some(document)))
        .col_expr(Column::Head, Expr::value(row.head.clone()))
        .col_expr(Column::MediaType, Expr::value(row.media_type.clone()))
        .col_expr(Column::Torn, Expr::value(false))
        .col_expr(Column::ExpiresAt, Expr::value(expires(app, db::now())));
    if release {
        update = update.col_expr(Column::Holder, Expr::value(None::<Uuid>));
    }
    if update.exec(&tx).await?.rows_affected == 0 {
        let now = Entity::find_by_id(row.id).one(&tx).await?;
        let is_open = now.is_some_and(|now| now.state == UploadState::Receiving);
        return Err(if is_open {
            Error::refused(Code::Locked, "Another request has taken this upload over.")
        } else {
            super::gone("This upload was ended.")
        });
    }
    progress(&tx, row).await?;
    if let (true, Some(material)) = (row.is_whole(), row.material_id) {
        let upload = row.id;
        let job = Job::Receive { material, upload };
        jobs::enqueue_for(&tx, &job, super::super::material::FIRST, db::now() + SAFETY).await?;
    }
    // Nobody waits for news of it: no reader sees it, and the job is for later.
    Ok(tx.commit().await?)
}

fn mine(row: &Model, holder: Uuid) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::Id.eq(row.id))
        .filter(Column::Holder.eq(holder))
        .filter(Column::State.eq(UploadState::Receiving))
}

/// The editor sees how far it is.
async fn progress(tx: &DatabaseTransaction, row: &Model) -> Result<()> {
    let (Some(material), Some(length)) = (row.material_id, row.length) else {
        return Ok(());
    };
    #[expect(clippy::cast_precision_loss, reason = "a share for the eye")]
    let share = row.received as f64 / length.max(1) as f64;
    originals::Entity::update_many()
        .col_expr(originals::Column::Progress, Expr::value(share))
        .filter(originals::Column::MaterialId.eq(material))
        .filter(originals::Column::BlobId.eq(row.blob_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// What came so far of a file that has not told yet what it is.
pub fn head(row: &Model) -> Result<Vec<u8>> {
    let head = row.head.as_deref().unwrap_or_default();
    STANDARD
        .decode(head)
        .map_err(|error| Error::internal("an upload", error))
}

pub fn kept(row: &Model) -> Result<Option<Kept>> {
    let kept = row.kept.clone().map(serde_json::from_value).transpose();
    kept.map_err(|error| Error::internal("an upload", error))
}
