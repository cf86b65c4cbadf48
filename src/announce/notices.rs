//! Notices of withdrawals and corrections: to whoever took the thing, and to its editors who has answered.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    access::{Caller, reach},
    app::App,
    db::{self, accounts, audit, links, notice_recipients, notices},
    error::{Error, Result},
    language::Texts,
    terms::{AccountId, KitId, LinkId, MaterialId, Thing, Turn, Via},
};

/// The longest note of an acknowledgement, in letters.
const LONGEST_NOTE: usize = 2000;

/// A notice, as one of its recipients has it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub notice: notices::Model,
    pub acknowledged_at: Option<i64>,
    pub note: Option<String>,
}

/// A notice, as editors see it.
#[derive(Debug, Clone)]
pub struct Told {
    pub notice: notices::Model,
    pub recipients: Vec<Recipient>,
}

/// Somebody who took the thing.
#[derive(Debug, Clone)]
pub struct Recipient {
    pub row: notice_recipients::Model,
    /// None for a link.
    pub account: Option<accounts::Model>,
    /// None for an account, and for a link that went with its kit.
    pub link: Option<links::Model>,
}

/// What those behind the caller's link are told of corrections of these materials, which they took before: the newest
/// first. To whoever came by no link nothing.
pub async fn sent_corrections(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    materials: &[MaterialId],
) -> Result<Vec<Texts>> {
    let Some(pass) = &caller.pass else {
        return Ok(Vec::new());
    };
    let sent = notice_recipients::Entity::find()
        .select_only()
        .column(notice_recipients::Column::NoticeId)
        .filter(notice_recipients::Column::Recipient.eq(pass.link.0))
        .into_query();
    let found = notices::Entity::find()
        .filter(notices::Column::Id.in_subquery(sent))
        .filter(notices::Column::Turn.eq(Turn::Corrected))
        .order_by_desc(notices::Column::Id)
        .all(connection)
        .await?;
    let of_these = found
        .into_iter()
        .filter(|notice| materials.contains(&MaterialId(notice.thing_id)));
    Ok(of_these.map(|notice| notice.notice).collect())
}

/// The notices of the things that are shown that were sent to those behind the caller's link, and that nobody there has read of yet: the
/// newest, as many as a form carries.
pub async fn unread(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    is_shown: impl Fn(Uuid) -> bool,
) -> Result<Vec<Uuid>> {
    const MOST: usize = 50;
    let Some(pass) = &caller.pass else {
        return Ok(Vec::new());
    };
    let unread = notice_recipients::Entity::find()
        .select_only()
        .column(notice_recipients::Column::NoticeId)
        .filter(notice_recipients::Column::Recipient.eq(pass.link.0))
        .filter(notice_recipients::Column::AcknowledgedAt.is_null());
    let found: Vec<(Uuid, Uuid)> = notices::Entity::find()
        .select_only()
        .column(notices::Column::Id)
        .column(notices::Column::ThingId)
        .filter(notices::Column::Id.in_subquery(unread.into_query()))
        .order_by_desc(notices::Column::Id)
        .into_tuple()
        .all(connection)
        .await?;
    let told = found.into_iter().filter(|(_, thing)| is_shown(*thing));
    Ok(told.map(|(id, _)| id).take(MOST).collect())
}

