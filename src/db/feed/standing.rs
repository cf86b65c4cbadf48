//! How a thing stands in its rows, as far as its readers' view of it goes.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    super::{kit_items, kits, material_texts, materials, visibility},
    Seen,
    announced::Digests,
};
use crate::{
    error::{Error, Result},
    language::Texts,
    terms::{EventId, Kind, KitId, MaterialId, Status, Thing, Words},
};

#[derive(Debug)]
pub struct Standing {
    pub version: i32,
    pub status: Status,
    /// What is said of its withdrawal.
    pub notice: Texts,
    /// Of a material: the number of its original.
    pub original: i32,
    /// What it is told apart by; to whom it is open is not said here.
    pub seen: Seen,
}

impl Standing {
    /// None: the thing is not there any more.
    pub async fn of(
        connection: &impl ConnectionTrait,
        thing: Thing,
        id: Uuid,
    ) -> Result<Option<Self>> {
        match thing {
            Thing::Material => material(connection, MaterialId(id)).await,
            Thing::Kit => kit(connection, KitId(id)).await,
            Thing::Event | Thing::Unit | Thing::Account | Thing::Token | Thing::Link => Ok(None),
        }
    }
}

type Row = (
    i32,
    Status,
    Texts,
    i32,
    Option<Kind>,
    Option<String>,
    Words,
    Option<EventId>,
);

/// Without what is written in it, which may be a mebibyte.
async fn material(connection: &impl ConnectionTrait, id: MaterialId) -> Result<Option<Standing>> {
    let columns = [
        materials::Column::Version,
        materials::Column::Status,
        materials::Column::Notice,
        materials::Column::CurrentOriginal,
        materials::Column::Kind,
        materials::Column::Language,
        materials::Column::Keywords,
        materials::Column::EventId,
    ];
    let row: Option<Row> = materials::Entity::find_by_id(id)
        .select_only()
        .columns(columns)
        .into_tuple()
        .one(connection)
        .await?;
    let Some((version, status, notice, original, kind, language, keywords, event)) = row else {
        return Ok(None);
    };
    let described_in: Vec<String> = material_texts::Entity::find()
        .select_only()
        .column(material_texts::Column::Language)
        .distinct()
        .filter(material_texts::Column::MaterialId.eq(id))
        .order_by_asc(material_texts::Column::Language)
        .into_tuple()
        .all(connection)
        .await?;
    let seen = Seen {
        audiences: Vec::new(),
        kind,
        language,
        described_in,
        keywords: keywords.0,
        event,
    };
    Ok(Some(Standing {
        version,
        status,
        notice,
        original,
        seen,
    }))
}

async fn kit(connection: &impl ConnectionTrait, id: KitId) -> Result<Option<Standing>> {
    let row = kits::Entity::find_by_id(id).one(connection).await?;
    Ok(row.map(|row| {
        let texts = row.title.iter().chain(row.summary.iter());
        let languages: BTreeSet<String> = texts.map(|(language, _)| language.to_string()).collect();
        Standing {
            version: row.version,
            status: row.status,
            notice: row.notice,
            original: 0,
            seen: Seen {
                described_in: languages.into_iter().collect(),
                event: row.event_id,
                ..Seen::default()
            },
        }
    }))
}

/// What each of the audiences has in a kit at a moment, as digests: which materials, in which order, with which notes.
pub async fn items(
    connection: &impl ConnectionTrait,
    kit: KitId,
    audiences: &[String],
    moment: i64,
) -> Result<Digests> {
    let of_kit = kit_items::Entity::find().filter(kit_items::Column::KitId.eq(kit));
    let lie_in_it = of_kit
        .clone()
        .select_only()
        .column(kit_items::Column::MaterialId)
        .into_query();
    let windows = visibility::Entity::find()
        .filter(visibility::Column::ThingId.in_subquery(lie_in_it))
        .filter(visibility::Column::VisibleFrom.lte(moment))
        .filter(visibility::Column::VisibleUntil.gt(moment))
        .all(connection)
        .await?;
    let open: BTreeSet<(Uuid, String)> = windows
        .into_iter()
        .map(|window| (window.thing_id, window.audience))
        .collect();
    let rows = of_kit
        .order_by_asc(kit_items::Column::Position)
        .all(connection)
        .await?;
    let mut found = BTreeMap::new();
    for audience in audiences {
        let mut digest = Sha256::new();
        for row in &rows {
            if open.contains(&(row.material_id.0, audience.clone())) {
                digest.update(row.material_id.0.as_bytes());
                let note = serde_json::to_vec(&row.note);
                digest.update(note.map_err(|error| Error::internal("a note", error))?);
            }
        }
        found.insert(audience.clone(), hex::encode(&digest.finalize()[..16]));
    }
    Ok(Digests(found))
}
