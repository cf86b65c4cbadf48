//! Closed vocabularies. Each word is written in JSON and in the database in snake case.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Code, Error};

macro_rules! vocabularies {
    ($($(#[$doc:meta])* pub enum $name:ident { $($(#[$told:meta])* $word:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter,
            DeriveActiveEnum,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$told])* $word),+ }
    )+};
}

vocabularies! {
    /// What sort of work a material is; read from its bytes, never from its name.
    pub enum Kind {
        Text,
        Photo,
        Audio,
        Video,
    }

    /// Where people have brought a material or a kit.
    pub enum Status {
        Draft,
        InReview,
        Published,
        Withdrawn,
    }

    /// Where the machine has brought an original. `failed`: something could not be made, or the file is damaged; what was
    /// made of it is there all the same, and with its `thumb` it can be published.
    pub enum Processing {
        Receiving,
        Queued,
        Running,
        Ready,
        Failed,
    }

    /// What an account may do; see `access`.
    pub enum Role {
        Reader,
        Contributor,
        Editor,
        Admin,
    }

    /// Whether a blob may be pointed at.
    pub enum BlobState {
        /// Its last byte has not come, and its digest is not known.
        Receiving,
        /// Whole, its digest known.
        Sealed,
        /// Its bytes are not those that came in: whoever brings those again heals what points at it.
        Rotten,
        /// Nothing points at it, and its bytes are about to go.
        Deleting,
    }

    /// Where an upload that goes on stands.
    pub enum UploadState {
        /// Bytes may come.
        Receiving,
        /// All its parts are there, and are being put together.
        Joining,
        /// It has become what it was for.
        Finished,
        /// Somebody ended it, or its bytes were refused.
        Ended,
        /// Nothing came for too long.
        Expired,
    }

    /// How far a rendition is.
    pub enum RenditionState {
        Pending,
        Ready,
        Failed,
    }

    /// What a scanner for malware said of an original. What it could not go through whole is not scanned, never clean.
    pub enum Verdict {
        Clean,
        Infected,
        NotScanned,
    }

    /// Which of its texts a row of a material holds.
    pub enum TextField {
        Headline,
        Caption,
    }

    /// Who wrote a text.
    pub enum Origin {
        Human,
        Machine,
        /// The file itself said so.
        Embedded,
    }

    /// What an entry of the log or of the audit is about.
    pub enum Thing {
        Material,
        Kit,
        Event,
        Unit,
        Account,
        Token,
        Link,
    }

    /// By which way somebody came who took something.
    pub enum Via {
        Token,
        Link,
        /// Without either: nobody knows who.
        Public,
    }

    /// What became of a thing in the view of its readers.
    pub enum Turn {
        /// They have it from now on.
        Published,
        /// They have it as before, and something of it is new.
        Updated,
        /// The same, and what they had was wrong.
        Corrected,
        /// It was taken back.
        Withdrawn,
        /// It left their view otherwise: its time ran out, its audience was narrowed, its embargo was moved.
        Removed,
        /// Others' view of it changed, and theirs did not.
        Unchanged,
    }
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Photo => "photo",
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The steps that lead on from here; there are no others.
    pub const fn allowed(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::InReview],
            Self::InReview => &[Self::Published, Self::Draft],
            Self::Published => &[Self::Withdrawn],
            Self::Withdrawn => &[Self::Draft],
        }
    }

    /// Whether there is something to do to get from here to there.
    ///
    /// # Errors
    /// Refused, with the steps that are `allowed`, where no step leads there.
    pub fn step(self, to: Self) -> Result<bool, Error> {
        if self == to {
            return Ok(false);
        }
        if self.allowed().contains(&to) {
            return Ok(true);
        }
        let allowed: Vec<&str> = self
            .allowed()
            .iter()
            .map(|status| status.as_str())
            .collect();
        let detail = format!(
            "From {} there is no step to {}, only to {}.",
            self.as_str(),
            to.as_str(),
            allowed.join(" or ")
        );
        Err(Error::refused(Code::TransitionNotAllowed, detail).with("allowed", allowed))
    }
}

impl Processing {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

impl Turn {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Updated => "updated",
            Self::Corrected => "corrected",
            Self::Withdrawn => "withdrawn",
            Self::Removed => "removed",
            Self::Unchanged => "unchanged",
        }
    }
}

impl Thing {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Material => "material",
            Self::Kit => "kit",
            Self::Event => "event",
            Self::Unit => "unit",
            Self::Account => "account",
            Self::Token => "token",
            Self::Link => "link",
        }
    }
}

impl Verdict {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Infected => "infected",
            Self::NotScanned => "not_scanned",
        }
    }
}

impl Role {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Contributor => "contributor",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}
