//! Make it viewable. Comes in: an examined original and some presets. Goes out: renditions, each a list of segments of
//! blobs. Nothing is lost by making them twice.

pub mod by_and_by;
pub mod progress;

use std::collections::HashMap;

use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, Set, sea_query::Expr,
};

use tokio::sync::watch;

use crate::{
    access::{Caller, reach},
    app::App,
    db::{
        blobs, log, materials, originals,
        records::{self, Record},
        renditions,
    },
    description::files,
    error::{Code, Error, Result},
    jobs::{self, Job},
    media::{Facts, Frame, Preset, presets},
    terms::{BlobId, Kind, MaterialId, Processing, RenditionId, RenditionState, Thing},
};

mod made;

pub use made::Pass;
use made::{Made, Stored};

/// What an editor is told of a rendition in which something is missing.
pub const DAMAGED: &str = "The file is damaged: what could be read of it is shown";

/// Asks for every rendition of an examined original, what people wait for first.
pub async fn plan(
    app: &App,
    tx: &DatabaseTransaction,
    original: &originals::Model,
    facts: &Facts,
    version: i32,
) -> Result<()> {
    let (material, number) = (original.material_id, original.number);
    for (priority, pass) in (1..).zip(app.presets.passes(facts)) {
        for preset in &pass {
            pending(tx, original, &preset.name, version).await?;
        }
        let is_late = pass
            .iter()
            .all(|preset| presets::is_late(facts.kind, &preset.name));
        let priority = if is_late { jobs::LATE } else { priority };
        let presets = pass.into_iter().map(|preset| preset.name).collect();
        jobs::enqueue_once(
            tx,
            &Job::Render {
                material,
                number,
                presets,
            },
            priority,
        )
        .await?;
    }
    Ok(())
}

/// The presets that are pictures, of an original that was examined.
pub fn pictures(app: &App, original: &originals::Model) -> Result<Vec<String>> {
    if original.facts.is_none() {
        return Ok(Vec::new());
    }
    let presets = app.presets.passes(&facts(original)?).into_iter().flatten();
    let pictures = presets.filter(|preset| preset.recipe.still().is_some());
    Ok(pictures.map(|preset| preset.name).collect())
}

/// Whether some of the presets take a program that is not here, and may be where another node works.
pub fn is_for_others(app: &App, original: &originals::Model, presets: &[String]) -> Result<bool> {
    if !app.db.is_shared() || original.facts.is_none() {
        return Ok(false);
    }
    let facts = facts(original)?;
    Ok(presets.iter().any(|name| app.presets.lacks(&facts, name)))
}

/// Makes the presets in one pass, and stores their bytes. Touches no row.
///
/// # Errors
/// Unavailable or internal where no process or store can be had; what the file is to blame for is in what was made.
pub async fn make(app: &App, original: &originals::Model, presets: &[String]) -> Result<Pass> {
    let facts = facts(original)?;
    let names = presets;
    let presets: Vec<Preset> = names
        .iter()
        .filter_map(|name| app.presets.named(&facts, name))
        .collect();
    let blob = blobs::one(app.db.read(), original.blob_id).await?;
    let file = app.storage.file(&blob).await?;
    let material = materials::Entity::find_by_id(original.material_id);
    let material = material.one(app.db.read()).await?;
    let moment = material.and_then(|material| material.poster_at_ms);
    let (tell, told) = watch::channel(0.0);
    let tell = |part| {
        tell.send_replace(part);
    };
    let outcomes = tokio::select! {
        outcomes = app.media.render(file, &facts, &presets, moment, tell) => outcomes?,
        never = progress::note(app, original, names, told) => match never {},
    };
    made::store(app, original.material_id, original.blob_id, outcomes).await
}

/// Keeps what was made. Gives the blobs that turned out to be there already, or that nothing points at any more.
pub async fn keep(
    app: &App,
    tx: &DatabaseTransaction,
    original: &originals::Model,
    pass: Pass,
) -> Result<Vec<BlobId>> {
    let of_original = renditions::Entity::find()
        .filter(renditions::Column::MaterialId.eq(original.material_id))
        .filter(renditions::Column::Number.eq(original.number));
    let rows = of_original.all(tx).await?;
    let mut rows: HashMap<String, renditions::Model> = rows
        .into_iter()
        .map(|row| (row.name.clone(), row))
        .collect();
    learn(tx, original, &pass.made).await?;
    let mut spare = Vec::new();
    for Made { preset, result } in pass.made {
        let mut row = rows
            .remove(&preset.name)
            .ok_or_else(|| Error::internal("a rendition", "nobody asked for it"))?;
        row.recipe = Some(app.presets.digest_of(&preset)?);
        match result {
            Ok(stored) => spare.extend(ready(tx, row, stored).await?),
            Err(reason) => failed(tx, row, reason).await?,
        }
    }
    let record = records::one(tx, original.material_id).await?;
    if files::inscription(&record, &app.config) != pass.inscription {
        // Somebody said something new meanwhile, when there was no picture yet to write it into.
        files::stale(tx, original.material_id).await?;
    }
    Ok(spare)
}

