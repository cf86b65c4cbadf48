//! One file of a material: its original, or a rendition.

use std::ops::Range;

use bytes::Bytes;
use sea_orm::ConnectionTrait;

use crate::{
    access::{self, Caller, reach},
    app::App,
    db::{
        self,
        deliveries::Handover,
        records::{self, Original, Record, Segment},
    },
    description::files::{self, Open},
    error::{Code, Error, Result},
    language::filenames,
    media::{Facts, presets},
    terms::{BlobId, MaterialId, Thing, extension},
};

/// What an answer with bytes is made of.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub material: MaterialId,
    pub segments: Vec<Segment>,
    /// In bytes.
    pub size: u64,
    /// In hexadecimal, where it is known.
    pub sha256: Option<String>,
    pub media_type: String,
    pub filename: String,
    /// Whether rights were needed: caches keep it for one reader alone.
    pub private: bool,
    /// What the ledger says of it; none where it is of no account, as a thumbnail.
    pub handover: Option<Handover>,
    /// All of its bytes, where they are at hand.
    pub at_hand: Option<Bytes>,
}

impl Delivery {
    /// The blob, where these are all of its bytes and no others.
    pub fn whole(&self) -> Option<BlobId> {
        match self.segments.as_slice() {
            [only] if only.offset == 0 && only.length == self.size && self.sha256.is_some() => {
                Some(only.blob)
            }
            _ => None,
        }
    }

    /// Strong, without its quotes.
    pub fn tag(&self) -> String {
        records::tag(&self.segments, self.sha256.as_deref())
    }
}

/// The original that readers have.
///
/// # Errors
/// Forbidden for readers where it gives away more than they are to know, or was not called free of malware.
pub async fn original(app: &App, caller: &Caller, id: MaterialId) -> Result<Delivery> {
    let connection = app.db.read();
    reach::material(connection, caller, id).await?;
    let record = brief(connection, id).await?;
    let inside = caller.sees_inside(record.row.unit_id);
    if !Open::to(caller, &record, &app.config).original {
        let words = if record.original.row.is_withheld() {
            "This original is kept back, since no scanner for malware has called it clean."
        } else {
            "Originals of photos, and of what says where it was taken, are for the staff; `main` names the file to use."
        };
        return Err(Error::refused(Code::Forbidden, words));
    }
    if !record.original.is_there() {
        let words = "The file is still on its way in.";
        return Err(Error::refused(Code::Conflict, words));
    }
    let blob = &record.original.blob;
    let size = blob.size.cast_unsigned();
    Ok(Delivery {
        material: id,
        handover: Some(handover(caller, &record, "original")),
        segments: vec![Segment {
            blob: blob.id,
            offset: 0,
            length: size,
        }],
        size,
        sha256: Some(blob.sha256.clone()),
        media_type: media_type(&record.original),
        filename: filename(&record, inside, None, &record.original.row.media_type),
        private: is_private(caller, &record),
        at_hand: None,
    })
}

/// A rendition of the original that readers have, and for how long, by the clock, this is what the caller gets where no
/// row changes.
///
/// # Errors
/// Not found where there is none of that name, or not yet.
pub(super) async fn rendition(
    app: &App,
    caller: &Caller,
    id: MaterialId,
    name: &str,
) -> Result<(Delivery, Range<i64>)> {
    let now = db::now();
    // A description may be put into it just now: its pieces, their length and their digest are of one moment.
    let rows = app.db.snapshot().await?;
    reach::material(&rows, caller, id).await?;
    let record = brief(&rows, id).await?;
    let open = Open::to(caller, &record, &app.config);
    let made = files::ready(&record, name)
        .filter(|made| app.presets.knows(record.row.kind, &made.name) && open.has(made));
    let made = made.cloned().ok_or_else(Error::not_found)?;
    let segments = segments(&rows, made.id).await?;
    let is_kept = [presets::WEB, presets::PRESS, presets::FULL].contains(&name);
    let inside = caller.sees_inside(record.row.unit_id);
    let media_type = made
        .media_type
        .unwrap_or_else(|| "application/octet-stream".to_owned());
    let delivery = Delivery {
        material: id,
        handover: is_kept.then(|| handover(caller, &record, name)),
        segments,
        size: made.size.cast_unsigned(),
        sha256: made.sha256,
        filename: filename(&record, inside, Some(name), &media_type),
        media_type,
        private: is_private(caller, &record),
        at_hand: None,
    };
    Ok((delivery, between(&record, now)))
}

