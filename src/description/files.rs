//! The description in the files: what of a material is written into its pictures, and the pieces that such a picture is
//! made of, its own pixels and what was written around them. Shared by the step that makes pictures and by the one that
//! writes a new description around those that are there.

use bytes::Bytes;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set,
};
use sha2::{Digest, Sha256};

use crate::{
    access::Caller,
    config::Config,
    db::{
        materials,
        records::{Record, Segment},
        rendition_segments, renditions,
    },
    error::{Error, Result},
    jobs::{self, Job},
    language::Language,
    media::{Frame, Inscribed, Inscription, inscribe, presets},
    storage::{self, Sealed, Storage},
    terms::{BlobId, EventId, Kind, MaterialId, RenditionId, RenditionState},
};

/// After what people wait for first, together with the first pictures of what just came.
const SOON: i32 = 1;

/// Which of a material's files somebody may have who sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    pub original: bool,
    /// What is the original's own picture or sound with other words around it.
    copies: bool,
}

impl Open {
    /// Staff of the unit has all of them; everybody else nothing that gives away what they are not to know, and not a
    /// byte that came in before a scanner has called it clean.
    pub fn to(caller: &Caller, record: &Record, config: &Config) -> Self {
        if caller.sees_inside(record.row.unit_id) {
            return Self {
                original: true,
                copies: true,
            };
        }
        Self::to_readers(record, config)
    }

    pub fn to_readers(record: &Record, config: &Config) -> Self {
        let copies = !record.original.row.is_withheld();
        Self {
            original: copies && !gives_away(record, config),
            copies,
        }
    }

    /// A text of what has none is nobody's.
    pub fn has(self, made: &renditions::Model) -> bool {
        made.size > 0 && (self.copies || !made.copied)
    }
}

/// Whether the original tells more than readers are to know: photos' carry serial numbers and positions, the films and
/// recordings of phones where they were taken. The office's setting opens them.
fn gives_away(record: &Record, config: &Config) -> bool {
    // What was examined before anybody asked may have a position.
    let positioned = || {
        let facts = record.original.row.facts.as_ref();
        facts.is_none_or(|facts| facts["positioned"] != false)
    };
    match record.row.kind {
        Some(Kind::Text) => false,
        Some(Kind::Audio | Kind::Video) => !config.photo_originals && positioned(),
        Some(Kind::Photo) => !config.photo_originals,
        None => true,
    }
}

/// The largest that was made of the original and is theirs to have; texts have none.
pub fn largest(record: &Record, open: Open) -> Option<&renditions::Model> {
    let names: &[&str] = match record.row.kind? {
        Kind::Photo => &[presets::PRESS, presets::LARGE],
        Kind::Video => &[presets::FULL, presets::WEB],
        Kind::Audio => &[presets::PREVIEW],
        Kind::Text => &[],
    };
    let mut made = names.iter().filter_map(|name| ready(record, name));
    made.find(|made| open.has(made))
}

/// The rendition of this name, once it is there.
pub fn ready<'a>(record: &'a Record, name: &str) -> Option<&'a renditions::Model> {
    let mut made = record.original.renditions.iter();
    made.find(|rendition| rendition.name == name && rendition.state == RenditionState::Ready)
}

/// A piece of a rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    pub segment: Segment,
    pub crc32: u32,
    /// Whether it is the picture's, and stays while descriptions come and go.
    pub is_picture: bool,
}

/// What is written into the pictures of the material as it stands. An event that is not open to everybody is named in
/// no file, since a file goes on to whoever; a position goes out only where the office lets it.
pub fn inscription(record: &Record, config: &Config) -> Inscription {
    let row = &record.row;
    let is_public = |audiences: &[String]| audiences.iter().any(|audience| audience == "public");
    let event = record.event.as_ref();
    let event = event.filter(|(_, audiences)| is_public(audiences));
    let mut place = row.place.clone();
    if let Some(place) = place.as_mut().filter(|_| !config.photo_positions) {
        (place.latitude, place.longitude) = (None, None);
    }
    let local = |at: Option<i64>| {
        let at = Timestamp::from_millisecond(at?).ok()?;
        Some(at.to_zoned(config.time_zone.clone()))
    };
    Inscription {
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
        license: row.license.clone(),
        keywords: row.keywords.0.clone(),
        persons: row.persons.0.clone(),
        place,
        taken_at: local(row.taken_at),
        event: event.map(|(event, _)| (event.id, event.name.clone())),
        embargo_until: local(row.embargo_until),
    }
}

