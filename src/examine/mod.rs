//! What is it, and what does it say about itself? Comes in: an original that was received. Goes out: its facts, and what
//! the file says, which fills the description where people said nothing and the unit's defaults come after. What people
//! said wins, also later.

use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Set};

use crate::{
    app::App,
    db::{blobs, originals, records, units},
    description::{self, Description},
    error::{Error, Result},
    language::detect,
    media::{Embedded, Examined},
    terms::{Kind, MaterialId, Origin, Processing},
};

mod fill;

/// Looks into the original. Touches no row.
///
/// # Errors
/// Unusable with the reason where it cannot be decoded.
pub async fn look(app: &App, original: &originals::Model) -> Result<Examined> {
    let blob = blobs::one(app.db.read(), original.blob_id).await?;
    let file = app.storage.file(&blob).await?;
    app.media.examine(file, &original.media_type).await
}

/// Keeps what was found. A corrected original's own words are taken when it takes its place: see [`describe`].
///
/// # Errors
/// Unusable where a corrected original is of another kind than the material.
pub async fn keep(
    tx: &DatabaseTransaction,
    original: originals::Model,
    found: &Examined,
) -> Result<()> {
    let record = records::one(tx, original.material_id).await?;
    if record.row.kind.is_some_and(|kind| kind != found.facts.kind) {
        return Err(Error::Unusable(format!(
            "This is {}, and a corrected original is of the same kind as the material.",
            found.facts.kind.as_str()
        )));
    }
    let is_current = record.row.current_original == original.number;
    let material = original.material_id;
    // What else stands in the row may have changed while the file was looked at.
    let mut row = original.into_active_model();
    row.media_type = Set(found.facts.media_type.clone());
    row.facts = Set(Some(json(&found.facts)?));
    row.embedded = Set(Some(json(&found.embedded)?));
    row.processing = Set(Processing::Running);
    row.update(tx).await?;
    if is_current {
        describe(tx, material, Some(found)).await
    } else {
        Ok(())
    }
}

/// Fills the description of a material from its current original, and then from its unit's defaults.
pub async fn describe(
    tx: &DatabaseTransaction,
    material: MaterialId,
    found: Option<&Examined>,
) -> Result<()> {
    let record = records::one(tx, material).await?;
    let unit = units::Entity::find_by_id(record.row.unit_id)
        .one(tx)
        .await?
        .ok_or_else(Error::not_found)?;
    let before = Description::of(&record);
    let silent = Embedded::default();
    let embedded = found.map_or(&silent, |found| &found.embedded);
    let after = fill::fill(before.clone(), &record.row.said.0, embedded, &unit.defaults);
    let mut row = record.row;
    row.kind = found.map(|found| found.facts.kind).or(row.kind);
    description::apply(tx, &mut row, &before, &after, Origin::Embedded).await?;
    description::save(tx, row).await
}

/// Fills the language of a material, where nobody said it, from what is written in it. What was recognised in a photo may
/// be anything, such as a sign above a shop.
pub async fn hear(tx: &DatabaseTransaction, material: MaterialId) -> Result<()> {
    let record = records::one(tx, material).await?;
    let is_said = record.row.said.0.iter().any(|field| field == "language");
    let is_told = is_said || record.row.kind == Some(Kind::Photo);
    let text = record.row.text.as_deref().unwrap_or_default();
    let found = (!is_told && record.row.language.is_none())
        .then(|| detect(text))
        .flatten();
    if found.is_none() {
        return Ok(());
    }
    let before = Description::of(&record);
    let after = Description {
        language: found,
        ..before.clone()
    };
    let mut row = record.row;
    description::apply(tx, &mut row, &before, &after, Origin::Embedded).await?;
    description::save(tx, row).await
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| Error::internal("what was found in a file", error))
}
