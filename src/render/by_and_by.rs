//! What the table of presets says today, made for what came in yesterday. Comes in: the table, and the originals that
//! readers have. Goes out: jobs of the lowest priority, a bounded number at once, for what is missing or was made by
//! another recipe; and what no preset asks for any more is taken away. Readers keep the former until the new one is there.

use std::time::Duration;

use super::{facts, pending};
use crate::{
    app::App,
    db::{materials, originals, properties, records, rendition_segments, renditions},
    error::Result,
    jobs::{self, Job},
    terms::{BlobId, MaterialId, Processing},
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// After everything that people wait for.
const PRIORITY: i32 = 100;
/// As many of these jobs wait at once, so that the queue stays short.
const AT_ONCE: u64 = 32;
const PAGE: u64 = 100;
const PAUSE: Duration = Duration::from_secs(1);
/// Between two walks through the archive, when the first one found something to do.
const REST: Duration = Duration::from_secs(30);
/// Under which name is kept for which table everything was made.
const MARK: &str = "presets";

/// Works until the archive is as the table says.
pub async fn complete(app: App) {
    loop {
        match walk(&app).await {
            Ok(0) => return,
            Ok(_) => tokio::time::sleep(REST).await,
            Err(error) => {
                tracing::warn!(%error, "renditions of changed presets wait");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// One walk through the archive. Gives the number of materials that are not yet as they should be.
async fn walk(app: &App) -> Result<usize> {
    let digest = app.presets.digest()?;
    if properties::get(app.db.read(), MARK).await?.as_deref() == Some(&digest) {
        return Ok(0);
    }
    // From here on the archive is of no one table: a change that is taken back halfway is a change, too.
    mark(app, "").await?;
    let (mut last, mut left) = (None, 0);
    loop {
        let mut page = materials::Entity::find()
            .select_only()
            .column(materials::Column::Id)
            .order_by_asc(materials::Column::Id)
            .limit(PAGE);
        if let Some(last) = last {
            page = page.filter(materials::Column::Id.gt(last));
        }
        let ids: Vec<MaterialId> = page.into_tuple().all(app.db.read()).await?;
        let Some(end) = ids.last().copied() else {
            break;
        };
        last = Some(end);
        for id in ids {
            while jobs::waiting(&app.db, PRIORITY).await? >= AT_ONCE {
                tokio::time::sleep(PAUSE).await;
            }
            left += usize::from(!one(app, id).await?);
        }
    }
    if left == 0 {
        mark(app, &digest).await?;
    }
    Ok(left)
}

async fn mark(app: &App, digest: &str) -> Result<()> {
    let tx = app.db.begin().await?;
    properties::set(&tx, MARK, digest).await?;
    Ok(tx.commit().await?)
}

/// Asks for what one material lacks. Whether it lacks nothing.
async fn one(app: &App, id: MaterialId) -> Result<bool> {
    let tx = app.db.begin().await?;
    // Deleted meanwhile.
    let Some(row) = materials::Entity::find_by_id(id).one(&tx).await? else {
        return Ok(true);
    };
    let key = (id, row.current_original);
    let Some(original) = originals::Entity::find_by_id(key).one(&tx).await? else {
        return Ok(true);
    };
    // What is not examined yet is planned by today's table.
    if original.facts.is_none() || original.processing == Processing::Queued {
        return Ok(true);
    }
    let (is_whole, spare) = ask(app, &tx, &original, row.version).await?;
    let unneeded = jobs::enqueue_sweep(&tx, id, spare).await?;
    app.commit(tx).await?;
    app.sweep(unneeded).await?;
    Ok(is_whole)
}

async fn ask(
    app: &App,
    tx: &DatabaseTransaction,
    original: &originals::Model,
    version: i32,
) -> Result<(bool, Vec<BlobId>)> {
    let spare = prune(app, tx, original).await?;
    let made = of(tx, original).await?;
    let facts = facts(original)?;
    let (material, number) = (original.material_id, original.number);
    let is_busy = jobs::open(tx, material, number).await? > 0;
    let mut is_whole = true;
    for pass in app.presets.passes(&facts) {
        let mut names = Vec::new();
        for preset in pass {
            let digest = app.presets.digest_of(&preset)?;
            let row = made.iter().find(|row| row.name == preset.name);
            let is_there = row.is_some_and(|row| row.recipe.as_ref() == Some(&digest));
            if !is_there {
                names.push(preset.name);
            }
        }
        is_whole &= names.is_empty();
        // Who is at work on it already is waited for, and looked at again.
        if is_busy || names.is_empty() {
            continue;
        }
        for name in &names {
            pending(tx, original, name, version).await?;
        }
        let job = Job::Render {
            material,
            number,
            presets: names,
        };
        jobs::enqueue(tx, &job, PRIORITY).await?;
    }
    Ok((is_whole, spare))
}

/// Takes away what no preset asks for any more. Gives the blobs that may be spare.
pub async fn prune(
    app: &App,
    tx: &DatabaseTransaction,
    original: &originals::Model,
) -> Result<Vec<BlobId>> {
    // What a program made that is not there any more stays.
    let kind = Some(facts(original)?.kind);
    let mut spare = Vec::new();
    for row in of(tx, original).await? {
        if app.presets.knows(kind, &row.name) {
            continue;
        }
        let segments = records::segments(tx, [row.id]).await?;
        spare.extend(segments.into_values().flatten().map(|segment| segment.blob));
        rendition_segments::Entity::delete_many()
            .filter(rendition_segments::Column::RenditionId.eq(row.id))
            .exec(tx)
            .await?;
        row.delete(tx).await?;
    }
    Ok(spare)
}

async fn of(
    tx: &DatabaseTransaction,
    original: &originals::Model,
) -> Result<Vec<renditions::Model>> {
    Ok(renditions::Entity::find()
        .filter(renditions::Column::MaterialId.eq(original.material_id))
        .filter(renditions::Column::Number.eq(original.number))
        .all(tx)
        .await?)
}
