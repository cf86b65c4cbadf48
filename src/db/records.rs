//! A material as it is read: its row with everything that hangs on it, for one or for a page of them, in a number of
//! queries that does not grow with the page.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IdenStatic, Iterable, QueryFilter, QueryOrder,
    QuerySelect, Select, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    audiences, blobs, events, material_relations, material_texts, materials, originals,
    rendition_segments, renditions, units, visibility,
};
use crate::{
    error::{Error, Result},
    language::{Language, Texts},
    terms::{BlobId, BlobState, EventId, MaterialId, RenditionId, TextField, UnitId},
};

/// The engines take about twice as many values in a statement, and no more.
const MOST_VALUES: usize = 16_000;

#[derive(Debug, Clone)]
pub struct Record {
    pub row: materials::Model,
    pub headline: Texts,
    pub caption: Texts,
    /// Each headline and caption with who wrote it.
    pub texts: Vec<material_texts::Model>,
    pub audiences: Vec<String>,
    pub visible: Vec<visibility::Model>,
    pub related: Vec<material_relations::Model>,
    pub unit: units::Model,
    pub event: Option<(events::Model, Vec<String>)>,
    /// The one that readers have.
    pub original: Original,
    /// A corrected one that is still being examined, or has failed.
    pub pending: Option<Original>,
}

#[derive(Debug, Clone)]
pub struct Original {
    pub row: originals::Model,
    pub blob: blobs::Model,
    pub renditions: Vec<renditions::Model>,
}

impl Original {
    /// Whether its bytes have come.
    pub fn is_there(&self) -> bool {
        self.blob.state != BlobState::Receiving
    }
}

/// A range of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub blob: BlobId,
    pub offset: u64,
    pub length: u64,
}

/// The materials that are there, in the order in which they were named.
pub async fn load(connection: &impl ConnectionTrait, ids: &[MaterialId]) -> Result<Vec<Record>> {
    of(connection, materials::Entity::find(), ids, Depth::Whole).await
}

/// The same without what is made of their originals, of which there are many rows: for the index.
pub async fn said(connection: &impl ConnectionTrait, ids: &[MaterialId]) -> Result<Vec<Record>> {
    of(connection, materials::Entity::find(), ids, Depth::Said).await
}

/// The same without what is written in them, which may be a mebibyte each, without what the files say of themselves, and
/// without the frames of pictures: for lists and archives.
pub async fn brief(connection: &impl ConnectionTrait, ids: &[MaterialId]) -> Result<Vec<Record>> {
    let without_text = without(materials::Entity::find(), materials::Column::Text);
    of(connection, without_text, ids, Depth::Brief).await
}

/// All columns but one that may be null, and is read as if it were.
fn without<E: EntityTrait>(rows: Select<E>, left_out: E::Column) -> Select<E> {
    let others = E::Column::iter().filter(|column| column.as_str() != left_out.as_str());
    let rows = rows.select_only().columns(others);
    rows.column_as(Expr::value(None::<String>), left_out.as_str())
}

/// How much is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Whole,
    /// Without `originals.embedded` and `renditions.frame`.
    Brief,
    /// Without renditions.
    Said,
}

