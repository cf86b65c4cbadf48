//! What people say of a material, in one shape for everybody: the body that is sent with a new one, the document that a
//! merge patch is laid over, and what a batch changes. Read from a record, merged by RFC 7396, checked strictly, and
//! written with the names of the fields that changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    db::records::Record,
    language::{Language, Texts},
    terms::{EventId, MaterialId, Person, Place, UnitId},
};

pub mod change;
mod check;
pub mod files;
mod forget;
pub mod publication;
mod write;

pub use crate::patch::merge;
pub use check::{LONGEST_LINE, LONGEST_WORD, MOST_LANGUAGES, audiences as check_audiences, check};
pub use forget::forget;
pub use write::{apply, save};

/// The description of a material. A field that was never said is null or empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Description {
    /// The unit to which the material belongs; the caller's own where none is named.
    pub unit: Option<UnitId>,
    /// The event to which the material belongs.
    pub event: Option<EventId>,
    /// What sort of work it is: a code of the vocabulary `genres`, or one of the office's own.
    #[schema(pattern = "^[a-z0-9_]{1,64}$")]
    pub genre: Option<String>,
    /// The work's own language.
    #[schema(value_type = Option<String>)]
    pub language: Option<Language>,
    /// The headline, in each language.
    pub headline: Texts,
    /// What is shown, who does what, when and where; in each language.
    pub caption: Texts,
    /// What a picture shows, for those who can't see it; in each language.
    pub alt_text: Texts,
    /// Words under which the material should be found.
    pub keywords: Vec<String>,
    /// Who is shown or heard.
    pub persons: Vec<Person>,
    /// Where it was taken.
    pub place: Option<Place>,
    /// Who made the work.
    pub creator: Option<String>,
    /// The line that must stand beside the work when it is printed.
    pub credit: Option<String>,
    /// Who provided the work.
    pub source: Option<String>,
    /// Who owns the rights, in each language.
    pub copyright: Texts,
    /// What may be done with the work, in each language.
    pub usage_terms: Texts,
    /// A licence by its SPDX name or its address.
    pub license: Option<String>,
    /// When the work was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub taken_at: Option<Timestamp>,
    /// What the material is to others.
    pub related: Vec<Related>,
    /// To whom the material opens when it is published.
    pub audiences: Vec<String>,
    /// The moment before which nobody outside the staff may know of it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub embargo_until: Option<Timestamp>,
    /// The moment from which readers do not have it any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub available_until: Option<Timestamp>,
    /// Which moment of a film its poster and its thumbnail show, in milliseconds from its beginning; null: the one that shows
    /// most. For staff alone.
    #[schema(minimum = 0)]
    pub poster_at_ms: Option<i64>,
    /// Stars, 0 to 5; for staff alone.
    #[schema(minimum = 0, maximum = 5)]
    pub rating: Option<i32>,
    /// Whether an editor selected or rejected it; for staff alone.
    pub pick: Option<Pick>,
}

/// A relation between two materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Related {
    /// What this material is to the other one.
    #[serde(rename = "type")]
    pub kind: Relation,
    /// The other one.
    pub id: MaterialId,
}

/// What a material is to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    TranslationOf,
    PartOf,
    Replaces,
    Illustrates,
}

impl Relation {
    pub const ALL: [Self; 4] = [
        Self::TranslationOf,
        Self::PartOf,
        Self::Replaces,
        Self::Illustrates,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TranslationOf => "translation_of",
            Self::PartOf => "part_of",
            Self::Replaces => "replaces",
            Self::Illustrates => "illustrates",
        }
    }
}

/// What an editor thought when the footage was looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    Selected,
    Rejected,
}

impl Pick {
    pub const ALL: [Self; 2] = [Self::Selected, Self::Rejected];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Selected => "selected",
            Self::Rejected => "rejected",
        }
    }
}

impl Description {
    /// The description of a material as it stands.
    pub fn of(record: &Record) -> Self {
        let row = &record.row;
        let relation = |word: &str| {
            Relation::ALL
                .into_iter()
                .find(|relation| relation.as_str() == word)
        };
        let related = record.related.iter().filter_map(|row| {
            Some(Related {
                kind: relation(&row.kind)?,
                id: row.other_id,
            })
        });
        Self {
            unit: Some(row.unit_id),
            event: row.event_id,
            genre: row.genre.clone(),
            language: row
                .language
                .as_deref()
                .and_then(|tag| Language::parse(tag).ok()),
            headline: record.headline.clone(),
            caption: record.caption.clone(),
            alt_text: row.alt_text.clone(),
            keywords: row.keywords.0.clone(),
            persons: row.persons.0.clone(),
            place: row.place.clone(),
            creator: row.creator.clone(),
            credit: row.credit.clone(),
            source: row.source.clone(),
            copyright: row.copyright.clone(),
            usage_terms: row.usage_terms.clone(),
            license: row.license.clone(),
            taken_at: row.taken_at.and_then(moment),
            related: related.collect(),
            audiences: record.audiences.clone(),
            embargo_until: row.embargo_until.and_then(moment),
            available_until: row.available_until.and_then(moment),
            poster_at_ms: row.poster_at_ms,
            rating: row.rating,
            pick: row
                .pick
                .as_deref()
                .and_then(|word| Pick::ALL.into_iter().find(|pick| pick.as_str() == word)),
        }
    }
}

fn moment(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}
