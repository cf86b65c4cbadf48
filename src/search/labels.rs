//! Facet values with their names in every language, as far as they have one: codes from the vocabularies, events and
//! units from their rows.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    access::Caller,
    db::{events, units, vocabularies},
    error::Result,
    index::{Facet, FacetCount},
    language::Texts,
    terms::{EventId, UnitId},
};

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    pub value: String,
    /// Empty where the value speaks for itself.
    pub label: Texts,
    pub count: u64,
}

pub async fn label(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    counted: BTreeMap<Facet, Vec<FacetCount>>,
) -> Result<BTreeMap<Facet, Vec<Labelled>>> {
    let mut labelled = BTreeMap::new();
    for (facet, counts) in counted {
        let mut names = names(connection, caller, facet, &counts).await?;
        let with_name = |FacetCount { value, count }| {
            let id = value
                .parse::<Uuid>()
                .map_or(value.clone(), |id| id.to_string());
            Labelled {
                label: names.remove(&id).unwrap_or_default(),
                value: id,
                count,
            }
        };
        labelled.insert(facet, counts.into_iter().map(with_name).collect());
    }
    Ok(labelled)
}

async fn names(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    facet: Facet,
    counts: &[FacetCount],
) -> Result<HashMap<String, Texts>> {
    let ids = || {
        counts
            .iter()
            .filter_map(|count| count.value.parse::<Uuid>().ok())
    };
    Ok(match facet {
        Facet::Genre => codes(connection, "genres").await?,
        Facet::Audience => codes(connection, "audiences").await?,
        Facet::Event => events::Entity::find()
            .filter(events::Column::Id.is_in(ids().map(EventId)))
            .filter(caller.sees_event(events::Column::Id, events::Column::UnitId))
            .all(connection)
            .await?
            .into_iter()
            .map(|row| (row.id.to_string(), row.name))
            .collect(),
        Facet::Unit => units::Entity::find()
            .filter(units::Column::Id.is_in(ids().map(UnitId)))
            .all(connection)
            .await?
            .into_iter()
            .map(|row| (row.id.to_string(), row.name))
            .collect(),
        Facet::Kind => words(&KINDS),
        Facet::Status => words(&STATUSES),
        Facet::Language | Facet::Keyword | Facet::Person | Facet::Processing | Facet::Year => {
            HashMap::new()
        }
    })
}

async fn codes(connection: &impl ConnectionTrait, name: &str) -> Result<HashMap<String, Texts>> {
    let rows = vocabularies::Entity::find()
        .filter(vocabularies::Column::Name.eq(name))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.label)).collect())
}

type Names = [(&'static str, [(&'static str, &'static str); 5]); 4];

fn words(names: &Names) -> HashMap<String, Texts> {
    names
        .iter()
        .map(|(code, label)| ((*code).to_owned(), Texts::from(*label)))
        .collect()
}

const KINDS: Names = [
    (
        "text",
        [
            ("uz-Latn", "Matn"),
            ("uz-Cyrl", "Матн"),
            ("ky", "Текст"),
            ("ru", "Текст"),
            ("en", "Text"),
        ],
    ),
    (
        "photo",
        [
            ("uz-Latn", "Surat"),
            ("uz-Cyrl", "Сурат"),
            ("ky", "Сүрөт"),
            ("ru", "Фото"),
            ("en", "Photo"),
        ],
    ),
    (
        "audio",
        [
            ("uz-Latn", "Audio"),
            ("uz-Cyrl", "Аудио"),
            ("ky", "Аудио"),
            ("ru", "Аудио"),
            ("en", "Audio"),
        ],
    ),
    (
        "video",
        [
            ("uz-Latn", "Video"),
            ("uz-Cyrl", "Видео"),
            ("ky", "Видео"),
            ("ru", "Видео"),
            ("en", "Video"),
        ],
    ),
];

const STATUSES: Names = [
    (
        "draft",
        [
            ("uz-Latn", "Qoralama"),
            ("uz-Cyrl", "Қоралама"),
            ("ky", "Долбоор"),
            ("ru", "Черновик"),
            ("en", "Draft"),
        ],
    ),
    (
        "in_review",
        [
            ("uz-Latn", "Ko‘rib chiqilmoqda"),
            ("uz-Cyrl", "Кўриб чиқилмоқда"),
            ("ky", "Каралууда"),
            ("ru", "На проверке"),
            ("en", "In review"),
        ],
    ),
    (
        "published",
        [
            ("uz-Latn", "E’lon qilingan"),
            ("uz-Cyrl", "Эълон қилинган"),
            ("ky", "Жарыяланган"),
            ("ru", "Опубликовано"),
            ("en", "Published"),
        ],
    ),
    (
        "withdrawn",
        [
            ("uz-Latn", "Qaytarib olingan"),
            ("uz-Cyrl", "Қайтариб олинган"),
            ("ky", "Кайтарылып алынган"),
            ("ru", "Отозвано"),
            ("en", "Withdrawn"),
        ],
    ),
];
