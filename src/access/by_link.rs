//! From the secret of a link to a caller. Looked up by its SHA-256, as tokens are. What the link lifts is asked of the
//! rights that its maker has now, not of those from when it was made.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{ExprTrait, SimpleExpr},
};

use super::{Caller, Pass, Scope, hash, identify::scope};
use crate::{
    db::{Db, accounts, audiences, links},
    error::{Error, Result},
    terms::Role,
};

/// The link behind a secret, and who comes by it at the moment `now`: a reader of the kit's audiences. Whether they know
/// the password is not asked here.
///
/// # Errors
/// Not found, alike for a link that never was, one that has expired and one that was revoked.
pub async fn by_link(db: &Db, secret: &str, now: i64) -> Result<(links::Model, Caller)> {
    let by_hash = links::Column::Hash.eq(hash(secret));
    let found = links::Entity::find()
        .filter(by_hash.and(holding(now)))
        .one(db.read())
        .await?;
    let link = found.ok_or_else(Error::not_found)?;
    let caller = behind(db.read(), &link).await?;
    Ok((link, caller))
}

/// The same caller as they are at the moment `now`, for what outlasts a request.
///
/// # Errors
/// Not found where the link has expired or was revoked meanwhile.
pub(super) async fn again(db: &Db, pass: &Pass, now: i64) -> Result<Caller> {
    let found = links::Entity::find_by_id(pass.link)
        .filter(holding(now))
        .one(db.read())
        .await?;
    behind(db.read(), &found.ok_or_else(Error::not_found)?).await
}

fn holding(now: i64) -> SimpleExpr {
    let lasts = links::Column::ExpiresAt.gt(now);
    links::Column::RevokedAt.is_null().and(lasts)
}

async fn behind(connection: &impl ConnectionTrait, link: &links::Model) -> Result<Caller> {
    let kit = link.kit_id;
    let mut open_to = audiences::of(connection, vec![kit.0])
        .await?
        .remove(&kit.0)
        .unwrap_or_default();
    if !open_to.iter().any(|audience| audience == "public") {
        open_to.push("public".to_owned());
    }
    let pass = Pass {
        link: link.id,
        kit,
        lifts: lifts(connection, link).await?,
        since: link.created_at,
    };
    Ok(Caller {
        audiences: open_to,
        expires_at: Some(link.expires_at),
        pass: Some(pass),
        ..Caller::public()
    })
}

async fn lifts(connection: &impl ConnectionTrait, link: &links::Model) -> Result<Scope> {
    if !link.shows_embargoed {
        return Ok(Scope::Nothing);
    }
    let maker = accounts::Entity::find_by_id(link.created_by);
    match maker.one(connection).await? {
        Some(maker) if maker.role >= Role::Editor => {
            scope(connection, maker.role, maker.unit_id).await
        }
        _ => Ok(Scope::Nothing),
    }
}
