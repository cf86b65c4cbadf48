//! What follows what: one match, on one screen. A job's results, what follows from them and its end are one transaction;
//! a job that can never be done leaves its reason with the original, and nothing else of it waits.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    Set,
};

use crate::{
    app::App,
    db::{self, log, materials, originals, records, renditions},
    error::{Error, Result},
    examine, inscribe,
    jobs::{self, Claimed, Job},
    media::{Examined, presets},
    render, scan,
    terms::{Kind, MaterialId, Processing, RenditionState, Thing, Verdict},
    upload,
};

/// What this node cannot do is left to others for so long, in milliseconds.
const ELSEWHERE: i64 = 10_000;
/// What no node could do for so long is given up, in milliseconds.
const NOWHERE: i64 = 24 * 60 * 60 * 1000;

/// Does the job, and ends it.
///
/// # Errors
/// Whatever kept it from being done; the queue has been told already whether there is another attempt.
pub async fn perform(app: &App, claimed: &Claimed) -> Result<()> {
    let done = match &claimed.job {
        Job::Receive { upload, .. } => match upload::session::finish(app, *upload).await {
            Ok(()) => drop_job(app, claimed).await,
            Err(error) => Err(error),
        },
        Job::Examine { material, number } => match original(app, *material, *number).await? {
            Some(original) => examined(app, claimed, original).await,
            None => drop_job(app, claimed).await,
        },
        Job::Render {
            material,
            number,
            presets,
        } => match original(app, *material, *number).await? {
            Some(original) if render::is_for_others(app, &original, presets)? => {
                leave(app, claimed).await
            }
            Some(original) => Box::pin(rendered(app, claimed, original, presets)).await,
            None => drop_job(app, claimed).await,
        },
        Job::Inscribe { material } => inscribed(app, claimed, *material).await,
        Job::Poster { material } => Box::pin(posed(app, claimed, *material)).await,
        Job::Scan { material, number } => match original(app, *material, *number).await? {
            Some(original) => scanned(app, claimed, &original).await,
            None => drop_job(app, claimed).await,
        },
        Job::Digest { material } => match inscribe::digest(app, *material).await {
            Ok(()) => drop_job(app, claimed).await,
            Err(error) => Err(error),
        },
        Job::Sweep { blobs, .. } => match app.sweep(blobs.clone()).await {
            Ok(()) => drop_job(app, claimed).await,
            Err(error) => Err(error),
        },
    };
    if let Err(error) = &done {
        Box::pin(give_up(app, claimed, error)).await?;
    }
    done
}

async fn examined(app: &App, claimed: &Claimed, original: originals::Model) -> Result<()> {
    let found = examine::look(app, &original).await?;
    let tx = app.db.begin().await?;
    examine::keep(&tx, original.clone(), &found).await?;
    let version = records::one(&tx, original.material_id).await?.row.version;
    render::plan(app, &tx, &original, &found.facts, version).await?;
    scan::ask(app, &tx, original.material_id, original.number).await?;
    claimed.done(&tx).await?;
    told(&tx, original.material_id, "examined").await?;
    app.commit(tx).await
}

async fn rendered(
    app: &App,
    claimed: &Claimed,
    original: originals::Model,
    presets: &[String],
) -> Result<()> {
    let made = render::make(app, &original, presets).await?;
    let tx = app.db.begin().await?;
    let mut spare = render::keep(app, &tx, &original, made).await?;
    spare.extend(render::by_and_by::prune(app, &tx, &original).await?);
    examine::hear(&tx, original.material_id).await?;
    claimed.done(&tx).await?;
    settle(&tx, original.material_id, original.number).await?;
    let unneeded = jobs::enqueue_sweep(&tx, original.material_id, spare).await?;
    told(&tx, original.material_id, "rendered").await?;
    app.commit(tx).await?;
    app.sweep(unneeded).await
}

/// What is made of pictures is made anew; a film that was not examined yet has its turn still before it.
async fn posed(app: &App, claimed: &Claimed, material: MaterialId) -> Result<()> {
    if !is_there(app, material).await? {
        return drop_job(app, claimed).await;
    }
    let original = records::one(app.db.read(), material).await?.original.row;
    let presets = render::pictures(app, &original)?;
    if presets.is_empty() {
        return drop_job(app, claimed).await;
    }
    Box::pin(rendered(app, claimed, original, &presets)).await
}

