//! What a description must hold beside its shape: lengths, numbers, and references to what the caller may name.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Description;
use crate::{
    access::Caller,
    db::{events, materials, records::Record, units, vocabularies},
    error::{Error, FieldFault, Result},
    language::Texts,
    media::Facts,
    terms::{Kind, MaterialId},
};

/// In letters; a caption is a paragraph, not a book.
const LONGEST_TEXT: usize = 20_000;
pub const LONGEST_LINE: usize = 1_000;
pub const MOST_LANGUAGES: usize = 30;
const MOST_WORDS: usize = 500;
pub const LONGEST_WORD: usize = 200;

/// Holds a description against its limits and against what is there. Places and persons that stood in `before` already
/// are let be: rules are younger than some descriptions, which must still be open to be put right, or to other changes.
///
/// # Errors
/// Invalid, naming every field at fault.
pub async fn check(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    before: &Description,
    description: &Description,
) -> Result<()> {
    let mut faults = Vec::new();
    lengths(description, &mut faults);
    persons(before, description, &mut faults);
    numbers(before, description, &mut faults);
    unit(connection, before, description, &mut faults).await?;
    references(connection, caller, description, &mut faults).await?;
    if let Err(Error::Refused(refusal)) = audiences(connection, &description.audiences).await {
        faults.extend(refusal.fields);
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::faults(faults))
    }
}

/// A relation leads to another material.
///
/// # Errors
/// Invalid, naming each that leads back.
pub fn leads_on(description: &Description, own: MaterialId) -> Result<()> {
    let related = description.related.iter().enumerate();
    let back = related.filter(|(_, related)| related.id == own);
    let faults: Vec<FieldFault> = back
        .map(|(place, _)| fault(&format!("/related/{place}/id"), "is the material itself"))
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::faults(faults))
    }
}

/// A moment that a poster is to show lies within a film. Of what was not examined yet nobody knows.
///
/// # Errors
/// Invalid, with the reason.
pub fn has_moment(record: &Record, ms: Option<i64>) -> Result<()> {
    let Some(ms) = ms else { return Ok(()) };
    let facts = record.original.row.facts.clone();
    let facts = facts.and_then(|facts| serde_json::from_value::<Facts>(facts).ok());
    let wrong = match facts {
        Some(facts) if facts.kind != Kind::Video => Some("only films have a poster".to_owned()),
        Some(Facts {
            duration_ms: Some(duration),
            ..
        }) if ms > duration => Some(format!("lies behind the end, which is at {duration}")),
        _ => None,
    };
    wrong.map_or(Ok(()), |words| {
        Err(Error::faults(vec![fault("/poster_at_ms", words)]))
    })
}

/// Every audience must be a code of the office.
pub async fn audiences(connection: &impl ConnectionTrait, audiences: &[String]) -> Result<()> {
    let known = vocabularies::Entity::find()
        .filter(vocabularies::Column::Name.eq("audiences"))
        .order_by_asc(vocabularies::Column::Position)
        .all(connection)
        .await?;
    let unknown = audiences
        .iter()
        .enumerate()
        .filter(|(_, audience)| !known.iter().any(|row| row.code == **audience));
    let codes: Vec<&str> = known.iter().map(|row| row.code.as_str()).collect();
    let codes = codes.join(", ");
    let mut faults: Vec<FieldFault> = unknown
        .map(|(place, word)| {
            let words = format!("“{word}” is no audience here; known are {codes}");
            fault(&format!("/audiences/{place}"), words)
        })
        .collect();
    let mut sorted: Vec<&String> = audiences.iter().collect();
    sorted.sort();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        faults.push(fault("/audiences", "names an audience twice"));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::faults(faults))
    }
}

fn lengths(description: &Description, faults: &mut Vec<FieldFault>) {
    let texts: [(&str, &Texts); 5] = [
        ("headline", &description.headline),
        ("caption", &description.caption),
        ("alt_text", &description.alt_text),
        ("copyright", &description.copyright),
        ("usage_terms", &description.usage_terms),
    ];
    for (name, texts) in texts {
        if texts.0.len() > MOST_LANGUAGES {
            faults.push(fault(
                &format!("/{name}"),
                format!("stands in more than {MOST_LANGUAGES} languages"),
            ));
        }
        for (language, text) in texts.iter() {
            long(&format!("/{name}/{language}"), text, LONGEST_TEXT, faults);
        }
    }
    let lines = [
        ("creator", &description.creator),
        ("credit", &description.credit),
        ("source", &description.source),
        ("license", &description.license),
    ];
    for (name, line) in lines {
        if let Some(line) = line {
            long(&format!("/{name}"), line, LONGEST_LINE, faults);
        }
    }
    if description.keywords.len() > MOST_WORDS {
        faults.push(fault(
            "/keywords",
            format!(
                "{} are too many: at most {MOST_WORDS}",
                description.keywords.len()
            ),
        ));
        return;
    }
    for (place, word) in description.keywords.iter().enumerate() {
        let pointer = format!("/keywords/{place}");
        if word.trim().is_empty() {
            faults.push(fault(&pointer, "is empty"));
        }
        long(&pointer, word, LONGEST_WORD, faults);
    }
}

