//! What somebody did or was refused.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait,
};
use uuid::Uuid;

use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter, QuerySelect,
    QueryTrait, Set, sea_query::OnConflict,
};

use super::{accounts, events, kits, links, materials, tokens};
use crate::{
    error::Result,
    terms::{AccountId, EventId, KitId, LinkId, MaterialId, Thing, TokenId, UnitId},
};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: i64,
    pub account_id: Option<AccountId>,
    pub token_id: Option<TokenId>,
    pub unit_id: Option<UnitId>,
    pub action: String,
    pub thing: Option<String>,
    pub thing_id: Option<Uuid>,
    pub address: Option<String>,
    pub once: Option<String>,
    pub detail: Option<Json>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is to be written down.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was done, such as `sign_in`, `refused`, `download`, `published`.
    pub action: &'static str,
    pub account_id: Option<AccountId>,
    pub token_id: Option<TokenId>,
    /// Whose editors may read it.
    pub unit_id: Option<UnitId>,
    pub thing: Option<(Thing, Uuid)>,
    pub address: Option<String>,
    /// Of the rows with the same words here, the first alone is written.
    pub once: Option<String>,
    pub detail: Option<Json>,
}

impl Row {
    pub fn new(action: &'static str) -> Self {
        Self {
            action,
            account_id: None,
            token_id: None,
            unit_id: None,
            thing: None,
            address: None,
            once: None,
            detail: None,
        }
    }
}

/// From where a request comes, for whatever is written down of it.
#[derive(Debug, Clone)]
pub struct Origin {
    pub token: Option<TokenId>,
    pub address: Option<String>,
}

tokio::task_local! {
    static ORIGIN: Origin;
}

/// Does what a request asks for: what is written down meanwhile says from where it came.
pub async fn from<F: Future>(origin: Origin, work: F) -> F::Output {
    ORIGIN.scope(origin, work).await
}

/// Writes it down, unless it was before.
pub async fn record(tx: &DatabaseTransaction, mut row: Row, at: i64) -> Result<()> {
    // Nothing asked for it: the machine did it, or a command.
    let origin = ORIGIN.try_with(Origin::clone).ok();
    if let Some(origin) = origin.filter(|_| row.account_id.is_some()) {
        row.token_id = row.token_id.or(origin.token);
        row.address = row.address.or(origin.address);
    }
    let thing = row.thing.map(|(thing, _)| thing.to_value());
    let active = ActiveModel {
        id: Set(Uuid::now_v7()),
        at: Set(at),
        account_id: Set(row.account_id),
        token_id: Set(row.token_id),
        unit_id: Set(row.unit_id),
        action: Set(row.action.to_owned()),
        thing: Set(thing),
        thing_id: Set(row.thing.map(|(_, id)| id)),
        address: Set(row.address),
        once: Set(row.once),
        detail: Set(row.detail),
    };
    let there = OnConflict::column(Column::Once).do_nothing().to_owned();
    Entity::insert(active)
        .on_conflict(there)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The unit that a thing belongs to; none where it is gone.
pub async fn unit_of(
    connection: &impl ConnectionTrait,
    thing: Thing,
    id: Uuid,
) -> Result<Option<UnitId>> {
    Ok(match thing {
        Thing::Unit => Some(UnitId(id)),
        Thing::Material => materials::Entity::find_by_id(MaterialId(id))
            .one(connection)
            .await?
            .map(|row| row.unit_id),
        Thing::Kit => kits::Entity::find_by_id(KitId(id))
            .one(connection)
            .await?
            .map(|row| row.unit_id),
        Thing::Event => events::Entity::find_by_id(EventId(id))
            .one(connection)
            .await?
            .map(|row| row.unit_id),
        Thing::Account => accounts::Entity::find_by_id(AccountId(id))
            .one(connection)
            .await?
            .map(|row| row.unit_id),
        Thing::Token => match tokens::Entity::find_by_id(TokenId(id))
            .one(connection)
            .await?
        {
            Some(token) => accounts::Entity::find_by_id(token.account_id)
                .one(connection)
                .await?
                .map(|row| row.unit_id),
            None => None,
        },
        Thing::Link => match links::Entity::find_by_id(LinkId(id))
            .one(connection)
            .await?
        {
            Some(link) => kits::Entity::find_by_id(link.kit_id)
                .one(connection)
                .await?
                .map(|row| row.unit_id),
            None => None,
        },
    })
}

/// Forgets what is older, a part of it. Gives how many rows there were.
pub async fn prune(tx: &DatabaseTransaction, before: i64, most: u64) -> Result<u64> {
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::At.lt(before))
        .limit(most)
        .into_query();
    let done = Entity::delete_many()
        .filter(Column::Id.in_subquery(old))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
