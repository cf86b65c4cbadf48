//! From a material's record to what the index takes.

use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::opens_at,
    db::records::Record,
    index::{Document, Measures, Point, Window},
    language::{Language, Texts},
    media::{Embedded, Facts},
    terms::{Kind, Place},
};

pub fn document(record: Record, kits: Vec<Uuid>) -> Document {
    let measures = measures(&record);
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
    let withheld = record.original.row.is_withheld();
    let row = record.row;
    Document {
        measures,
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
        // A text is its original, and kept back with it.
        text: row.text.filter(|_| !withheld),
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

/// What was measured, as far as it is known. Facts of an older form say nothing.
fn measures(record: &Record) -> Measures {
    let original = &record.original.row;
    let facts = original.facts.as_ref();
    let facts = facts.and_then(|facts| Facts::deserialize(facts).ok());
    let embedded = original.embedded.as_ref();
    let embedded = embedded.and_then(|said| Embedded::deserialize(said).ok());
    let told = embedded.map(|said| said.place);
    let said = record.row.place.as_ref();
    let is_photo = record.row.kind == Some(Kind::Photo);
    let likeness = facts.as_ref().and_then(|facts| facts.likeness.as_ref());
    Measures {
        width: facts.as_ref().and_then(|facts| facts.width),
        height: facts.as_ref().and_then(|facts| facts.height),
        duration_ms: facts.as_ref().and_then(|facts| facts.duration_ms),
        position: said.and_then(
            |Place {
                 latitude,
                 longitude,
                 ..
             }| point(*latitude, *longitude),
        ),
        told_by_file: told.and_then(|told| point(told.latitude, told.longitude)),
        // First pages are mostly paper, and posters mostly people: they would all look alike.
        looks: likeness
            .filter(|_| is_photo)
            .and_then(|seen| u64::from_str_radix(&seen.perceptual_hash, 16).ok()),
    }
}

fn point(latitude: Option<f64>, longitude: Option<f64>) -> Option<Point> {
    let (latitude, longitude) = latitude.zip(longitude)?;
    Some(Point {
        latitude,
        longitude,
    })
}
