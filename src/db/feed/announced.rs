//! Of each thing that readers have, had or are going to have: how far they have been told, and when their view of it
//! changes next by itself.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, FromJsonQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::{FOREVER, kit_items, kits, visibility};
use crate::{
    error::Result,
    terms::{KitId, MaterialId, Thing},
};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "announced")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub thing_id: Uuid,
    pub thing: Thing,
    pub due_at: i64,
    /// The entry of the log up to which they have been told.
    pub number: i64,
    /// Of a material: the original that they were told of.
    pub original: i32,
    pub items: Digests,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Of a kit: what each audience has in it, as a digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Digests(pub BTreeMap<String, String>);

/// Keeps how far the readers of a thing have been told.
pub async fn keep(tx: &DatabaseTransaction, state: Model) -> Result<()> {
    let mut known = OnConflict::column(Column::ThingId);
    known.update_columns([
        Column::DueAt,
        Column::Number,
        Column::Original,
        Column::Items,
    ]);
    Entity::insert(state.into_active_model())
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The things whose readers are to be told something by now, the first first.
pub async fn due(connection: &impl ConnectionTrait, now: i64, limit: u64) -> Result<Vec<Model>> {
    let due = Entity::find()
        .filter(Column::DueAt.lte(now))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::ThingId);
    Ok(due.limit(limit).all(connection).await?)
}

/// A material came or went for some of its readers: what they have in a kit is looked at anew.
pub async fn mark_kits(tx: &DatabaseTransaction, material: MaterialId, now: i64) -> Result<()> {
    let holding = kit_items::Entity::find()
        .select_only()
        .column(kit_items::Column::KitId)
        .filter(kit_items::Column::MaterialId.eq(material))
        .into_query();
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(now))
        .filter(Column::ThingId.in_subquery(holding))
        .filter(Column::DueAt.gt(now))
        .exec(tx)
        .await?;
    Ok(())
}

/// The next things, by their ids, that are open, or are going to be, and were never announced: an older version published
/// them. Each with the moment at which it opens.
pub async fn unknown(
    connection: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<(Uuid, i64)>> {
    let known = Entity::find()
        .select_only()
        .column(Column::ThingId)
        .into_query();
    let mut found = visibility::Entity::find()
        .select_only()
        .column(visibility::Column::ThingId)
        .column_as(visibility::Column::VisibleFrom.min(), "opens_at")
        .filter(visibility::Column::ThingId.not_in_subquery(known))
        .group_by(visibility::Column::ThingId)
        .order_by_asc(visibility::Column::ThingId)
        .limit(limit);
    if let Some(after) = after {
        found = found.filter(visibility::Column::ThingId.gt(after));
    }
    Ok(found.into_tuple().all(connection).await?)
}

/// Announces them when they open.
pub async fn take_up(tx: &DatabaseTransaction, found: &[(Uuid, i64)]) -> Result<()> {
    for (id, opens_at) in found {
        let state = Model {
            thing_id: *id,
            thing: sort(tx, *id).await?,
            due_at: *opens_at,
            number: 0,
            original: 0,
            items: Digests::default(),
        };
        // Somebody may have told of it meanwhile.
        Entity::insert(state.into_active_model())
            .on_conflict_do_nothing_on([Column::ThingId])
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Things that an older version took from readers who were told that they have them.
pub async fn lost(connection: &impl ConnectionTrait) -> Result<Vec<(Uuid, Thing)>> {
    let open = visibility::Entity::find()
        .select_only()
        .column(visibility::Column::ThingId)
        .into_query();
    Ok(super::Entity::find()
        .select_only()
        .column(super::Column::ThingId)
        .column(super::Column::Thing)
        .distinct()
        .filter(super::Column::Until.eq(FOREVER))
        .filter(super::Column::ThingId.not_in_subquery(open))
        .into_tuple()
        .all(connection)
        .await?)
}

async fn sort(connection: &impl ConnectionTrait, id: Uuid) -> Result<Thing> {
    let kit = kits::Entity::find_by_id(KitId(id)).one(connection).await?;
    Ok(kit.map_or(Thing::Material, |_| Thing::Kit))
}
