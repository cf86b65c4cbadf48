//! A description on its way into the rows: the material's own row in memory, its texts, audiences and relations in
//! their tables, and the names of the fields that changed.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    Set,
};

use super::{Description, files};
use crate::{
    access,
    db::{audiences, material_relations, material_texts, materials},
    error::Result,
    language::Texts,
    patch,
    terms::{MaterialId, Origin, Persons, TextField, Words},
};

/// Makes `after` the description of the material: `row` is changed in memory, for [`save`] to write; everything that
/// hangs on it is written here. Gives the fields that changed, such as `caption.en`.
pub async fn apply(
    tx: &DatabaseTransaction,
    row: &mut materials::Model,
    before: &Description,
    after: &Description,
    origin: Origin,
) -> Result<Vec<String>> {
    texts(
        tx,
        row.id,
        TextField::Headline,
        &before.headline,
        &after.headline,
        origin,
    )
    .await?;
    texts(
        tx,
        row.id,
        TextField::Caption,
        &before.caption,
        &after.caption,
        origin,
    )
    .await?;
    if before.audiences != after.audiences {
        audiences::set(tx, row.id.0, &after.audiences).await?;
    }
    if before.related != after.related {
        relations(tx, row.id, after).await?;
    }
    fill(row, after);
    let term = access::Term {
        status: row.status,
        published_at: row.published_at,
        embargo_until: row.embargo_until,
        available_until: row.available_until,
    };
    access::refresh(tx, row.id.0, term, &after.audiences).await?;
    patch::changed_between(before, after)
}

/// Writes the row of a material, every column of it, and asks for its files to say the same.
pub async fn save(tx: &DatabaseTransaction, row: materials::Model) -> Result<()> {
    let id = row.id;
    row.into_active_model().reset_all().update(tx).await?;
    files::stale(tx, id).await
}

fn fill(row: &mut materials::Model, after: &Description) {
    row.unit_id = after.unit.unwrap_or(row.unit_id);
    row.event_id = after.event;
    row.genre.clone_from(&after.genre);
    row.language = after.language.as_ref().map(ToString::to_string);
    row.alt_text = after.alt_text.clone();
    row.keywords = Words(after.keywords.clone());
    row.persons = Persons(after.persons.clone());
    row.place.clone_from(&after.place);
    row.creator.clone_from(&after.creator);
    row.credit.clone_from(&after.credit);
    row.source.clone_from(&after.source);
    row.copyright = after.copyright.clone();
    row.usage_terms = after.usage_terms.clone();
    row.license.clone_from(&after.license);
    row.taken_at = after.taken_at.map(jiff::Timestamp::as_millisecond);
    row.embargo_until = after.embargo_until.map(jiff::Timestamp::as_millisecond);
    row.available_until = after.available_until.map(jiff::Timestamp::as_millisecond);
    row.poster_at_ms = after.poster_at_ms;
    row.rating = after.rating;
    row.pick = after.pick.map(|pick| pick.as_str().to_owned());
}

async fn texts(
    tx: &DatabaseTransaction,
    material: MaterialId,
    field: TextField,
    before: &Texts,
    after: &Texts,
    origin: Origin,
) -> Result<()> {
    for (language, text) in before.iter() {
        if after.get(language) != Some(text) {
            let key = (material, field, language.to_string());
            material_texts::Entity::delete_by_id(key).exec(tx).await?;
        }
    }
    let new = after
        .iter()
        .filter(|(language, text)| before.get(language) != Some(text));
    let rows: Vec<_> = new
        .map(|(language, text)| material_texts::ActiveModel {
            material_id: Set(material),
            field: Set(field),
            language: Set(language.to_string()),
            text: Set(text.to_owned()),
            origin: Set(origin),
        })
        .collect();
    if !rows.is_empty() {
        material_texts::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn relations(
    tx: &DatabaseTransaction,
    material: MaterialId,
    after: &Description,
) -> Result<()> {
    let of_material = material_relations::Column::MaterialId.eq(material);
    material_relations::Entity::delete_many()
        .filter(of_material)
        .exec(tx)
        .await?;
    let rows: Vec<_> = (0..)
        .zip(&after.related)
        .map(|(position, related)| material_relations::ActiveModel {
            material_id: Set(material),
            kind: Set(related.kind.as_str().to_owned()),
            other_id: Set(related.id),
            position: Set(position),
        })
        .collect();
    if !rows.is_empty() {
        material_relations::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
