//! From a material's record to what the index takes.

use uuid::Uuid;

use crate::{
    access::opens_at,
    db::records::Record,
    index::{Document, Window},
    language::{Language, Texts},
};

pub fn document(record: Record, kits: Vec<Uuid>) -> Document {
    let described_in = record
        .headline
        .iter()
        .chain(record.caption.iter())
        .map(|(language, _)| language.clone());
    let described_in: std::collections::BTreeSet<Language> = described_in.collect();
    let (event, event_audiences) = match record.event {
        Some((event, audiences)) => (Some((event.id.0, event.name)), audiences),
        None => (None, Vec::new()),
    };
    let window = |row: crate::db::visibility::Model| Window {
        audience: row.audience,
        from: row.visible_from,
        until: row.visible_until,
    };
    let row = record.row;
    Document {
        id: row.id.0,
        unit: row.unit_id.0,
        kind: row.kind,
        genre: row.genre,
        status: row.status,
        processing: record.original.row.processing.as_str().to_owned(),
        language: row.language.and_then(|tag| Language::parse(&tag).ok()),
        described_in: described_in.into_iter().collect(),
        headline: record.headline,
        caption: record.caption,
        alt_text: row.alt_text,
        text: row.text,
        keywords: row.keywords.0,
        persons: row
            .persons
            .0
            .into_iter()
            .map(|person| person.name)
            .collect(),
        place: row.place.map_or_else(Texts::default, |place| place.name),
        creator: row.creator,
        credit: row.credit,
        source: row.source,
        filename: Some(record.original.row.filename),
        event,
        event_audiences,
        audiences: record.audiences,
        kits,
        visible: record.visible.into_iter().map(window).collect(),
        published_at: opens_at(row.published_at, row.embargo_until),
        taken_at: row.taken_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
