//! What editors send: a kit as it is composed, which is also the document that a merge patch is laid over, the
//! materials that are added to it, and a step that it is to take.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Kit;
use crate::{
    db::kit_items,
    language::Texts,
    terms::{Contact, EventId, KitId, MaterialId, Status, UnitId},
};

/// A press kit, as it is composed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KitInput {
    /// The unit to which the kit belongs; the caller's own where none is named.
    #[schema(value_type = Option<Uuid>)]
    pub unit: Option<UnitId>,
    /// What the kit is called, in each language.
    pub title: Texts,
    /// What it is about, in each language.
    pub summary: Texts,
    /// The event to which the kit belongs.
    #[schema(value_type = Option<Uuid>)]
    pub event: Option<EventId>,
    /// Whom a journalist calls; a new kit gets its unit's where nothing is said.
    pub contact: Option<Contact>,
    /// The materials, in the kit's order: at most 50,000.
    pub items: Vec<ItemInput>,
    /// To whom the kit opens when it is published; a new kit gets its unit's where nothing is said.
    pub audiences: Vec<String>,
    /// The moment before which nobody outside the staff may know of the kit.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub embargo_until: Option<Timestamp>,
    /// The moment from which readers do not have it any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub available_until: Option<Timestamp>,
}

/// A material in its place in a kit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemInput {
    /// The material.
    #[schema(value_type = Uuid)]
    pub material: MaterialId,
    /// What the kit says of it, in each language.
    #[serde(default)]
    pub note: Texts,
    /// As it was shown to an editor, so that items can be sent back; it changes nothing.
    #[serde(default, skip_serializing)]
    pub hidden: bool,
}

/// Materials that are put into a kit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddInput {
    /// The materials, in their order; with those that are there, at most 50,000.
    #[schema(value_type = Vec<Uuid>)]
    pub materials: Vec<MaterialId>,
    /// The item before which they go; without it they go to the end.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub before: Option<MaterialId>,
}

/// A step that a kit is to take.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KitTransitionInput {
    /// Where it leads.
    pub to: Status,
    /// Why; for staff alone.
    #[serde(default)]
    pub reason: Option<String>,
    /// A merge patch (RFC 7396) that is laid over the kit in the same step.
    #[serde(default)]
    pub patch: Option<Value>,
    /// What becomes of the drafts in a kit that is published; they are left where nothing is said.
    #[serde(default)]
    pub items: Option<ItemsToo>,
    /// What readers are told when the kit is withdrawn, in each language.
    #[serde(default)]
    pub notice: Texts,
    /// The kit that stands in the place of a withdrawn one.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub replaced_by: Option<KitId>,
}

/// What becomes of the drafts in a kit when it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemsToo {
    /// They are published in the same step, with the kit's audiences and embargo.
    Publish,
    /// They stay as they are.
    Leave,
}

impl KitInput {
    /// The kit as it stands.
    pub fn of(kit: &Kit, items: &[kit_items::Model]) -> Self {
        let row = &kit.row;
        let item = |row: &kit_items::Model| ItemInput {
            material: row.material_id,
            note: row.note.clone(),
            hidden: false,
        };
        Self {
            unit: Some(row.unit_id),
            title: row.title.clone(),
            summary: row.summary.clone(),
            event: row.event_id,
            contact: row.contact.clone(),
            items: items.iter().map(item).collect(),
            audiences: kit.audiences.clone(),
            embargo_until: row.embargo_until.and_then(moment),
            available_until: row.available_until.and_then(moment),
        }
    }

    /// What is among the items.
    pub fn materials(&self) -> HashSet<MaterialId> {
        self.items.iter().map(|item| item.material).collect()
    }
}

pub(super) fn moment(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}
