//! The words of the domain that the code is strict about: ids and closed vocabularies. Each enum is written in JSON
//! and in the database as its word in snake case.

use sea_orm::{DeriveActiveEnum, DeriveValueType, EnumIter, FromJsonQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Code, Error, FieldFault},
    language::{Texts, countries},
};

/// A newtype around a UUID version 7 (RFC 9562), so that one thing's id is never taken for another's.
macro_rules! id {
    ($($name:ident),+ $(,)?) => {$(
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, DeriveValueType,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        // sea-orm asks every key for this; ours are never made by the database.
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )+};
}

id!(
    MaterialId,
    UnitId,
    EventId,
    KitId,
    AccountId,
    TokenId,
    BlobId,
    RenditionId
);

impl BlobId {
    /// When the id was made, in milliseconds since 1970: a UUID version 7 begins with it (RFC 9562 section 5.7).
    pub fn born(self) -> i64 {
        // Forty-eight bits always fit.
        (self.0.as_u128() >> 80) as i64
    }
}

/// What sort of work a material is; read from its bytes, never from its name.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumIter,
    DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Text,
    Photo,
    Audio,
    Video,
}

/// Where people have brought a material or a kit.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumIter,
    DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Draft,
    InReview,
    Published,
    Withdrawn,
}

/// Where the machine has brought an original. `failed`: something could not be made, or the file is damaged; what was
/// made of it is there all the same, and with its `thumb` it can be published.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumIter,
    DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Processing {
    Receiving,
    Queued,
    Running,
    Ready,
    Failed,
}

/// What an account may do; see `access`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumIter,
    DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Reader,
    Contributor,
    Editor,
    Admin,
}

/// Whether a blob may be pointed at.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumIter,
    DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum BlobState {
    /// Whole, its digest known.
    Sealed,
    /// Nothing points at it, and its bytes are about to go.
    Deleting,
}

/// How far a rendition is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumIter,
    DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RenditionState {
    Pending,
    Ready,
    Failed,
}

/// Which of its texts a row of a material holds.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumIter,
    DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TextField {
    Headline,
    Caption,
}

/// Who wrote a text.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumIter,
    DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Human,
    Machine,
    /// The file itself said so.
    Embedded,
}

/// What an entry of the log or of the audit is about.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumIter,
    DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    Material,
    Kit,
    Event,
    Unit,
    Account,
    Token,
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
}

impl Status {
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

/// Words in the order in which they were given.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult,
)]
#[serde(transparent)]
pub struct Words(pub Vec<String>);

/// Somebody who is shown or heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name, in each language in which it is written.
    pub name: Texts,
    /// Office or function, in each language.
    #[serde(default)]
    pub title: Texts,
}

#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult,
)]
#[serde(transparent)]
pub struct Persons(pub Vec<Person>);

/// Where something was taken or takes place.
#[derive(
    Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema, FromJsonQueryResult,
)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// What the place is called, in each language.
    #[serde(default)]
    pub name: Texts,
    /// ISO 3166-1 alpha-2, such as `UZ` or `KG`.
    #[serde(default)]
    pub country: Option<String>,
    /// Degrees north, WGS 84.
    #[serde(default)]
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84.
    #[serde(default)]
    pub longitude: Option<f64>,
}

impl Place {
    /// Adds what is wrong with the numbers and the code to the faults of the body in which the place stands at `pointer`.
    pub fn check(&self, pointer: &str, faults: &mut Vec<FieldFault>) {
        let mut fault = |name: &str, detail: &str| {
            faults.push(FieldFault {
                pointer: format!("{pointer}/{name}"),
                detail: detail.to_owned(),
            });
        };
        if self
            .latitude
            .is_some_and(|degrees| !(-90.0..=90.0).contains(&degrees))
        {
            fault("latitude", "goes from -90 to 90");
        }
        if self
            .longitude
            .is_some_and(|degrees| !(-180.0..=180.0).contains(&degrees))
        {
            fault("longitude", "goes from -180 to 180");
        }
        let alone = match (self.latitude, self.longitude) {
            (Some(_), None) => Some("longitude"),
            (None, Some(_)) => Some("latitude"),
            _ => None,
        };
        if let Some(missing) = alone {
            fault(missing, "is missing: a position has both, or neither");
        }
        if let Some(code) = self.country.as_deref() {
            match countries::two(code) {
                Some(known) if known == code => {}
                Some(known) => fault("country", &format!("is “{code}”: did you mean {known}?")),
                None => fault(
                    "country",
                    &format!("is “{code}”, no code of a country (ISO 3166-1), such as UZ"),
                ),
            }
        }
    }
}

/// Whom a journalist calls.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult,
)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The person or the office.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// As it is dialled.
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// An address for mail.
    pub email: Option<String>,
}

/// What a new material of a unit gets where nobody said anything.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult,
)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    /// The line that must stand beside the work when it is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// Who owns the rights, in each language.
    pub copyright: Texts,
    /// What may be done with the work, in each language.
    pub usage_terms: Texts,
    /// To whom materials open when they are published.
    pub audiences: Vec<String>,
    /// Whom a journalist calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}
