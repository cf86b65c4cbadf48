//! Who took what: a material's deliveries, by itself and in archives, and a kit's days; for the staff of the unit.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    access::{Caller, reach},
    db::{
        accounts, deliveries,
        deliveries::Column,
        delivery_contents,
        kit_days::{self, Count},
        links,
    },
    error::{Error, Result},
    terms::{KitId, LinkId, MaterialId},
};

/// A line of the ledger, with the account and the link that it names.
#[derive(Debug, Clone)]
pub struct Entry {
    pub row: deliveries::Model,
    /// Which version of the material it was.
    pub version: i32,
    pub account: Option<accounts::Model>,
    pub link: Option<links::Model>,
}

/// Who took the material, the last first.
///
/// # Errors
/// Not found for who does not see inside its unit.
pub async fn taken(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: MaterialId,
    before: Option<Uuid>,
    rows: u64,
) -> Result<Vec<Entry>> {
    let material = reach::material(connection, caller, id).await?;
    if !caller.sees_inside(material.unit_id) {
        return Err(Error::not_found());
    }
    let mut found = deliveries::Entity::find()
        .filter(deliveries::of(id.0))
        .order_by_desc(Column::Id)
        .limit(rows);
    if let Some(before) = before {
        found = found.filter(Column::Id.lt(before));
    }
    let found = found.all(connection).await?;
    let digests = found.iter().filter_map(|row| row.contents.clone());
    let versions = delivery_contents::versions(connection, id, digests.collect()).await?;
    let who = found.iter().filter_map(|row| row.account_id);
    let accounts = accounts::of(connection, who).await?;
    let by = found.iter().filter_map(|row| row.link_id);
    let links = links::of(connection, by).await?;
    let entry = |row: deliveries::Model| Entry {
        version: row
            .contents
            .as_ref()
            .and_then(|digest| versions.get(digest))
            .copied()
            .unwrap_or(row.version),
        account: row.account_id.and_then(|id| accounts.get(&id).cloned()),
        link: row.link_id.and_then(|id| links.get(&id).cloned()),
        row,
    };
    Ok(found.into_iter().map(entry).collect())
}

/// How often a kit was seen and taken.
#[derive(Debug, Default)]
pub struct Statistics {
    pub all: Count,
    /// The first day first.
    pub days: Vec<(String, Count)>,
    /// None: without a link.
    pub links: Vec<(Option<LinkId>, Count)>,
    /// Those of these links that are there still.
    pub known: HashMap<LinkId, links::Model>,
}

/// How often the kit was seen and taken, by day and by link.
///
/// # Errors
/// Not found for who does not see inside its unit.
pub async fn statistics(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: KitId,
) -> Result<Statistics> {
    let kit = reach::kit(connection, caller, id).await?;
    if !caller.sees_inside(kit.unit_id) {
        return Err(Error::not_found());
    }
    let mut found = Statistics::default();
    for row in kit_days::of(connection, id).await? {
        let count = Count {
            views: row.views,
            downloads: row.downloads,
            bytes: row.bytes,
        };
        let link = Some(row.link_id).filter(|link| !link.0.is_nil());
        found.all.add(count);
        of(&mut found.days, row.day).add(count);
        of(&mut found.links, link).add(count);
    }
    let by = found.links.iter().filter_map(|(link, _)| *link);
    found.known = links::of(connection, by).await?;
    Ok(found)
}

fn of<K: PartialEq>(counts: &mut Vec<(K, Count)>, key: K) -> &mut Count {
    let place = counts.iter().position(|(known, _)| *known == key);
    let place = place.unwrap_or_else(|| {
        counts.push((key, Count::default()));
        counts.len() - 1
    });
    &mut counts[place].1
}
