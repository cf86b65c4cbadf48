//! The SHA-256 of what was joined of pieces, found out by reading it once, when nobody waits.

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};

use super::{segment, segments};
use crate::{
    app::App,
    db::renditions::{Column, Entity},
    description::files::{self, Piece},
    error::Result,
    terms::{MaterialId, RenditionState},
};

/// Finds out the digests that are missing; one of what changed meanwhile is dropped.
pub async fn digest(app: &App, material: MaterialId) -> Result<()> {
    let missing = Entity::find()
        .filter(Column::MaterialId.eq(material))
        .filter(Column::State.eq(RenditionState::Ready))
        .filter(Column::Sha256.is_null())
        .all(app.db.read())
        .await?;
    for row in missing {
        let was = segments(app.db.read(), row.id).await?;
        let piece = |row| Piece {
            segment: segment(row),
            crc32: 0,
            is_picture: false,
        };
        let mut pieces: Vec<Piece> = was.iter().map(piece).collect();
        let sha256 = files::measure(&app.storage, &mut pieces).await?;
        let tx = app.db.begin().await?;
        let now = Entity::find_by_id(row.id).one(&tx).await?;
        if let Some(now) = now.filter(|now| now.sha256.is_none())
            && segments(&tx, row.id).await? == was
        {
            let mut row = now.into_active_model();
            row.sha256 = Set(Some(sha256));
            row.update(&tx).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}
