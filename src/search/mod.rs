//! Find it. Comes in: a question and who asks. Goes out: materials in their order, with the total, counts and marks,
//! always of what the caller may see: the index asks the rule within the query, and the rows are asked once more.

mod alike;
mod document;
mod follow;
mod labels;

use std::{collections::BTreeMap, sync::Arc};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    access::{Caller, Scope, on_the_beat},
    app::App,
    db::{self, events, kits, records::Record},
    error::Result,
    index::{Facet, Position, Search, Suggestion, Units, Viewer},
    terms::{EventId, KitId, MaterialId},
};

pub use alike::{alike, looks_like};
pub use follow::follow;
pub use labels::Labelled;

/// A page of what was found.
#[derive(Debug)]
pub struct Found {
    /// Each with its marked fragments, by field.
    pub items: Vec<(Arc<Record>, BTreeMap<String, String>)>,
    pub next: Option<Position>,
    /// On all pages together.
    pub total: u64,
    pub facets: BTreeMap<Facet, Vec<Labelled>>,
    /// Where not all of the question was found: others that find something.
    pub meant: Vec<String>,
}

/// Answers a search.
///
/// # Errors
/// An invalid cursor where `after` comes from a search in another order.
pub async fn find(app: &App, caller: &Caller, mut search: Search) -> Result<Found> {
    let connection = app.db.read();
    let now = db::now();
    keep_seen(app, caller, &mut search, now).await?;
    let hits = on_the_beat(caller, app.index.search(search, &viewer(caller, now))).await?;
    let ids: Vec<MaterialId> = hits.items.iter().map(|hit| MaterialId(hit.id)).collect();
    let mut marks: BTreeMap<_, _> = hits
        .items
        .into_iter()
        .map(|hit| (hit.id, hit.highlights))
        .collect();
    // The index may lag behind a withdrawal by a moment: the rows have the last word.
    let records = app.shown(&ids).await?.into_iter();
    let seen =
        records.filter(|record| caller.sees_windows(record.row.unit_id, &record.visible, now));
    let items = seen.map(|record| {
        let marks = marks.remove(&record.row.id.0).unwrap_or_default();
        (record, marks)
    });
    Ok(Found {
        items: items.collect(),
        next: hits.next,
        total: hits.total,
        meant: hits.meant,
        facets: labels::label(connection, caller, hits.facets).await?,
    })
}

/// What a question that is being typed may become.
pub async fn suggest(app: &App, caller: &Caller, q: &str, limit: usize) -> Result<Vec<Suggestion>> {
    let viewer = viewer(caller, db::now());
    on_the_beat(caller, app.index.suggest(q, &viewer, limit)).await
}

fn viewer(caller: &Caller, now: i64) -> Viewer {
    let units = match &caller.scope {
        Scope::Nothing => Units::None,
        Scope::Units(units) => Units::Some(units.iter().map(|unit| unit.0).collect()),
        Scope::Everything => Units::All,
    };
    Viewer::new(caller.audiences.clone(), units, now)
}

/// A kit or an event that the caller may not know of narrows a search to nothing, as one that never was.
async fn keep_seen(app: &App, caller: &Caller, search: &mut Search, now: i64) -> Result<()> {
    if !search.kits.is_empty() {
        let asked = search.kits.iter().map(|id| KitId(*id));
        let seen = kits::Entity::find()
            .filter(kits::Column::Id.is_in(asked))
            .filter(caller.sees(kits::Column::Id, kits::Column::UnitId, now))
            .all(app.db.read())
            .await?;
        search.kits = or_nothing(seen.into_iter().map(|row| row.id.0).collect());
    }
    if !search.events.is_empty() {
        let asked = search.events.iter().map(|id| EventId(*id));
        let seen = events::Entity::find()
            .filter(events::Column::Id.is_in(asked))
            .filter(caller.sees_event(events::Column::Id, events::Column::UnitId))
            .all(app.db.read())
            .await?;
        search.events = or_nothing(seen.into_iter().map(|row| row.id.0).collect());
    }
    Ok(())
}

/// An empty list would ask nothing; the nil id is nobody's.
fn or_nothing(ids: Vec<uuid::Uuid>) -> Vec<uuid::Uuid> {
    if ids.is_empty() {
        vec![uuid::Uuid::nil()]
    } else {
        ids
    }
}
