//! The feed of changes: what each audience was told of a thing, in order and without a gap. A row holds from its number
//! until another takes its place, so the feed is also what everybody had at any number. It is written by `settle`, in
//! the transaction that changes something, and as time passes.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, FromJsonQueryResult, Order, QueryFilter, QueryOrder, QuerySelect,
    Select,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::FOREVER;
use crate::{
    error::Result,
    language::Texts,
    terms::{EventId, Kind, Thing, Turn, Words},
};

pub mod announced;
mod news;
mod settle;
mod standing;

pub use settle::{passed, settle};

/// The name of the counter that its numbers come from.
pub const COUNTER: &str = "feed";

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub audience: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub until: i64,
    pub at: i64,
    pub turn: Turn,
    pub thing: Thing,
    pub thing_id: Uuid,
    pub version: i32,
    /// Which fields are new to this audience.
    pub changed: Words,
    /// What is said of a withdrawal or a correction.
    pub notice: Option<Texts>,
    /// What readers had of it; none where nobody had anything.
    pub before: Option<Seen>,
    /// What they have from now on.
    pub after: Option<Seen>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What these audiences were told of corrections of the things, the last first; what several of them were told is one.
pub async fn corrections(
    connection: &impl ConnectionTrait,
    things: impl IntoIterator<Item = Uuid>,
    audiences: &[String],
) -> Result<Vec<Model>> {
    let mut found = Entity::find()
        .filter(Column::ThingId.is_in(things))
        .filter(Column::Turn.eq(Turn::Corrected))
        .filter(Column::Audience.is_in(audiences.iter().map(String::as_str)))
        .order_by_desc(Column::Seq)
        .all(connection)
        .await?;
    found.dedup_by_key(|row| row.seq);
    Ok(found)
}

/// To whom a thing is open, and what it is told apart by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Seen {
    pub audiences: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub described_in: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
}

impl Seen {
    pub fn is_open_to(&self, audiences: &[String]) -> bool {
        self.audiences.iter().any(|open| audiences.contains(open))
    }
}

/// Rows of some audiences, by their numbers.
#[derive(Debug)]
pub struct Rows {
    pub rows: Vec<Model>,
    /// Up to which number there are no others.
    pub until: i64,
}

/// What the audiences were told after a number and no later than `top`, at most `limit` rows of each.
pub async fn after(
    connection: &impl ConnectionTrait,
    audiences: &[String],
    number: i64,
    top: i64,
    limit: u64,
) -> Result<Rows> {
    let mut all = Rows {
        rows: Vec::new(),
        until: top,
    };
    for audience in audiences {
        all.add(connection, next(audience, number, top), limit)
            .await?;
    }
    Ok(all.sorted())
}

/// What the audiences had when `top` was the last number, of what they were told after a number.
pub async fn had(
    connection: &impl ConnectionTrait,
    audiences: &[String],
    number: i64,
    top: i64,
    limit: u64,
) -> Result<Rows> {
    let mut all = Rows {
        rows: Vec::new(),
        until: top,
    };
    for audience in audiences {
        // What holds still, and what held then.
        let still = next(audience, number, top).filter(Column::Until.eq(FOREVER));
        all.add(connection, still, limit).await?;
        all.add(connection, held(audience, number, top), limit)
            .await?;
    }
    Ok(all.sorted())
}

fn next(audience: &str, number: i64, top: i64) -> Select<Entity> {
    Entity::find()
        .filter(Column::Audience.eq(audience))
        .filter(Column::Seq.gt(number))
        .filter(Column::Seq.lte(top))
        .order_by_asc(Column::Seq)
}

/// What an audience had then and has no more. It is found by its end, since few rows end while somebody copies; a number
/// that is computed keeps the database from going through all that there ever was, in its order.
fn held(audience: &str, number: i64, top: i64) -> Select<Entity> {
    let seq = || Expr::col(Column::Seq).add(0);
    Entity::find()
        .filter(Column::Audience.eq(audience))
        .filter(Column::Until.between(top + 1, FOREVER - 1))
        .filter(seq().gt(number))
        .filter(seq().lte(top))
        .order_by(seq(), Order::Asc)
}

impl Rows {
    async fn add(
        &mut self,
        connection: &impl ConnectionTrait,
        found: Select<Entity>,
        limit: u64,
    ) -> Result<()> {
        let rows = found.limit(limit).all(connection).await?;
        if let Some(last) = rows.last().filter(|_| rows.len() as u64 == limit) {
            self.until = Ord::min(self.until, last.seq);
        }
        self.rows.extend(rows);
        Ok(())
    }

    fn sorted(mut self) -> Self {
        let until = self.until;
        self.rows.retain(|row| row.seq <= until);
        self.rows.sort_by_key(|row| row.seq);
        self
    }
}

/// The last number that one of the audiences was told; 0 where none was told anything.
pub async fn last(connection: &impl ConnectionTrait, audiences: &[String]) -> Result<i64> {
    let mut last = 0;
    for audience in audiences {
        let found: Option<i64> = Entity::find()
            .select_only()
            .column(Column::Seq)
            .filter(Column::Audience.eq(audience.as_str()))
            .order_by_desc(Column::Seq)
            .limit(1)
            .into_tuple()
            .one(connection)
            .await?;
        last = Ord::max(last, found.unwrap_or(0));
    }
    Ok(last)
}

/// The last number of each audience that was told something after a number.
pub async fn newest(connection: &impl ConnectionTrait, number: i64) -> Result<Vec<(String, i64)>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Audience)
        .column_as(Column::Seq.max(), "newest")
        .filter(Column::Seq.gt(number))
        .group_by(Column::Audience)
        .into_tuple()
        .all(connection)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::tests::goes_through;

    #[tokio::test]
    async fn what_held_once_is_found_by_its_end() {
        let plan = goes_through(held("public", 1, 9)).await;
        assert!(
            plan.contains("(audience=? AND until>? AND until<?)"),
            "{plan}"
        );
    }
}
