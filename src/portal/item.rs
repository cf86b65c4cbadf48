//! A material as pages show it: its picture or player, what is said of it, and the one file to take.

use std::collections::HashMap;

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Visit,
    figures::{self, Moment},
    tongue::{Said, Tongue},
};
use crate::{
    db::{
        self, feed,
        records::{self, Record, Segment},
        renditions,
    },
    description::files::{self, Open},
    language::Texts,
    media::presets,
    terms::{Kind, Person, RenditionId, RenditionState, extension},
};

/// Of which pieces the renditions are made.
pub type Pieces = HashMap<RenditionId, Vec<Segment>>;

pub struct Item {
    /// What sort of work it is.
    pub kind: &'static str,
    pub heading: Option<Said>,
    pub caption: Option<Said>,
    /// What the kit says of it.
    pub note: Option<Said>,
    pub embargo: Option<Moment>,
    pub picture: Option<Picture>,
    pub player: Option<Player>,
    pub facts: Vec<Fact>,
    /// The last first.
    pub corrections: Vec<Correction>,
    pub file: Option<FileLink>,
    /// Its own page.
    pub page: Option<String>,
}

pub struct Picture {
    pub src: String,
    pub srcset: String,
    pub width: i32,
    pub height: i32,
    pub alt: Said,
}

pub struct Player {
    pub is_film: bool,
    pub src: String,
    pub media_type: String,
    pub poster: Option<String>,
    pub width: i32,
    pub height: i32,
    pub length: Option<String>,
}

pub struct Fact {
    pub label: &'static str,
    pub said: Said,
}

pub struct Correction {
    pub at: Moment,
    pub said: Option<Said>,
}

pub struct FileLink {
    pub href: String,
    /// Such as `JPG`.
    pub format: String,
    pub size: String,
}

impl Item {
    /// Only so many letters of each text that stands on its own page as well.
    pub fn shorten(&mut self, letters: usize) {
        let texts = [&mut self.heading, &mut self.caption].into_iter();
        let texts = texts
            .chain(self.corrections.iter_mut().map(|one| &mut one.said))
            .flatten();
        let texts = texts.chain(self.picture.iter_mut().map(|picture| &mut picture.alt));
        let facts = self.facts.iter_mut().map(|fact| &mut fact.said);
        for said in texts.chain(facts) {
            said.shorten(letters);
        }
    }
}

/// What an item is made of.
pub struct Maker<'a> {
    pub visit: Visit<'a>,
    pub tongue: Tongue,
    record: &'a Record,
    open: Open,
    base: String,
}

impl<'a> Maker<'a> {
    pub fn new(visit: Visit<'a>, tongue: Tongue, record: &'a Record) -> Self {
        Self {
            visit,
            tongue,
            record,
            open: Open::to(visit.caller, record, &visit.app.config),
            base: visit.door.bytes(record.row.id),
        }
    }

    /// `pieces` are those of the file to take.
    pub fn item(&self, note: &Texts, pieces: &Pieces) -> Item {
        let (row, words) = (&self.record.row, self.tongue.words());
        Item {
            kind: words.kind(row.kind),
            heading: self.tongue.say(&self.record.headline),
            caption: self.tongue.say(&self.record.caption),
            note: self.tongue.say(note),
            embargo: self.held(None),
            picture: self.picture(),
            player: self.player(),
            facts: self.facts(),
            corrections: Vec::new(),
            file: self.file(pieces),
            page: None,
        }
    }

    /// In the sizes that are there; for films and sounds that can be played the player shows them.
    pub fn picture(&self) -> Option<Picture> {
        let names: &[&str] = match self.record.row.kind? {
            Kind::Photo => &["small", "medium", presets::LARGE, presets::THUMB],
            Kind::Video => &["poster", presets::THUMB],
            Kind::Audio => &["waveform_image"],
            Kind::Text => &[presets::THUMB, "page"],
        };
        let made = names.iter().filter_map(|name| self.made(name));
        let mut made: Vec<(&renditions::Model, i32, i32)> = made
            .filter_map(|made| Some((made, made.width?, made.height?)))
            .collect();
        // Old phones know no WebP: theirs is the first, and it stands beside others only where it must.
        if self.record.row.kind == Some(Kind::Photo) && made.len() > 1 {
            made.retain(|(made, _, _)| made.name != presets::THUMB);
        }
        let (first, width, height) = *made.first()?;
        made.dedup_by_key(|(_, width, _)| *width);
        let sources = made
            .iter()
            .map(|(made, width, _)| format!("{} {width}w", self.url(&made.name)));
        Some(Picture {
            src: self.url(&first.name),
            srcset: sources.collect::<Vec<_>>().join(", "),
            width,
            height,
            alt: self.alt(),
        })
    }

    fn alt(&self) -> Said {
        let row = &self.record.row;
        // The caption, which may be long, stands beside it, and is not read out twice.
        let said = self.tongue.say(&row.alt_text);
        let said = said.or_else(|| self.tongue.say(&self.record.headline));
        let said = said.or_else(|| self.tongue.say(&self.record.caption));
        said.unwrap_or_else(|| Said {
            text: self.tongue.words().photo.to_owned(),
            lang: None,
        })
    }

