//! How often somebody was wrong lately, over all nodes, so that nobody guesses for long. An attempt is counted before it
//! is made, and given back where it was right: many at once are no way around.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, QueryFilter, Set,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::error::Result;

/// For how long attempts count, in milliseconds.
pub const WINDOW: i64 = 15 * 60 * 1000;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub struct Model {
    /// What is counted, such as a link or an address.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub count: i32,
    pub since: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Takes one of the attempts that each of the names has, `most` within [`WINDOW`]; where one has none left, gives the
/// moment at which it has some again, and takes none. Sweeps what counts no longer.
pub async fn take(tx: &DatabaseTransaction, names: &[(String, i32)]) -> Result<Option<i64>> {
    let now = super::now();
    Entity::delete_many()
        .filter(Column::Since.lte(now - WINDOW))
        .exec(tx)
        .await?;
    let theirs = Column::Name.is_in(names.iter().map(|(name, _)| name.as_str()));
    let known = Entity::find().filter(theirs).all(tx).await?;
    let spent = known.iter().filter(|row| {
        let mut limits = names.iter();
        limits.any(|(name, most)| *name == row.name && row.count >= *most)
    });
    if let Some(since) = spent.map(|row| row.since).max() {
        return Ok(Some(since + WINDOW));
    }
    for (name, _) in names {
        let one_more = Expr::col((Entity, Column::Count)).add(1);
        let counted = OnConflict::column(Column::Name)
            .value(Column::Count, one_more)
            .to_owned();
        let first = ActiveModel {
            name: Set(name.clone()),
            count: Set(1),
            since: Set(now),
        };
        Entity::insert(first)
            .on_conflict(counted)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(None)
}

/// Gives the attempts back.
pub async fn give_back(tx: &DatabaseTransaction, names: &[(String, i32)]) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Count, Expr::col(Column::Count).sub(1))
        .filter(Column::Name.is_in(names.iter().map(|(name, _)| name.as_str())))
        .filter(Column::Count.gt(0))
        .exec(tx)
        .await?;
    Ok(())
}
