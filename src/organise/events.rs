//! Events: a reader sees one when one of its audiences fits, staff those of their units; contributors make them, editors
//! change and remove them.

use std::collections::HashMap;

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    check::{Faults, LONGEST_NAME, LONGEST_TEXT},
    units, vocabularies,
};
use crate::{
    access::Caller,
    db::{self, audiences, events, kits, log, materials, units as unit_rows},
    description::files,
    error::{Code, Error, Result},
    language::Texts,
    patch,
    terms::{Contact, EventId, Place, Thing, UnitId},
};

/// An event as people send it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventInput {
    /// The unit that holds it; the caller's own where none is named.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub unit: Option<UnitId>,
    /// What it is called, in each language.
    pub name: Texts,
    /// A code of the vocabulary `event_kinds`, such as `briefing`.
    pub kind: String,
    /// When it begins (RFC 3339).
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// When it ends (RFC 3339).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    /// Where it takes place.
    #[serde(default)]
    pub place: Option<Place>,
    /// What it is about, in each language.
    #[serde(default)]
    pub summary: Texts,
    /// Whom a journalist calls.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// Who may know of it: codes of the vocabulary `audiences`.
    #[serde(default)]
    pub audiences: Vec<String>,
}

/// Which events a list has.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct EventFilter {
    /// Of one of these kinds.
    pub kind: Vec<String>,
    /// Of one of these units.
    #[param(value_type = Vec<Uuid>)]
    pub unit: Vec<UnitId>,
}

/// An event with what hangs on it.
#[derive(Debug, Clone)]
pub struct Event {
    pub row: events::Model,
    pub unit: unit_rows::Model,
    pub audiences: Vec<String>,
}

/// The events that the caller sees, the newest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    filter: &EventFilter,
    before: Option<EventId>,
    rows: u64,
) -> Result<Vec<Event>> {
    let mut query = events::Entity::find()
        .filter(caller.sees_event(events::Column::Id, events::Column::UnitId));
    if !filter.kind.is_empty() {
        query = query.filter(events::Column::Kind.is_in(filter.kind.iter().map(String::as_str)));
    }
    if !filter.unit.is_empty() {
        query = query.filter(events::Column::UnitId.is_in(filter.unit.iter().copied()));
    }
    if let Some(before) = before {
        query = query.filter(events::Column::Id.lt(before));
    }
    whole(
        connection,
        query
            .order_by_desc(events::Column::Id)
            .limit(rows)
            .all(connection)
            .await?,
    )
    .await
}

/// One event, for whom it is there.
pub async fn one(connection: &impl ConnectionTrait, caller: &Caller, id: EventId) -> Result<Event> {
    let seen = caller.sees_event(events::Column::Id, events::Column::UnitId);
    let row = events::Entity::find_by_id(id)
        .filter(seen)
        .all(connection)
        .await?;
    whole(connection, row)
        .await?
        .pop()
        .ok_or_else(Error::not_found)
}

pub async fn create(tx: &DatabaseTransaction, caller: &Caller, input: EventInput) -> Result<Event> {
    let account = caller.account()?;
    let unit_id = input
        .unit
        .or(caller.unit)
        .ok_or_else(|| Error::invalid("/unit", "is missing"))?;
    let unit = unit(tx, unit_id).await?;
    caller.may_create_events(unit_id)?;
    check(tx, None, &input).await?;
    let now = db::now();
    let row = events::Model {
        id: EventId::new(),
        version: 1,
        unit_id,
        name: input.name,
        kind: input.kind,
        starts_at: Some(input.starts_at.as_millisecond()),
        ends_at: input.ends_at.map(Timestamp::as_millisecond),
        place: input.place,
        summary: input.summary,
        contact: input.contact,
        created_by: account,
        created_at: now,
        updated_at: now,
    };
    events::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    audiences::set(tx, row.id.0, &input.audiences).await?;
    written(tx, caller, &row, "created", Vec::new()).await?;
    Ok(Event {
        row,
        unit,
        audiences: input.audiences,
    })
}

/// Lays the merge patch over the event. `fits` holds the caller's `If-Match` against the version.
pub async fn update(
    tx: &DatabaseTransaction,
    caller: &Caller,
    id: EventId,
    fits: impl Fn(i32) -> Result<()>,
    patch: &Value,
) -> Result<Event> {
    let mut event = one(tx, caller, id).await?;
    caller.may_manage_events(event.row.unit_id)?;
    fits(event.row.version)?;
    let before = as_input(&event);
    let after: EventInput = patch::merge(&before, patch)?;
    let unit_id = after.unit.unwrap_or(event.row.unit_id);
    if unit_id != event.row.unit_id {
        event.unit = unit(tx, unit_id).await?;
        caller.may_manage_events(unit_id)?;
    }
    let changed = patch::changed_between(&before, &after)?;
    if changed.is_empty() {
        return Ok(event);
    }
    check(tx, before.place.as_ref(), &after).await?;
    event.row = events::Model {
        version: event.row.version + 1,
        unit_id,
        name: after.name,
        kind: after.kind,
        starts_at: Some(after.starts_at.as_millisecond()),
        ends_at: after.ends_at.map(Timestamp::as_millisecond),
        place: after.place,
        summary: after.summary,
        contact: after.contact,
        updated_at: db::now(),
        ..event.row
    };
    event.audiences = after.audiences;
    event
        .row
        .clone()
        .into_active_model()
        .reset_all()
        .update(tx)
        .await?;
    audiences::set(tx, id.0, &event.audiences).await?;
    if ["name", "audiences"]
        .iter()
        .any(|field| changed.iter().any(|name| name.starts_with(field)))
    {
        files::stale_of(tx, id).await?;
    }
    written(tx, caller, &event.row, "updated", changed).await?;
    Ok(event)
}

