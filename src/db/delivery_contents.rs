//! Which materials, in which versions, were in an archive that somebody took; once for each content.

use std::collections::HashMap;

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter, QuerySelect, Set,
    sea_query::OnConflict,
};

use crate::{error::Result, terms::MaterialId};

/// Rows that are written at once.
const ROWS: usize = 1000;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_contents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub material_id: MaterialId,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Writes the content down, unless it is known.
pub async fn keep(
    tx: &DatabaseTransaction,
    digest: &str,
    contents: &[(MaterialId, i32)],
) -> Result<()> {
    let known = Entity::find().filter(Column::Digest.eq(digest));
    if known.one(tx).await?.is_some() {
        return Ok(());
    }
    for part in contents.chunks(ROWS) {
        let rows = part.iter().map(|(material, version)| ActiveModel {
            digest: Set(digest.to_owned()),
            material_id: Set(*material),
            version: Set(*version),
        });
        let there = OnConflict::columns([Column::Digest, Column::MaterialId])
            .do_nothing()
            .to_owned();
        Entity::insert_many(rows)
            .on_conflict(there)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// In which version the material was in each of the contents.
pub async fn versions(
    connection: &impl ConnectionTrait,
    material: MaterialId,
    digests: Vec<String>,
) -> Result<HashMap<String, i32>> {
    let found: Vec<(String, i32)> = Entity::find()
        .select_only()
        .column(Column::Digest)
        .column(Column::Version)
        .filter(Column::MaterialId.eq(material))
        .filter(Column::Digest.is_in(digests))
        .into_tuple()
        .all(connection)
        .await?;
    Ok(found.into_iter().collect())
}
