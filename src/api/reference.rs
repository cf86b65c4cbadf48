//! References to other things: the id, and the names that people know them by.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::time;
use crate::{
    db::{accounts, events, links, units},
    language::Texts,
    terms::{AccountId, EventId, LinkId, Recipient, UnitId},
};

/// A unit that something belongs to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnitReference {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: UnitId,
    /// What it is called, in each language.
    pub name: Texts,
}

/// An event that something belongs to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventReference {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: EventId,
    /// What it is called, in each language.
    pub name: Texts,
    /// A code of the vocabulary `event_kinds`.
    pub kind: String,
    /// When it begins.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
}

/// An account that did something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountReference {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: AccountId,
    /// The person or the organisation.
    pub name: String,
}

/// A link that somebody came by.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LinkReference {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: LinkId,
    /// What it is for, also where it was revoked since.
    pub label: String,
    /// For whom it is.
    #[schema(required = true)]
    pub recipient: Option<Recipient>,
}

impl LinkReference {
    /// `row` is none where the link went with its kit.
    pub fn new(id: LinkId, row: Option<&links::Model>) -> Self {
        Self {
            id,
            label: row.map(|row| row.label.clone()).unwrap_or_default(),
            recipient: row.and_then(|row| row.recipient.clone()),
        }
    }
}

impl From<&units::Model> for UnitReference {
    fn from(row: &units::Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
        }
    }
}

impl From<&events::Model> for EventReference {
    fn from(row: &events::Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            kind: row.kind.clone(),
            starts_at: row.starts_at.map(time),
        }
    }
}

impl From<&accounts::Model> for AccountReference {
    fn from(row: &accounts::Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
        }
    }
}
