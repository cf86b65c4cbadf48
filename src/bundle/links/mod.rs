//! Links to a kit, for people without a token: made by editors, shown once, kept as a hash, revoked at once. What a link
//! opens is `access`'s affair; here stand what is said of it, and the password that it may ask for.

mod password;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, sea_query::Expr,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::check::{LONGEST_LINE, fault, line, none};
use crate::{
    access::{self, Caller, reach},
    db::{self, accounts, kit_items, kits, links, log, materials},
    error::{Code, Error, FieldFault, Result},
    terms::{KitId, LinkId, MaterialId, Recipient, Status, Thing, UnitId},
};

pub use password::{LONGEST_PASSWORD, unlock};

/// How long a link lasts where nothing is said: 14 days, in milliseconds.
const LASTS: i64 = 14 * 24 * 60 * 60 * 1000;
/// In bytes of a secret: 256 bits.
const SECRET: usize = 32;
/// In letters (RFC 5321 section 4.5.3.1).
const LONGEST_ADDRESS: usize = 254;

/// A link, as it is asked for.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LinkInput {
    /// When it ends to work (RFC 3339); in 14 days where nothing is said.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// What whoever has the link must know beside it; at most 1,024 bytes.
    pub password: Option<String>,
    /// What the link is for, for the staff.
    pub label: Option<String>,
    /// For whom it is.
    pub recipient: Option<Recipient>,
    /// Whether it shows the kit and what lies in it before their embargoes are over.
    pub shows_embargoed: bool,
}

/// A link with whoever made it.
#[derive(Debug, Clone)]
pub struct Link {
    pub row: links::Model,
    pub maker: accounts::Model,
}

/// A link at the only moment at which its secret is known.
#[derive(Debug, Clone)]
pub struct Made {
    pub link: Link,
    pub secret: String,
}

/// What is wrong with the link that is asked for, and the hash of its password: what takes long, and is done before any
/// transaction.
pub async fn prepare(input: &LinkInput) -> Result<Option<String>> {
    let mut faults = Vec::new();
    shape(input, &mut faults);
    none(faults)?;
    match &input.password {
        Some(password) => password::hash(password.clone()).await.map(Some),
        None => Ok(None),
    }
}

/// Makes a link to the kit, in the transaction. `password` is what [`prepare`] gave.
///
/// # Errors
/// Forbidden for who may not publish the kit, or one of the embargoed things in it that the link would show; those are
/// named in `items`.
pub async fn create(
    tx: &DatabaseTransaction,
    caller: &Caller,
    kit: KitId,
    input: LinkInput,
    password: Option<String>,
) -> Result<Made> {
    let kit = own(tx, caller, kit).await?;
    if input.shows_embargoed {
        may_lift(tx, caller, kit.id).await?;
    }
    let secret = random()?;
    let now = db::now();
    let expires_at = input.expires_at.map(Timestamp::as_millisecond);
    let row = links::Model {
        id: LinkId::new(),
        kit_id: kit.id,
        hash: access::hash(&secret),
        label: input.label.unwrap_or_default(),
        recipient: input.recipient,
        shows_embargoed: input.shows_embargoed,
        password,
        created_by: caller.account()?,
        created_at: now,
        expires_at: expires_at.unwrap_or(now + LASTS),
        revoked_at: None,
        uses: 0,
        last_used_at: None,
    };
    links::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    written(tx, caller, &row, &kit, "created").await?;
    let link = makers(tx, vec![row]).await?.pop();
    let link = link.ok_or_else(|| Error::internal("a link", "its maker is not there"))?;
    Ok(Made { link, secret })
}

/// The links to the kit that were not revoked, the newest first; those that have expired are among them.
pub async fn list(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: KitId,
    before: Option<LinkId>,
    rows: u64,
) -> Result<Vec<Link>> {
    let kit = own(connection, caller, kit).await?;
    let mut query = links::Entity::find()
        .filter(links::Column::KitId.eq(kit.id))
        .filter(links::Column::RevokedAt.is_null());
    if let Some(before) = before {
        query = query.filter(links::Column::Id.lt(before));
    }
    let rows = query
        .order_by_desc(links::Column::Id)
        .limit(rows)
        .all(connection)
        .await?;
    makers(connection, rows).await
}

