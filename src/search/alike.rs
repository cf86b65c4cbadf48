//! More like a material that the caller sees, and the photos that look like it.

use std::{collections::HashMap, sync::Arc};

use super::{document::document, viewer};
use crate::{
    access::{Caller, on_the_beat},
    app::App,
    db::{self, records::Record},
    error::Result,
    index::{Alike, By, Nearness},
    terms::{Kind, MaterialId},
};

/// No uploader looks through more.
const MOST_LOOKING_ALIKE: usize = 20;

/// Others like the material, the most alike first, each with why; and where the next page begins.
pub async fn alike(
    app: &App,
    caller: &Caller,
    record: Record,
    limit: usize,
    after: Option<Nearness>,
) -> Result<(Vec<(Arc<Record>, Alike)>, Option<Nearness>)> {
    let now = db::now();
    let viewer = viewer(caller, now);
    let like = document(record, Vec::new());
    let (index, by) = (&app.index, By::WordsAndLooks);
    let asked = index.alike(like, by, &viewer, limit + 1, after);
    let mut found = on_the_beat(caller, asked).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(Alike::nearness);
    let ids: Vec<MaterialId> = found.iter().map(|alike| MaterialId(alike.id)).collect();
    let mut records: HashMap<_, _> = app
        .shown(&ids)
        .await?
        .into_iter()
        // The index may lag behind a withdrawal by a moment: the rows have the last word.
        .filter(|record| caller.sees_windows(record.row.unit_id, &record.visible, now))
        .map(|record| (record.row.id.0, record))
        .collect();
    let pair = |alike: Alike| Some((records.remove(&alike.id)?, alike));
    Ok((found.into_iter().filter_map(pair).collect(), next))
}

/// The photos that look like this one, the most alike first; for staff of its unit, who may have uploaded it twice.
pub async fn looks_like(app: &App, caller: &Caller, record: &Record) -> Result<Vec<MaterialId>> {
    let is_photo = record.row.kind == Some(Kind::Photo);
    if !is_photo || !caller.sees_inside(record.row.unit_id) {
        return Ok(Vec::new());
    }
    let viewer = viewer(caller, db::now());
    let like = document(record.clone(), Vec::new());
    let found = app
        .index
        .alike(like, By::Looks, &viewer, MOST_LOOKING_ALIKE, None)
        .await?;
    Ok(found
        .into_iter()
        .map(|alike| MaterialId(alike.id))
        .collect())
}
