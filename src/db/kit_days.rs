//! How often a kit was seen and taken on a day, by the link that led there.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter, QueryOrder, Set,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use crate::{
    error::Result,
    terms::{KitId, LinkId},
};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kit_days")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kit_id: KitId,
    /// Such as `2026-11-28`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: String,
    /// The nil UUID: no link.
    #[sea_orm(primary_key, auto_increment = false)]
    pub link_id: LinkId,
    pub views: i64,
    pub downloads: i64,
    pub bytes: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub kit: KitId,
    pub day: String,
    pub link: Option<LinkId>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub views: i64,
    pub downloads: i64,
    pub bytes: i64,
}

impl Count {
    pub fn add(&mut self, more: Self) {
        self.views += more.views;
        self.downloads += more.downloads;
        self.bytes += more.bytes;
    }
}

/// Adds to what was counted.
pub async fn add(tx: &DatabaseTransaction, key: &Key, count: Count) -> Result<()> {
    let plus = |column: Column, number: i64| (column, Expr::col((Entity, column)).add(number));
    let mut known = OnConflict::columns([Column::KitId, Column::Day, Column::LinkId]);
    known.values([
        plus(Column::Views, count.views),
        plus(Column::Downloads, count.downloads),
        plus(Column::Bytes, count.bytes),
    ]);
    let row = ActiveModel {
        kit_id: Set(key.kit),
        day: Set(key.day.clone()),
        link_id: Set(key.link.unwrap_or(LinkId(Uuid::nil()))),
        views: Set(count.views),
        downloads: Set(count.downloads),
        bytes: Set(count.bytes),
    };
    Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// All of a kit, the first day first.
pub async fn of(connection: &impl ConnectionTrait, kit: KitId) -> Result<Vec<Model>> {
    let found = Entity::find()
        .filter(Column::KitId.eq(kit))
        .order_by_asc(Column::Day)
        .order_by_asc(Column::LinkId);
    Ok(found.all(connection).await?)
}
