//! A kit as it is read: its row with what hangs on it, for one or for a page of them; its items are asked for apart.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use crate::{
    access::{Caller, reach},
    config::Config,
    db::{audiences, events, kit_items, kits, units},
    error::{Error, Result},
    terms::{EventId, KitId, Status, UnitId},
};

/// A kit without its items.
#[derive(Debug, Clone)]
pub struct Kit {
    pub row: kits::Model,
    pub unit: units::Model,
    /// With its audiences, by which callers see it or not.
    pub event: Option<(events::Model, Vec<String>)>,
    pub audiences: Vec<String>,
}

impl Kit {
    /// Its page for people, where it is published to everybody.
    pub fn page_url(&self, config: &Config) -> Option<String> {
        let is_published = self.row.status == Status::Published;
        let is_public = self.audiences.iter().any(|audience| audience == "public");
        (is_published && is_public).then(|| config.url(&format!("/kits/{}", self.row.id)))
    }
}

/// The kit, where the caller may see it.
///
/// # Errors
/// Withdrawn (410) to whom it had been open; not found to all others.
pub async fn one(connection: &impl ConnectionTrait, caller: &Caller, id: KitId) -> Result<Kit> {
    let row = reach::kit(connection, caller, id).await?;
    let found = load(connection, vec![row]).await?.pop();
    found.ok_or_else(Error::not_found)
}

/// The kits of these rows, in their order, by a number of queries that does not grow with them.
pub(super) async fn load(
    connection: &impl ConnectionTrait,
    rows: Vec<kits::Model>,
) -> Result<Vec<Kit>> {
    let unit_ids: Vec<UnitId> = rows.iter().map(|row| row.unit_id).collect();
    let event_ids: Vec<EventId> = rows.iter().filter_map(|row| row.event_id).collect();
    let things = rows.iter().map(|row| row.id.0);
    let things = things.chain(event_ids.iter().map(|id| id.0)).collect();

    let audiences = audiences::of(connection, things).await?;
    let of_units = units::Entity::find().filter(units::Column::Id.is_in(unit_ids));
    let units: HashMap<UnitId, units::Model> = of_units
        .all(connection)
        .await?
        .into_iter()
        .map(|unit| (unit.id, unit))
        .collect();
    let of_events = events::Entity::find().filter(events::Column::Id.is_in(event_ids));
    let events: HashMap<EventId, events::Model> = of_events
        .all(connection)
        .await?
        .into_iter()
        .map(|event| (event.id, event))
        .collect();

    let whose = |thing: Uuid| audiences.get(&thing).cloned().unwrap_or_default();
    let kit = |row: kits::Model| {
        let unit = units.get(&row.unit_id).cloned();
        let event = row.event_id.and_then(|id| events.get(&id));
        Ok(Kit {
            unit: unit.ok_or_else(|| Error::internal("a kit", "its unit is not there"))?,
            event: event.map(|event| (event.clone(), whose(event.id.0))),
            audiences: whose(row.id.0),
            row,
        })
    };
    rows.into_iter().map(kit).collect()
}

/// What lies in the kit, in its order.
pub(super) fn items(kit: KitId) -> Select<kit_items::Entity> {
    kit_items::Entity::find()
        .filter(kit_items::Column::KitId.eq(kit))
        .order_by_asc(kit_items::Column::Position)
}