/// Asks for the description to be written anew into the material's pictures, where there are any; once, however often
/// it changes before that is done.
pub async fn stale(tx: &DatabaseTransaction, material: MaterialId) -> Result<()> {
    let pictures = renditions::Entity::find()
        .filter(renditions::Column::MaterialId.eq(material))
        .filter(renditions::Column::State.eq(RenditionState::Ready))
        .filter(renditions::Column::Frame.is_not_null());
    if pictures.count(tx).await? == 0 {
        return Ok(());
    }
    jobs::enqueue_once(tx, &Job::Inscribe { material }, SOON).await
}

/// The same for every material of an event, whose name is written into them.
pub async fn stale_of(tx: &DatabaseTransaction, event: EventId) -> Result<()> {
    let of_event = materials::Entity::find()
        .select_only()
        .column(materials::Column::Id)
        .filter(materials::Column::EventId.eq(event));
    for material in of_event.into_tuple().all(tx).await? {
        stale(tx, material).await?;
    }
    Ok(())
}

/// Stores what is written around pictures, in one blob for all of them, and gives the pieces of each.
pub async fn lay_out(
    storage: &Storage,
    pictures: Vec<(Inscribed, Vec<Piece>)>,
) -> Result<(Sealed, Vec<Vec<Piece>>)> {
    let all: Vec<u8> = pictures
        .iter()
        .flat_map(|(text, _)| [&text.head[..], &text.tail])
        .flatten()
        .copied()
        .collect();
    let sealed = storage.put(Bytes::from(all)).await?;
    let mut offset = 0;
    let mut written = |bytes: &[u8]| {
        let length = bytes.len() as u64;
        let piece = Piece {
            segment: Segment {
                blob: sealed.id,
                offset,
                length,
            },
            crc32: crc32fast::hash(bytes),
            is_picture: false,
        };
        offset += length;
        (length > 0).then_some(piece)
    };
    let laid = pictures
        .into_iter()
        .map(|(text, picture)| {
            let head = written(&text.head);
            let tail = written(&text.tail);
            head.into_iter().chain(picture).chain(tail).collect()
        })
        .collect();
    Ok((sealed, laid))
}

/// What is written around a picture that is made of these pieces.
pub fn around(inscription: &Inscription, frame: &Frame, picture: &[Piece]) -> Inscribed {
    inscribe(inscription, frame, length(picture))
}

/// In bytes.
pub fn length(pieces: &[Piece]) -> u64 {
    pieces.iter().map(|piece| piece.segment.length).sum()
}

/// The checksum of the pieces, one after the other.
pub fn checksum(pieces: &[Piece]) -> u32 {
    let mut whole = crc32fast::Hasher::new();
    for piece in pieces {
        let length = piece.segment.length;
        whole.combine(&crc32fast::Hasher::new_with_initial_len(
            piece.crc32,
            length,
        ));
    }
    whole.finalize()
}

/// Reads the pieces to their last byte: each gets its checksum. Gives the SHA-256 of the whole, in hexadecimal.
pub async fn measure(storage: &Storage, pieces: &mut [Piece]) -> Result<String> {
    let mut whole = Sha256::new();
    for piece in pieces {
        let mut checksum = crc32fast::Hasher::new();
        let segment = std::iter::once(storage::Piece::Segment(piece.segment));
        let mut bytes = std::pin::pin!(storage::stream(storage.clone(), segment));
        while let Some(bytes) = bytes.try_next().await? {
            checksum.update(&bytes);
            whole.update(&bytes);
        }
        piece.crc32 = checksum.finalize();
    }
    Ok(hex::encode(whole.finalize()))
}

/// Makes the rendition point at the pieces. Gives the blobs that it pointed at before.
pub async fn point(
    tx: &DatabaseTransaction,
    rendition: RenditionId,
    pieces: &[Piece],
) -> Result<Vec<BlobId>> {
    let of_rendition = rendition_segments::Column::RenditionId.eq(rendition);
    let former = rendition_segments::Entity::find()
        .filter(of_rendition.clone())
        .all(tx)
        .await?;
    rendition_segments::Entity::delete_many()
        .filter(of_rendition)
        .exec(tx)
        .await?;
    let rows = (0..)
        .zip(pieces)
        .map(|(position, piece)| rendition_segments::ActiveModel {
            rendition_id: Set(rendition),
            position: Set(position),
            blob_id: Set(piece.segment.blob),
            start: Set(piece.segment.offset.cast_signed()),
            length: Set(piece.segment.length.cast_signed()),
            crc32: Set(piece.is_picture.then_some(i64::from(piece.crc32))),
        });
    rendition_segments::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(former.into_iter().map(|segment| segment.blob_id).collect())
}

/// A frame as its rendition's row holds it.
pub fn frame(row: &renditions::Model) -> Result<Option<Frame>> {
    let frame = row.frame.clone().map(serde_json::from_value).transpose();
    frame.map_err(|error| Error::internal("the frame of a rendition", error))
}