/// Those behind the caller's link have read these notices, as far as they were sent to it.
pub async fn acknowledge_by_link(app: &App, caller: &Caller, read: Vec<Uuid>) -> Result<()> {
    let pass = caller.pass.as_ref().ok_or_else(Error::not_found)?;
    let tx = app.db.begin().await?;
    let now = db::now();
    let done = notice_recipients::Entity::update_many()
        .col_expr(notice_recipients::Column::AcknowledgedAt, Expr::value(now))
        .filter(notice_recipients::Column::NoticeId.is_in(read.iter().copied()))
        .filter(notice_recipients::Column::Recipient.eq(pass.link.0))
        .filter(notice_recipients::Column::AcknowledgedAt.is_null())
        .exec(&tx)
        .await?;
    if done.rows_affected > 0 {
        let row = audit::Row {
            unit_id: audit::unit_of(&tx, Thing::Kit, pass.kit.0).await?,
            thing: Some((Thing::Kit, pass.kit.0)),
            detail: Some(serde_json::json!({"link": pass.link, "notices": read})),
            ..audit::Row::new("acknowledged")
        };
        audit::record(&tx, row, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The notices of the caller's account, the newest first.
pub async fn own(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    acknowledged: Option<bool>,
    before: Option<Uuid>,
    rows: u64,
) -> Result<Vec<Sent>> {
    let mut found = notice_recipients::Entity::find()
        .filter(notice_recipients::Column::Recipient.eq(caller.account()?.0))
        .order_by_desc(notice_recipients::Column::NoticeId)
        .limit(rows);
    if let Some(before) = before {
        found = found.filter(notice_recipients::Column::NoticeId.lt(before));
    }
    found = match acknowledged {
        Some(true) => found.filter(notice_recipients::Column::AcknowledgedAt.is_not_null()),
        Some(false) => found.filter(notice_recipients::Column::AcknowledgedAt.is_null()),
        None => found,
    };
    let found = found.all(connection).await?;
    let all = notices::Entity::find()
        .filter(notices::Column::Id.is_in(found.iter().map(|row| row.notice_id)))
        .all(connection)
        .await?;
    let mut all: HashMap<Uuid, notices::Model> = all.into_iter().map(|row| (row.id, row)).collect();
    let sent = found.into_iter().filter_map(|row| {
        Some(Sent {
            notice: all.remove(&row.notice_id)?,
            acknowledged_at: row.acknowledged_at,
            note: row.note,
        })
    });
    Ok(sent.collect())
}

/// The caller has read it. The first time, and the first note, hold.
///
/// # Errors
/// Not found where the caller's account was not sent it.
pub async fn acknowledge(
    app: &App,
    caller: &Caller,
    id: Uuid,
    note: Option<String>,
) -> Result<Sent> {
    let account = caller.account()?;
    let note = tidy(note)?;
    let tx = app.db.begin().await?;
    let now = db::now();
    let mine = notice_recipients::Entity::find_by_id((id, account.0));
    if mine.one(&tx).await?.is_none() {
        return Err(Error::not_found());
    }
    let own = || {
        notice_recipients::Entity::update_many()
            .filter(notice_recipients::Column::NoticeId.eq(id))
            .filter(notice_recipients::Column::Recipient.eq(account.0))
    };
    let done = own()
        .col_expr(notice_recipients::Column::AcknowledgedAt, Expr::value(now))
        .filter(notice_recipients::Column::AcknowledgedAt.is_null())
        .exec(&tx)
        .await?;
    if let Some(note) = note {
        own()
            .col_expr(notice_recipients::Column::Note, Expr::value(note))
            .filter(notice_recipients::Column::Note.is_null())
            .exec(&tx)
            .await?;
    }
    let notice = notices::Entity::find_by_id(id).one(&tx).await?;
    let notice = notice.ok_or_else(Error::not_found)?;
    if done.rows_affected == 1 {
        let row = audit::Row {
            account_id: Some(account),
            token_id: caller.token,
            unit_id: audit::unit_of(&tx, notice.thing, notice.thing_id).await?,
            thing: Some((notice.thing, notice.thing_id)),
            detail: Some(serde_json::json!({"notice": id})),
            ..audit::Row::new("acknowledged")
        };
        audit::record(&tx, row, now).await?;
    }
    let mine = notice_recipients::Entity::find_by_id((id, account.0));
    let mine = mine.one(&tx).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    Ok(Sent {
        notice,
        acknowledged_at: mine.acknowledged_at,
        note: mine.note,
    })
}

/// What was noted, if anything was.
fn tidy(note: Option<String>) -> Result<Option<String>> {
    let note = note.map(|note| note.replace('\0', "").trim().to_owned());
    let note = note.filter(|note| !note.is_empty());
    if note
        .as_ref()
        .is_some_and(|note| note.chars().count() > LONGEST_NOTE)
    {
        let words = format!("is longer than {LONGEST_NOTE} letters");
        return Err(Error::invalid("/note", words));
    }
    Ok(note)
}

/// The notices of a material or a kit, the newest first, with everybody who was sent them.
///
/// # Errors
/// Not found for who does not see inside its unit.
pub async fn of(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    thing: (Thing, Uuid),
    before: Option<Uuid>,
    rows: u64,
) -> Result<Vec<Told>> {
    let unit = if thing.0 == Thing::Kit {
        let row = reach::kit(connection, caller, KitId(thing.1)).await?;
        row.unit_id
    } else {
        let row = reach::material(connection, caller, MaterialId(thing.1)).await?;
        row.unit_id
    };
    if !caller.sees_inside(unit) {
        return Err(Error::not_found());
    }
    let mut found = notices::Entity::find()
        .filter(notices::Column::ThingId.eq(thing.1))
        .order_by_desc(notices::Column::Id)
        .limit(rows);
    if let Some(before) = before {
        found = found.filter(notices::Column::Id.lt(before));
    }
    let found = found.all(connection).await?;
    let recipients = notice_recipients::Entity::find()
        .filter(notice_recipients::Column::NoticeId.is_in(found.iter().map(|row| row.id)))
        .order_by_asc(notice_recipients::Column::Recipient)
        .all(connection)
        .await?;
    let by = |via: Via| {
        let those = recipients.iter().filter(move |row| row.via == via);
        those.map(|row| row.recipient)
    };
    let accounts = accounts::of(connection, by(Via::Token).map(AccountId)).await?;
    let links = links::of(connection, by(Via::Link).map(LinkId)).await?;
    let mut by_notice: HashMap<Uuid, Vec<Recipient>> = HashMap::new();
    for row in recipients {
        let one = Recipient {
            account: accounts.get(&AccountId(row.recipient)).cloned(),
            link: links.get(&LinkId(row.recipient)).cloned(),
            row,
        };
        by_notice.entry(one.row.notice_id).or_default().push(one);
    }
    let told = found.into_iter().map(|notice| Told {
        recipients: by_notice.remove(&notice.id).unwrap_or_default(),
        notice,
    });
    Ok(told.collect())
}
