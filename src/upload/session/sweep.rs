//! Takes away what is over: uploads that waited too long, the bytes of those that ended, and in the end their rows.

use std::time::Duration;

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{end::over, hold::is_held};
use crate::{
    app::App,
    db::{
        self, blobs,
        uploads::{Column, Entity, Model},
    },
    error::Result,
    terms::UploadState,
};

/// How often somebody looks.
pub const EVERY: Duration = Duration::from_secs(20);
/// How long it is remembered that an upload is over, in milliseconds.
const REMEMBERED: i64 = 7 * 24 * 60 * 60 * 1000;
/// How many are looked at in one go.
const PAGE: u64 = 100;

/// One round.
pub async fn sweep(app: &App) -> Result<()> {
    for upload in expired(app).await? {
        if !is_held(&upload) {
            over(app, &upload, UploadState::Expired, None, None).await?;
        }
    }
    for upload in left(app).await? {
        if !is_held(&upload) {
            empty(app, &upload).await?;
        }
    }
    let tx = app.db.begin_small().await?;
    Entity::delete_many()
        .filter(Column::Stored.eq(false))
        .filter(Column::ExpiresAt.lt(db::now() - REMEMBERED))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}

async fn expired(app: &App) -> Result<Vec<Model>> {
    // Whole ones are owed: the queue finishes them.
    let found = Entity::find()
        .filter(Column::State.eq(UploadState::Receiving))
        .filter(
            Column::Partial
                .eq(true)
                .or(Column::Length.is_null())
                .or(Expr::col(Column::Length).ne(Expr::col(Column::Received))),
        )
        .filter(Column::ExpiresAt.lt(db::now()))
        .order_by_asc(Column::ExpiresAt)
        .limit(PAGE)
        .all(app.db.read())
        .await?;
    Ok(found.into_iter().filter(Model::is_late).collect())
}

async fn left(app: &App) -> Result<Vec<Model>> {
    let over = [
        UploadState::Finished,
        UploadState::Ended,
        UploadState::Expired,
    ];
    let found = Entity::find()
        .filter(Column::Stored.eq(true))
        .filter(Column::State.is_in(over))
        .order_by_asc(Column::Id)
        .limit(PAGE);
    Ok(found.all(app.db.read()).await?)
}

/// Removes what the store has of it beside the blob that it became.
async fn empty(app: &App, upload: &Model) -> Result<()> {
    app.storage.discard(upload.blob_id).await?;
    // What was sealed and did not become an original, or turned out to be there already, is no blob of anything.
    let is_blob = !blobs::known(app.db.read(), [upload.blob_id])
        .await?
        .is_empty();
    if !is_blob {
        app.storage.remove(upload.blob_id).await?;
    }
    let tx = app.db.begin_small().await?;
    Entity::update_many()
        .col_expr(Column::Stored, Expr::value(false))
        .col_expr(Column::Kept, Expr::value(None::<serde_json::Value>))
        .filter(Column::Id.eq(upload.id))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}