async fn inscribed(app: &App, claimed: &Claimed, material: MaterialId) -> Result<()> {
    if !is_there(app, material).await? {
        return drop_job(app, claimed).await;
    }
    let anew = inscribe::write(app, material).await?;
    let tx = app.db.begin().await?;
    let kept = inscribe::keep(app, &tx, anew).await?;
    claimed.done(&tx).await?;
    if kept.changed {
        told(&tx, material, "inscribed").await?;
    }
    let unneeded = jobs::enqueue_sweep(&tx, material, kept.spare).await?;
    app.commit(tx).await?;
    app.sweep(unneeded).await
}

/// A verdict ends it; as long as there is none, it is tried again, and the editor reads why.
async fn scanned(app: &App, claimed: &Claimed, original: &originals::Model) -> Result<()> {
    let scanned = scan::look(app, original).await?;
    let (material, number) = (original.material_id, original.number);
    let tx = app.db.begin().await?;
    match &scanned {
        // It is tried again when the scanner's limits may have been raised.
        Some(scanned) if scanned.verdict == Verdict::NotScanned => {
            scan::keep(&tx, material, number, scanned).await?;
            let why = scanned.detail.as_deref().unwrap_or_default();
            claimed.try_after(&tx, why, scan::A_DAY).await?;
        }
        Some(scanned) => {
            scan::keep(&tx, material, number, scanned).await?;
            claimed.done(&tx).await?;
            take_place(&tx, material, number).await?;
            told(&tx, material, scanned.verdict.as_str()).await?;
        }
        // This node has no scanner, and another may have one.
        None if app.db.is_shared() => {
            claimed
                .try_after(&tx, "this node has no scanner", ELSEWHERE)
                .await?;
        }
        // No scanner is set up any more.
        None => {
            claimed.done(&tx).await?;
            take_place(&tx, material, number).await?;
        }
    }
    app.commit(tx).await
}

/// After the last job of an original: it is ready, or failed; a corrected one that is ready takes its place.
async fn settle(tx: &DatabaseTransaction, material: MaterialId, number: i32) -> Result<()> {
    let Some(mut row) = originals::Entity::find_by_id((material, number))
        .one(tx)
        .await?
    else {
        return Ok(());
    };
    let all = renditions::Entity::find()
        .filter(renditions::Column::MaterialId.eq(material))
        .filter(renditions::Column::Number.eq(number))
        .all(tx)
        .await?;
    if jobs::awaited(tx, material, number).await? > 0 {
        // One that is ready stays so while something of it is made anew.
        if row.processing != Processing::Ready {
            row.progress = render::progress::of(&all);
        }
    } else if let Some(problem) = problem(&all, render::kind(&row)) {
        row.processing = Processing::Failed;
        row.problem = Some(problem);
    } else {
        row.processing = Processing::Ready;
        (row.progress, row.problem) = (1.0, None);
    }
    row.into_active_model().reset_all().update(tx).await?;
    take_place(tx, material, number).await
}

/// What an editor must know: the first rendition that could not be made, else that the file itself is damaged, which is
/// no single rendition's doing.
fn problem(all: &[renditions::Model], kind: Option<Kind>) -> Option<String> {
    let is_missed = |made: &&renditions::Model| {
        made.state == RenditionState::Failed
            && !kind.is_some_and(|kind| presets::is_late(kind, &made.name))
    };
    let failed = all.iter().find(is_missed);
    if let Some(made) = failed {
        let detail = made.detail.as_deref().unwrap_or("could not be made");
        return Some(format!("{}: {detail}", made.name));
    }
    let mut details = all
        .iter()
        .filter_map(|made| Some((made, made.detail.as_deref()?)));
    let (made, detail) = details.next()?;
    Some(if detail == render::DAMAGED {
        format!("{detail}. It can be published so, or replaced by a whole one.")
    } else {
        format!("{}: {detail}", made.name)
    })
}

/// A corrected original becomes the one that readers have, once it is ready, and free of malware where that is looked for.
async fn take_place(tx: &DatabaseTransaction, material: MaterialId, number: i32) -> Result<()> {
    let record = records::one(tx, material).await?;
    let corrected = record.pending.map(|pending| pending.row);
    let is_fit = |row: &originals::Model| {
        row.number == number && row.processing == Processing::Ready && !row.is_withheld()
    };
    let Some(corrected) = corrected.filter(is_fit) else {
        return Ok(());
    };
    let mut row = record.row.into_active_model();
    row.current_original = Set(number);
    row.text = Set(corrected.text.clone());
    row.update(tx).await?;
    let mut corrected = corrected.into_active_model();
    corrected.text = Set(None);
    corrected.update(tx).await?;
    let promoted = records::one(tx, material).await?.original.row;
    let facts = render::facts(&promoted)?;
    let embedded = promoted.embedded.map(serde_json::from_value).transpose();
    let embedded = embedded
        .map_err(|error| Error::internal("what a file said", error))?
        .unwrap_or_default();
    examine::describe(tx, material, Some(&Examined { facts, embedded })).await?;
    examine::hear(tx, material).await?;
    upload::tell(tx, material).await
}

