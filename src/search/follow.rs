//! The index follows the log of changes: it is a cache of the database, and its mark moves with its own commits alone.
//! Where there is no mark, or one of another epoch, everything is taken in anew.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::watch;
use uuid::Uuid;

use super::document::document;
use crate::{
    app::{App, memory},
    crash,
    db::{counters, kit_items, log, materials, records},
    error::{Error, Result},
    index::{Document, Mark},
    terms::{EventId, KitId, MaterialId, Thing},
};

/// Changes of other nodes ring no bell here.
const POLL: Duration = Duration::from_millis(500);
const BATCH: usize = 200;
/// How long the database may take to say what changed.
const ANSWER: Duration = Duration::from_secs(40);

/// Follows until `stop` says so.
pub async fn follow(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let caught_up = tokio::select! {
            caught_up = catch_up(&app) => caught_up,
            // What is half taken in is no loss: the mark stands before it, and the next start goes on from there.
            _ = stop.changed() => return,
        };
        match caught_up {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the index lags behind"),
        }
        tokio::select! {
            rung = app.changes.wait(POLL) => if !rung { rest(&app).await },
            _ = stop.changed() => {}
        }
    }
}

/// Nothing changes just now: what the changes took of memory is given back.
async fn rest(app: &App) {
    match app.index.rest().await {
        Ok(true) => memory::give_back(),
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "the index keeps its writer"),
    }
}

/// Takes in the next changes. True: there may be more.
async fn catch_up(app: &App) -> Result<bool> {
    let Some(mark) = app.index.mark().filter(|mark| mark.epoch == app.epoch) else {
        rebuild(app).await?;
        return Ok(true);
    };
    // A line that died without a word would be waited on for ever.
    let asked = log::after(app.db.read(), mark.number, BATCH as u64);
    let entries = tokio::time::timeout(ANSWER, asked)
        .await
        .map_err(|late| Error::unavailable("the database", late))??;
    let Some(last) = entries.last() else {
        return Ok(false);
    };
    let mark = Mark {
        epoch: app.epoch,
        number: last.number,
    };
    let touched: Vec<MaterialId> = touched(app.db.read(), &entries)
        .await?
        .into_iter()
        .collect();
    for page in touched.chunks(BATCH) {
        // Until the last page, the mark stays where it was: what is taken in twice is the same.
        let before = app.index.mark().unwrap_or(mark);
        take_in(app, page, before).await?;
    }
    app.index.apply(Vec::new(), Vec::new(), mark).await?;
    Ok(true)
}

async fn take_in(app: &App, ids: &[MaterialId], mark: Mark) -> Result<()> {
    let found = documents(app.db.read(), ids).await?;
    let there: BTreeSet<Uuid> = found.iter().map(|document| document.id).collect();
    let gone = ids
        .iter()
        .map(|id| id.0)
        .filter(|id| !there.contains(id))
        .collect();
    app.index.apply(found, gone, mark).await?;
    crash::here("index-written");
    Ok(())
}

/// Empties the index and fills it from the rows. The mark begins at 0, so that one that is interrupted follows the whole
/// log; at the end it stands where the log stood at the beginning.
async fn rebuild(app: &App) -> Result<()> {
    let connection = app.db.read();
    let number = counters::last(connection, "log").await?;
    app.index.clear().await?;
    let start = Mark {
        epoch: app.epoch,
        number: 0,
    };
    let mut after = MaterialId(Uuid::nil());
    loop {
        let page: Vec<MaterialId> = materials::Entity::find()
            .select_only()
            .column(materials::Column::Id)
            .filter(materials::Column::Id.gt(after))
            .order_by_asc(materials::Column::Id)
            .limit(BATCH as u64)
            .into_tuple()
            .all(connection)
            .await?;
        let Some(last) = page.last() else { break };
        after = *last;
        app.index
            .apply(documents(connection, &page).await?, Vec::new(), start)
            .await?;
    }
    app.index
        .apply(
            Vec::new(),
            Vec::new(),
            Mark {
                epoch: app.epoch,
                number,
            },
        )
        .await
}

/// The materials whose documents may have changed.
async fn touched(
    connection: &impl ConnectionTrait,
    entries: &[log::Model],
) -> Result<BTreeSet<MaterialId>> {
    let mut touched = BTreeSet::new();
    for entry in entries {
        match entry.thing {
            Thing::Material => {
                touched.insert(MaterialId(entry.thing_id));
            }
            Thing::Kit => {
                let items = kit_items::Column::KitId.eq(KitId(entry.thing_id));
                let items = kit_items::Entity::find()
                    .filter(items)
                    .all(connection)
                    .await?;
                touched.extend(items.into_iter().map(|item| item.material_id));
                touched.extend(former_items(entry));
            }
            Thing::Event => {
                let of_event = materials::Column::EventId.eq(EventId(entry.thing_id));
                let rows = materials::Entity::find()
                    .filter(of_event)
                    .all(connection)
                    .await?;
                touched.extend(rows.into_iter().map(|row| row.id));
            }
            Thing::Unit | Thing::Account | Thing::Token | Thing::Link => {}
        }
    }
    Ok(touched)
}

/// The log says of a kit which materials came or went.
fn former_items(entry: &log::Model) -> impl Iterator<Item = MaterialId> {
    let named = entry
        .detail
        .as_ref()
        .and_then(|detail| detail.get("materials")?.as_array());
    named
        .into_iter()
        .flatten()
        .filter_map(|id| Some(MaterialId(id.as_str()?.parse().ok()?)))
}

async fn documents(connection: &impl ConnectionTrait, ids: &[MaterialId]) -> Result<Vec<Document>> {
    let mut kits: HashMap<MaterialId, Vec<Uuid>> = HashMap::new();
    let of_page = kit_items::Column::MaterialId.is_in(ids.iter().copied());
    for item in kit_items::Entity::find()
        .filter(of_page)
        .all(connection)
        .await?
    {
        kits.entry(item.material_id)
            .or_default()
            .push(item.kit_id.0);
    }
    let records = records::load(connection, ids).await?;
    Ok(records
        .into_iter()
        .map(|record| {
            let kits = kits.remove(&record.row.id).unwrap_or_default();
            document(record, kits)
        })
        .collect())
}
