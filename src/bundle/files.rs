//! Which of a material's files goes into an archive: its original where the caller may have it, or a rendition.

use std::collections::{BTreeSet, HashMap};

use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Item;
use crate::{
    access::Caller,
    config::Config,
    db::{
        records::{self, Original, Record, Segment},
        renditions,
    },
    description::files::{Open, largest, ready},
    error::{Error, Result},
    media::presets,
    terms::{Kind, RenditionId},
};

/// Which files an archive holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Files {
    /// Photos' press copies, at full size and with their description inside; else originals.
    Press,
    /// Originals; for who may not have one, the largest that was made of it.
    Original,
    /// Photos `large`, those that move `animation`, video `web`, audio `preview`, texts as they are; where that is not there, the original.
    Web,
}

impl Files {
    pub const ALL: [Self; 3] = [Self::Press, Self::Original, Self::Web];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Press => "press",
            Self::Original => "original",
            Self::Web => "web",
        }
    }
}

/// Every rendition that may stand in an archive.
const NAMES: [&str; 6] = [
    presets::ANIMATION,
    presets::PRESS,
    presets::LARGE,
    presets::FULL,
    presets::WEB,
    presets::PREVIEW,
];

/// A file, as the archive will hold it.
#[derive(Debug)]
pub(super) struct File {
    pub media_type: String,
    pub size: u64,
    pub crc32: u32,
    pub sha256: Option<String>,
    pub segments: Vec<Segment>,
}

/// The segments of every rendition that an archive of the items may hold, in one query.
pub(super) async fn segments(
    connection: &impl ConnectionTrait,
    items: &[Item],
) -> Result<HashMap<RenditionId, Vec<Segment>>> {
    let records = items.iter().filter_map(|item| item.record.as_ref());
    let made = records.flat_map(|record| &record.original.renditions);
    let ids: BTreeSet<RenditionId> = made
        .filter(|row| NAMES.contains(&row.name.as_str()))
        .map(|row| row.id)
        .collect();
    records::segments(connection, ids).await
}

/// The material's file of this sort. Who may not have the original gets the largest that was made of it; none where
/// nothing was.
pub(super) fn file(
    files: Files,
    record: &Record,
    segments: &HashMap<RenditionId, Vec<Segment>>,
    caller: &Caller,
    config: &Config,
) -> Result<Option<File>> {
    let open = Open::to(caller, record, config);
    let largest = largest(record, open);
    let wanted = match files {
        // The press copy of a photo; as long as there is none, the largest that readers may have.
        Files::Press => largest.filter(|_| record.row.kind == Some(Kind::Photo)),
        Files::Original => None,
        Files::Web => web(record).filter(|made| open.has(made)),
    };
    if let Some(rendition) = wanted.or_else(|| largest.filter(|_| !open.original)) {
        let segments = segments.get(&rendition.id).cloned().unwrap_or_default();
        return made(rendition, segments).map(Some);
    }
    let is_there = open.original && record.original.is_there();
    let original = is_there.then(|| as_it_came(&record.original));
    original.transpose()
}

/// The rendition that stands for the material on the web, once it is there; texts have none.
fn web(record: &Record) -> Option<&renditions::Model> {
    let names: &[&str] = match record.row.kind? {
        // What moves is to be seen moving.
        Kind::Photo => &[presets::ANIMATION, presets::LARGE],
        Kind::Video => &[presets::WEB],
        Kind::Audio => &[presets::PREVIEW],
        Kind::Text => &[],
    };
    names.iter().find_map(|name| ready(record, name))
}

fn made(rendition: &renditions::Model, segments: Vec<Segment>) -> Result<File> {
    let size = segments.iter().map(|segment| segment.length).sum();
    if rendition.size.cast_unsigned() != size {
        return Err(Error::internal(
            "a rendition",
            "its pieces are not as long as its row says",
        ));
    }
    Ok(File {
        media_type: rendition.media_type.clone().unwrap_or_default(),
        size,
        crc32: checksum(rendition.crc32)?,
        sha256: rendition.sha256.clone(),
        segments,
    })
}

fn as_it_came(original: &Original) -> Result<File> {
    let blob = &original.blob;
    let size = blob.size.cast_unsigned();
    Ok(File {
        media_type: original.row.media_type.clone(),
        size,
        crc32: checksum(blob.crc32)?,
        sha256: Some(blob.sha256.clone()),
        segments: vec![Segment {
            blob: blob.id,
            offset: 0,
            length: size,
        }],
    })
}

fn checksum(kept: i64) -> Result<u32> {
    u32::try_from(kept).map_err(|error| Error::internal("a checksum in the database", error))
}
