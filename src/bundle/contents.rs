//! What one caller has of a kit. A reader gets the items that this reader may see, and no trace of the others: neither
//! a gap in the numbers nor a count. Staff of the kit's unit get every item, so that nothing is lost by reading and
//! writing back.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;

use super::{Kit, kit};
use crate::{
    access::Caller,
    db::{
        self,
        records::{self, Record},
        visibility,
    },
    error::Result,
    language::Texts,
    terms::MaterialId,
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
    let rows = kit::items(connection, kit.row.id).await?;
    let ids: Vec<MaterialId> = rows.iter().map(|row| row.material_id).collect();
    let records = records::brief(connection, &ids).await?;
    let mut seen: HashMap<MaterialId, Record> = records
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

/// Whether anybody outside the staff has the thing now.
fn open(windows: &[visibility::Model], now: i64) -> bool {
    windows
        .iter()
        .any(|window| window.visible_from <= now && now < window.visible_until)
}