/// Without texts, which may be long.
async fn brief(connection: &impl ConnectionTrait, id: MaterialId) -> Result<Record> {
    let found = records::brief(connection, &[id]).await?.pop();
    found.ok_or_else(Error::not_found)
}

/// From the last moment to the next one at which a window of the material opens or closes.
fn between(record: &Record, now: i64) -> Range<i64> {
    let windows = record.visible.iter();
    let moments = windows.flat_map(|window| [window.visible_from, window.visible_until]);
    moments.fold(now..i64::MAX, |between, moment| {
        if moment > now {
            between.start..between.end.min(moment)
        } else {
            between
        }
    })
}

/// Whether the material is still the caller's to see, for bytes that are on their way.
///
/// # Errors
/// As `reach` says of it; as `access` does of the token or the link.
pub async fn still(app: &App, caller: &Caller, id: MaterialId) -> Result<()> {
    let caller = access::again(&app.db, caller, db::now()).await?;
    reach::material(app.db.read(), &caller, id).await.map(drop)
}

/// With the encoding of a plain text: what is not said is guessed by each browser in its own way.
fn media_type(original: &Original) -> String {
    let media_type = &original.row.media_type;
    // Facts of an older form say nothing about it.
    let facts = original.row.facts.clone();
    let facts = facts.and_then(|facts| serde_json::from_value::<Facts>(facts).ok());
    let is_name = |name: &String| {
        name.bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_'))
    };
    match facts.and_then(|facts| facts.charset).filter(is_name) {
        Some(charset) => format!("{media_type}; charset={}", charset.to_ascii_lowercase()),
        None => media_type.clone(),
    }
}

async fn segments(
    connection: &impl ConnectionTrait,
    id: crate::terms::RenditionId,
) -> Result<Vec<Segment>> {
    records::segments(connection, [id])
        .await?
        .remove(&id)
        .ok_or_else(Error::not_found)
}

/// What is open to everybody may be kept by everybody's caches; what stands behind a link ends with it.
fn is_private(caller: &Caller, record: &Record) -> bool {
    let now = db::now();
    let public = |audience: &str| audience == "public";
    let open = record
        .visible
        .iter()
        .any(|w| public(&w.audience) && w.visible_from <= now && now < w.visible_until);
    caller.pass.is_some() || !open
}

/// The uploader's own name is for staff; readers get the headline.
fn filename(record: &Record, inside: bool, rendition: Option<&str>, media_type: &str) -> String {
    let own = inside.then_some(record.original.row.filename.as_str());
    if let (Some(own), None) = (own, rendition) {
        return own.to_owned();
    }
    let stem = own
        .map(|name| filenames::split(name).0)
        .or_else(|| record.headline.best(&[]));
    let stem = stem.map_or_else(|| record.row.id.to_string(), str::to_owned);
    let stem = rendition.map_or(stem.clone(), |name| format!("{stem} {name}"));
    let limit = filenames::Limit {
        units: 120,
        bytes: 200,
    };
    let stem = filenames::component(&stem, limit);
    match extension(media_type) {
        Some(extension) => format!("{stem}.{extension}"),
        None => stem,
    }
}

/// Who takes what, and by which way.
fn handover(caller: &Caller, record: &Record, way: &str) -> Handover {
    Handover {
        account_id: caller.account,
        token_id: caller.token,
        link_id: caller.pass.as_ref().map(|pass| pass.link),
        unit_id: record.row.unit_id,
        by_staff: caller.sees_inside(record.row.unit_id),
        thing: (Thing::Material, record.row.id.0),
        version: record.row.version,
        way: way.to_owned(),
        kit_id: caller.pass.as_ref().map(|pass| pass.kit),
        contents: Vec::new(),
    }
}
