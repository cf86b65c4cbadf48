//! Which files are there already, so that a camera's whole card can be sent twice and arrives once.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::Caller,
    db::{blobs, materials, originals},
    error::Result,
    terms::{BlobState, MaterialId},
};

/// A file that somebody is about to send.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
}

/// For each file the materials of the caller's units that hold it, in the order asked.
pub async fn known(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    asked: &[Asked],
) -> Result<Vec<Vec<MaterialId>>> {
    let digests: Vec<String> = asked
        .iter()
        .map(|file| file.sha256.to_ascii_lowercase())
        .collect();
    let digests: Vec<&str> = digests.iter().map(String::as_str).collect();
    let blobs = blobs::of(&digests, BlobState::Sealed)
        .all(connection)
        .await?;
    let originals = originals::Entity::find()
        .filter(originals::Column::BlobId.is_in(blobs.iter().map(|blob| blob.id)))
        .all(connection)
        .await?;
    let inside: Vec<MaterialId> = materials::Entity::find()
        .filter(materials::Column::Id.is_in(originals.iter().map(|original| original.material_id)))
        .all(connection)
        .await?
        .into_iter()
        .filter(|row| caller.sees_inside(row.unit_id))
        .map(|row| row.id)
        .collect();
    let holders = |file: &Asked| {
        let blob = blobs.iter().find(|blob| {
            blob.sha256.eq_ignore_ascii_case(&file.sha256) && blob.size.cast_unsigned() == file.size
        });
        let of_blob = originals
            .iter()
            .filter(|original| Some(original.blob_id) == blob.map(|blob| blob.id));
        of_blob
            .map(|original| original.material_id)
            .filter(|id| inside.contains(id))
            .collect()
    };
    Ok(asked.iter().map(holders).collect())
}
