//! The archive of a kit, as one caller gets it: `README.txt`, `captions.csv`, `captions.json`, and the files of the items
//! in the kit's order. It is laid out from rows alone; no blob is read before its bytes are due. The same kit and the
//! same view make the same layout, so that a download goes on where it broke off.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{
    Files, Kit, contents,
    files::File,
    gather::{Gathered, Held},
    input::moment,
    names::{self, NameSource},
    texts::{self, KitText},
    told,
    zip::{Body, Entry, Layout, Packed},
};
use crate::{
    access::{Caller, reach},
    config::Config,
    db::{self, deliveries::Handover, kits, materials},
    error::Result,
    language::Language,
    terms::{MaterialId, Status, Thing},
};

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    pub files: Files,
    /// Names in ASCII, for systems that know nothing else.
    pub in_ascii: bool,
    /// A part of the kit; everything where none is named.
    pub materials: Vec<MaterialId>,
    /// As of when embargoes are told, in milliseconds since 1970; now, where nothing is said. An archive that was begun
    /// before one ended goes on as it was.
    pub told_at: Option<i64>,
}

impl Asked {
    pub(super) fn told_at(&self, now: i64) -> i64 {
        self.told_at.unwrap_or(now)
    }

    /// The whole kit, in each sort of files.
    pub fn whole() -> [Self; 3] {
        Files::ALL.map(|files| Self {
            files,
            in_ascii: false,
            materials: Vec::new(),
            told_at: None,
        })
    }
}

/// An archive, all but its bytes.
#[derive(Debug)]
pub struct Archive {
    pub files: Files,
    pub layout: Arc<Layout>,
    /// Such as `Брифинг.zip`.
    pub filename: String,
    sources: Vec<Source>,
    kit: kits::Model,
}

/// What stands behind an entry; in the order of the layout's entries.
#[derive(Debug, Clone)]
pub struct Source {
    /// None for what is generated.
    pub material: Option<MaterialId>,
    /// Of the material.
    pub version: i32,
    /// In hexadecimal, where it is known.
    pub sha256: Option<String>,
}

/// A file and whose it is.
struct Chosen<'a> {
    held: &'a mut Held,
    file: File,
}

/// What archives are made by.
struct Maker<'a> {
    kit: &'a Kit,
    config: &'a Config,
}

/// What the ledger says of who takes the archive: a row an hour for an account, a version and a sort of files.
pub fn handover(caller: &Caller, archive: &Archive) -> Handover {
    let sources = archive.sources.iter();
    Handover {
        account_id: caller.account,
        token_id: caller.token,
        link_id: caller.pass.as_ref().map(|pass| pass.link),
        unit_id: archive.kit.unit_id,
        by_staff: caller.sees_inside(archive.kit.unit_id),
        thing: (Thing::Kit, archive.kit.id.0),
        version: archive.kit.version,
        way: format!("archive {}", archive.files.as_str()),
        kit_id: Some(archive.kit.id),
        contents: sources
            .filter_map(|source| Some((source.material?, source.version)))
            .collect(),
    }
}

