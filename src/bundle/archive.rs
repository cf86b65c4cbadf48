//! The archive of a kit, as one caller gets it: `README.txt`, `captions.csv`, `captions.json`, and the files of the items
//! in the kit's order. It is laid out from rows alone; no blob is read before its bytes are due. The same kit and the
//! same view make the same layout, so that a download goes on where it broke off.

use std::{collections::HashMap, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use sha2::{Digest, Sha256};

use super::{
    Files, Item, Kit,
    basis::Basis,
    contents,
    files::{self, File},
    input::moment,
    kit,
    names::{self, NameSource},
    texts::{self, ItemText, KitText},
    told,
    zip::{Body, Entry, Layout},
};
use crate::{
    access::{Caller, reach},
    config::Config,
    db::{
        self,
        deliveries::Handover,
        kits, materials,
        records::{Record, Segment},
    },
    error::{Code, Error, Result},
    language::Language,
    terms::{KitId, MaterialId, RenditionId, Status, Thing},
};

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    pub files: Files,
    /// Names in ASCII, for systems that know nothing else.
    pub in_ascii: bool,
    /// A part of the kit; everything where none is named.
    pub materials: Vec<MaterialId>,
}

impl Asked {
    /// The whole kit, in each sort of files.
    pub fn whole() -> [Self; 3] {
        Files::ALL.map(|files| Self {
            files,
            in_ascii: false,
            materials: Vec::new(),
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
    position: usize,
    item: &'a Item,
    record: &'a Record,
    file: File,
}

/// Everything that an archive is made of.
struct Maker<'a> {
    kit: &'a Kit,
    items: &'a [Item],
    segments: HashMap<RenditionId, Vec<Segment>>,
    caller: &'a Caller,
    config: &'a Config,
    now: i64,
}

/// The archives that are asked for, and what they rest on.
///
/// # Errors
/// As `reach` says of the kit; a bad request where a material is asked for that the caller does not have in it.
pub(super) async fn laid_out(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    config: &Config,
    id: KitId,
    asked: &[Asked],
) -> Result<(Vec<Archive>, Basis)> {
    let mut basis = Basis::begin(connection, db::now()).await?;
    let kit = kit::one(connection, caller, id).await?;
    let items = contents::resting(connection, caller, &kit, &mut basis).await?;
    let there = |id: &&MaterialId| !items.iter().any(|item| item.material == **id);
    let mut named = asked.iter().flat_map(|asked| &asked.materials);
    if let Some(unknown) = named.find(there) {
        let words = format!("The parameter “materials”: {unknown} is not in this kit.");
        return Err(Error::refused(Code::BadRequest, words));
    }
    let maker = Maker {
        kit: &kit,
        items: &items,
        segments: files::segments(connection, &items).await?,
        caller,
        config,
        now: basis.now(),
    };
    let archives = asked.iter().map(|asked| maker.archive(asked));
    Ok((archives.collect::<Result<_>>()?, basis))
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
    let seen = caller.sees(materials::Column::Id, materials::Column::UnitId, db::now());
    let there = materials::Entity::find()
        .filter(materials::Column::Id.is_in(held.iter().copied()))
        .filter(materials::Column::Status.ne(Status::Withdrawn))
        .filter(seen)
        .count(connection)
        .await?;
    Ok(there == held.len() as u64)
}

/// The whole archive of each sort, as this caller would get it, by what the connection sees.
///
/// # Errors
/// As `reach` says of the kit.
pub async fn archives(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    config: &Config,
    id: KitId,
) -> Result<Vec<Archive>> {
    let (archives, _) = laid_out(connection, caller, config, id, &Asked::whole()).await?;
    Ok(archives)
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
            Body::Bytes(bytes) => ENTRY + bytes.len(),
            Body::Blob { .. } => ENTRY,
        });
        bytes.sum::<usize>() as u64
    }

    /// The entity tag without its quotes: what pins a URL to the layout.
    pub fn version(&self) -> &str {
        self.layout.etag().trim_matches('"')
    }
}

impl<'a> Maker<'a> {
    fn archive(&self, asked: &Asked) -> Result<Archive> {
        let chosen = self.chosen(asked)?;
        let mut text = told::kit(self.kit, self.caller, self.config, self.now);
        text.items = chosen.iter().map(|one| self.told(one)).collect();
        let languages = text.languages();
        let title = text.title.best(&languages).unwrap_or_default();
        let folder = names::folder(&self.titled(title, &text), asked.in_ascii);
        let paths = self.paths(&chosen, &languages, &folder, asked.in_ascii);
        for (item, path) in text.items.iter_mut().zip(paths) {
            item.path = path;
        }
        let (entries, sources) = self.entries(chosen, &text, &folder)?;
        Ok(Archive {
            files: asked.files,
            layout: Layout::new(entries, self.zone())?,
            filename: format!("{}.zip", if folder.is_empty() { "kit" } else { &folder }),
            sources,
            kit: self.kit.row.clone(),
        })
    }

