//! The items of a kit by name alone: a list of ten thousand reads four columns of each, where whole records are a hundred
//! times as much.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{
    Kit,
    contents::{AT_ONCE, open, rows},
};
use crate::{
    access::{Caller, on_the_beat},
    db::{kit_items, material_texts, materials, visibility},
    error::{Error, Result},
    language::{Language, Texts},
    terms::{Kind, MaterialId, TextField, UnitId},
};

/// An item of a kit, as a list names it.
#[derive(Debug)]
pub struct Named {
    pub material: MaterialId,
    /// None where the caller may not see the material, and only knows that it lies in the kit.
    pub headline: Option<Texts>,
    pub kind: Option<Kind>,
    pub note: Texts,
    /// Whether no reader has it now: a draft, under embargo, withdrawn, or past its time.
    pub hidden: bool,
}

/// The items that the caller has of the kit at the moment `now`, in the kit's order.
pub async fn named(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
    now: i64,
) -> Result<Vec<Named>> {
    let named = async {
        let rows = rows(connection, caller, kit, now).await?;
        let mut all = Vec::with_capacity(rows.len());
        for part in rows.chunks(AT_ONCE) {
            all.extend(portion(connection, caller, kit, part, now).await?);
        }
        Ok(all)
    };
    on_the_beat(caller, named).await
}

async fn portion(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
    rows: &[kit_items::Model],
    now: i64,
) -> Result<Vec<Named>> {
    let ids = || rows.iter().map(|row| row.material_id);
    let windows = visibility::Entity::find()
        .filter(visibility::Column::ThingId.is_in(ids().map(|id| id.0)))
        .all(connection)
        .await?;
    let mut windows_of: HashMap<Uuid, Vec<visibility::Model>> = HashMap::new();
    for window in windows {
        windows_of.entry(window.thing_id).or_default().push(window);
    }
    let found: Vec<(MaterialId, UnitId, Option<Kind>)> = materials::Entity::find()
        .select_only()
        .columns([
            materials::Column::Id,
            materials::Column::UnitId,
            materials::Column::Kind,
        ])
        .filter(materials::Column::Id.is_in(ids()))
        .into_tuple()
        .all(connection)
        .await?;
    let windows = |id: MaterialId| windows_of.get(&id.0).map_or(&[][..], Vec::as_slice);
    let seen: HashMap<MaterialId, Option<Kind>> = found
        .into_iter()
        .filter(|(id, unit, _)| caller.sees_windows(*unit, windows(*id), now))
        .map(|(id, _, kind)| (id, kind))
        .collect();
    let mut headlines = headlines(connection, ids().filter(|id| seen.contains_key(id))).await?;
    let inside = caller.sees_inside(kit.row.unit_id);
    let items = rows.iter().map(|row| {
        let kind = seen.get(&row.material_id);
        let headline = headlines.remove(&row.material_id).unwrap_or_default();
        Named {
            material: row.material_id,
            headline: kind.map(|_| headline),
            kind: kind.copied().flatten(),
            note: row.note.clone(),
            hidden: kind.is_none() || !open(windows(row.material_id), now),
        }
    });
    let items = items.filter(|item| inside || item.headline.is_some());
    Ok(items.collect())
}

async fn headlines(
    connection: &impl ConnectionTrait,
    ids: impl Iterator<Item = MaterialId>,
) -> Result<HashMap<MaterialId, Texts>> {
    let rows: Vec<(MaterialId, String, String)> = material_texts::Entity::find()
        .select_only()
        .columns([
            material_texts::Column::MaterialId,
            material_texts::Column::Language,
            material_texts::Column::Text,
        ])
        .filter(material_texts::Column::MaterialId.is_in(ids))
        .filter(material_texts::Column::Field.eq(TextField::Headline))
        .into_tuple()
        .all(connection)
        .await?;
    let mut found: HashMap<MaterialId, Texts> = HashMap::new();
    for (material, language, text) in rows {
        let language = Language::parse(&language)
            .map_err(|why| Error::internal("a language in the database", why))?;
        found.entry(material).or_default().0.insert(language, text);
    }
    Ok(found)
}
