//! What a kit must hold beside its shape: lengths, times, and references to what the caller may name. What the caller
//! may not know of is as unknown as what never was.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{KitInput, contents::AT_ONCE};
use crate::{
    access::Caller,
    db::{self, events, materials, units},
    description::{check_audiences, publication::Hindrance},
    error::{Error, FieldFault, Result},
    language::Texts,
    terms::{MaterialId, Status},
};

/// In letters.
pub(super) const LONGEST_TEXT: usize = 20_000;
pub(super) const LONGEST_LINE: usize = 1_000;
const MOST_LANGUAGES: usize = 30;
/// More would be no kit; the archive's layout is computed in memory.
pub const MOST_ITEMS: usize = 50_000;

/// Holds a kit against its limits and against what is there. Items that it had `before` stay, whatever became of them:
/// an editor may not see each of them, and must not lose one by writing the others back.
///
/// # Errors
/// Invalid, naming every field at fault.
pub(super) async fn check(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    before: &KitInput,
    after: &KitInput,
) -> Result<()> {
    let mut faults = Vec::new();
    shape(after, &mut faults);
    references(connection, caller, after, &mut faults).await?;
    if let Err(Error::Refused(refusal)) = check_audiences(connection, &after.audiences).await {
        faults.extend(refusal.fields);
    }
    let named: Vec<MaterialId> = after.items.iter().map(|item| item.material).collect();
    let pointer = |place| format!("/items/{place}/material");
    faults.extend(items(connection, caller, before, &named, pointer).await?);
    none(faults)
}

/// What keeps a kit from its readers: nobody could see it, it has no name, or there is nothing in it.
pub(super) fn missing(kit: &KitInput) -> Vec<FieldFault> {
    let named = kit.title.iter().any(|(_, text)| !text.trim().is_empty());
    let all = [
        (
            kit.audiences.is_empty(),
            "/audiences",
            Hindrance::NoAudience.words(),
        ),
        (
            !named,
            "/title",
            "is missing: readers see it in at least one language",
        ),
        (
            kit.items.is_empty(),
            "/items",
            "are missing: readers get at least one material",
        ),
    ];
    let missing = all.into_iter().filter(|(is_missing, ..)| *is_missing);
    missing
        .map(|(_, pointer, words)| fault(pointer, words))
        .collect()
}

/// # Errors
/// Invalid, where there is a fault.
pub(super) fn none(faults: Vec<FieldFault>) -> Result<()> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::faults(faults))
    }
}

/// The materials at fault among those that are named: twice, unknown or unseen, withdrawn.
pub(super) async fn items(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    before: &KitInput,
    named: &[MaterialId],
    pointer: impl Fn(usize) -> String,
) -> Result<Vec<FieldFault>> {
    // As many as no kit holds are refused as they are, and not looked up.
    if named.len() > MOST_ITEMS {
        return Ok(Vec::new());
    }
    let had = before.materials();
    let new: Vec<MaterialId> = named
        .iter()
        .copied()
        .filter(|id| !had.contains(id))
        .collect();
    let mut found: HashMap<MaterialId, Status> = HashMap::new();
    for part in new.chunks(AT_ONCE) {
        let seen = caller.sees(materials::Column::Id, materials::Column::UnitId, db::now());
        let rows: Vec<(MaterialId, Status)> = materials::Entity::find()
            .select_only()
            .column(materials::Column::Id)
            .column(materials::Column::Status)
            .filter(materials::Column::Id.is_in(part.iter().copied()))
            .filter(seen)
            .into_tuple()
            .all(connection)
            .await?;
        found.extend(rows);
    }
    let mut met = HashSet::new();
    let mut faults = Vec::new();
    for (place, material) in named.iter().enumerate() {
        let words = match found.get(material) {
            _ if !met.insert(*material) => "is named twice",
            _ if had.contains(material) => continue,
            None => "is not there",
            Some(Status::Withdrawn) => "was withdrawn",
            Some(_) => continue,
        };
        faults.push(fault(&pointer(place), words));
    }
    Ok(faults)
}

pub(super) fn too_many(pointer: &str, count: usize) -> Option<FieldFault> {
    let words = || format!("are too many: at most {MOST_ITEMS}");
    (count > MOST_ITEMS).then(|| fault(pointer, words()))
}

fn shape(kit: &KitInput, faults: &mut Vec<FieldFault>) {
    texts("/title", &kit.title, LONGEST_LINE, faults);
    texts("/summary", &kit.summary, LONGEST_TEXT, faults);
    for (place, item) in kit.items.iter().enumerate() {
        texts(
            &format!("/items/{place}/note"),
            &item.note,
            LONGEST_TEXT,
            faults,
        );
    }
    if let Some(contact) = &kit.contact {
        line("/contact/name", &contact.name, LONGEST_LINE, faults);
        line(
            "/contact/phone",
            contact.phone.as_deref().unwrap_or_default(),
            LONGEST_LINE,
            faults,
        );
        line(
            "/contact/email",
            contact.email.as_deref().unwrap_or_default(),
            LONGEST_LINE,
            faults,
        );
    }
    faults.extend(too_many("/items", kit.items.len()));
    if let (Some(from), Some(until)) = (kit.embargo_until, kit.available_until)
        && until <= from
    {
        faults.push(fault(
            "/available_until",
            "is not after the end of the embargo",
        ));
    }
}

async fn references(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &KitInput,
    faults: &mut Vec<FieldFault>,
) -> Result<()> {
    if let Some(unit) = kit.unit
        && units::Entity::find_by_id(unit)
            .one(connection)
            .await?
            .is_none()
    {
        faults.push(fault("/unit", "is not there"));
    }
    if let Some(event) = kit.event {
        let seen = caller.sees_event(events::Column::Id, events::Column::UnitId);
        let found = events::Entity::find_by_id(event).filter(seen);
        if found.one(connection).await?.is_none() {
            faults.push(fault("/event", "is not there"));
        }
    }
    Ok(())
}

pub(super) fn texts(pointer: &str, texts: &Texts, most: usize, faults: &mut Vec<FieldFault>) {
    if texts.0.len() > MOST_LANGUAGES {
        faults.push(fault(
            pointer,
            format!("stands in more than {MOST_LANGUAGES} languages"),
        ));
    }
    for (language, text) in texts.iter() {
        line(&format!("{pointer}/{language}"), text, most, faults);
    }
}

pub(super) fn line(pointer: &str, text: &str, most: usize, faults: &mut Vec<FieldFault>) {
    if text.chars().count() > most {
        faults.push(fault(pointer, format!("is longer than {most} letters")));
    }
    if text.contains('\0') {
        faults.push(fault(pointer, "holds a NUL"));
    }
}

pub(super) fn fault(pointer: &str, detail: impl Into<String>) -> FieldFault {
    FieldFault {
        pointer: pointer.to_owned(),
        detail: detail.into(),
    }
}
