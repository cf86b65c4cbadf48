//! What one caller has of a kit. A reader gets the items that this reader may see, and no trace of the others: neither
//! a gap in the numbers nor a count. Staff of the kit's unit get every item, so that nothing is lost by reading and
//! writing back.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use super::{Kit, basis::Basis, kit};
use crate::{
    access::{Caller, Scope, on_the_beat},
    db::{
        self, kit_items,
        records::{self, Record},
        visibility,
    },
    description::files,
    error::Result,
    language::Texts,
    media::presets,
    terms::{KitId, MaterialId},
};

/// How many are read at once.
pub(super) const AT_ONCE: usize = 500;

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

/// What is made of the items that the caller has of the kit at the moment `now`, a portion at a time and in the kit's order:
/// all records together would be large. They come without their long text.
pub async fn contents<T>(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
    now: i64,
    mut shape: impl AsyncFnMut(Vec<Item>) -> Result<Vec<T>>,
) -> Result<Vec<T>> {
    let contents = async {
        let mut made = Vec::new();
        for part in rows(connection, caller, kit, now).await?.chunks(AT_ONCE) {
            made.extend(shape(read(connection, caller, kit, part, now).await?).await?);
        }
        Ok(made)
    };
    on_the_beat(caller, contents).await
}

/// Those of the kit's items that are named and that the caller has at the moment `now`, in the kit's order.
pub async fn some(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
    named: &[MaterialId],
    now: i64,
) -> Result<Vec<Item>> {
    let some = async {
        let named = kit_items::Column::MaterialId.is_in(named.iter().copied());
        let rows = kit::items(kit.row.id).filter(named);
        let rows = rows.filter(may_be_of(caller, now)).all(connection).await?;
        read(connection, caller, kit, &rows, now).await
    };
    on_the_beat(caller, some).await
}

/// Puts into the basis what the kit's contents depend on, but for what their records say.
pub(super) async fn rest(
    connection: &impl ConnectionTrait,
    kit: &Kit,
    basis: &mut Basis,
) -> Result<()> {
    let lies_in_it = kit_items::Entity::find()
        .select_only()
        .column(kit_items::Column::MaterialId)
        .filter(kit_items::Column::KitId.eq(kit.row.id));
    let all = lies_in_it.clone().into_tuple().all(connection).await?;
    let windows = visibility::Entity::find()
        .select_only()
        .column(visibility::Column::VisibleFrom)
        .column(visibility::Column::VisibleUntil)
        .filter(visibility::Column::ThingId.in_subquery(lies_in_it.into_query()))
        .distinct();
    let windows = windows.into_tuple().all(connection).await?;
    basis.rest_on(kit, &all, &windows);
    Ok(())
}

/// What of the kit may be the caller's, in its order. Of readers it is asked within the query: no time tells them how much
/// there is beside what they see.
pub(super) async fn rows(
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

/// The items of these rows, as far as they are the caller's.
pub(super) async fn read(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: &Kit,
    rows: &[kit_items::Model],
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
    let items = rows.iter().map(|row| {
        let record = seen.remove(&row.material_id);
        Item {
            material: row.material_id,
            hidden: !record.as_ref().is_some_and(|r| open(&r.visible, now)),
            record,
            note: row.note.clone(),
        }
    });
    Ok(items
        .filter(|item| inside || item.record.is_some())
        .collect())
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
pub(super) fn open(windows: &[visibility::Model], now: i64) -> bool {
    windows
        .iter()
        .any(|window| window.visible_from <= now && now < window.visible_until)
}