/// Whether the kit and all that is in the archive are the caller's to have, asked of each.
pub(super) async fn is_open(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    archive: &Archive,
) -> Result<bool> {
    reach::kit(connection, caller, archive.kit.id).await?;
    let held: Vec<MaterialId> = archive.materials().collect();
    let now = db::now();
    for part in held.chunks(contents::AT_ONCE) {
        let seen = caller.sees(materials::Column::Id, materials::Column::UnitId, now);
        let there = materials::Entity::find()
            .filter(materials::Column::Id.is_in(part.iter().copied()))
            .filter(materials::Column::Status.ne(Status::Withdrawn))
            .filter(seen)
            .count(connection)
            .await?;
        if there != part.len() as u64 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Of what was gathered for several, the archive that was asked for at the `place`.
pub(super) fn archive(
    gathered: &mut Gathered,
    place: usize,
    asked: &Asked,
    caller: &Caller,
    config: &Config,
) -> Result<Archive> {
    let Gathered {
        kit,
        held,
        basis,
        common,
    } = gathered;
    let maker = Maker { kit, config };
    let mut text = told::kit(kit, caller, config, asked.told_at(basis.now()));
    let gone = common.withdrawn.iter();
    text.withdrawn = gone
        .map(|gone| told::gone(gone, &config.time_zone))
        .collect();
    let mut chosen = Vec::new();
    for held in held {
        let Some(file) = held.files[place].take() else {
            continue;
        };
        text.items
            .extend(held.text.take().map(|item| texts::ItemText {
                size: file.size,
                sha256: file.sha256.clone(),
                ..item
            }));
        chosen.push(Chosen { held, file });
    }
    maker.archive(chosen, text, asked)
}

impl Archive {
    /// What stands behind each of the layout's entries, in their order.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn materials(&self) -> impl Iterator<Item = MaterialId> {
        self.sources.iter().filter_map(|source| source.material)
    }

    /// Whether all that it says of its files is known by now. Digests are worked out later, and no change is told then.
    pub(super) fn is_settled(&self) -> bool {
        self.sources.iter().all(|source| source.sha256.is_some())
    }

    /// About how many bytes it takes in memory.
    pub(super) fn weight(&self) -> u64 {
        const ENTRY: usize = 512;
        let entries = self.layout.entries().iter();
        let bytes = entries.map(|placed| match &placed.entry.body {
            Body::Packed(packed) => ENTRY + packed.weight(),
            Body::Blob { .. } => ENTRY,
        });
        bytes.sum::<usize>() as u64
    }

    /// The entity tag without its quotes: what pins a URL to the layout.
    pub fn version(&self) -> &str {
        self.layout.etag().trim_matches('"')
    }
}

impl Maker<'_> {
    fn archive(
        &self,
        mut chosen: Vec<Chosen>,
        mut text: KitText,
        asked: &Asked,
    ) -> Result<Archive> {
        let languages = text.languages();
        let title = text.title.best(&languages).unwrap_or_default();
        let folder = names::folder(&Self::titled(title, &text), asked.in_ascii);
        let paths = Self::paths(&chosen, &text, &languages, &folder, asked.in_ascii);
        for (item, path) in text.items.iter_mut().zip(paths) {
            item.path = path;
        }
        let generated = self.generated(&text, &folder)?;
        let mut all: Vec<(Entry, Source)> = Vec::with_capacity(generated.len() + chosen.len());
        all.extend(generated);
        for (one, item) in chosen.drain(..).zip(text.items) {
            all.push(entry(one.held, one.file, item.path.clone()));
            one.held.text = Some(item);
        }
        let (entries, sources) = all.into_iter().unzip();
        Ok(Archive {
            files: asked.files,
            layout: Layout::new(entries, self.zone())?,
            filename: format!("{}.zip", if folder.is_empty() { "kit" } else { &folder }),
            sources,
            kit: self.kit.row.clone(),
        })
    }

    /// What is under embargo says so, and until when, before anything is unpacked.
    fn titled(title: &str, text: &KitText) -> String {
        match text.held() {
            Some((first, last)) if first == last => {
                format!("EMBARGO until {} {title}", first.in_name())
            }
            Some((first, last)) => {
                format!(
                    "EMBARGO until {} & {} {title}",
                    first.in_name(),
                    last.in_name()
                )
            }
            None => title.to_owned(),
        }
    }

    fn paths(
        chosen: &[Chosen],
        text: &KitText,
        languages: &[Language],
        folder: &str,
        in_ascii: bool,
    ) -> Vec<String> {
        let chosen = chosen.iter().zip(&text.items);
        let sources: Vec<NameSource> = chosen
            .map(|(one, item)| NameSource {
                position: one.held.position,
                headline: item.headline.best(languages),
                event: one
                    .held
                    .event
                    .as_ref()
                    .and_then(|event| event.best(languages)),
                filename: one.held.filename.as_deref(),
                taken_on: one.held.taken_on,
                media_type: &one.file.media_type,
            })
            .collect();
        names::names(&sources, folder, in_ascii)
    }

    /// It comes first, so that it is there when a download breaks off.
    fn generated(&self, text: &KitText, folder: &str) -> Result<[(Entry, Source); 3]> {
        // Not the time of the last change: that may have been one that this caller must not notice.
        let row = &self.kit.row;
        let modified = time(row.published_at.unwrap_or(row.created_at));
        // Each is packed before the next is written.
        let readme = Packed::from(texts::readme(text));
        let csv = Packed::from(texts::captions_csv(text)?);
        let json = Packed::from(texts::captions_json(text)?);
        let generated = [
            ("README.txt", readme),
            ("captions.csv", csv),
            ("captions.json", json),
        ];
        Ok(generated.map(|(name, packed)| {
            let source = Source {
                material: None,
                version: 0,
                sha256: Some(hex::encode(packed.sha256())),
            };
            let path = if folder.is_empty() {
                name.to_owned()
            } else {
                format!("{folder}/{name}")
            };
            let body = Body::Packed(packed);
            let entry = Entry {
                path,
                modified,
                body,
            };
            (entry, source)
        }))
    }

    fn zone(&self) -> TimeZone {
        self.config.time_zone.clone()
    }
}

fn entry(held: &Held, file: File, path: String) -> (Entry, Source) {
    let File {
        segments,
        crc32,
        sha256,
        ..
    } = file;
    let entry = Entry {
        path,
        modified: time(held.modified),
        body: Body::Blob { segments, crc32 },
    };
    let source = Source {
        material: Some(held.material),
        version: held.version,
        sha256,
    };
    (entry, source)
}

pub(super) fn time(milliseconds: i64) -> Timestamp {
    moment(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
