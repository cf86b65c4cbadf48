//! All rows, table by table, from one engine to another: read and written by the entities, so that each value takes the
//! shape that the other engine has for it.

use futures_util::TryStreamExt;
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, IntoActiveModel,
    Iterable, PaginatorTrait,
};

use super::{
    accounts, attempts, audiences, audit, blobs, counters, deliveries, delivery_contents,
    early_withdrawals, events, feed, idempotency, kit_days, kit_items, kits, links, log,
    material_relations, material_texts, materials, notice_recipients, notices, originals,
    properties, rendition_segments, renditions, saved_searches, tokens, units, uploads, usage,
    visibility, vocabularies, withdrawals,
};
use crate::error::{Error, Result};

/// Values that a statement takes at most: both engines count them in 15 or 16 bits.
const VALUES: usize = 32_000;
const ROWS: usize = 500;

/// What was carried: the table, and how many rows.
pub type Carried = (&'static str, u64);

macro_rules! tables {
    ($from:ident, $to:ident; $($table:path,)+) => {
        vec![$(Box::pin(table::<$table>($from, $to)).await?),+]
    };
}

/// Carries the rows of every table of this module.
///
/// # Errors
/// Internal where fewer arrive than were there.
pub async fn all(from: &DatabaseConnection, to: &DatabaseTransaction) -> Result<Vec<Carried>> {
    Ok(tables![
        from, to;
        accounts::Entity,
        attempts::Entity,
        audiences::Entity,
        audit::Entity,
        blobs::Entity,
        counters::Entity,
        deliveries::Entity,
        delivery_contents::Entity,
        early_withdrawals::Entity,
        events::Entity,
        feed::Entity,
        feed::announced::Entity,
        idempotency::Entity,
        kit_days::Entity,
        kit_items::Entity,
        kits::Entity,
        links::Entity,
        log::Entity,
        material_relations::Entity,
        material_texts::Entity,
        materials::Entity,
        notice_recipients::Entity,
        notices::Entity,
        originals::Entity,
        properties::Entity,
        rendition_segments::Entity,
        renditions::Entity,
        saved_searches::Entity,
        tokens::Entity,
        units::Entity,
        uploads::Entity,
        usage::Entity,
        visibility::Entity,
        vocabularies::Entity,
        withdrawals::Entity,
    ])
}

/// Carries the rows of a table; what stands there is replaced.
///
/// # Errors
/// Internal where fewer arrive than were there.
pub async fn table<E>(from: &DatabaseConnection, to: &DatabaseTransaction) -> Result<Carried>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Sync,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    E::delete_many().exec(to).await?;
    let rows = ROWS.min(VALUES / E::Column::iter().count().max(1));
    let mut found = E::find().stream(from).await?.try_chunks(rows);
    let mut count = 0;
    while let Some(rows) = found.try_next().await.map_err(|failed| failed.1)? {
        count += rows.len() as u64;
        let rows = rows
            .into_iter()
            .map(|row| row.into_active_model().reset_all());
        E::insert_many(rows).exec_without_returning(to).await?;
    }
    let name = E::default().table_name();
    let arrived = E::find().count(to).await?;
    if arrived != count {
        let words = format!("{arrived} of {count} rows of {name} arrived");
        return Err(Error::internal("the other database", words));
    }
    Ok((name, count))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sea_orm::{ConnectionTrait, Statement};

    use super::super::Db;

    #[tokio::test]
    async fn no_table_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name| {
            let url = format!("sqlite://{}/{name}.db", folder.path().display());
            async move { Db::open(&url).await.unwrap() }
        };
        let (from, to) = (open("from").await, open("to").await);
        let tx = to.begin().await.unwrap();
        let carried = super::all(from.read(), &tx).await.unwrap();
        let carried: BTreeSet<String> = carried.iter().map(|(name, _)| (*name).into()).collect();
        let engine = from.read().get_database_backend();
        let asked = Statement::from_string(
            engine,
            "SELECT name FROM sqlite_master WHERE type = 'table'",
        );
        let tables = from.read().query_all_raw(asked).await.unwrap();
        let mut tables: BTreeSet<String> = tables
            .iter()
            .map(|row| row.try_get("", "name").unwrap())
            .collect();
        // What the migrations keep for themselves, and the queue's own.
        assert!(tables.remove("seaql_migrations") && tables.remove("jobs"));
        assert_eq!(carried, tables);
    }
}