/// Puts among the facts what is known of the original only now: how loud it is, and how it looks.
async fn learn(tx: &DatabaseTransaction, original: &originals::Model, made: &[Made]) -> Result<()> {
    let stored = || made.iter().filter_map(|made| made.result.as_ref().ok());
    let loudness = stored().find_map(|stored| stored.loudness);
    let likeness = stored().find_map(|stored| stored.likeness.clone());
    if loudness.is_none() && likeness.is_none() {
        return Ok(());
    }
    // Another pass may have learnt something since this one began.
    let row = originals::Entity::find()
        .filter(originals::Column::MaterialId.eq(original.material_id))
        .filter(originals::Column::Number.eq(original.number))
        .one(tx)
        .await?
        .ok_or_else(Error::not_found)?;
    let mut facts = facts(&row)?;
    if let Some(loudness) = loudness {
        (facts.loudness_lufs, facts.true_peak_dbtp) = (loudness.lufs, loudness.peak);
    }
    facts.likeness = likeness.or(facts.likeness);
    let facts = serde_json::to_value(facts)
        .map_err(|error| Error::internal("the facts of an original", error))?;
    let mut row = row.into_active_model();
    row.facts = Set(Some(facts));
    row.update(tx).await?;
    Ok(())
}

/// Says of presets that could not be made why.
pub async fn give_up(
    tx: &DatabaseTransaction,
    material: MaterialId,
    number: i32,
    presets: &[String],
    reason: &str,
) -> Result<()> {
    renditions::Entity::update_many()
        .col_expr(
            renditions::Column::State,
            Expr::value(RenditionState::Failed.to_value()),
        )
        .col_expr(renditions::Column::Detail, Expr::value(reason))
        .filter(renditions::Column::MaterialId.eq(material))
        .filter(renditions::Column::Number.eq(number))
        .filter(renditions::Column::Name.is_in(presets.iter().map(String::as_str)))
        .filter(renditions::Column::State.eq(RenditionState::Pending))
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes the renditions of a material again, for somebody who may change it.
///
/// # Errors
/// As `reach` and the rights say.
pub async fn ask_again(app: &App, caller: &Caller, id: MaterialId) -> Result<()> {
    let tx = app.db.begin().await?;
    reach::material(&tx, caller, id).await?;
    let record = records::one(&tx, id).await?;
    caller.may_change(record.row.unit_id, record.row.created_by, record.row.status)?;
    if !record.original.is_there() {
        let words = "The file is still on its way in.";
        return Err(Error::refused(Code::Conflict, words));
    }
    again(&tx, &record).await?;
    let mut entry = log::Entry::new(Thing::Material, id.0, record.row.version, "reprocessed");
    entry.account_id = caller.account;
    log::append(&tx, vec![entry]).await?;
    app.commit(tx).await
}

/// Asks for everything that is made of the newest original once more.
async fn again(tx: &DatabaseTransaction, record: &Record) -> Result<()> {
    let newest = record
        .pending
        .as_ref()
        .unwrap_or(&record.original)
        .row
        .clone();
    let (material, number) = (newest.material_id, newest.number);
    if jobs::awaited(tx, material, number).await? > 0 {
        return Ok(());
    }
    let mut row = newest.into_active_model();
    row.processing = Set(Processing::Queued);
    row.progress = Set(0.0);
    row.problem = Set(None);
    row.update(tx).await?;
    jobs::enqueue(tx, &Job::Examine { material, number }, 0).await
}

/// What was measured of the original.
pub fn facts(original: &originals::Model) -> Result<Facts> {
    let facts = original
        .facts
        .clone()
        .ok_or_else(|| Error::internal("a rendition", "the original was not examined"))?;
    serde_json::from_value(facts)
        .map_err(|error| Error::internal("the facts of an original", error))
}

/// What the original was found to be.
pub fn kind(original: &originals::Model) -> Option<Kind> {
    facts(original).ok().map(|facts| facts.kind)
}

async fn pending(
    tx: &DatabaseTransaction,
    original: &originals::Model,
    name: &str,
    version: i32,
) -> Result<()> {
    let there = renditions::Entity::find()
        .filter(renditions::Column::MaterialId.eq(original.material_id))
        .filter(renditions::Column::Number.eq(original.number))
        .filter(renditions::Column::Name.eq(name))
        .one(tx)
        .await?;
    if let Some(row) = there {
        // One that is ready stays so until the new one is: readers never miss it.
        if row.state == RenditionState::Failed {
            let mut row = row.into_active_model();
            (row.state, row.detail) = (Set(RenditionState::Pending), Set(None));
            row.update(tx).await?;
        }
        return Ok(());
    }
    let row = renditions::Model {
        id: RenditionId::new(),
        material_id: original.material_id,
        number: original.number,
        name: name.to_owned(),
        state: RenditionState::Pending,
        detail: None,
        media_type: None,
        size: 0,
        sha256: None,
        crc32: 0,
        width: None,
        height: None,
        duration_ms: None,
        of_version: version,
        frame: None,
        recipe: None,
        recognised: false,
        copied: false,
    };
    renditions::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

async fn ready(
    tx: &DatabaseTransaction,
    row: renditions::Model,
    stored: Stored,
) -> Result<Vec<BlobId>> {
    let mut spare = Vec::new();
    let mut pieces = stored.pieces;
    for sealed in &stored.blobs {
        let blob = sealed.share(tx).await?;
        if blob != sealed.id {
            spare.push(sealed.id);
            for piece in &mut pieces {
                if piece.segment.blob == sealed.id {
                    piece.segment.blob = blob;
                }
            }
        }
    }
    spare.extend(files::point(tx, row.id, &pieces).await?);
    if let Some(text) = stored.text {
        text_of(tx, &row, text).await?;
    }
    let version = version_of(tx, &row).await?;
    let mut row = row.into_active_model();
    row.recipe.reset();
    row.state = Set(RenditionState::Ready);
    row.detail = Set(stored.damaged.then(|| DAMAGED.to_owned()));
    row.recognised = Set(stored.recognised);
    row.copied = Set(stored.copied);
    row.media_type = Set(Some(stored.media_type.to_owned()));
    row.size = Set(files::length(&pieces).cast_signed());
    row.sha256 = Set(Some(stored.sha256));
    row.crc32 = Set(i64::from(files::checksum(&pieces)));
    row.frame = Set(stored.frame.as_ref().map(json).transpose()?);
    row.width = Set(stored.width.map(u32::cast_signed));
    row.height = Set(stored.height.map(u32::cast_signed));
    row.duration_ms = Set(stored.duration_ms);
    row.of_version = Set(version);
    row.update(tx).await?;
    Ok(spare)
}

fn json(frame: &Frame) -> Result<serde_json::Value> {
    serde_json::to_value(frame).map_err(|error| Error::internal("the frame of a rendition", error))
}

async fn failed(tx: &DatabaseTransaction, row: renditions::Model, reason: String) -> Result<()> {
    // What readers have they keep, where it cannot be made in another way.
    let state = match row.state {
        RenditionState::Ready => RenditionState::Ready,
        RenditionState::Pending | RenditionState::Failed => RenditionState::Failed,
    };
    let mut row = row.into_active_model();
    row.recipe.reset();
    row.state = Set(state);
    row.detail = Set(Some(reason));
    row.update(tx).await?;
    Ok(())
}

/// What is written in the material, for search and for reading. What is written in a correction waits until that takes
/// its place.
async fn text_of(tx: &DatabaseTransaction, row: &renditions::Model, text: String) -> Result<()> {
    materials::Entity::update_many()
        .col_expr(materials::Column::Text, Expr::value(text.as_str()))
        .filter(materials::Column::Id.eq(row.material_id))
        .filter(materials::Column::CurrentOriginal.eq(row.number))
        .exec(tx)
        .await?;
    let current = materials::Entity::find_by_id(row.material_id)
        .one(tx)
        .await?;
    if current.is_some_and(|material| material.current_original < row.number) {
        originals::Entity::update_many()
            .col_expr(originals::Column::Text, Expr::value(text))
            .filter(originals::Column::MaterialId.eq(row.material_id))
            .filter(originals::Column::Number.eq(row.number))
            .exec(tx)
            .await?;
    }
    Ok(())
}

async fn version_of(tx: &DatabaseTransaction, row: &renditions::Model) -> Result<i32> {
    let material = materials::Entity::find_by_id(row.material_id)
        .one(tx)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(material.version)
}