/// Takes a link back, at once; taking it back again changes nothing.
pub async fn revoke(
    tx: &DatabaseTransaction,
    caller: &Caller,
    kit: KitId,
    link: LinkId,
) -> Result<()> {
    let kit = own(tx, caller, kit).await?;
    let found = links::Entity::find_by_id(link)
        .filter(links::Column::KitId.eq(kit.id))
        .one(tx)
        .await?;
    let row = found.ok_or_else(Error::not_found)?;
    if row.revoked_at.is_some() {
        return Ok(());
    }
    links::Entity::update_many()
        .col_expr(links::Column::RevokedAt, Expr::value(db::now()))
        .filter(links::Column::Id.eq(link))
        .exec(tx)
        .await?;
    written(tx, caller, &row, &kit, "revoked").await
}

fn random() -> Result<String> {
    let mut bits = [0; SECRET];
    getrandom::fill(&mut bits)
        .map_err(|error| Error::internal("the source of randomness", error))?;
    Ok(URL_SAFE_NO_PAD.encode(bits))
}

/// The kit, where its links are the caller's to make.
async fn own(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    kit: KitId,
) -> Result<kits::Model> {
    let kit = reach::kit(connection, caller, kit).await?;
    caller.may_publish(kit.unit_id)?;
    Ok(kit)
}

/// Whoever shows what is under embargo must be one who could lift it.
async fn may_lift(connection: &impl ConnectionTrait, caller: &Caller, kit: KitId) -> Result<()> {
    let items = kit_items::Entity::find()
        .select_only()
        .column(kit_items::Column::MaterialId)
        .filter(kit_items::Column::KitId.eq(kit))
        .into_query();
    let held = materials::Entity::find()
        .select_only()
        .column(materials::Column::Id)
        .column(materials::Column::UnitId)
        .filter(materials::Column::Id.in_subquery(items))
        .filter(materials::Column::Status.ne(Status::Withdrawn))
        .filter(materials::Column::EmbargoUntil.gt(db::now()));
    let held: Vec<(MaterialId, UnitId)> = held.into_tuple().all(connection).await?;
    let foreign = held
        .into_iter()
        .filter(|(_, unit)| caller.may_publish(*unit).is_err());
    let foreign: Vec<String> = foreign.map(|(id, _)| id.to_string()).collect();
    if foreign.is_empty() {
        return Ok(());
    }
    let words = "You may not lift the embargo of everything in this kit; `items` names what.";
    Err(Error::refused(Code::Forbidden, words).with("items", foreign))
}

async fn makers(connection: &impl ConnectionTrait, rows: Vec<links::Model>) -> Result<Vec<Link>> {
    let ids = rows.iter().map(|row| row.created_by);
    let makers = accounts::of(connection, ids).await?;
    let link = |row: links::Model| {
        let maker = makers.get(&row.created_by).cloned();
        let maker = maker.ok_or_else(|| Error::internal("a link", "its maker is not there"))?;
        Ok(Link { row, maker })
    };
    rows.into_iter().map(link).collect()
}

fn shape(input: &LinkInput, faults: &mut Vec<FieldFault>) {
    let expires_at = input.expires_at.map(Timestamp::as_millisecond);
    if expires_at.is_some_and(|at| at <= db::now()) {
        faults.push(fault("/expires_at", "has passed"));
    }
    match input.password.as_deref() {
        Some("") => faults.push(fault("/password", "is empty")),
        Some(password) if password.len() > LONGEST_PASSWORD => {
            let words = format!("is longer than {LONGEST_PASSWORD} bytes");
            faults.push(fault("/password", words));
        }
        _ => {}
    }
    let label = input.label.as_deref().unwrap_or_default();
    line("/label", label, LONGEST_LINE, faults);
    if let Some(recipient) = &input.recipient {
        let email = recipient.email.as_str();
        line("/recipient/email", email, LONGEST_ADDRESS, faults);
        let (name, host) = email.split_once('@').unwrap_or_default();
        let is_other = |letter: char| letter.is_whitespace() || letter.is_control();
        if name.is_empty() || host.is_empty() || host.contains('@') || email.contains(is_other) {
            faults.push(fault("/recipient/email", "is no address for mail"));
        }
    }
}

async fn written(
    tx: &DatabaseTransaction,
    caller: &Caller,
    row: &links::Model,
    kit: &kits::Model,
    action: &'static str,
) -> Result<()> {
    let entry = log::Entry {
        account_id: caller.account,
        unit_id: Some(kit.unit_id),
        detail: Some(serde_json::json!({ "kit": kit.id })),
        ..log::Entry::new(Thing::Link, row.id.0, 1, action)
    };
    log::append(tx, vec![entry]).await
}
