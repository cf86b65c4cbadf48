//! Kits as they are shown: to each caller what this caller may see of them.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use utoipa::ToSchema;

use super::archive::{self, ArchiveQuery};
use crate::{
    access::{Caller, opens_at},
    api::{
        materials::{MaterialView, showing_by},
        reference::{EventReference, UnitReference},
        time::time,
    },
    app::App,
    bundle::{self, Files, Item, Kept, Kit, Named, Outline, Outlined, Sight},
    config::Config,
    db::{self, records::Record},
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
    let Sight { outline, rows, now } = kept.outline(app, caller, id).await?;
    let kit = bundle::one(&rows, caller, id).await?;
    let items = named(&rows, caller, &kit, now).await?;
    Ok(view(&app.config, caller, &kit, items, &outline))
}

/// The same of one that was made in this transaction; no other connection sees it yet.
pub async fn made(
    tx: &DatabaseTransaction,
    app: &App,
    caller: &Caller,
    id: KitId,
) -> Result<KitView> {
    let outline = bundle::outline(tx, caller, &app.config, id).await?;
    let kit = bundle::one(tx, caller, id).await?;
    let items = named(tx, caller, &kit, db::now()).await?;
    Ok(view(&app.config, caller, &kit, items, &outline))
}

async fn named(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
    now: i64,
) -> Result<Vec<ItemView>> {
    let inside = caller.sees_inside(kit.row.unit_id);
    let items = bundle::named(connection, caller, kit, now).await?;
    let view = |item: Named| ItemView {
        material: ItemMaterial::Named(MaterialReference {
            id: item.material,
            name: item.headline,
            kind: item.kind,
        }),
        note: item.note,
        hidden: inside && item.hidden,
    };
    Ok(items.into_iter().map(view).collect())
}

fn view(
    config: &Config,
    caller: &Caller,
    kit: &Kit,
    items: Vec<ItemView>,
    outline: &Outline,
) -> KitView {
    let path = archive::path(kit.row.id);
    let archive = |archive: &Outlined| ArchiveView {
        files: archive.files,
        size: archive.size,
        entries: archive.entries,
        etag: archive.etag.clone(),
        url: config.url(&ArchiveQuery::of(archive.files).pinned(&path, archive.version())),
    };
    KitView {
        summary: KitSummary::of(kit, caller, config),
        items,
        archives: outline.archives.iter().map(archive).collect(),
    }
}

/// The same with its materials whole, but for their long texts.
pub async fn shown_with_materials(
    app: &App,
    kept: &Kept,
    caller: &Caller,
    id: KitId,
) -> Result<KitView> {
    let Sight { outline, rows, now } = kept.outline(app, caller, id).await?;
    let kit = bundle::one(&rows, caller, id).await?;
    let inside = caller.sees_inside(kit.row.unit_id);
    let items = bundle::contents(&rows, caller, &kit, now, async |items| {
        whole(&rows, app, caller, items, inside).await
    });
    let items = items.await?;
    Ok(view(&app.config, caller, &kit, items, &outline))
}

async fn whole(
    connection: &impl ConnectionTrait,
    app: &App,
    caller: &Caller,
    items: Vec<Item>,
    inside: bool,
) -> Result<Vec<ItemView>> {
    let (items, records): (Vec<ItemView>, Vec<Option<Record>>) = items
        .into_iter()
        .map(|item| {
            let view = ItemView {
                material: ItemMaterial::Named(MaterialReference::of(&item)),
                note: item.note,
                hidden: inside && item.hidden,
            };
            (view, item.record)
        })
        .unzip();
    let seen: Vec<&Record> = records.iter().flatten().collect();
    let showing = showing_by(connection, app, caller, seen, false, Vec::new()).await?;
    let views = items.into_iter().zip(records).map(|(item, record)| {
        let Some(record) = record else {
            return item;
        };
        let material = ItemMaterial::Whole(Box::new(showing.view(&record)));
        ItemView { material, ..item }
    });
    Ok(views.collect())
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
