//! A material as it is shown, to whom: what belongs to the staff of its unit is left out for everybody else.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    files::{OriginalView, ProcessingView, RenditionView},
    localized::Localized,
    similar::LikenessView,
};
use crate::{
    access::{Caller, opens_at},
    api::{
        reference::{EventReference, UnitReference},
        time::time,
    },
    app::App,
    config::Config,
    db::records::{Original, Record},
    description::{Description, Pick, Related, files},
    language::{Language, Texts},
    media::{Facts, presets},
    terms::{Kind, MaterialId, Person, Place, RenditionState, Status},
};

/// A work in the archive, with its description and its files.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MaterialView {
    /// Its id, a UUID version 7.
    #[schema(value_type = Uuid)]
    pub id: MaterialId,
    /// Counts what people change, never what the machine does.
    pub version: i32,
    /// The unit to which it belongs.
    pub unit: UnitReference,
    /// What it is, by its bytes; null until they were examined.
    #[schema(required = true)]
    pub kind: Option<Kind>,
    /// What sort of work it is: a code of the vocabulary `genres`, or one of the office's own.
    #[schema(required = true)]
    pub genre: Option<String>,
    /// Where people have brought it.
    pub status: Status,
    /// To whom it opens when it is published.
    pub audiences: Vec<String>,
    /// The moment before which nobody outside the staff may know of it.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub embargo_until: Option<Timestamp>,
    /// The moment from which readers do not have it any more.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub available_until: Option<Timestamp>,
    /// When its readers got it, or will: its publication or the end of its embargo, whichever is later.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub published_at: Option<Timestamp>,
    /// Its page for people; null where it is not published to everybody.
    #[schema(required = true)]
    pub page_url: Option<String>,
    /// The headline, in each language.
    pub headline: Texts,
    /// What is shown, who does what, when and where; in each language.
    pub caption: Texts,
    /// What a picture shows, for those who can't see it; in each language.
    pub alt_text: Texts,
    /// The work's own language.
    #[schema(value_type = Option<String>, required = true)]
    pub language: Option<Language>,
    /// Words under which it should be found.
    pub keywords: Vec<String>,
    /// Who is shown or heard.
    pub persons: Vec<Person>,
    /// Where it was taken.
    #[schema(required = true)]
    pub place: Option<Place>,
    /// Who made it.
    #[schema(required = true)]
    pub creator: Option<String>,
    /// The line that must stand beside it when it is printed.
    #[schema(required = true)]
    pub credit: Option<String>,
    /// Who provided it.
    #[schema(required = true)]
    pub source: Option<String>,
    /// Who owns the rights, in each language.
    pub copyright: Texts,
    /// What may be done with it, in each language.
    pub usage_terms: Texts,
    /// A licence by its SPDX name or its address.
    #[schema(required = true)]
    pub license: Option<String>,
    /// When the work was made.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub taken_at: Option<Timestamp>,
    /// The event to which it belongs, where the caller may know of it.
    #[schema(required = true)]
    pub event: Option<EventReference>,
    /// What it is to others that the caller may see.
    pub related: Vec<Related>,
    /// What is written in it, at most 1 MiB; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The one file to use: the name of a rendition, or `original`.
    pub main: String,
    /// A blur to show until its thumbnail is there: a `ThumbHash` in base64; once a picture was made of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbhash: Option<String>,
    /// The colour that most of its picture has, such as `#3a6ea5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dominant_color: Option<String>,
    /// 64 bits in hexadecimal, of which pictures that look alike share all but a few. For staff of the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub perceptual_hash: Option<String>,
    /// The bytes that came in.
    pub original: OriginalView,
    /// The files that were made of them.
    pub renditions: Vec<RenditionView>,
    /// Texts in the languages that `lang` asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub localized: Option<BTreeMap<&'static str, Localized>>,
    /// Found words within their surroundings, by field: HTML, escaped but for `<mark>`. In searches with `highlight`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlights: Option<BTreeMap<String, String>>,
    /// How far the machine is with it. For staff of the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processing: Option<ProcessingView>,
    /// A corrected original that is not ready yet. For staff of the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_original: Option<ProcessingView>,
    /// What the file says about itself; not in lists. For staff of the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedded: Option<Value>,
    /// Which moment of a film its poster shows, in milliseconds, where somebody chose one. For staff of the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poster_at_ms: Option<i64>,
    /// Stars, 0 to 5. For staff of the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<i32>,
    /// Whether an editor selected or rejected it. For staff of the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pick: Option<Pick>,
    /// What readers are told about a withdrawal.
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub notice: Texts,
    /// Other materials of the caller's units with the same bytes; in the answer to an upload.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Uuid>)]
    pub duplicates: Vec<MaterialId>,
    /// Photos that look like this one, the most alike first, once it was examined: it may be there already, smaller or
    /// cropped. Up to 20; not in lists. For staff of the unit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Uuid>)]
    pub looks_like: Vec<MaterialId>,
    /// Why it is like another one; where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likeness: Option<LikenessView>,
    /// When it was uploaded.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When somebody changed it last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// For whom materials are shown, and how much of them.
pub struct Showing<'a> {
    pub app: &'a App,
    pub caller: &'a Caller,
    /// Of the related materials those that the caller may see.
    pub related: HashSet<MaterialId>,
    /// With the text and what the file says about itself.
    pub whole: bool,
    /// The languages that are asked for, in the order of preference.
    pub languages: Vec<Language>,
}