    fn player(&self) -> Option<Player> {
        let is_film = match self.record.row.kind? {
            Kind::Video => true,
            Kind::Audio => false,
            Kind::Photo | Kind::Text => return None,
        };
        let mut made = [presets::WEB, presets::PREVIEW].into_iter();
        let made = made.find_map(|name| self.made(name))?;
        let poster = self.made("poster").or_else(|| self.made(presets::THUMB));
        Some(Player {
            is_film,
            src: self.url(&made.name),
            media_type: made.media_type.clone().unwrap_or_default(),
            poster: poster.filter(|_| is_film).map(|made| self.url(&made.name)),
            width: made.width.unwrap_or(640),
            height: made.height.unwrap_or(360),
            length: made.duration_ms.map(figures::duration),
        })
    }

    /// The largest rendition, where that is the one file to use, as the API's `main` names it.
    fn largest(&self) -> Option<&'a renditions::Model> {
        let is_photo = self.record.row.kind == Some(Kind::Photo);
        let largest = files::largest(self.record, self.open);
        largest.filter(|_| is_photo || !self.open.original)
    }

    /// What of it is to be read for the address of its file.
    pub fn taken(&self) -> Option<RenditionId> {
        Some(self.largest()?.id)
    }

    /// The one file to use, pinned to its bytes: a download of it goes on in any program.
    fn file(&self, pieces: &Pieces) -> Option<FileLink> {
        let original = &self.record.original;
        let (path, media_type, size, tag) = match self.largest() {
            Some(made) => (
                self.url(&made.name),
                made.media_type.as_deref().unwrap_or_default(),
                made.size,
                records::tag(pieces.get(&made.id)?, made.sha256.as_deref()),
            ),
            None if self.open.original && original.is_there() => (
                format!("{}/original", self.base),
                original.row.media_type.as_str(),
                original.blob.size,
                original.blob.sha256.clone(),
            ),
            None => return None,
        };
        Some(FileLink {
            href: format!("{path}?download=1&version={tag}"),
            format: extension(media_type).unwrap_or_default().to_uppercase(),
            size: figures::size(size.unsigned_abs(), self.tongue),
        })
    }

    fn facts(&self) -> Vec<Fact> {
        let (row, words, tongue) = (&self.record.row, self.tongue.words(), self.tongue);
        let plain = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim);
            let text = text.filter(|text| !text.is_empty())?;
            Some(Said {
                text: text.to_owned(),
                lang: None,
            })
        };
        let persons: Vec<String> = row
            .persons
            .0
            .iter()
            .filter_map(|one| self.called(one))
            .collect();
        let place = row.place.as_ref().and_then(|place| tongue.say(&place.name));
        let taken = row
            .taken_at
            .and_then(|at| Timestamp::from_millisecond(at).ok());
        let taken = taken.map(|at| figures::date(at, self.zone(), tongue).text);
        // A text is written.
        let is_taken = row.kind != Some(Kind::Text);
        let all = [
            (words.persons, plain(&Some(persons.join("; ")))),
            (words.place, place),
            (words.taken, plain(&taken.filter(|_| is_taken))),
            (words.creator, plain(&row.creator)),
            (words.credit, plain(&row.credit)),
            (words.source, plain(&row.source)),
            (words.copyright, tongue.say(&row.copyright)),
            (words.license, plain(&row.license)),
        ];
        let said = |(label, said): (&'static str, Option<Said>)| Some(Fact { label, said: said? });
        all.into_iter().filter_map(said).collect()
    }

    /// What may be done with it.
    pub fn terms(&self) -> Option<Fact> {
        Some(Fact {
            label: self.tongue.words().terms,
            said: self.tongue.say(&self.record.row.usage_terms)?,
        })
    }

    /// What of these corrections is of the material.
    pub fn corrections(&self, told: &[feed::Model]) -> Vec<Correction> {
        let own = told
            .iter()
            .filter(|told| told.thing_id == self.record.row.id.0);
        let correction = |told: &feed::Model| {
            Some(Correction {
                at: self.moment(told.at)?,
                said: told.notice.as_ref().and_then(|note| self.tongue.say(note)),
            })
        };
        own.filter_map(correction).collect()
    }

    /// Until when it is under embargo: its own, or that of the kit that it lies in, whichever is later.
    pub fn held(&self, kit: Option<i64>) -> Option<Moment> {
        let until = self.record.row.embargo_until.max(kit)?;
        (until > db::now()).then(|| self.deadline(until)).flatten()
    }

    fn called(&self, person: &Person) -> Option<String> {
        let name = self.tongue.word(&person.name)?;
        Some(match self.tongue.word(&person.title) {
            Some(title) => format!("{name}, {title}"),
            None => name,
        })
    }

    fn made(&self, name: &str) -> Option<&'a renditions::Model> {
        let mut made = self.record.original.renditions.iter();
        made.find(|made| {
            made.name == name
                && made.state == RenditionState::Ready
                && self.open.has(made)
                && self.visit.app.presets.knows(self.record.row.kind, name)
        })
    }

    fn url(&self, rendition: &str) -> String {
        format!("{}/renditions/{rendition}", self.base)
    }

    fn moment(&self, at: i64) -> Option<Moment> {
        let (at, zone) = (Timestamp::from_millisecond(at).ok()?, self.zone());
        Some(figures::moment(at, zone, self.tongue))
    }

    fn deadline(&self, at: i64) -> Option<Moment> {
        let (at, zone) = (Timestamp::from_millisecond(at).ok()?, self.zone());
        Some(figures::deadline(at, zone, self.tongue))
    }

    fn zone(&self) -> &'a TimeZone {
        &self.visit.app.config.time_zone
    }
}
