//! What a reader would miss in a kit that were published now, and why: for the editor, before anybody asks for it.

use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Item, Kit, contents};
use crate::{
    access::Caller,
    db::{self, records::Record, renditions},
    description::{
        check_audiences,
        publication::{self, Hindrance},
    },
    error::{Code, Error, Result},
    media::presets,
    terms::{RenditionState, Status},
};

/// Why an item would be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is a draft, or in review.
    Draft,
    /// The machine is not done with it, or it is not for this editor to know.
    NotReady,
    /// Its embargo ends after the kit's.
    EmbargoLater,
    /// The audience that was asked about is none of its own.
    AudienceNarrower,
    /// It was withdrawn.
    Withdrawn,
    /// Its time is over before readers have the kit.
    Expired,
}

/// An item that would be missing.
#[derive(Debug)]
pub struct Missing {
    pub item: Item,
    pub why: Vec<Why>,
}

/// What would be missing for readers of the audience, in the kit's order; for each of the kit's own where none is named.
///
/// # Errors
/// As `reach` says; forbidden for whoever does not see inside the kit's unit; a bad request for an unknown audience.
pub async fn readiness(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
    audience: Option<String>,
) -> Result<Vec<Missing>> {
    if !caller.sees_inside(kit.row.unit_id) {
        let words = "What is missing in a kit is for the staff of its unit.";
        return Err(Error::refused(Code::Forbidden, words));
    }
    let audiences = match audience {
        Some(one) => vec![one],
        None => kit.audiences.clone(),
    };
    if check_audiences(connection, &audiences).await.is_err() {
        let words = "The parameter “audience” names none of the office's audiences.";
        return Err(Error::refused(Code::BadRequest, words));
    }
    // The moment from which readers have the kit.
    let now = db::now();
    let from = kit.row.embargo_until.unwrap_or(0).max(now);
    let missing = |item: Item| Missing {
        why: item
            .record
            .as_ref()
            .map_or_else(|| vec![Why::NotReady], |r| why(r, &audiences, from)),
        item,
    };
    contents(connection, caller, kit, now, async |items| {
        let missing = items.into_iter().map(missing);
        Ok(missing.filter(|missing| !missing.why.is_empty()).collect())
    })
    .await
}

fn why(record: &Record, audiences: &[String], from: i64) -> Vec<Why> {
    let row = &record.row;
    let mut why = Vec::new();
    match row.status {
        Status::Draft | Status::InReview => why.push(Why::Draft),
        Status::Withdrawn => why.push(Why::Withdrawn),
        Status::Published => {}
    }
    let hindrance = publication::hindrance(record, audiences);
    let hindered = hindrance.is_some_and(|hindrance| hindrance != Hindrance::NoAudience);
    if hindered || awaits_press(record) {
        why.push(Why::NotReady);
    }
    if row.embargo_until.is_some_and(|until| until > from) {
        why.push(Why::EmbargoLater);
    }
    // The public's audience is everybody's.
    let open = |audience: &String| {
        record
            .audiences
            .iter()
            .any(|own| own == audience || own == "public")
    };
    if !audiences.iter().all(open) {
        why.push(Why::AudienceNarrower);
    }
    if row.available_until.is_some_and(|until| until <= from) {
        why.push(Why::Expired);
    }
    why
}

/// Whether the press copy of a photo is still being made.
fn awaits_press(record: &Record) -> bool {
    let pending = |made: &renditions::Model| {
        made.name == presets::PRESS && made.state == RenditionState::Pending
    };
    record.original.renditions.iter().any(pending)
}