/// Tells the queue, and in the end the editor, why a job was not done.
async fn give_up(app: &App, claimed: &Claimed, error: &Error) -> Result<()> {
    let tx = app.db.begin().await?;
    if let Job::Scan { material, number } = &claimed.job {
        let why = scan::Scanned::not(format!("It could not be scanned: {error}"));
        scan::keep(&tx, *material, *number, &why).await?;
        claimed.try_later(&tx, &error.to_string()).await?;
        return app.commit(tx).await;
    }
    // What was acknowledged is never given up.
    let is_owed = matches!(claimed.job, Job::Receive { .. });
    if error.may_pass() && (is_owed || claimed.may_try_again()) {
        claimed.try_later(&tx, &error.to_string()).await?;
        return app.commit(tx).await;
    }
    let reason = match error {
        Error::Unusable(reason) => reason.clone(),
        _ => "It could not be processed: something that Jarchi needs did not answer. Ask for it again later.".to_owned(),
    };
    claimed.done(&tx).await?;
    match &claimed.job {
        Job::Examine { material, number } => {
            unexamined(&tx, *material, *number, reason).await?;
        }
        Job::Render {
            material,
            number,
            presets,
        } => {
            render::give_up(&tx, *material, *number, presets, &reason).await?;
            settle(&tx, *material, *number).await?;
        }
        // Readers keep the former files, whose `of_version` says so; the next change tries again.
        Job::Inscribe { material } => {
            told(&tx, *material, log::NOT_INSCRIBED).await?;
            return app.commit(tx).await;
        }
        Job::Receive { .. }
        | Job::Poster { .. }
        | Job::Digest { .. }
        | Job::Scan { .. }
        | Job::Sweep { .. } => return app.commit(tx).await,
    }
    told(&tx, claimed.job.material(), "failed").await?;
    app.commit(tx).await
}

async fn unexamined(
    tx: &DatabaseTransaction,
    material: MaterialId,
    number: i32,
    reason: String,
) -> Result<()> {
    let Some(row) = originals::Entity::find_by_id((material, number))
        .one(tx)
        .await?
    else {
        return Ok(());
    };
    let mut row = row.into_active_model();
    row.processing = Set(Processing::Failed);
    row.problem = Set(Some(reason));
    row.update(tx).await?;
    examine::describe(tx, material, None).await
}

/// What the machine did stands in the log, under the version that people made.
async fn told(tx: &DatabaseTransaction, material: MaterialId, action: &'static str) -> Result<()> {
    let row = materials::Entity::find_by_id(material)
        .one(tx)
        .await?
        .ok_or_else(Error::not_found)?;
    log::append(
        tx,
        vec![log::Entry::new(
            Thing::Material,
            material.0,
            row.version,
            action,
        )],
    )
    .await
}

async fn original(
    app: &App,
    material: MaterialId,
    number: i32,
) -> Result<Option<originals::Model>> {
    Ok(originals::Entity::find_by_id((material, number))
        .one(app.db.read())
        .await?)
}

async fn is_there(app: &App, material: MaterialId) -> Result<bool> {
    let row = materials::Entity::find_by_id(material);
    Ok(row.one(app.db.read()).await?.is_some())
}

/// Another worker may have the program that this one lacks; where none had it for so long, the editor reads so.
async fn leave(app: &App, claimed: &Claimed) -> Result<()> {
    if claimed.asked_at + NOWHERE < db::now() {
        let reason = "No worker has the program for it. Ask for it again when one has.";
        return Err(Error::Unusable(reason.to_owned()));
    }
    let tx = app.db.begin().await?;
    let why = "this node lacks the program for it";
    claimed.leave(&tx, why, ELSEWHERE).await?;
    app.commit(tx).await
}

/// Nothing is left to do: it is done, or the material was deleted while its job waited.
async fn drop_job(app: &App, claimed: &Claimed) -> Result<()> {
    let tx = app.db.begin().await?;
    claimed.done(&tx).await?;
    app.commit(tx).await
}
