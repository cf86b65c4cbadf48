//! A change of a description, on its way from whoever wants it into a new version: merged, checked, written, and told to
//! the log. Shared by the step that describes and by the one that describes and publishes at once.

use sea_orm::DatabaseTransaction;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    Description, apply, check,
    check::{has_moment, leads_on},
    publication, save,
};
use crate::{
    access::Caller,
    db::{self, log, records::Record},
    error::Result,
    jobs::{self, Job},
    language::Texts,
    patch,
    terms::{Origin, Thing},
};

/// An editor waits for a chosen poster as for a first one.
const POSTER: i32 = 1;

/// What somebody wants changed.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// A JSON merge patch over the description (RFC 7396).
    pub patch: Option<Value>,
    /// What comes into lists, and what goes out of them.
    pub add: Lists,
    pub remove: Lists,
    /// With it the change counts as a correction.
    pub correction_note: Option<Texts>,
    pub reason: Option<String>,
}

/// Members of the lists that many materials share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lists {
    /// Words under which the material should be found.
    pub keywords: Vec<String>,
    /// Codes of the vocabulary `audiences`.
    pub audiences: Vec<String>,
}

/// Lays the change over the material. None: nothing changed. The entry is for the log, as the last thing.
///
/// # Errors
/// As the rights and the description's own checks say.
pub async fn lay(
    tx: &DatabaseTransaction,
    caller: &Caller,
    record: &Record,
    change: Change,
) -> Result<Option<log::Entry>> {
    let (unit, owner, status) = (record.row.unit_id, record.row.created_by, record.row.status);
    caller.may_change(unit, owner, status)?;
    let before = Description::of(record);
    let (after, said) = wanted(&before, &change)?;
    if let Some(unit) = after.unit.filter(|moved| *moved != unit) {
        caller.may_change(unit, owner, status)?;
    }
    check(tx, caller, &before, &after).await?;
    leads_on(&after, record.row.id)?;
    publication::keeps_readers(status, &after.audiences)?;
    if before.poster_at_ms != after.poster_at_ms {
        has_moment(record, after.poster_at_ms)?;
        jobs::enqueue_once(
            tx,
            &Job::Poster {
                material: record.row.id,
            },
            POSTER,
        )
        .await?;
    }
    let mut row = record.row.clone();
    let changed = apply(tx, &mut row, &before, &after, Origin::Human).await?;
    for name in said {
        if !row.said.0.contains(&name) {
            row.said.0.push(name);
        }
    }
    if changed.is_empty() && change.correction_note.is_none() {
        save(tx, row).await?;
        return Ok(None);
    }
    row.version += 1;
    row.updated_at = db::now();
    let action = if change.correction_note.is_some() {
        "corrected"
    } else {
        "updated"
    };
    let mut entry = log::Entry::new(Thing::Material, row.id.0, row.version, action);
    entry.account_id = caller.account;
    entry.changed = changed;
    entry.reason = change.reason;
    entry.detail = change.correction_note.as_ref().map(log::noting);
    save(tx, row).await?;
    Ok(Some(entry))
}

/// The description as it is to be, and the fields that somebody spoke of.
fn wanted(before: &Description, change: &Change) -> Result<(Description, Vec<String>)> {
    let mut said = Vec::new();
    let mut after = match &change.patch {
        Some(laid) => {
            said.extend(
                laid.as_object()
                    .into_iter()
                    .flat_map(|members| members.keys().cloned()),
            );
            patch::merge(before, laid)?
        }
        None => before.clone(),
    };
    let lists = [
        (
            "keywords",
            &mut after.keywords,
            &change.add.keywords,
            &change.remove.keywords,
        ),
        (
            "audiences",
            &mut after.audiences,
            &change.add.audiences,
            &change.remove.audiences,
        ),
    ];
    for (name, list, add, remove) in lists {
        if add.is_empty() && remove.is_empty() {
            continue;
        }
        said.push(name.to_owned());
        list.retain(|word| !remove.contains(word));
        for word in add {
            if !list.contains(word) {
                list.push(word.clone());
            }
        }
    }
    Ok((after, said))
}