/// Removes an event that nothing belongs to.
///
/// # Errors
/// A conflict while materials or kits belong to it.
pub async fn delete(
    tx: &DatabaseTransaction,
    caller: &Caller,
    id: EventId,
    fits: impl Fn(i32) -> Result<()>,
) -> Result<()> {
    let event = one(tx, caller, id).await?;
    caller.may_manage_events(event.row.unit_id)?;
    fits(event.row.version)?;
    let materials = materials::Entity::find()
        .filter(materials::Column::EventId.eq(id))
        .count(tx)
        .await?;
    let kits = kits::Entity::find()
        .filter(kits::Column::EventId.eq(id))
        .count(tx)
        .await?;
    if materials + kits > 0 {
        let words = "Materials or kits belong to this event: give them another one first.";
        return Err(Error::refused(Code::Conflict, words)
            .with("materials", materials)
            .with("kits", kits));
    }
    audiences::set(tx, id.0, &[]).await?;
    events::Entity::delete_by_id(id).exec(tx).await?;
    written(tx, caller, &event.row, "deleted", Vec::new()).await
}

async fn whole(connection: &impl ConnectionTrait, rows: Vec<events::Model>) -> Result<Vec<Event>> {
    let units: HashMap<_, _> = units::by_id(connection, rows.iter().map(|row| row.unit_id)).await?;
    let mut audiences =
        audiences::of(connection, rows.iter().map(|row| row.id.0).collect()).await?;
    let whole = rows.into_iter().map(|row| {
        let unit = units
            .get(&row.unit_id)
            .cloned()
            .ok_or_else(|| Error::internal("an event", "its unit is not there"))?;
        Ok(Event {
            audiences: audiences.remove(&row.id.0).unwrap_or_default(),
            unit,
            row,
        })
    });
    whole.collect()
}

fn as_input(event: &Event) -> EventInput {
    let time = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let row = event.row.clone();
    EventInput {
        unit: Some(row.unit_id),
        name: row.name,
        kind: row.kind,
        starts_at: time(row.starts_at.unwrap_or_default()),
        ends_at: row.ends_at.map(time),
        place: row.place,
        summary: row.summary,
        contact: row.contact,
        audiences: event.audiences.clone(),
    }
}

async fn unit(tx: &DatabaseTransaction, id: UnitId) -> Result<unit_rows::Model> {
    unit_rows::Entity::find_by_id(id)
        .one(tx)
        .await?
        .ok_or_else(|| Error::invalid("/unit", "is not there"))
}

/// `stood`: the place that the event has already.
async fn check(tx: &DatabaseTransaction, stood: Option<&Place>, input: &EventInput) -> Result<()> {
    let mut faults = Faults::default();
    faults.name("/name", &input.name);
    faults.texts("/summary", &input.summary, LONGEST_TEXT);
    let kinds = vocabularies::codes(tx, vocabularies::EVENT_KINDS).await?;
    if !kinds.iter().any(|kind| kind.code == input.kind) {
        let known: Vec<&str> = kinds.iter().map(|kind| kind.code.as_str()).collect();
        let (kind, known) = (&input.kind, known.join(", "));
        let words = format!("“{kind}” is no kind of event here; known are {known}");
        faults.add("/kind", words);
    }
    if input.ends_at.is_some_and(|end| end < input.starts_at) {
        faults.add("/ends_at", "is before it begins");
    }
    if let Some(place) = &input.place {
        faults.texts("/place/name", &place.name, LONGEST_NAME);
        place.check(stood, "/place", faults.list());
    }
    if let Some(contact) = &input.contact {
        if contact.name.trim().is_empty() {
            faults.add("/contact/name", "is empty");
        }
        faults.text("/contact/name", &contact.name, LONGEST_NAME);
    }
    faults.audiences(tx, "", &input.audiences).await?;
    faults.found()
}

async fn written(
    tx: &DatabaseTransaction,
    caller: &Caller,
    row: &events::Model,
    action: &'static str,
    changed: Vec<String>,
) -> Result<()> {
    let entry = log::Entry {
        account_id: caller.account,
        unit_id: Some(row.unit_id),
        changed,
        ..log::Entry::new(Thing::Event, row.id.0, row.version, action)
    };
    log::append(tx, vec![entry]).await
}
