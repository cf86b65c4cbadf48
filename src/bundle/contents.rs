//! What one caller has of a kit. A reader gets the items that this reader may see, and no trace of the others: neither
//! a gap in the numbers nor a count. Staff of the kit's unit get every item, so that nothing is lost by reading and
//! writing back.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use uuid::Uuid;

use super::{Kit, basis::Basis, kit};
use crate::{
    access::{Caller, Scope, on_the_beat},
    db::{
        self, kit_items, materials, notices,
        records::{self, Record},
        visibility, withdrawals,
    },
    description::files,
    error::Result,
    language::Texts,
    media::presets,
    terms::{Kind, KitId, MaterialId, Status, Turn},
};

/// An item of a kit, as a caller sees it.
#[derive(Debug)]
pub struct Item {
    pub material: MaterialId,
    /// None where the caller may not see the material, and only knows that it lies in the kit.
    pub record: Option<Record>,
    pub note: Texts,
    /// Whether no reader has it now: a draft, under embargo, withdrawn, or past its time.
    pub hidden: bool,
}

/// The items that the caller has of the kit, in the kit's order. The records come without their long text.
pub async fn contents(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
) -> Result<Vec<Item>> {
    let now = db::now();
    let contents = async {
        let rows = caller_rows(connection, caller, kit, now).await?;
        seen(connection, caller, kit, rows, now).await
    };
    on_the_beat(caller, contents).await
}

/// The same at the moment at which the basis was begun; what they depend on is put into it.
pub(super) async fn resting(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
    basis: &mut Basis,
) -> Result<Vec<Item>> {
    let now = basis.now();
    let rows = caller_rows(connection, caller, kit, now).await?;
    let items = seen(connection, caller, kit, rows, now).await?;
    let lies_in_it = kit_items::Entity::find()
        .select_only()
        .column(kit_items::Column::MaterialId)
        .filter(kit_items::Column::KitId.eq(kit.row.id));
    let all = lies_in_it.clone().into_tuple().all(connection).await?;
    let windows = visibility::Entity::find()
        .filter(visibility::Column::ThingId.in_subquery(lies_in_it.into_query()));
    let windows = windows.all(connection).await?;
    let records = items.iter().filter_map(|item| item.record.as_ref());
    basis.rest_on(kit, &all, &windows, records);
    Ok(items)
}

/// What of the kit may be the caller's. Of readers it is asked within the query: no time tells them how much there is
/// beside what they see.
async fn caller_rows(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
    now: i64,
) -> Result<Vec<kit_items::Model>> {
    let rows = kit::items(kit.row.id).filter(may_be_of(caller, now));
    Ok(rows.all(connection).await?)
}

fn may_be_of(caller: &Caller, now: i64) -> Condition {
    if caller.scope != Scope::Nothing {
        return Condition::all();
    }
    caller.may_see(kit_items::Column::MaterialId, now)
}

async fn seen(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
    rows: Vec<kit_items::Model>,
    now: i64,
) -> Result<Vec<Item>> {
    let ids: Vec<MaterialId> = rows.iter().map(|row| row.material_id).collect();
    let mut seen: HashMap<MaterialId, Record> = records::brief(connection, &ids)
        .await?
        .into_iter()
        .filter(|record| caller.sees_windows(record.row.unit_id, &record.visible, now))
        .map(|record| (record.row.id, record))
        .collect();
    let inside = caller.sees_inside(kit.row.unit_id);
    let items = rows.into_iter().map(|row| {
        let record = seen.remove(&row.material_id);
        Item {
            material: row.material_id,
            hidden: !record.as_ref().is_some_and(|r| open(&r.visible, now)),
            record,
            note: row.note,
        }
    });
    Ok(items
        .filter(|item| inside || item.record.is_some())
        .collect())
}

/// A material of a kit that was withdrawn from those who had it.
#[derive(Debug)]
pub struct Withdrawn {
    pub material: MaterialId,
    pub kind: Option<Kind>,
    /// When, in milliseconds since 1970.
    pub at: Option<i64>,
    /// What they are told.
    pub notice: Texts,
}

/// Those materials of the kit that the caller had and that were withdrawn, in the kit's order.
pub async fn withdrawn(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: KitId,
) -> Result<Vec<Withdrawn>> {
    let rows = kit::items(kit).all(connection).await?;
    let ids = || rows.iter().map(|row| row.material_id);
    let had = withdrawals::Entity::find()
        .filter(withdrawals::Column::ThingId.is_in(ids().map(|id| id.0)))
        .filter(withdrawals::Column::Audience.is_in(caller.audiences.iter().map(String::as_str)))
        .all(connection)
        .await?;
    let gone = materials::Entity::find()
        .filter(materials::Column::Id.is_in(had.iter().map(|row| row.thing_id)))
        .filter(materials::Column::Status.eq(Status::Withdrawn))
        .all(connection)
        .await?;
    let mut gone: HashMap<MaterialId, materials::Model> =
        gone.into_iter().map(|row| (row.id, row)).collect();
    let told = notices::Entity::find()
        .filter(notices::Column::ThingId.is_in(gone.keys().map(|id| id.0)))
        .filter(notices::Column::Turn.eq(Turn::Withdrawn))
        .order_by_asc(notices::Column::Id)
        .all(connection)
        .await?;
    let at: HashMap<Uuid, i64> = told.iter().map(|row| (row.thing_id, row.at)).collect();
    let withdrawn = |row: &kit_items::Model| {
        let material = gone.remove(&row.material_id)?;
        Some(Withdrawn {
            material: material.id,
            kind: material.kind,
            at: at.get(&material.id.0).copied(),
            notice: material.notice,
        })
    };
    Ok(rows.iter().filter_map(withdrawn).collect())
}

/// For each of the kits the first of its materials that the caller may see and that can be shown, if it is among its
/// first few.
pub async fn covers(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kits: &[Kit],
) -> Result<HashMap<KitId, Record>> {
    const LOOKED_AT: i32 = 6;
    let now = db::now();
    let rows = kit_items::Entity::find()
        .filter(kit_items::Column::KitId.is_in(kits.iter().map(|kit| kit.row.id)))
        .filter(kit_items::Column::Position.lt(LOOKED_AT))
        .filter(may_be_of(caller, now))
        .order_by_asc(kit_items::Column::Position)
        .all(connection)
        .await?;
    let ids: Vec<MaterialId> = rows.iter().map(|row| row.material_id).collect();
    let records = records::brief(connection, &ids).await?;
    let mut covers = HashMap::new();
    for row in rows {
        let mut seen = records.iter().filter(|record| {
            record.row.id == row.material_id
                && caller.sees_windows(record.row.unit_id, &record.visible, now)
                && files::ready(record, presets::THUMB).is_some()
        });
        if let Some(record) = seen.next() {
            covers.entry(row.kit_id).or_insert_with(|| record.clone());
        }
    }
    Ok(covers)
}

/// Whether anybody outside the staff has the thing now.
fn open(windows: &[visibility::Model], now: i64) -> bool {
    windows
        .iter()
        .any(|window| window.visible_from <= now && now < window.visible_until)
}
