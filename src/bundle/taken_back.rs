//! What was taken back from those who had it: the notices that a kit's page and its archive show.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

use super::kit;
use crate::{
    access::{Caller, Scope},
    db::{early_withdrawals, kit_items, materials, notices, withdrawals},
    error::Result,
    language::Texts,
    terms::{Kind, KitId, MaterialId, Turn},
};

/// A material of a kit that was withdrawn from those who had it.
#[derive(Debug)]
pub struct Withdrawn {
    /// What the names of its files began with: its place among what the caller has and had, from 1.
    pub number: usize,
    pub material: MaterialId,
    pub kind: Option<Kind>,
    /// When, in milliseconds since 1970.
    pub at: Option<i64>,
    /// What they are told.
    pub notice: Texts,
}

/// Those materials of the kit that the caller had and that were withdrawn, in the kit's order, each with its position there;
/// not numbered yet. Until it is published again, what was withdrawn is, whatever step it has taken since. Staff have all
/// items at hand.
pub(super) async fn withdrawn(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: KitId,
) -> Result<Vec<(i32, Withdrawn)>> {
    if caller.scope != Scope::Nothing {
        return Ok(Vec::new());
    }
    let gone = gone(connection, caller, kit).await?;
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let at = told_at(connection, kit).await?;
    let withdrawn = |row: materials::Model| Withdrawn {
        number: 0,
        material: row.id,
        kind: row.kind,
        at: at.get(&row.id.0).copied(),
        notice: row.notice,
    };
    let gone = gone.into_iter().map(withdrawn);
    let mut gone: HashMap<MaterialId, Withdrawn> = gone.map(|one| (one.material, one)).collect();
    let order = kit::items(kit)
        .select_only()
        .column(kit_items::Column::MaterialId)
        .column(kit_items::Column::Position);
    let order: Vec<(MaterialId, i32)> = order.into_tuple().all(connection).await?;
    let placed = order.into_iter();
    Ok(placed
        .filter_map(|(id, place)| Some((place, gone.remove(&id)?)))
        .collect())
}

async fn gone(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: KitId,
) -> Result<Vec<materials::Model>> {
    let audiences = || caller.audiences.iter().map(String::as_str);
    let open = withdrawals::Entity::find()
        .select_only()
        .column(withdrawals::Column::ThingId)
        .filter(withdrawals::Column::ThingId.in_subquery(lies_in(kit).into_query()))
        .filter(withdrawals::Column::Audience.is_in(audiences()));
    let early = early_withdrawals::Entity::find()
        .filter(early_withdrawals::Column::ThingId.in_subquery(lies_in(kit).into_query()))
        .filter(early_withdrawals::Column::Audience.is_in(audiences()));
    let early = if caller.lifts_any() {
        early.all(connection).await?
    } else {
        Vec::new()
    };
    let had = Condition::any()
        .add(materials::Column::Id.in_subquery(open.into_query()))
        .add(materials::Column::Id.is_in(early.iter().map(|row| row.thing_id)));
    let gone = materials::Entity::find().filter(had);
    let mut gone = gone.all(connection).await?;
    gone.retain(|row| {
        let early = early.iter().find(|early| early.thing_id == row.id.0);
        early.is_none_or(|early| caller.had_early(early, row.unit_id))
    });
    Ok(gone)
}

/// When each of the kit's materials was last withdrawn, in milliseconds since 1970.
async fn told_at(connection: &impl ConnectionTrait, kit: KitId) -> Result<HashMap<Uuid, i64>> {
    let told: Vec<(Uuid, i64)> = notices::Entity::find()
        .select_only()
        .column(notices::Column::ThingId)
        .column(notices::Column::At)
        .filter(notices::Column::ThingId.in_subquery(lies_in(kit).into_query()))
        .filter(notices::Column::Turn.eq(Turn::Withdrawn))
        .order_by_asc(notices::Column::Id)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(told.into_iter().collect())
}

fn lies_in(kit: KitId) -> Select<kit_items::Entity> {
    kit_items::Entity::find()
        .select_only()
        .column(kit_items::Column::MaterialId)
        .filter(kit_items::Column::KitId.eq(kit))
}
