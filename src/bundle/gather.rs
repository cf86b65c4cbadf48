//! What the archives of a kit are made of. Whole records are large: they are read a portion at a time, and of each stays
//! what is said of it and which files are taken. What all of them rest on, and what they have in common, is noted on the
//! way.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::{civil::Date, tz::TimeZone};
use sea_orm::ConnectionTrait;

use super::{
    Item, Kit,
    archive::{Asked, time},
    basis::Basis,
    contents,
    files::{self, File},
    kit,
    numbers::Numbers,
    outline::{Common, Gleaner},
    taken_back,
    texts::ItemText,
    told,
};
use crate::{
    access::Caller,
    config::Config,
    db::{
        self, feed,
        records::{Record, Segment},
    },
    error::{Code, Error, Result},
    language::Texts,
    terms::{EventId, KitId, MaterialId, RenditionId, Status},
};

/// A kit, as a caller has it for its archives.
pub(super) struct Gathered {
    pub kit: Kit,
    pub held: Vec<Held>,
    pub common: Common,
    pub basis: Arc<Basis>,
}

/// An item that the caller sees, and that was not withdrawn.
pub(super) struct Held {
    /// Its place among what this caller sees, from 1.
    pub position: usize,
    pub material: MaterialId,
    /// Of the material.
    pub version: i32,
    pub modified: i64,
    /// Lent to each archive while that is made.
    pub text: Option<ItemText>,
    /// What it belongs to; only where the caller may know of it.
    pub event: Option<Arc<Texts>>,
    /// As it was uploaded; only where the caller may know it.
    pub filename: Option<String>,
    pub taken_on: Option<Date>,
    /// For each archive that is asked for.
    pub files: Vec<Option<File>>,
}

/// For whom it is gathered, and what of it is there by now.
struct Gatherer<'a> {
    kit: &'a Kit,
    caller: &'a Caller,
    config: &'a Config,
    asked: &'a [Asked],
    now: i64,
    /// As of when embargoes are told.
    told_at: i64,
    numbers: Numbers,
    held: Vec<Held>,
    gleaner: Gleaner,
    /// All items that the caller has, so that what is asked for by name can be held against them.
    met: HashSet<MaterialId>,
    /// Hundreds of items are of one event.
    events: HashMap<EventId, Arc<Texts>>,
}

/// # Errors
/// As `reach` says of the kit; a bad request where a material is asked for that the caller does not have in it.
pub(super) async fn gather(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    config: &Config,
    id: KitId,
    asked: &[Asked],
) -> Result<Gathered> {
    let mut basis = Basis::begin(connection, db::now()).await?;
    let kit = kit::one(connection, caller, id).await?;
    contents::rest(connection, &kit, &mut basis).await?;
    let rows = contents::rows(connection, caller, &kit, basis.now()).await?;
    let gone = taken_back::withdrawn(connection, caller, id).await?;
    let mut gatherer = Gatherer {
        kit: &kit,
        caller,
        config,
        asked,
        now: basis.now(),
        told_at: asked
            .first()
            .map_or(basis.now(), |asked| asked.told_at(basis.now())),
        numbers: Numbers::new(&rows, gone),
        held: Vec::new(),
        gleaner: Gleaner::default(),
        met: HashSet::new(),
        events: HashMap::new(),
    };
    for part in rows.chunks(contents::AT_ONCE) {
        let items = contents::read(connection, caller, &kit, part, basis.now()).await?;
        let segments = files::segments(connection, &items).await?;
        let records = items.iter().filter_map(|item| item.record.as_ref());
        records.for_each(|record| basis.rest_on_record(record));
        let ids = items.iter().map(|item| item.material.0);
        let corrections = feed::corrections(connection, ids, &caller.audiences).await?;
        gatherer.take(&items, &segments, &corrections)?;
    }
    let Gatherer {
        held,
        gleaner,
        met,
        numbers,
        ..
    } = gatherer;
    let mut named = asked.iter().flat_map(|asked| &asked.materials);
    if let Some(unknown) = named.find(|id| !met.contains(id)) {
        let words = format!("The parameter “materials”: {unknown} is not in this kit.");
        return Err(Error::refused(Code::BadRequest, words));
    }
    let withdrawn = numbers.gaps(held.iter().map(|held| held.material));
    Ok(Gathered {
        kit,
        held,
        common: gleaner.finish(withdrawn),
        basis: Arc::new(basis),
    })
}

impl Gatherer<'_> {
    /// What was withdrawn is in nobody's archive.
    fn take(
        &mut self,
        items: &[Item],
        segments: &HashMap<RenditionId, Vec<Segment>>,
        corrections: &[feed::Model],
    ) -> Result<()> {
        self.met.extend(items.iter().map(|item| item.material));
        for item in items {
            let Some(record) = &item.record else {
                continue;
            };
            self.gleaner.add(record, self.now);
            if record.row.status != Status::Withdrawn {
                let held = self.held(item, record, segments, corrections)?;
                self.held.push(held);
            }
        }
        Ok(())
    }

    fn held(
        &mut self,
        item: &Item,
        record: &Record,
        segments: &HashMap<RenditionId, Vec<Segment>>,
        corrections: &[feed::Model],
    ) -> Result<Held> {
        let row = &record.row;
        let own = corrections.iter().filter(|told| told.thing_id == row.id.0);
        let inside = self.caller.sees_inside(row.unit_id);
        let file = |asked: &Asked| {
            if asked.materials.is_empty() || asked.materials.contains(&item.material) {
                files::file(asked.files, record, segments, self.caller, self.config)
            } else {
                Ok(None)
            }
        };
        Ok(Held {
            position: self.held.len() + 1 + self.numbers.gaps_before(row.id),
            material: row.id,
            version: row.version,
            modified: row.taken_at.unwrap_or(row.created_at),
            text: Some(told::item(
                item,
                record,
                self.kit,
                own,
                (self.told_at, self.zone()),
            )),
            files: self.asked.iter().map(file).collect::<Result<_>>()?,
            event: self.event(record),
            filename: inside.then(|| record.original.row.filename.clone()),
            taken_on: row
                .taken_at
                .map(|at| self.zone().to_datetime(time(at)).date()),
        })
    }

    fn event(&mut self, record: &Record) -> Option<Arc<Texts>> {
        let (event, audiences) = record.event.as_ref()?;
        if !self.caller.sees_event_row(event.unit_id, audiences) {
            return None;
        }
        let known = self.events.entry(event.id);
        Some(Arc::clone(
            known.or_insert_with(|| Arc::new(event.name.clone())),
        ))
    }

    fn zone(&self) -> &TimeZone {
        &self.config.time_zone
    }
}