async fn of(
    connection: &impl ConnectionTrait,
    found: Select<materials::Entity>,
    ids: &[MaterialId],
    depth: Depth,
) -> Result<Vec<Record>> {
    let rows = found
        .filter(materials::Column::Id.is_in(ids.iter().copied()))
        .all(connection)
        .await?;
    let mut parts = Box::pin(Parts::load(connection, &rows, depth)).await?;
    let mut records = HashMap::new();
    for row in rows {
        let id = row.id;
        match parts.take(row) {
            Ok(record) => drop(records.insert(id, record)),
            // It was deleted between two looks.
            Err(_) if !is_there(connection, id).await? => {}
            // One that is broken keeps nobody from finding the others.
            Err(error) if depth == Depth::Said => {
                tracing::error!(%id, %error, "a material cannot be read, and is left out");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(ids.iter().filter_map(|id| records.remove(id)).collect())
}

async fn is_there(connection: &impl ConnectionTrait, id: MaterialId) -> Result<bool> {
    let row = materials::Entity::find_by_id(id).one(connection).await?;
    Ok(row.is_some())
}

/// One material, whole.
pub async fn one(connection: &impl ConnectionTrait, id: MaterialId) -> Result<Record> {
    load(connection, &[id])
        .await?
        .pop()
        .ok_or_else(Error::not_found)
}

/// The newest original of a material and what is made of it; none where the material is not there.
pub async fn newest(
    connection: &impl ConnectionTrait,
    id: MaterialId,
) -> Result<Option<(originals::Model, Vec<renditions::Model>)>> {
    let newest = originals::Entity::find()
        .filter(originals::Column::MaterialId.eq(id))
        .order_by_desc(originals::Column::Number)
        .one(connection)
        .await?;
    let Some(original) = newest else {
        return Ok(None);
    };
    let made = renditions::Entity::find()
        .filter(renditions::Column::MaterialId.eq(id))
        .filter(renditions::Column::Number.eq(original.number))
        .order_by_asc(renditions::Column::Id)
        .all(connection)
        .await?;
    Ok(Some((original, made)))
}

/// The pieces of renditions, each in its order.
pub async fn segments(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = RenditionId>,
) -> Result<HashMap<RenditionId, Vec<Segment>>> {
    let ids: Vec<RenditionId> = ids.into_iter().collect();
    let mut found: HashMap<RenditionId, Vec<Segment>> = HashMap::new();
    for part in ids.chunks(MOST_VALUES) {
        let rows = rendition_segments::Entity::find()
            .filter(rendition_segments::Column::RenditionId.is_in(part.iter().copied()))
            .order_by_asc(rendition_segments::Column::Position)
            .all(connection)
            .await?;
        for row in rows {
            let segment = Segment {
                blob: row.blob_id,
                offset: row.start.unsigned_abs(),
                length: row.length.unsigned_abs(),
            };
            found.entry(row.rendition_id).or_default().push(segment);
        }
    }
    Ok(found)
}

/// What tells bytes from all others, as entity tags hold it (RFC 9110 section 8.8.3): their digest, or the blobs that they
/// lie in, which never change. What is joined of pieces has no digest at first: its tag must not change when that is there.
pub fn tag(segments: &[Segment], sha256: Option<&str>) -> String {
    if let (Some(sha256), [_]) = (sha256, segments) {
        return sha256.to_owned();
    }
    let part = |s: &Segment| format!("{}.{}.{}", s.blob.0.simple(), s.offset, s.length);
    let parts: Vec<String> = segments.iter().map(part).collect();
    parts.join("-")
}

/// Everything that hangs on a page of materials, by what it hangs on.
struct Parts {
    texts: HashMap<MaterialId, Vec<material_texts::Model>>,
    audiences: HashMap<Uuid, Vec<String>>,
    visible: HashMap<Uuid, Vec<visibility::Model>>,
    related: HashMap<MaterialId, Vec<material_relations::Model>>,
    units: HashMap<UnitId, units::Model>,
    events: HashMap<EventId, events::Model>,
    originals: HashMap<MaterialId, Vec<originals::Model>>,
    renditions: HashMap<(MaterialId, i32), Vec<renditions::Model>>,
    blobs: HashMap<BlobId, blobs::Model>,
}

impl Parts {
    async fn load(
        connection: &impl ConnectionTrait,
        rows: &[materials::Model],
        depth: Depth,
    ) -> Result<Self> {
        let ids: Vec<MaterialId> = rows.iter().map(|row| row.id).collect();
        let event_ids: Vec<EventId> = rows.iter().filter_map(|row| row.event_id).collect();
        let things: Vec<Uuid> = ids
            .iter()
            .map(|id| id.0)
            .chain(event_ids.iter().map(|id| id.0))
            .collect();

        let texts = material_texts::Entity::find()
            .filter(material_texts::Column::MaterialId.is_in(ids.iter().copied()));
        let visible = visibility::Entity::find()
            .filter(visibility::Column::ThingId.is_in(ids.iter().map(|id| id.0)));
        let related = material_relations::Entity::find()
            .filter(material_relations::Column::MaterialId.is_in(ids.iter().copied()))
            .order_by_asc(material_relations::Column::Position);
        let units = units::Entity::find()
            .filter(units::Column::Id.is_in(rows.iter().map(|row| row.unit_id)));
        let events = events::Entity::find().filter(events::Column::Id.is_in(event_ids));
        // Side by side, where there are connections for it.
        let (texts, visible, related, units, events, audiences, files) = tokio::try_join!(
            all(connection, texts),
            all(connection, visible),
            all(connection, related),
            all(connection, units),
            all(connection, events),
            audiences::of(connection, things),
            files(connection, ids, depth),
        )?;
        let (originals, renditions, blobs) = files;

        Ok(Self {
            texts: grouped(texts, |row| row.material_id),
            audiences,
            visible: grouped(visible, |row| row.thing_id),
            related: grouped(related, |row| row.material_id),
            units: units.into_iter().map(|row| (row.id, row)).collect(),
            events: events.into_iter().map(|row| (row.id, row)).collect(),
            originals: grouped(originals, |row| row.material_id),
            renditions: grouped(renditions, |row| (row.material_id, row.number)),
            blobs: blobs.into_iter().map(|row| (row.id, row)).collect(),
        })
    }

    fn take(&mut self, row: materials::Model) -> Result<Record> {
        let id = row.id;
        let texts = self.texts.remove(&id).unwrap_or_default();
        let unit = self
            .units
            .get(&row.unit_id)
            .cloned()
            .ok_or_else(|| missing("its unit"))?;
        let event = row
            .event_id
            .and_then(|id| self.events.get(&id))
            .map(|event| {
                (
                    event.clone(),
                    self.audiences.get(&event.id.0).cloned().unwrap_or_default(),
                )
            });
        let mut originals = self.originals.remove(&id).unwrap_or_default();
        let is_later = |original: &mut originals::Model| original.number > row.current_original;
        let newest = originals.pop_if(is_later);
        // Corrections that another took the place of before they were ready.
        while originals.pop_if(is_later).is_some() {}
        let current = originals
            .pop_if(|last| last.number == row.current_original)
            .ok_or_else(|| missing("its original"))?;
        Ok(Record {
            headline: side_by_side(&texts, TextField::Headline)?,
            caption: side_by_side(&texts, TextField::Caption)?,
            texts,
            audiences: self.audiences.remove(&id.0).unwrap_or_default(),
            visible: self.visible.remove(&id.0).unwrap_or_default(),
            related: self.related.remove(&id).unwrap_or_default(),
            unit,
            event,
            original: self.original(current)?,
            pending: newest.map(|row| self.original(row)).transpose()?,
            row,
        })
    }

    fn original(&mut self, row: originals::Model) -> Result<Original> {
        let blob = self
            .blobs
            .get(&row.blob_id)
            .cloned()
            .ok_or_else(|| missing("its blob"))?;
        let renditions = self
            .renditions
            .remove(&(row.material_id, row.number))
            .unwrap_or_default();
        Ok(Original {
            row,
            blob,
            renditions,
        })
    }
}

/// The originals of the materials in their order, what is made of them, and the originals' blobs.
async fn files(
    connection: &impl ConnectionTrait,
    ids: Vec<MaterialId>,
    depth: Depth,
) -> Result<(
    Vec<originals::Model>,
    Vec<renditions::Model>,
    Vec<blobs::Model>,
)> {
    let originals = match depth {
        Depth::Whole | Depth::Said => originals::Entity::find(),
        Depth::Brief => without(originals::Entity::find(), originals::Column::Embedded),
    };
    let originals = originals
        .filter(originals::Column::MaterialId.is_in(ids.iter().copied()))
        .order_by_asc(originals::Column::Number);
    let of_these = match depth {
        Depth::Whole | Depth::Brief => ids,
        Depth::Said => Vec::new(),
    };
    let renditions = match depth {
        Depth::Whole | Depth::Said => renditions::Entity::find(),
        Depth::Brief => without(renditions::Entity::find(), renditions::Column::Frame),
    };
    let renditions = renditions
        .filter(renditions::Column::MaterialId.is_in(of_these))
        .order_by_asc(renditions::Column::Id);
    let originals = async {
        let originals = all(connection, originals).await?;
        let blobs = blobs::Entity::find()
            .filter(blobs::Column::Id.is_in(originals.iter().map(|row| row.blob_id)));
        Ok((originals, all(connection, blobs).await?))
    };
    let ((originals, blobs), renditions) =
        tokio::try_join!(originals, all(connection, renditions))?;
    Ok((originals, renditions, blobs))
}

async fn all<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    asked: Select<E>,
) -> Result<Vec<E::Model>> {
    Ok(asked.all(connection).await?)
}

fn missing(what: &'static str) -> Error {
    Error::internal("a material", format!("{what} is not there"))
}

fn grouped<K: std::hash::Hash + Eq, V>(rows: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

fn side_by_side(rows: &[material_texts::Model], field: TextField) -> Result<Texts> {
    let of_field = rows.iter().filter(|row| row.field == field);
    let parsed = of_field.map(|row| {
        let language = Language::parse(&row.language)
            .map_err(|why| Error::internal("a language in the database", why))?;
        Ok((language, row.text.clone()))
    });
    parsed.collect::<Result<_>>().map(Texts)
}

/// The part of the segments that holds the range of their bytes, counted from the first one's beginning.
pub fn cut(segments: &[Segment], range: std::ops::Range<u64>) -> Vec<Segment> {
    let mut start = 0;
    let mut parts = Vec::new();
    for segment in segments {
        let (from, to) = (
            range.start.max(start),
            range.end.min(start + segment.length),
        );
        if from < to {
            let offset = segment.offset + (from - start);
            parts.push(Segment {
                blob: segment.blob,
                offset,
                length: to - from,
            });
        }
        start += segment.length;
    }
    parts
}
