//! The index follows the log of changes: it is a cache of the database, and its mark moves with its own commits alone.
//! Where there is no mark, or one of another epoch, everything is taken in anew.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use super::document::document;
use crate::{
    app::App,
    crash,
    db::{counters, kit_items, log, materials, records},
    error::{Error, Result},
    index::{Document, Mark},
    terms::{EventId, MaterialId, Thing},
};

/// Changes of other nodes ring no bell here.
const POLL: Duration = Duration::from_millis(500);
const BATCH: usize = 200;
/// How many are read at once where all are taken in, and after how many a new index shows them.
const PAGE: u64 = 500;
const SHOWN_EVERY: usize = 200_000;
/// Pages that are taken apart while others are read and written.
const AHEAD: usize = 4;
/// How long the database may take for a step.
const ANSWER: Duration = Duration::from_mins(1);

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

/// Nothing changes just now: the writer gives up its memory.
async fn rest(app: &App) {
    if let Err(error) = app.index.rest().await {
        tracing::error!(%error, "the index keeps its writer");
    }
}

/// What the database says. A line to another host that died without a word would be waited on for ever.
async fn answered<T>(app: &App, asked: impl Future<Output = Result<T>>) -> Result<T> {
    if !app.db.is_shared() {
        return asked.await;
    }
    tokio::time::timeout(ANSWER, asked)
        .await
        .map_err(|late| Error::unavailable("the database", late))?
}

/// Takes in the next changes. True: there may be more.
async fn catch_up(app: &App) -> Result<bool> {
    let Some(mark) = app.index.mark().filter(|mark| mark.epoch == app.epoch) else {
        Box::pin(rebuild(app)).await?;
        return Ok(true);
    };
    let entries = answered(app, log::after(app.db.read(), mark.number, BATCH as u64)).await?;
    let Some(last) = entries.last() else {
        return Ok(false);
    };
    let mark = Mark {
        epoch: app.epoch,
        number: last.number,
    };
    let touched = answered(app, touched(app.db.read(), &entries)).await?;
    let touched: Vec<MaterialId> = touched.into_iter().collect();
    for page in touched.chunks(BATCH) {
        // Until the last page, the mark stays where it was: what is taken in twice is the same.
        let before = app.index.mark().unwrap_or(mark);
        take_in(app, page, before).await?;
    }
    app.index.apply(Vec::new(), Vec::new(), mark).await?;
    Ok(true)
}

async fn take_in(app: &App, ids: &[MaterialId], mark: Mark) -> Result<()> {
    let found = answered(app, documents(app, ids)).await?;
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

/// Fills the index from the rows, the newest first: pages are read, taken apart and written side by side. One that was of
/// use is searched as it was until the end; a new one shows what it has from time to time. Without a mark it begins again
/// if it is interrupted; at the end the mark stands where the log stood at the beginning.
async fn rebuild(app: &App) -> Result<()> {
    let number = answered(app, counters::last(app.db.read(), "log")).await?;
    let is_new = app.index.mark().is_none();
    let counted = async { Ok(materials::Entity::find().count(app.db.read()).await?) };
    let materials = answered(app, counted).await?;
    app.index.begin_anew(materials).await?;
    let (ahead, mut pages) = mpsc::channel(AHEAD);
    let reading = async move {
        let mut after = None;
        loop {
            let (documents, last) = answered(app, page(app, after)).await?;
            let count = documents.len();
            // Where nobody takes it any more, writing failed, and says why.
            if last.is_none()
                || ahead
                    .send((count, app.index.prepare(documents)))
                    .await
                    .is_err()
            {
                return Ok::<(), Error>(());
            }
            after = last;
        }
    };
    let writing = async {
        let mut unseen = 0;
        while let Some((count, prepared)) = pages.recv().await {
            app.index.add(prepared.await?).await?;
            unseen += count;
            if is_new && unseen >= SHOWN_EVERY {
                unseen = 0;
                app.index.show().await?;
            }
        }
        Ok(())
    };
    tokio::try_join!(reading, writing)?;
    let mark = Mark {
        epoch: app.epoch,
        number,
    };
    app.index.apply(Vec::new(), Vec::new(), mark).await?;
    rest(app).await;
    Ok(())
}

/// The materials before that one, and the last of them; none where there are no more.
async fn page(
    app: &App,
    before: Option<MaterialId>,
) -> Result<(Vec<Document>, Option<MaterialId>)> {
    let mut asked = materials::Entity::find()
        .select_only()
        .column(materials::Column::Id)
        .order_by_desc(materials::Column::Id)
        .limit(PAGE);
    if let Some(before) = before {
        asked = asked.filter(materials::Column::Id.lt(before));
    }
    let ids: Vec<MaterialId> = asked.into_tuple().all(app.db.read()).await?;
    Ok((documents(app, &ids).await?, ids.last().copied()))
}

/// The materials whose documents may have changed.
async fn touched(
    connection: &impl ConnectionTrait,
    entries: &[log::Model],
) -> Result<BTreeSet<MaterialId>> {
    let (mut touched, mut events) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries {
        match entry.thing {
            Thing::Material => {
                touched.insert(MaterialId(entry.thing_id));
            }
            // All that the index knows of kits is what lies in them.
            Thing::Kit => touched.extend(came_or_went(entry)),
            Thing::Event => {
                events.insert(entry.thing_id);
            }
            Thing::Unit | Thing::Account | Thing::Token | Thing::Link => {}
        }
    }
    for event in events {
        let of_event = materials::Entity::find()
            .select_only()
            .column(materials::Column::Id)
            .filter(materials::Column::EventId.eq(EventId(event)));
        let ids: Vec<MaterialId> = of_event.into_tuple().all(connection).await?;
        touched.extend(ids);
    }
    Ok(touched)
}

/// The log says of a kit which materials came or went.
fn came_or_went(entry: &log::Model) -> impl Iterator<Item = MaterialId> {
    let named = entry
        .detail
        .as_ref()
        .and_then(|detail| detail.get("materials")?.as_array());
    named
        .into_iter()
        .flatten()
        .filter_map(|id| Some(MaterialId(id.as_str()?.parse().ok()?)))
}

/// Of one moment: a file that is found to be there already is put in the place of its twin meanwhile.
async fn documents(app: &App, ids: &[MaterialId]) -> Result<Vec<Document>> {
    let rows = app.db.snapshot().await?;
    let mut kits: HashMap<MaterialId, Vec<Uuid>> = HashMap::new();
    let of_page = kit_items::Column::MaterialId.is_in(ids.iter().copied());
    for item in kit_items::Entity::find().filter(of_page).all(&rows).await? {
        kits.entry(item.material_id)
            .or_default()
            .push(item.kit_id.0);
    }
    let records = records::said(&rows, ids).await?;
    Ok(records
        .into_iter()
        .map(|record| {
            let kits = kits.remove(&record.row.id).unwrap_or_default();
            document(record, kits)
        })
        .collect())
}
