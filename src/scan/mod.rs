//! Is there malware in it? Comes in: an examined original, where a scanner is set up. Goes out: a verdict, without which
//! nobody but staff gets its bytes. What was not scanned is tried again for as long as it takes.

use std::{collections::HashMap, time::Duration};

use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    app::App,
    config::Clamd,
    db::{self, Db, blobs, materials, originals, records::Segment},
    error::{Error, Result},
    jobs::{self, Job},
    storage::{self, Piece},
    terms::{MaterialId, Verdict},
};

mod clamd;

use clamd::Said;

/// Before renditions that nobody waits for, and in places of its own.
const SOON: i32 = 1;
/// After everything that just came in.
const BY_AND_BY: i32 = 101;
const AT_ONCE: u64 = 32;
const PAGE: u64 = 100;
const PAUSE: Duration = Duration::from_secs(1);
/// After a walk that broke off.
const REST: Duration = Duration::from_secs(30);
/// In milliseconds: what is too large today may fit when the scanner's limits were raised.
pub const A_DAY: i64 = 24 * 60 * 60 * 1000;

/// What a scan led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    pub verdict: Verdict,
    /// What was found, or why it was not scanned.
    pub detail: Option<String>,
}

impl Scanned {
    pub fn not(why: String) -> Self {
        Self {
            verdict: Verdict::NotScanned,
            detail: Some(why),
        }
    }
}

/// Brings the rows in line with the settings: where a scanner is set up, nothing that it has not seen passes for clean;
/// where none is, nothing waits for one.
///
/// Where many nodes share a database, one that has no scanner says nothing of those that have.
pub async fn prepare(db: &Db, clamd: Option<&Clamd>) -> Result<()> {
    if clamd.is_none() && db.is_shared() {
        return Ok(());
    }
    let state = Expr::value(clamd.map(|_| Verdict::NotScanned.to_value()));
    let without_verdict = match clamd {
        Some(_) => originals::Column::Scan.is_null(),
        None => originals::Column::Scan.eq(Verdict::NotScanned),
    };
    let tx = db.begin().await?;
    originals::Entity::update_many()
        .col_expr(originals::Column::Scan, state)
        .filter(without_verdict)
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Asks for a scan of an original that was just examined, where a scanner is set up.
pub async fn ask(
    app: &App,
    tx: &DatabaseTransaction,
    material: MaterialId,
    number: i32,
) -> Result<()> {
    if app.config.clamd_url.is_none() {
        return Ok(());
    }
    originals::Entity::update_many()
        .col_expr(
            originals::Column::Scan,
            Expr::value(Verdict::NotScanned.to_value()),
        )
        .filter(originals::Column::MaterialId.eq(material))
        .filter(originals::Column::Number.eq(number))
        .filter(originals::Column::Scan.is_null())
        .exec(tx)
        .await?;
    jobs::enqueue_once(tx, &Job::Scan { material, number }, SOON).await
}

/// Has the original scanned. Touches no row. None where no scanner is set up.
///
/// # Errors
/// Unavailable where the scanner does not answer; whatever keeps the store from giving the bytes.
pub async fn look(app: &App, original: &originals::Model) -> Result<Option<Scanned>> {
    let Some(clamd) = &app.config.clamd_url else {
        return Ok(None);
    };
    let blob = blobs::Entity::find_by_id(original.blob_id);
    let blob = blob
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let whole = Segment {
        blob: blob.id,
        offset: 0,
        length: blob.size.cast_unsigned(),
    };
    let bytes = storage::stream(app.storage.clone(), std::iter::once(Piece::Segment(whole)));
    let (verdict, detail) = match clamd::scan(clamd, bytes).await? {
        Said::Clean => (Verdict::Clean, None),
        Said::Found(name) => (Verdict::Infected, Some(name)),
        Said::Not(why) => (
            Verdict::NotScanned,
            Some(format!("The scanner says: {why}")),
        ),
        Said::Nothing(error) => return Err(Error::unavailable("the scanner for malware", error)),
    };
    metrics::counter!("jarchi_scans_total", "verdict" => verdict.as_str()).increment(1);
    Ok(Some(Scanned { verdict, detail }))
}

/// Keeps the verdict. That there is none undoes no former one.
pub async fn keep(
    tx: &DatabaseTransaction,
    material: MaterialId,
    number: i32,
    scanned: &Scanned,
) -> Result<()> {
    let mut update = originals::Entity::update_many();
    if scanned.verdict == Verdict::NotScanned {
        update = update.filter(originals::Column::Scan.eq(Verdict::NotScanned));
    }
    update
        .col_expr(
            originals::Column::Scan,
            Expr::value(scanned.verdict.to_value()),
        )
        .col_expr(
            originals::Column::ScanDetail,
            Expr::value(scanned.detail.clone()),
        )
        .col_expr(originals::Column::ScannedAt, Expr::value(db::now()))
        .filter(originals::Column::MaterialId.eq(material))
        .filter(originals::Column::Number.eq(number))
        .exec(tx)
        .await?;
    Ok(())
}

/// Asks by and by for scans of what came in before a scanner was set up, or was forgotten.
pub async fn complete(app: App) {
    if app.config.clamd_url.is_none() {
        return;
    }
    while let Err(error) = walk(&app).await {
        tracing::warn!(%error, "what was never scanned waits");
        tokio::time::sleep(REST).await;
    }
}

async fn walk(app: &App) -> Result<()> {
    let mut last = None;
    loop {
        let mut page = originals::Entity::find()
            .filter(originals::Column::Scan.eq(Verdict::NotScanned))
            .filter(originals::Column::Facts.is_not_null())
            .order_by_asc(originals::Column::MaterialId)
            .order_by_asc(originals::Column::Number)
            .limit(PAGE);
        if let Some((material, number)) = last {
            let later =
                originals::Column::MaterialId
                    .gt(material)
                    .or(originals::Column::MaterialId
                        .eq(material)
                        .and(originals::Column::Number.gt(number)));
            page = page.filter(later);
        }
        let page = page.all(app.db.read()).await?;
        let Some(end) = page.last() else {
            return Ok(());
        };
        last = Some((end.material_id, end.number));
        let current = current(app, &page).await?;
        // What had its place taken is nobody's any more.
        let is_of_use = |original: &originals::Model| {
            let current = current.get(&original.material_id);
            current.is_some_and(|current| *current <= original.number)
        };
        for original in page.into_iter().filter(is_of_use) {
            while jobs::waiting(&app.db, BY_AND_BY).await? >= AT_ONCE {
                tokio::time::sleep(PAUSE).await;
            }
            let (material, number) = (original.material_id, original.number);
            let tx = app.db.begin().await?;
            jobs::enqueue_once(&tx, &Job::Scan { material, number }, BY_AND_BY).await?;
            app.commit(tx).await?;
        }
    }
}

/// The number of the original that readers have, of each material.
async fn current(app: &App, page: &[originals::Model]) -> Result<HashMap<MaterialId, i32>> {
    let materials = page.iter().map(|original| original.material_id);
    let current = materials::Entity::find()
        .select_only()
        .columns([materials::Column::Id, materials::Column::CurrentOriginal])
        .filter(materials::Column::Id.is_in(materials));
    let current: Vec<(MaterialId, i32)> = current.into_tuple().all(app.db.read()).await?;
    Ok(current.into_iter().collect())
}
