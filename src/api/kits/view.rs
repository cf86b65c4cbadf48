//! Kits as they are shown: to each caller what this caller may see of them.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use utoipa::ToSchema;

use super::archive::{self, ArchiveQuery};
use crate::{
    access::{Caller, opens_at},
    api::{
        materials::{MaterialView, showing},
        reference::{EventReference, UnitReference},
        time::time,
    },
    app::App,
    bundle::{self, Archive, Files, Item, Kept, Kit},
    config::Config,
    db::records::Record,
    error::Result,
    language::Texts,
    terms::{Contact, Kind, KitId, MaterialId, Status},
};

/// A press kit, without what lies in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KitSummary {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: KitId,
    /// Counts what people change.
    pub version: i32,
    /// The unit that makes it.
    pub unit: UnitReference,
    /// Where people have brought it.
    pub status: Status,
    /// To whom it opens when it is published; readers learn of those that they are of.
    pub audiences: Vec<String>,
    /// The moment before which nobody outside the staff may know of it.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub embargo_until: Option<Timestamp>,
    /// The moment from which readers do not have it any more.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub available_until: Option<Timestamp>,
    /// When its readers got it, or will: its publication or the end of its embargo, whichever is later.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub published_at: Option<Timestamp>,
    /// Its page for people; null where it is not published to everybody.
    #[schema(required = true)]
    pub page_url: Option<String>,
    /// What it is called, in each language.
    pub title: Texts,
    /// What it is about, in each language.
    pub summary: Texts,
    /// The event to which it belongs, where the caller may know of it.
    #[schema(required = true)]
    pub event: Option<EventReference>,
    /// Whom a journalist calls.
    #[schema(required = true)]
    pub contact: Option<Contact>,
    /// What readers are told of its withdrawal, in each language.
    pub notice: Texts,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When somebody changed it last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A press kit: an ordered, described bundle of materials.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KitView {
    #[serde(flatten)]
    pub summary: KitSummary,
    /// What lies in it, in its order: what the caller may see.
    pub items: Vec<ItemView>,
    /// Its archives, as this caller would get them.
    pub archives: Vec<ArchiveView>,
}

/// A material in its place in a kit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ItemView {
    pub material: ItemMaterial,
    /// What the kit says of it, in each language.
    pub note: Texts,
    /// Whether readers do not have it now; told to staff alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub hidden: bool,
}

/// The material: named, or whole where `include=material` asks for it and the caller may see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ItemMaterial {
    Whole(Box<MaterialView>),
    Named(MaterialReference),
}

/// A material that something names.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MaterialReference {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: MaterialId,
    /// Its headline, in each language; null where the caller may not see the material.
    #[schema(required = true)]
    pub name: Option<Texts>,
    /// What sort of work it is; null until its bytes were examined, or where the caller may not see it.
    #[schema(required = true)]
    pub kind: Option<Kind>,
}

/// An archive of a kit, as the caller would get it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArchiveView {
    /// Which files it holds.
    pub files: Files,
    /// In bytes.
    pub size: u64,
    /// How many files it holds, `README.txt`, `captions.csv` and `captions.json` included.
    pub entries: usize,
    /// Its entity tag.
    pub etag: String,
    /// Where it is, as it is now: any range of it may be had at any time while it stays so.
    pub url: String,
}

/// The kit as the caller may see it, whole.
pub async fn shown(app: &App, kept: &Kept, caller: &Caller, id: KitId) -> Result<KitView> {
    let laid = kept.archives(app, caller, id).await?;
    let archives = laid.iter().map(|laid| &laid.archive);
    let rows = app.db.snapshot().await?;
    view(&rows, &app.config, caller, id, archives).await
}

/// The same of one that was made in this transaction; no other connection sees it yet.
pub async fn made(
    tx: &DatabaseTransaction,
    app: &App,
    caller: &Caller,
    id: KitId,
) -> Result<KitView> {
    let archives = bundle::archives(tx, caller, &app.config, id).await?;
    view(tx, &app.config, caller, id, archives.iter()).await
}

async fn view(
    connection: &impl ConnectionTrait,
    config: &Config,
    caller: &Caller,
    id: KitId,
    archives: impl Iterator<Item = &Archive>,
) -> Result<KitView> {
    let kit = bundle::one(connection, caller, id).await?;
    let items = bundle::contents(connection, caller, &kit).await?;
    let inside = caller.sees_inside(kit.row.unit_id);
    let archive = |archive: &Archive| ArchiveView {
        files: archive.files,
        size: archive.layout.size(),
        entries: archive.layout.entries().len(),
        etag: archive.layout.etag().to_owned(),
        url: config.url(&ArchiveQuery::of(archive.files).pinned(&archive::path(id), archive)),
    };
    Ok(KitView {
        summary: KitSummary::of(&kit, caller, config),
        items: items
            .iter()
            .map(|item| ItemView::of(item, inside))
            .collect(),
        archives: archives.map(archive).collect(),
    })
}

/// The same with its materials whole, but for their long texts.
pub async fn shown_with_materials(
    app: &App,
    kept: &Kept,
    caller: &Caller,
    id: KitId,
) -> Result<KitView> {
    let mut view = shown(app, kept, caller, id).await?;
    let rows = app.db.snapshot().await?;
    let kit = bundle::one(&rows, caller, id).await?;
    let items = bundle::contents(&rows, caller, &kit).await?;
    drop(rows);
    let records: Vec<Record> = items
        .iter()
        .filter_map(|item| item.record.clone())
        .collect();
    let showing = showing(app, caller, &records, false, Vec::new()).await?;
    let inside = caller.sees_inside(kit.row.unit_id);
    let whole = |item: Item| ItemView {
        material: match item.record.clone() {
            Some(record) => ItemMaterial::Whole(Box::new(showing.view(record))),
            None => ItemMaterial::Named(MaterialReference::of(&item)),
        },
        ..ItemView::of(&item, inside)
    };
    view.items = items.into_iter().map(whole).collect();
    Ok(view)
}

impl KitSummary {
    pub fn of(kit: &Kit, caller: &Caller, config: &Config) -> Self {
        let row = &kit.row;
        let event = kit.event.as_ref();
        let event = event.filter(|(event, open)| caller.sees_event_row(event.unit_id, open));
        Self {
            id: row.id,
            version: row.version,
            unit: UnitReference::from(&kit.unit),
            status: row.status,
            audiences: told(kit, caller),
            embargo_until: row.embargo_until.map(time),
            available_until: row.available_until.map(time),
            published_at: opens_at(row.published_at, row.embargo_until).map(time),
            page_url: kit.page_url(config),
            title: row.title.clone(),
            summary: row.summary.clone(),
            event: event.map(|(event, _)| EventReference::from(event)),
            contact: row.contact.clone(),
            notice: row.notice.clone(),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        }
    }
}

fn told(kit: &Kit, caller: &Caller) -> Vec<String> {
    let inside = caller.sees_inside(kit.row.unit_id);
    let audiences = kit.audiences.iter();
    audiences
        .filter(|audience| inside || caller.audiences.contains(audience))
        .cloned()
        .collect()
}

impl ItemView {
    fn of(item: &Item, inside: bool) -> Self {
        Self {
            material: ItemMaterial::Named(MaterialReference::of(item)),
            note: item.note.clone(),
            hidden: inside && item.hidden,
        }
    }
}

impl MaterialReference {
    pub fn of(item: &Item) -> Self {
        let record = item.record.as_ref();
        Self {
            id: item.material,
            name: record.map(|record| record.headline.clone()),
            kind: record.and_then(|record| record.row.kind),
        }
    }
}
