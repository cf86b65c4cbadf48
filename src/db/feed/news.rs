//! What is new in a thing that its readers go on having, to each audience what it can notice, once the files that say it
//! are there. What is the staff's own is no news: nobody learns that it changed.

use std::collections::BTreeMap;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::{
    super::{audiences, log, material_relations, renditions, visibility},
    announced,
    standing::Standing,
};
use crate::{
    error::Result,
    language::Texts,
    terms::{MaterialId, RenditionState, Thing},
};

/// What readers do not see, or hear of in another way.
const NOT_THEIRS: [&str; 7] = [
    "audiences",
    "items",
    "original",
    "pick",
    "poster_at_ms",
    "rating",
    "status",
];
/// What each audience notices by its own rights.
const BY_RIGHT: [&str; 2] = ["event", "related"];
/// The pictures that newsrooms use; see `media::presets`.
const PRESS: &str = "press";

#[derive(Debug, Default)]
pub struct News {
    /// With the note; an empty one where nothing was noted.
    pub corrected: Option<Texts>,
    /// By audience.
    pub changed: BTreeMap<String, Vec<String>>,
}

impl News {
    pub fn to(&self, audience: &str) -> &[String] {
        self.changed.get(audience).map_or(&[], Vec::as_slice)
    }

    pub fn is_for(&self, audience: &str) -> bool {
        self.corrected.is_some() || !self.to(audience).is_empty()
    }
}

/// What happened to the thing since its readers were told.
pub async fn happened(
    connection: &impl ConnectionTrait,
    thing: Uuid,
    number: i64,
) -> Result<Vec<log::Model>> {
    let found = log::Entity::find()
        .filter(log::Column::ThingId.eq(thing))
        .filter(log::Column::Number.gt(number))
        .order_by_asc(log::Column::Number);
    Ok(found.all(connection).await?)
}

/// What is new to the audiences that stay. None: its files do not say it yet.
pub async fn of(
    connection: &impl ConnectionTrait,
    state: &announced::Model,
    standing: &Standing,
    entries: &[log::Model],
    stay: &[String],
) -> Result<Option<News>> {
    if state.thing == Thing::Material
        && !is_written(connection, state.thing_id, standing, entries).await?
    {
        return Ok(None);
    }
    let corrected = entries.iter().rfind(|entry| entry.action == "corrected");
    let mut fields: Vec<&String> = Vec::new();
    for field in entries.iter().flat_map(|entry| &entry.changed.0) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    let is_in = |list: &[&str], field: &str| {
        let whole = field.split('.').next().unwrap_or(field);
        list.contains(&whole)
    };
    let mut common: Vec<String> = fields
        .iter()
        .filter(|field| !is_in(&NOT_THEIRS, field) && !is_in(&BY_RIGHT, field))
        .map(|field| (*field).clone())
        .collect();
    if state.thing == Thing::Material && state.original != standing.original {
        common.push("original".to_owned());
    }
    let mut news = News {
        corrected: corrected.map(log::note),
        changed: stay
            .iter()
            .map(|audience| (audience.clone(), common.clone()))
            .collect(),
    };
    for field in BY_RIGHT {
        if fields.iter().any(|changed| is_in(&[field], changed)) {
            let noticed = match field {
                "event" => of_events(connection, state, standing).await?,
                _ => of_related(connection, state.thing_id).await?,
            };
            news.add(field, |audience| {
                noticed.iter().any(|one| one == audience || one == "public")
            });
        }
    }
    Ok(Some(news))
}

impl News {
    pub fn add(&mut self, field: &str, notices: impl Fn(&str) -> bool) {
        for (audience, changed) in &mut self.changed {
            if notices(audience) {
                changed.push(field.to_owned());
            }
        }
    }
}

/// Whether the pictures with the description in them are of this version, or never will be.
async fn is_written(
    connection: &impl ConnectionTrait,
    thing: Uuid,
    standing: &Standing,
    entries: &[log::Model],
) -> Result<bool> {
    let given_up = |entry: &log::Model| {
        entry.action == log::NOT_INSCRIBED && entry.version == standing.version
    };
    if entries.iter().any(given_up) {
        return Ok(true);
    }
    let old = Condition::all()
        .add(renditions::Column::State.eq(RenditionState::Ready))
        .add(renditions::Column::Frame.is_not_null())
        .add(renditions::Column::OfVersion.lt(standing.version));
    let coming = Condition::all()
        .add(renditions::Column::State.eq(RenditionState::Pending))
        .add(renditions::Column::Name.eq(PRESS));
    let waited_for = renditions::Entity::find()
        .filter(renditions::Column::MaterialId.eq(MaterialId(thing)))
        .filter(renditions::Column::Number.eq(standing.original))
        .filter(Condition::any().add(old).add(coming));
    Ok(waited_for.count(connection).await? == 0)
}

/// Who sees the event that the thing belonged to, or the one that it belongs to.
async fn of_events(
    connection: &impl ConnectionTrait,
    state: &announced::Model,
    standing: &Standing,
) -> Result<Vec<String>> {
    let told = super::settle::open_rows(connection, state.thing_id).await?;
    let former = told.first().and_then(|row| row.after.as_ref()?.event);
    let events = [former, standing.seen.event];
    let events = events.into_iter().flatten().map(|event| event.0).collect();
    let found = audiences::of(connection, events).await?;
    Ok(found.into_values().flatten().collect())
}

/// Who sees one of the materials that the thing has to do with.
async fn of_related(connection: &impl ConnectionTrait, thing: Uuid) -> Result<Vec<String>> {
    let related = material_relations::Entity::find()
        .filter(material_relations::Column::MaterialId.eq(MaterialId(thing)))
        .all(connection)
        .await?;
    let now = super::super::now();
    let windows = visibility::Entity::find()
        .filter(visibility::Column::ThingId.is_in(related.iter().map(|row| row.other_id.0)))
        .filter(visibility::Column::VisibleFrom.lte(now))
        .filter(visibility::Column::VisibleUntil.gt(now))
        .all(connection)
        .await?;
    Ok(windows.into_iter().map(|window| window.audience).collect())
}
