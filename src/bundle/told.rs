//! From a kit's rows to what its archive says in words.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Item, Kit, Withdrawn,
    input::moment,
    texts::{CorrectionText, GoneText, ItemText, KitText, Local},
};
use crate::{
    access::Caller,
    config::Config,
    db::{feed, records::Record},
    language::{Language, Texts},
};

/// The kit itself, as the caller may see it at the moment `now`; its items are put in by [`item`].
pub(super) fn kit(kit: &Kit, caller: &Caller, config: &Config, now: i64) -> KitText {
    let row = &kit.row;
    let local = |at| Local::new(at, &config.time_zone);
    let event = kit.event.as_ref();
    let event = event.filter(|(event, audiences)| caller.sees_event_row(event.unit_id, audiences));
    KitText {
        title: row.title.clone(),
        summary: row.summary.clone(),
        event: event.map_or_else(Texts::default, |(event, _)| event.name.clone()),
        contact: row.contact.clone(),
        // Where nobody said under which address people reach this service, there is nothing to write down.
        page_url: config
            .public_url
            .as_ref()
            .and_then(|_| kit.page_url(config)),
        embargo_until: ahead(row.embargo_until, now).map(local),
        withdrawn: Vec::new(),
        items: Vec::new(),
    }
}

/// A file of the archive and what is said of its material. Where kit and material both have an embargo, the later holds.
pub(super) fn item<'c>(
    item: &Item,
    record: &Record,
    kit: &Kit,
    corrections: impl Iterator<Item = &'c feed::Model>,
    (now, zone): (i64, &TimeZone),
) -> ItemText {
    let row = &record.row;
    let local = |at| Local::new(at, zone);
    ItemText {
        path: String::new(),
        id: row.id,
        language: row
            .language
            .as_deref()
            .and_then(|tag| Language::parse(tag).ok()),
        headline: record.headline.clone(),
        caption: record.caption.clone(),
        alt_text: row.alt_text.clone(),
        creator: row.creator.clone(),
        credit: row.credit.clone(),
        source: row.source.clone(),
        copyright: row.copyright.clone(),
        usage_terms: row.usage_terms.clone(),
        keywords: row.keywords.0.clone(),
        persons: row.persons.0.clone(),
        place: row
            .place
            .as_ref()
            .map(|place| place.name.clone())
            .unwrap_or_default(),
        taken_at: row.taken_at.and_then(moment).map(local),
        note: item.note.clone(),
        size: 0,
        sha256: None,
        embargo_until: ahead(row.embargo_until.max(kit.row.embargo_until), now).map(local),
        corrections: corrections
            .filter_map(|told| {
                Some(CorrectionText {
                    at: local(moment(told.at)?),
                    note: told.notice.clone().unwrap_or_default(),
                })
            })
            .collect(),
    }
}

/// What was taken back.
pub(super) fn gone(withdrawn: &Withdrawn, zone: &TimeZone) -> GoneText {
    GoneText {
        number: withdrawn.number,
        id: withdrawn.material,
        withdrawn_at: withdrawn.at.and_then(moment).map(|at| Local::new(at, zone)),
        notice: withdrawn.notice.clone(),
    }
}

/// An embargo that is over is none: a newsroom must not be warned of it.
fn ahead(embargo: Option<i64>, now: i64) -> Option<Timestamp> {
    embargo.filter(|until| *until > now).and_then(moment)
}
