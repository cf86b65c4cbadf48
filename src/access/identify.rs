//! From a token to a caller. A token is looked up by its SHA-256, so that nothing that could be stolen from the database
//! opens anything.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};

use super::{Caller, Scope, by_link};
use crate::{
    db::{Db, accounts, audiences, tokens, units, vocabularies},
    error::{Code, Error, Result},
    terms::{Role, UnitId},
};

/// The caller behind a token at the moment `now`; the public without one.
///
/// # Errors
/// Unauthenticated, alike for a wrong, an expired and a revoked token.
pub async fn identify(db: &Db, token: Option<&str>, now: i64) -> Result<Caller> {
    let Some(token) = token else {
        return Ok(Caller::public());
    };
    let by_hash = tokens::Entity::find().filter(tokens::Column::Hash.eq(hash(token)));
    let token = by_hash.one(db.read()).await?.ok_or_else(wrong)?;
    behind(db, token, now).await
}

/// The same caller as they are at the moment `now`, for what outlasts a request.
///
/// # Errors
/// Unauthenticated where the token has expired or was revoked meanwhile; not found where a link has or was.
pub async fn again(db: &Db, caller: &Caller, now: i64) -> Result<Caller> {
    if let Some(pass) = &caller.pass {
        return by_link::again(db, pass, now).await;
    }
    let Some(token) = caller.token else {
        return Ok(Caller::public());
    };
    let by_id = tokens::Entity::find_by_id(token).one(db.read()).await?;
    behind(db, by_id.ok_or_else(wrong)?, now).await
}

fn wrong() -> Error {
    Error::refused(
        Code::Unauthenticated,
        "This token is wrong, has expired or was revoked.",
    )
}

async fn behind(db: &Db, token: tokens::Model, now: i64) -> Result<Caller> {
    let account = accounts::Entity::find_by_id(token.account_id)
        .one(db.read())
        .await?
        .ok_or_else(wrong)?;
    let expired = token.expires_at.is_some_and(|at| at <= now);
    if expired || token.revoked_at.is_some() {
        return Err(wrong());
    }
    Ok(Caller {
        account: Some(account.id),
        token: Some(token.id),
        scope: scope(db.read(), account.role, account.unit_id).await?,
        audiences: open_to(db.read(), &account).await?,
        name: Some(account.name),
        role: Some(account.role),
        unit: Some(account.unit_id),
        expires_at: token.expires_at,
        pass: None,
    })
}

/// What is kept of a token: its SHA-256, in hexadecimal.
pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

pub(super) async fn scope(
    connection: &impl ConnectionTrait,
    role: Role,
    unit: UnitId,
) -> Result<Scope> {
    Ok(match role {
        Role::Reader => Scope::Nothing,
        Role::Contributor => Scope::Units(vec![unit]),
        Role::Editor => Scope::Units(below(connection, unit).await?),
        Role::Admin => Scope::Everything,
    })
}

/// The unit and all below it.
pub async fn below(connection: &impl ConnectionTrait, unit: UnitId) -> Result<Vec<UnitId>> {
    let all = units::Entity::find().all(connection).await?;
    let mut found = vec![unit];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(
            all.iter()
                .filter(|row| row.parent_id == Some(parent))
                .map(|row| row.id),
        );
        next += 1;
    }
    Ok(found)
}

/// Staff are readers with every audience; the public's is everybody's.
async fn open_to(
    connection: &impl ConnectionTrait,
    account: &accounts::Model,
) -> Result<Vec<String>> {
    if account.role >= Role::Contributor {
        let all = vocabularies::Entity::find()
            .filter(vocabularies::Column::Name.eq("audiences"))
            .all(connection)
            .await?;
        return Ok(all.into_iter().map(|row| row.code).collect());
    }
    let mut own = audiences::of(connection, vec![account.id.0])
        .await?
        .remove(&account.id.0)
        .unwrap_or_default();
    if !own.iter().any(|audience| audience == "public") {
        own.push("public".to_owned());
    }
    Ok(own)
}
