//! The end of a material: nothing stays that hangs on it.

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::ExprTrait};

use crate::{
    db::{
        audiences, material_relations, material_texts, originals, rendition_segments, renditions,
        uploads, visibility, withdrawals,
    },
    error::Result,
    terms::{BlobId, MaterialId},
};

/// Takes away all rows that hang on the material, but its own. Gives the blobs that they pointed at.
pub async fn forget(tx: &DatabaseTransaction, id: MaterialId) -> Result<Vec<BlobId>> {
    uploads::end_of(tx, id).await?;
    let originals = originals::Entity::find()
        .filter(originals::Column::MaterialId.eq(id))
        .all(tx)
        .await?;
    let made = renditions::Entity::find()
        .filter(renditions::Column::MaterialId.eq(id))
        .all(tx)
        .await?;
    let of_made =
        rendition_segments::Column::RenditionId.is_in(made.iter().map(|rendition| rendition.id));
    let segments = rendition_segments::Entity::find()
        .filter(of_made.clone())
        .all(tx)
        .await?;
    rendition_segments::Entity::delete_many()
        .filter(of_made)
        .exec(tx)
        .await?;
    renditions::Entity::delete_many()
        .filter(renditions::Column::MaterialId.eq(id))
        .exec(tx)
        .await?;
    originals::Entity::delete_many()
        .filter(originals::Column::MaterialId.eq(id))
        .exec(tx)
        .await?;
    material_texts::Entity::delete_many()
        .filter(material_texts::Column::MaterialId.eq(id))
        .exec(tx)
        .await?;
    let related = material_relations::Column::MaterialId
        .eq(id)
        .or(material_relations::Column::OtherId.eq(id));
    material_relations::Entity::delete_many()
        .filter(related)
        .exec(tx)
        .await?;
    audiences::set(tx, id.0, &[]).await?;
    visibility::set(tx, id.0, &[], 0, 0).await?;
    withdrawals::forget(tx, id.0).await?;
    let of_originals = originals.into_iter().map(|original| original.blob_id);
    Ok(of_originals
        .chain(segments.into_iter().map(|segment| segment.blob_id))
        .collect())
}
