//! What can be mended: renditions are made again, and what nothing needs goes. The bytes of an original are nobody's to
//! make: whoever sends the same file once more heals it.

use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set};

use super::Fault;
use crate::{
    app::App,
    db::{blobs, originals, rendition_segments, renditions},
    error::Result,
    jobs::{self, Job},
    terms::{BlobId, MaterialId, Processing, RenditionId},
};

/// Mends a fault, where that is possible; gives what was done.
pub async fn repair(app: &App, fault: &Fault) -> Result<Option<&'static str>> {
    match fault {
        // What could not be read may be well.
        Fault::Blob {
            blob,
            is_certain: true,
            ..
        } => renditions_of(app, *blob).await,
        Fault::Rendition {
            material, number, ..
        } => made_again(app, &[(*material, *number)]).await,
        Fault::Spare { blob, .. } => {
            app.sweep(vec![*blob]).await?;
            Ok(Some("removed"))
        }
        Fault::Unfinished(blob) => {
            app.storage.discard(*blob).await?;
            Ok(Some("removed"))
        }
        Fault::Blob { .. } | Fault::Original { .. } | Fault::Stranger(_) => Ok(None),
    }
}

/// Of a blob that no original is, what points at it is made again.
async fn renditions_of(app: &App, blob: BlobId) -> Result<Option<&'static str>> {
    let tx = app.db.begin().await?;
    blobs::mark_rotten(&tx, blob).await?;
    tx.commit().await?;
    let is_original = originals::Entity::find()
        .filter(originals::Column::BlobId.eq(blob))
        .one(app.db.read())
        .await?;
    if is_original.is_some() {
        return Ok(None);
    }
    let of_blob: Vec<RenditionId> = rendition_segments::Entity::find()
        .select_only()
        .column(rendition_segments::Column::RenditionId)
        .filter(rendition_segments::Column::BlobId.eq(blob))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let of: Vec<(MaterialId, i32)> = renditions::Entity::find()
        .select_only()
        .column(renditions::Column::MaterialId)
        .column(renditions::Column::Number)
        .filter(renditions::Column::Id.is_in(of_blob))
        .into_tuple()
        .all(app.db.read())
        .await?;
    made_again(app, &of).await
}

async fn made_again(app: &App, of: &[(MaterialId, i32)]) -> Result<Option<&'static str>> {
    let mut is_any = false;
    for &(material, number) in of {
        let tx = app.db.begin().await?;
        let row = originals::Entity::find_by_id((material, number));
        let Some(row) = row.one(&tx).await? else {
            continue;
        };
        let mut row = row.into_active_model();
        row.processing = Set(Processing::Queued);
        originals::Entity::update(row).exec(&tx).await?;
        jobs::enqueue_once(&tx, &Job::Examine { material, number }, 0).await?;
        app.commit(tx).await?;
        is_any = true;
    }
    Ok(is_any.then_some("it will be made again"))
}
