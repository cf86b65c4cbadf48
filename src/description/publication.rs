//! A material on its way to its readers and back: what still stands in the way, and the rows that a step writes. Shared
//! by the step that publishes materials and by the one that publishes a kit with the drafts in it.

use sea_orm::DatabaseTransaction;

use super::{files, write};
use crate::{
    access,
    db::{
        self, audiences, log,
        records::{Original, Record},
        withdrawals,
    },
    error::{Error, Result},
    language::Texts,
    media::presets,
    terms::{AccountId, Kind, MaterialId, Processing, RenditionState, Status, Thing, Verdict},
};

/// Why a material can't be published yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// Nobody could see it.
    NoAudience,
    /// Its bytes were not examined yet.
    NotExamined,
    /// Its thumbnail is not there yet.
    NoThumbnail,
    /// Its file is broken.
    Failed,
    /// Malware was found in it.
    Infected,
    /// Nobody has called it free of malware yet.
    NotScanned,
}

impl Hindrance {
    /// In words for an editor.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoAudience => {
                "names nobody who could see it: give it at least one audience, such as [\"public\"]"
            }
            Self::NotExamined => "Its file has not been examined yet; try again in a moment.",
            Self::NoThumbnail => "Its thumbnail is not there yet; try again in a moment.",
            Self::Failed => "Its file could not be processed; see `processing.problem`.",
            Self::Infected => "Malware was found in its file; see `processing.scan`.",
            Self::NotScanned => {
                "Its file has not been scanned for malware; `processing.scan` says why. It is tried again."
            }
        }
    }
}

/// What one step says beside where it leads.
#[derive(Debug, Clone, Default)]
pub struct Step {
    pub account: Option<AccountId>,
    /// For staff alone.
    pub reason: Option<String>,
    /// Shown to readers when it is withdrawn.
    pub notice: Texts,
    pub replaced_by: Option<MaterialId>,
}

/// What is published stays open to somebody: taking the last audience away would be a withdrawal without a notice.
///
/// # Errors
/// Invalid, with what is to be done.
pub fn keeps_readers(status: Status, audiences: &[String]) -> Result<()> {
    if status == Status::Published && audiences.is_empty() {
        return Err(Error::invalid(
            "/audiences",
            "cannot be emptied while it is published: name at least one, or withdraw it by a transition",
        ));
    }
    Ok(())
}

/// What still stands in the way of publishing the material to `audiences`.
pub fn hindrance(record: &Record, audiences: &[String]) -> Option<Hindrance> {
    if audiences.is_empty() {
        return Some(Hindrance::NoAudience);
    }
    let original = &record.original;
    let has = |name: &str, state| has(original, name, state);
    let can_be_seen = has(presets::THUMB, RenditionState::Ready) || can_be_read(record);
    if original.row.processing == Processing::Failed && !can_be_seen {
        return Some(Hindrance::Failed);
    }
    if original.row.facts.is_none() {
        return Some(Hindrance::NotExamined);
    }
    match original.row.scan {
        Some(Verdict::Infected) => return Some(Hindrance::Infected),
        Some(Verdict::NotScanned) => return Some(Hindrance::NotScanned),
        Some(Verdict::Clean) | None => {}
    }
    let wants_thumbnail = match record.row.kind {
        Some(Kind::Photo | Kind::Video) => !has(presets::THUMB, RenditionState::Ready),
        // Of a text that cannot be drawn there is still what is written.
        Some(Kind::Text) => has(presets::THUMB, RenditionState::Pending),
        Some(Kind::Audio) | None => false,
    };
    wants_thumbnail.then_some(Hindrance::NoThumbnail)
}

/// Whether something is written in a text.
fn can_be_read(record: &Record) -> bool {
    let text = files::ready(record, presets::TEXT);
    record.row.kind == Some(Kind::Text) && text.is_some_and(|text| text.size > 0)
}

fn has(original: &Original, name: &str, state: RenditionState) -> bool {
    let mut made = original.renditions.iter();
    made.any(|made| made.name == name && made.state == state)
}

/// Takes the step in the transaction: the row, its windows, and who keeps a trace of what was withdrawn. Gives the entry
/// for the log, to be appended as the last thing. The audiences are those that stand in the rows by now.
pub async fn take(
    tx: &DatabaseTransaction,
    record: &Record,
    to: Status,
    step: Step,
) -> Result<log::Entry> {
    let now = db::now();
    let mut row = record.row.clone();
    let audiences = audiences::of(tx, vec![row.id.0])
        .await?
        .remove(&row.id.0)
        .unwrap_or_default();
    match to {
        Status::Published => {
            row.published_at = Some(now);
            row.notice = Texts::default();
            row.replaced_by = None;
            withdrawals::forget(tx, row.id.0).await?;
        }
        Status::Withdrawn => {
            row.notice = step.notice;
            row.replaced_by = step.replaced_by.map(|id| id.0);
            // Who is told anew are those who were told.
            if record.row.status != Status::Withdrawn {
                withdrawals::remember(tx, row.id.0, &record.visible, now).await?;
            }
        }
        Status::Draft | Status::InReview => {}
    }
    row.status = to;
    row.version += 1;
    row.updated_at = now;
    let term = access::Term {
        status: to,
        published_at: row.published_at,
        embargo_until: row.embargo_until,
        available_until: row.available_until,
    };
    access::refresh(tx, row.id.0, term, &audiences).await?;
    let mut entry = log::Entry::new(
        Thing::Material,
        row.id.0,
        row.version,
        action(record.row.status, to),
    );
    entry.account_id = step.account;
    entry.reason = step.reason;
    entry.changed = vec!["status".to_owned()];
    write::save(tx, row).await?;
    Ok(entry)
}

/// What the log calls a step.
pub const fn action(from: Status, to: Status) -> &'static str {
    match (from, to) {
        (_, Status::Published) => "published",
        (_, Status::Withdrawn) => "withdrawn",
        (_, Status::InReview) => "submitted",
        (Status::Withdrawn, Status::Draft) => "reopened",
        (_, Status::Draft) => "returned",
    }
}
