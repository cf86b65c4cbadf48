//! What nobody has said of a material yet: what an editor's round is about.

use serde::{Deserialize, Serialize};

use super::document::Document;

/// A field of the description that is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    Headline,
    Caption,
    AltText,
    Keywords,
    Persons,
    Place,
    Creator,
    Credit,
    Source,
    Language,
    Genre,
    Event,
    TakenAt,
}

impl Missing {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Headline => "headline",
            Self::Caption => "caption",
            Self::AltText => "alt_text",
            Self::Keywords => "keywords",
            Self::Persons => "persons",
            Self::Place => "place",
            Self::Creator => "creator",
            Self::Credit => "credit",
            Self::Source => "source",
            Self::Language => "language",
            Self::Genre => "genre",
            Self::Event => "event",
            Self::TakenAt => "taken_at",
        }
    }

    pub fn of(document: &Document) -> impl Iterator<Item = Self> {
        let empty =
            |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
        let all = [
            (Self::Headline, document.headline.is_empty()),
            (Self::Caption, document.caption.is_empty()),
            (Self::AltText, document.alt_text.is_empty()),
            (Self::Keywords, document.keywords.is_empty()),
            (Self::Persons, document.persons.is_empty()),
            (
                Self::Place,
                document.place.is_empty() && document.measures.position.is_none(),
            ),
            (Self::Creator, empty(&document.creator)),
            (Self::Credit, empty(&document.credit)),
            (Self::Source, empty(&document.source)),
            (Self::Language, document.language.is_none()),
            (Self::Genre, empty(&document.genre)),
            (Self::Event, document.event.is_none()),
            (Self::TakenAt, document.taken_at.is_none()),
        ];
        all.into_iter()
            .filter(|(_, is_missing)| *is_missing)
            .map(|(what, _)| what)
    }
}