    /// What is under embargo says so, and until when, before anything is unpacked.
    fn titled(&self, title: &str, text: &KitText) -> String {
        match text.held_until() {
            Some(until) => {
                let until = until.to_zoned(self.zone());
                let seconds = if until.second() > 0 { ".%S" } else { "" };
                let format = format!("%Y-%m-%d %H.%M{seconds} %z");
                format!("EMBARGO until {} {title}", until.strftime(&format))
            }
            None => title.to_owned(),
        }
    }

    /// The files of the items that are asked for; what was withdrawn is in nobody's archive. Their numbers are their
    /// places among what this caller sees, in a part as in the whole.
    fn chosen(&self, asked: &Asked) -> Result<Vec<Chosen<'a>>> {
        let seen = self
            .items
            .iter()
            .filter_map(|item| Some((item, item.record.as_ref()?)))
            .filter(|(_, record)| record.row.status != Status::Withdrawn);
        let mut chosen = Vec::new();
        for (position, (item, record)) in (1..).zip(seen) {
            if !asked.materials.is_empty() && !asked.materials.contains(&item.material) {
                continue;
            }
            let file = files::file(
                asked.files,
                record,
                &self.segments,
                self.caller,
                self.config,
            )?;
            chosen.extend(file.map(|file| Chosen {
                position,
                item,
                record,
                file,
            }));
        }
        Ok(chosen)
    }

    fn told(&self, one: &Chosen) -> ItemText {
        ItemText {
            size: one.file.size,
            sha256: one.file.sha256.clone(),
            ..told::item(one.item, one.record, self.kit, self.now)
        }
    }

    fn paths(
        &self,
        chosen: &[Chosen<'_>],
        languages: &[Language],
        folder: &str,
        in_ascii: bool,
    ) -> Vec<String> {
        let sources: Vec<NameSource> = chosen
            .iter()
            .map(|one| self.source(one, languages))
            .collect();
        names::names(&sources, folder, in_ascii)
    }

    /// The uploader's own name is for staff alone.
    fn source<'c>(&self, one: &'c Chosen<'_>, languages: &[Language]) -> NameSource<'c> {
        let row = &one.record.row;
        let inside = self.caller.sees_inside(row.unit_id);
        NameSource {
            position: one.position,
            headline: one.record.headline.best(languages),
            event: one
                .record
                .event
                .as_ref()
                .filter(|(event, audiences)| self.caller.sees_event_row(event.unit_id, audiences))
                .and_then(|(event, _)| event.name.best(languages)),
            filename: inside.then_some(one.record.original.row.filename.as_str()),
            taken_on: row
                .taken_at
                .map(|at| self.zone().to_datetime(time(at)).date()),
            media_type: &one.file.media_type,
        }
    }

    /// What is generated comes first, so that it is there when a download breaks off.
    fn entries(
        &self,
        chosen: Vec<Chosen>,
        text: &KitText,
        folder: &str,
    ) -> Result<(Vec<Entry>, Vec<Source>)> {
        let generated = [
            ("README.txt", texts::readme(text, &self.zone())),
            ("captions.csv", texts::captions_csv(text)?),
            ("captions.json", texts::captions_json(text)?),
        ];
        // Not the time of the last change: that may have been one that this caller must not notice.
        let row = &self.kit.row;
        let modified = time(row.published_at.unwrap_or(row.created_at));
        let mut both: Vec<(Entry, Source)> = generated
            .into_iter()
            .map(|(name, bytes)| {
                let source = Source {
                    material: None,
                    version: 0,
                    sha256: Some(hex::encode(Sha256::digest(&bytes))),
                };
                let path = if folder.is_empty() {
                    name.to_owned()
                } else {
                    format!("{folder}/{name}")
                };
                let body = Body::Bytes(bytes);
                (
                    Entry {
                        path,
                        modified,
                        body,
                    },
                    source,
                )
            })
            .collect();
        let files = chosen.into_iter().zip(&text.items);
        both.extend(files.map(|(one, item)| entry(one, item.path.clone())));
        Ok(both.into_iter().unzip())
    }

    fn zone(&self) -> TimeZone {
        self.config.time_zone.clone()
    }
}

fn entry(one: Chosen, path: String) -> (Entry, Source) {
    let row = &one.record.row;
    let File {
        segments,
        crc32,
        sha256,
        ..
    } = one.file;
    let entry = Entry {
        path,
        modified: time(row.taken_at.unwrap_or(row.created_at)),
        body: Body::Blob { segments, crc32 },
    };
    let source = Source {
        material: Some(row.id),
        version: row.version,
        sha256,
    };
    (entry, source)
}

fn time(milliseconds: i64) -> Timestamp {
    moment(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
