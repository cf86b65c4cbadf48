//! What somebody did or was refused.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait,
};
use uuid::Uuid;

use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter, Set,
    sea_query::OnConflict,
};

use super::Db;
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

/// Writes it down, unless it was before.
pub async fn record(tx: &DatabaseTransaction, row: Row, at: i64) -> Result<()> {
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

/// Somebody took bytes: which version of what, by which way.
#[derive(Debug, Clone, Copy)]
pub struct Download<'a> {
    pub account_id: Option<AccountId>,
    pub token_id: Option<TokenId>,
    /// The link to a kit that it was taken by.
    pub link_id: Option<LinkId>,
    pub unit_id: UnitId,
    pub thing: (Thing, Uuid),
    pub version: i32,
    /// Such as `original`, `web` or `archive`.
    pub way: &'a str,
}

/// Writes a download down, one row an hour for an account or a link, version and way: ranges of one file are one download.
pub async fn download(db: &Db, download: Download<'_>) -> Result<()> {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    let Download {
        account_id,
        token_id,
        link_id,
        unit_id,
        thing,
        version,
        way,
    } = download;
    let at = super::now();
    let who = account_id.map(|account| account.to_string());
    let who = who.or_else(|| link_id.map(|link| link.to_string()));
    let who = who.unwrap_or_default();
    let once = format!(
        "download:{who}:{}:{version}:{way}:{}",
        thing.1,
        at / HOUR_MS
    );
    if Entity::find()
        .filter(Column::Once.eq(once.as_str()))
        .one(db.read())
        .await?
        .is_some()
    {
        return Ok(());
    }
    let mut detail = serde_json::json!({"way": way, "version": version});
    if let Some(link) = link_id {
        detail["link"] = serde_json::json!(link);
    }
    let row = Row {
        account_id,
        token_id,
        unit_id: Some(unit_id),
        thing: Some(thing),
        once: Some(once),
        detail: Some(detail),
        ..Row::new("download")
    };
    let tx = db.begin().await?;
    record(&tx, row, at).await?;
    Ok(tx.commit().await?)
}