impl Showing<'_> {
    pub fn view(&self, record: &Record) -> MaterialView {
        let inside = self.caller.sees_inside(record.row.unit_id);
        let description = Description::of(record);
        let url = format!("{}/v1/materials/{}", self.base(), record.row.id);
        let facts = OriginalView::facts(&record.original);
        let original = self.original(record, facts.as_ref(), &url, inside);
        let likeness = facts.and_then(|facts| facts.likeness);
        MaterialView {
            id: record.row.id,
            version: record.row.version,
            unit: UnitReference::from(&record.unit),
            kind: record.row.kind,
            genre: description.genre,
            status: record.row.status,
            audiences: self.audiences(description.audiences, inside),
            embargo_until: description.embargo_until,
            available_until: description.available_until,
            published_at: opens_at(record.row.published_at, record.row.embargo_until).map(time),
            page_url: self.page_url(record),
            localized: Localized::all(record, &self.languages),
            main: main(record, &self.app.config),
            thumbhash: likeness.as_ref().map(|seen| seen.thumbhash.clone()),
            dominant_color: likeness.as_ref().map(|seen| seen.dominant_color.clone()),
            perceptual_hash: likeness.filter(|_| inside).map(|seen| seen.perceptual_hash),
            original,
            renditions: self.renditions(record, &url),
            headline: description.headline,
            caption: description.caption,
            alt_text: description.alt_text,
            language: description.language,
            keywords: description.keywords,
            persons: description.persons,
            place: description.place,
            creator: description.creator,
            credit: description.credit,
            source: description.source,
            copyright: description.copyright,
            usage_terms: description.usage_terms,
            license: description.license,
            taken_at: description.taken_at,
            event: self.event(record),
            related: self.related(description.related),
            highlights: None,
            processing: inside.then(|| processing(&record.original)),
            pending_original: record.pending.as_ref().filter(|_| inside).map(processing),
            poster_at_ms: description.poster_at_ms.filter(|_| inside),
            rating: description.rating.filter(|_| inside),
            pick: description.pick.filter(|_| inside),
            notice: record.row.notice.clone(),
            duplicates: Vec::new(),
            looks_like: Vec::new(),
            likeness: None,
            created_at: time(record.row.created_at),
            updated_at: time(record.row.updated_at),
            text: self.text(record, inside),
            embedded: self.embedded(record, inside),
        }
    }

    fn page_url(&self, record: &Record) -> Option<String> {
        let is_published = record.row.status == Status::Published;
        let is_public = record.audiences.iter().any(|audience| audience == "public");
        let path = || format!("/materials/{}", record.row.id);
        (is_published && is_public).then(|| self.app.config.url(&path()))
    }

    /// A plain text is its original, and kept back with it.
    fn text(&self, record: &Record, inside: bool) -> Option<String> {
        let is_read = inside || !record.original.row.is_withheld();
        let text = record.row.text.as_ref();
        text.filter(|_| self.whole && is_read).cloned()
    }

    fn embedded(&self, record: &Record, inside: bool) -> Option<Value> {
        let embedded = record.original.row.embedded.as_ref();
        embedded.filter(|_| inside && self.whole).cloned()
    }

    fn event(&self, record: &Record) -> Option<EventReference> {
        let (event, audiences) = record.event.as_ref()?;
        let seen = self.caller.sees_event_row(event.unit_id, audiences);
        seen.then(|| EventReference::from(event))
    }

    fn related(&self, mut related: Vec<Related>) -> Vec<Related> {
        related.retain(|other| self.related.contains(&other.id));
        related
    }

    fn original(
        &self,
        record: &Record,
        facts: Option<&Facts>,
        url: &str,
        inside: bool,
    ) -> OriginalView {
        let open = files::Open::to(self.caller, record, &self.app.config);
        let open = open.original && record.original.is_there();
        OriginalView::of(&record.original, facts, url, open, inside)
    }

    /// Those that are there already, and the caller's to have.
    fn renditions(&self, record: &Record, url: &str) -> Vec<RenditionView> {
        let open = files::Open::to(self.caller, record, &self.app.config);
        let made = record.original.renditions.iter();
        made.filter(|made| made.state == RenditionState::Ready && open.has(made))
            .filter(|made| self.app.presets.knows(record.row.kind, &made.name))
            .map(|made| RenditionView::of(made, url))
            .collect()
    }

    /// Readers learn of the audiences that they are of, and of no others.
    fn audiences(&self, audiences: Vec<String>, inside: bool) -> Vec<String> {
        audiences
            .into_iter()
            .filter(|audience| inside || self.caller.audiences.contains(audience))
            .collect()
    }

    fn base(&self) -> &str {
        self.app.config.public_url.as_deref().unwrap_or_default()
    }
}

/// Of a photo the press copy, and until that is there the largest that carries no position and no serial number; of the
/// rest the original, unless it gives away where it was taken.
fn main(record: &Record, config: &Config) -> String {
    let is_photo = record.row.kind == Some(Kind::Photo);
    let open = files::Open::to_readers(record, config);
    let made = files::largest(record, open).filter(|_| is_photo || !open.original);
    let none_yet = if is_photo { presets::LARGE } else { "original" };
    made.map_or(none_yet, |made| &made.name).to_owned()
}

fn processing(original: &Original) -> ProcessingView {
    ProcessingView::of(&original.row, &original.renditions)
}
