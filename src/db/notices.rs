//! What everybody in the ledger is sent when a material or a kit is withdrawn or corrected; written with the withdrawal
//! or the correction itself.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect, Set, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    deliveries::{self, Handover},
    kits, log, materials, notice_recipients,
};
use crate::{
    error::Result,
    language::Texts,
    terms::{AccountId, KitId, LinkId, MaterialId, Thing, Turn, Via},
};

/// Rows that are written at once.
const ROWS: usize = 1000;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: i64,
    pub thing: Thing,
    pub thing_id: Uuid,
    pub version: i32,
    pub turn: Turn,
    pub notice: Texts,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Sends the notice that an entry of the log calls for, if it does, to everybody who took an earlier version.
pub async fn raise(tx: &DatabaseTransaction, entry: &log::Model) -> Result<()> {
    let (turn, notice) = match (entry.action.as_str(), entry.thing) {
        ("withdrawn", Thing::Material | Thing::Kit) => (
            Turn::Withdrawn,
            said(tx, entry.thing, entry.thing_id).await?,
        ),
        ("corrected", Thing::Material) => (Turn::Corrected, log::note(entry)),
        _ => return Ok(()),
    };
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        at: Set(entry.at),
        thing: Set(entry.thing),
        thing_id: Set(entry.thing_id),
        version: Set(entry.version),
        turn: Set(turn),
        notice: Set(notice),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    let who: Vec<(Option<AccountId>, Option<LinkId>)> = deliveries::Entity::find()
        .select_only()
        .column(deliveries::Column::AccountId)
        .column(deliveries::Column::LinkId)
        .distinct()
        .filter(deliveries::of(entry.thing_id))
        .into_tuple()
        .all(tx)
        .await?;
    let all: Vec<_> = who
        .into_iter()
        .filter_map(|(account, link)| recipient(account, link))
        .map(|(recipient, via)| (id, recipient, via))
        .collect();
    send(tx, &all).await
}

/// Whoever takes an earlier version while the notice is being sent.
pub async fn late(tx: &DatabaseTransaction, handover: &Handover) -> Result<()> {
    let Some((recipient, via)) = recipient(handover.account_id, handover.link_id) else {
        return Ok(());
    };
    let mut things = vec![(handover.thing.1, handover.version)];
    things.extend(
        handover
            .contents
            .iter()
            .map(|(id, version)| (id.0, *version)),
    );
    let mut all = Vec::new();
    for part in things.chunks(ROWS) {
        let found = Entity::find()
            .filter(Column::ThingId.is_in(part.iter().map(|(thing, _)| *thing)))
            .all(tx)
            .await?;
        let is_later = |notice: &&Model| {
            let mut taken = part.iter();
            taken.any(|(thing, version)| *thing == notice.thing_id && *version < notice.version)
        };
        all.extend(
            found
                .iter()
                .filter(is_later)
                .map(|n| (n.id, recipient, via)),
        );
    }
    send(tx, &all).await
}

/// A link stands for whoever was sent it.
fn recipient(account: Option<AccountId>, link: Option<LinkId>) -> Option<(Uuid, Via)> {
    let link = link.map(|link| (link.0, Via::Link));
    link.or(account.map(|account| (account.0, Via::Token)))
}

async fn send(tx: &DatabaseTransaction, all: &[(Uuid, Uuid, Via)]) -> Result<()> {
    for part in all.chunks(ROWS) {
        let rows = part
            .iter()
            .map(|(notice, recipient, via)| notice_recipients::ActiveModel {
                notice_id: Set(*notice),
                recipient: Set(*recipient),
                via: Set(*via),
                acknowledged_at: Set(None),
                note: Set(None),
            });
        let there = OnConflict::columns([
            notice_recipients::Column::NoticeId,
            notice_recipients::Column::Recipient,
        ])
        .do_nothing()
        .to_owned();
        notice_recipients::Entity::insert_many(rows)
            .on_conflict(there)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// What readers are told of the withdrawal.
async fn said(tx: &DatabaseTransaction, thing: Thing, id: Uuid) -> Result<Texts> {
    let found: Option<Texts> = if thing == Thing::Kit {
        let kit = kits::Entity::find_by_id(KitId(id)).select_only();
        let notice = kit.column(kits::Column::Notice).into_tuple();
        notice.one(tx).await?
    } else {
        let material = materials::Entity::find_by_id(MaterialId(id)).select_only();
        let notice = material.column(materials::Column::Notice).into_tuple();
        notice.one(tx).await?
    };
    Ok(found.unwrap_or_default())
}