fn persons(before: &Description, description: &Description, faults: &mut Vec<FieldFault>) {
    if description.persons.len() > MOST_WORDS {
        faults.push(fault(
            "/persons",
            format!("are too many: at most {MOST_WORDS}"),
        ));
    }
    let all = description.persons.iter().enumerate();
    for (place, person) in all.filter(|(_, person)| !before.persons.contains(person)) {
        let pointer = format!("/persons/{place}/name");
        if person.name.iter().all(|(_, name)| name.trim().is_empty()) {
            faults.push(fault(&pointer, "needs a name in at least one language"));
        }
        for (language, name) in person.name.iter() {
            long(&format!("{pointer}/{language}"), name, LONGEST_LINE, faults);
        }
        for (language, title) in person.title.iter() {
            let pointer = format!("/persons/{place}/title/{language}");
            long(&pointer, title, LONGEST_LINE, faults);
        }
    }
}

fn numbers(before: &Description, description: &Description, faults: &mut Vec<FieldFault>) {
    if description
        .rating
        .is_some_and(|rating| !(0..=5).contains(&rating))
    {
        faults.push(fault("/rating", "goes from 0 to 5"));
    }
    if description.poster_at_ms.is_some_and(|ms| ms < 0) {
        faults.push(fault("/poster_at_ms", "lies before the beginning"));
    }
    if let Some(place) = &description.place {
        place.check(before.place.as_ref(), "/place", faults);
    }
    if description
        .genre
        .as_deref()
        .is_some_and(|code| !is_code(code))
    {
        faults.push(fault(
            "/genre",
            "is not a code: small Latin letters, digits and _",
        ));
    }
    if let (Some(from), Some(until)) = (description.embargo_until, description.available_until)
        && until <= from
    {
        faults.push(fault(
            "/available_until",
            "is not after the end of the embargo",
        ));
    }
}

/// What the caller may not know of is as unknown as what never was.
/// Where it is to belong from now on.
async fn unit(
    connection: &impl ConnectionTrait,
    before: &Description,
    description: &Description,
    faults: &mut Vec<FieldFault>,
) -> Result<()> {
    let moved = description.unit.filter(|unit| before.unit != Some(*unit));
    if let Some(unit) = moved
        && units::Entity::find_by_id(unit)
            .one(connection)
            .await?
            .is_none()
    {
        faults.push(fault("/unit", "is not there"));
    }
    Ok(())
}

async fn references(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    description: &Description,
    faults: &mut Vec<FieldFault>,
) -> Result<()> {
    if let Some(event) = description.event {
        let seen = caller.sees_event(events::Column::Id, events::Column::UnitId);
        if events::Entity::find_by_id(event)
            .filter(seen)
            .one(connection)
            .await?
            .is_none()
        {
            faults.push(fault("/event", "is not there"));
        }
    }
    let ids = description.related.iter().map(|related| related.id);
    let seen = caller.sees(
        materials::Column::Id,
        materials::Column::UnitId,
        crate::db::now(),
    );
    let found: Vec<MaterialId> = materials::Entity::find()
        .select_only()
        .column(materials::Column::Id)
        .filter(materials::Column::Id.is_in(ids))
        .filter(seen)
        .into_tuple()
        .all(connection)
        .await?;
    for (place, related) in description.related.iter().enumerate() {
        if !found.contains(&related.id) {
            faults.push(fault(&format!("/related/{place}/id"), "is not there"));
        }
    }
    Ok(())
}

fn long(pointer: &str, text: &str, most: usize, faults: &mut Vec<FieldFault>) {
    if text.len() > most && text.chars().count() > most {
        faults.push(fault(pointer, format!("is longer than {most} letters")));
    }
    if text.contains('\0') {
        faults.push(fault(pointer, "holds a NUL"));
    }
}

fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len())
        && code
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn fault(pointer: &str, detail: impl Into<String>) -> FieldFault {
    FieldFault {
        pointer: pointer.to_owned(),
        detail: detail.into(),
    }
}
