//! The ledger: who took which version of what, when, and by which way; one row an hour for the same.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, QueryFilter, QuerySelect, QueryTrait, Set,
    sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{audit, delivery_contents, notices};
use crate::{
    error::Result,
    terms::{AccountId, KitId, LinkId, MaterialId, Thing, TokenId, UnitId, Via},
};

const HOUR_MS: i64 = 60 * 60 * 1000;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub once: String,
    pub at: i64,
    pub last_at: i64,
    pub thing: Thing,
    pub thing_id: Uuid,
    pub version: i32,
    pub way: String,
    pub via: Via,
    pub account_id: Option<AccountId>,
    pub token_id: Option<TokenId>,
    pub link_id: Option<LinkId>,
    pub kit_id: Option<KitId>,
    pub contents: Option<String>,
    pub count: i64,
    pub bytes: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Bytes that are about to be handed over: what they are, and to whom.
#[derive(Debug, Clone)]
pub struct Handover {
    pub account_id: Option<AccountId>,
    pub token_id: Option<TokenId>,
    pub link_id: Option<LinkId>,
    pub unit_id: UnitId,
    /// Whether it is the staff's own: it counts in no statistics.
    pub by_staff: bool,
    pub thing: (Thing, Uuid),
    pub version: i32,
    /// Such as `original`, `web` or `archive press`.
    pub way: String,
    /// The kit that they belong to, where they are handed over as a part of it.
    pub kit_id: Option<KitId>,
    /// Of an archive: what is in it.
    pub contents: Vec<(MaterialId, i32)>,
}

impl Handover {
    pub fn via(&self) -> Via {
        match (self.link_id, self.account_id) {
            (Some(_), _) => Via::Link,
            (None, Some(_)) => Via::Token,
            (None, None) => Via::Public,
        }
    }

    /// Of the hand-overs with the same words here, all are one row.
    pub fn once(&self, at: i64) -> String {
        let link = self.link_id.map(|link| link.0);
        let who = link.or(self.account_id.map(|account| account.0));
        let who = who.map_or_else(String::new, |who| who.to_string());
        let (thing, version, way) = (self.thing.1, self.version, &self.way);
        format!("{who}:{thing}:{version}:{way}:{}", at / HOUR_MS)
    }

    /// What makes the content of an archive the same.
    fn digest(&self) -> Option<String> {
        if self.contents.is_empty() {
            return None;
        }
        let mut digest = Sha256::new();
        for (material, version) in &self.contents {
            digest.update(material.0.as_bytes());
            digest.update(version.to_be_bytes());
        }
        Some(hex::encode(digest.finalize()))
    }
}

/// Writes the hand-over down, in the ledger and in the audit, unless it was in this hour. Whoever takes what was withdrawn
/// or corrected at this moment is sent the notice, too.
pub async fn record(tx: &DatabaseTransaction, handover: &Handover, at: i64) -> Result<()> {
    let once = handover.once(at);
    let contents = handover.digest();
    let (thing, thing_id) = handover.thing;
    let row = ActiveModel {
        id: Set(Uuid::now_v7()),
        once: Set(once.clone()),
        at: Set(at),
        last_at: Set(at),
        thing: Set(thing),
        thing_id: Set(thing_id),
        version: Set(handover.version),
        way: Set(handover.way.clone()),
        via: Set(handover.via()),
        account_id: Set(handover.account_id),
        token_id: Set(handover.token_id),
        link_id: Set(handover.link_id),
        kit_id: Set(handover.kit_id),
        contents: Set(contents.clone()),
        count: Set(0),
        bytes: Set(0),
    };
    let there = OnConflict::column(Column::Once).do_nothing().to_owned();
    Entity::insert(row)
        .on_conflict(there)
        .exec_without_returning(tx)
        .await?;
    if let Some(digest) = contents {
        delivery_contents::keep(tx, &digest, &handover.contents).await?;
    }
    notices::late(tx, handover).await?;
    let row = audit::Row {
        account_id: handover.account_id,
        token_id: handover.token_id,
        unit_id: Some(handover.unit_id),
        thing: Some(handover.thing),
        once: Some(format!("download:{once}")),
        detail: Some(serde_json::json!({
            "way": handover.way, "version": handover.version, "link": handover.link_id,
        })),
        ..audit::Row::new("download")
    };
    audit::record(tx, row, at).await
}

/// Adds to what was handed over: how often from the beginning, and how many bytes.
pub async fn add(
    tx: &DatabaseTransaction,
    once: &str,
    count: i64,
    bytes: i64,
    last_at: i64,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Count, Expr::col(Column::Count).add(count))
        .col_expr(Column::Bytes, Expr::col(Column::Bytes).add(bytes))
        .col_expr(Column::LastAt, Expr::value(last_at))
        .filter(Column::Once.eq(once))
        .exec(tx)
        .await?;
    Ok(())
}

/// The hand-overs of a thing, by itself or in an archive.
pub fn of(thing: Uuid) -> Condition {
    let holding = delivery_contents::Entity::find()
        .select_only()
        .column(delivery_contents::Column::Digest)
        .filter(delivery_contents::Column::MaterialId.eq(MaterialId(thing)))
        .into_query();
    let in_archives: SimpleExpr = Column::Contents.in_subquery(holding);
    Condition::any()
        .add(Column::ThingId.eq(thing))
        .add(in_archives)
}
