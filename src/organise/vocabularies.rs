//! Codes with their names in every language: audiences, kinds of events, genres. They are there from the first start on;
//! an office may add its own.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, sea_query::OnConflict,
};

use super::labels;
use crate::{
    db::vocabularies,
    error::{Error, Result},
    language::Texts,
};

pub const EVENT_KINDS: &str = "event_kinds";

/// The codes of a vocabulary, in its order.
///
/// # Errors
/// Not found where there is no such vocabulary.
pub async fn codes(
    connection: &impl ConnectionTrait,
    name: &str,
) -> Result<Vec<vocabularies::Model>> {
    let rows = vocabularies::Entity::find()
        .filter(vocabularies::Column::Name.eq(name))
        .order_by_asc(vocabularies::Column::Position)
        .order_by_asc(vocabularies::Column::Code)
        .all(connection)
        .await?;
    if rows.is_empty() {
        Err(Error::not_found())
    } else {
        Ok(rows)
    }
}

/// Puts in the codes that are not there yet; what the office called them stays.
pub async fn seed(tx: &DatabaseTransaction) -> Result<()> {
    for (name, codes) in labels::VOCABULARIES {
        let rows = codes.iter().zip(0..).map(|((code, label), position)| {
            let row = vocabularies::Model {
                name: (*name).to_owned(),
                code: (*code).to_owned(),
                label: Texts::from(*label),
                position,
            };
            row.into_active_model()
        });
        let there = OnConflict::columns([vocabularies::Column::Name, vocabularies::Column::Code])
            .do_nothing()
            .to_owned();
        vocabularies::Entity::insert_many(rows)
            .on_conflict(there)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
