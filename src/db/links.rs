//! A link to a kit; the secret itself is kept nowhere.

use std::collections::HashMap;

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::Db;
use crate::{
    error::Result,
    terms::{AccountId, KitId, LinkId, Recipient},
};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LinkId,
    pub kit_id: KitId,
    pub hash: String,
    pub label: String,
    pub recipient: Option<Recipient>,
    pub shows_embargoed: bool,
    /// As a PHC string; none: whoever has the link needs no password.
    pub password: Option<String>,
    pub created_by: AccountId,
    pub created_at: i64,
    pub expires_at: i64,
    pub revoked_at: Option<i64>,
    pub uses: i64,
    pub last_used_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Those of the links that are there, revoked ones among them.
pub async fn of(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = LinkId>,
) -> Result<HashMap<LinkId, Model>> {
    let found = Entity::find().filter(Column::Id.is_in(ids));
    let found = found.all(connection).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Counts that somebody came by the link.
pub async fn used(db: &Db, link: LinkId) -> Result<()> {
    let tx = db.begin_small().await?;
    Entity::update_many()
        .col_expr(Column::Uses, Expr::col(Column::Uses).add(1))
        .col_expr(Column::LastUsedAt, Expr::value(super::now()))
        .filter(Column::Id.eq(link))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}
