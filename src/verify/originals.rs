//! Every original against its blob's row, and every material against the original that it names.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Archive, Fault, PAGE, Seen, Tally};
use crate::{
    db::{
        blobs, materials,
        originals::{Column, Entity, Model},
    },
    error::Result,
    terms::{BlobId, BlobState, MaterialId},
};

pub async fn check(
    archive: &Archive,
    tally: &mut Tally,
    seen: &mut impl FnMut(Seen),
) -> Result<()> {
    of_materials(archive, seen).await?;
    let mut after = (MaterialId(Uuid::nil()), 0);
    loop {
        let page = Entity::find()
            .filter(beyond(after))
            .order_by_asc(Column::MaterialId)
            .order_by_asc(Column::Number)
            .limit(PAGE)
            .all(&archive.rows)
            .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = (last.material_id, last.number);
        tally.originals += page.len() as u64;
        let there = sealed(archive, page.iter().map(|row| row.blob_id)).await?;
        for row in page.iter().filter(|row| !there.contains(&row.blob_id)) {
            if is_still(archive, row).await? {
                seen(Seen::Fault(Fault::Original {
                    material: row.material_id,
                    number: row.number,
                    is: format!("it points at blob {}, which has no row", row.blob_id),
                }));
            }
        }
    }
}

/// Those of the blobs that may be pointed at: what is on its way in has a place already.
pub async fn sealed(
    archive: &Archive,
    ids: impl IntoIterator<Item = BlobId>,
) -> Result<HashSet<BlobId>> {
    let found: Vec<BlobId> = blobs::Entity::find()
        .select_only()
        .column(blobs::Column::Id)
        .filter(blobs::Column::Id.is_in(ids))
        .filter(blobs::Column::State.is_in([
            BlobState::Sealed,
            BlobState::Rotten,
            BlobState::Receiving,
        ]))
        .into_tuple()
        .all(&archive.rows)
        .await?;
    Ok(found.into_iter().collect())
}

async fn of_materials(archive: &Archive, seen: &mut impl FnMut(Seen)) -> Result<()> {
    let mut after = MaterialId(Uuid::nil());
    loop {
        let page: Vec<(MaterialId, i32)> = materials::Entity::find()
            .select_only()
            .column(materials::Column::Id)
            .column(materials::Column::CurrentOriginal)
            .filter(materials::Column::Id.gt(after))
            .order_by_asc(materials::Column::Id)
            .limit(PAGE)
            .into_tuple()
            .all(&archive.rows)
            .await?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = *last;
        let held: Vec<(MaterialId, i32)> = Entity::find()
            .select_only()
            .column(Column::MaterialId)
            .column(Column::Number)
            .filter(Column::MaterialId.is_in(page.iter().map(|(material, _)| *material)))
            .into_tuple()
            .all(&archive.rows)
            .await?;
        let held: HashSet<_> = held.into_iter().collect();
        for &(material, number) in page.iter().filter(|named| !held.contains(named)) {
            let row = materials::Entity::find_by_id(material);
            if row.one(&archive.rows).await?.is_some() {
                let is = "the material names it, and it is not there".to_owned();
                seen(Seen::Fault(Fault::Original {
                    material,
                    number,
                    is,
                }));
            }
        }
    }
}

async fn is_still(archive: &Archive, row: &Model) -> Result<bool> {
    let again = Entity::find_by_id((row.material_id, row.number));
    let again = again.one(&archive.rows).await?;
    Ok(again.is_some_and(|again| again.blob_id == row.blob_id))
}

fn beyond((material, number): (MaterialId, i32)) -> Condition {
    Condition::any().add(Column::MaterialId.gt(material)).add(
        Condition::all()
            .add(Column::MaterialId.eq(material))
            .add(Column::Number.gt(number)),
    )
}
