//! What every start makes sure of: the topmost unit, the vocabularies, and an administrator whose token is known to
//! whoever runs the service. It can be run at each start, and changes nothing that is there.

use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use super::{
    labels::FIRST_UNIT,
    people::{self, NewAccount},
    tokens::{insert, random, set_revoked},
    vocabularies,
};
use crate::{
    access,
    db::{self, accounts, log, tokens, units},
    error::Result,
    language::Texts,
    terms::{AccountId, Defaults, Role, Thing, TokenId, UnitId},
};

/// The token that the settings, or the first start, gave to the administrator.
const TOKEN_NAME: &str = "the administrator's first token";

/// Puts the office there. `configured` is the administrator's token in the settings: it is valid from this start on, and
/// the one that it replaces is no longer.
///
/// The token that was made because none is configured is given back, once: keep it before the commit.
pub async fn first_start(
    tx: &DatabaseTransaction,
    configured: Option<&str>,
) -> Result<Option<String>> {
    vocabularies::seed(tx).await?;
    let unit = topmost(tx).await?;
    let (admin, is_new) = administrator(tx, unit).await?;
    match configured {
        Some(token) => {
            replace(tx, admin, token).await?;
            Ok(None)
        }
        None if is_new => {
            let token = random()?;
            replace(tx, admin, &token).await?;
            Ok(Some(token))
        }
        None => Ok(None),
    }
}

async fn topmost(tx: &DatabaseTransaction) -> Result<UnitId> {
    if let Some(row) = units::Entity::find()
        .filter(units::Column::ParentId.is_null())
        .one(tx)
        .await?
    {
        return Ok(row.id);
    }
    let row = units::Model {
        id: UnitId::new(),
        version: 1,
        parent_id: None,
        name: Texts::from(FIRST_UNIT),
        defaults: Defaults::default(),
        created_at: db::now(),
    };
    units::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    log::append(
        tx,
        vec![log::Entry::new(Thing::Unit, row.id.0, 1, "created")],
    )
    .await?;
    Ok(row.id)
}

/// The first administrator, and whether it was made just now.
async fn administrator(tx: &DatabaseTransaction, unit: UnitId) -> Result<(AccountId, bool)> {
    let admins = accounts::Entity::find().filter(accounts::Column::Role.eq(Role::Admin));
    if let Some(row) = admins.order_by_asc(accounts::Column::Id).one(tx).await? {
        return Ok((row.id, false));
    }
    let new = NewAccount {
        name: "Administrator".to_owned(),
        role: Role::Admin,
        unit,
        audiences: Vec::new(),
    };
    Ok((people::create(tx, None, new).await?.row.id, true))
}

/// Makes this the account's first token, and takes back the one that was.
async fn replace(tx: &DatabaseTransaction, account: AccountId, token: &str) -> Result<()> {
    let hash = access::hash(token);
    let former = tokens::Entity::find()
        .filter(tokens::Column::AccountId.eq(account))
        .filter(tokens::Column::Name.eq(TOKEN_NAME))
        .filter(tokens::Column::RevokedAt.is_null())
        .filter(tokens::Column::Hash.ne(hash.as_str()));
    for row in former.all(tx).await? {
        set_revoked(tx, row.id, Some(db::now())).await?;
        log::append(
            tx,
            vec![log::Entry::new(Thing::Token, row.id.0, 1, "revoked")],
        )
        .await?;
    }
    if let Some(row) = tokens::Entity::find()
        .filter(tokens::Column::Hash.eq(hash.as_str()))
        .one(tx)
        .await?
    {
        return set_revoked(tx, row.id, None).await;
    }
    let row = tokens::Model {
        id: TokenId::new(),
        account_id: account,
        name: TOKEN_NAME.to_owned(),
        hash,
        created_at: db::now(),
        expires_at: None,
        revoked_at: None,
    };
    insert(tx, &row).await?;
    log::append(
        tx,
        vec![log::Entry::new(Thing::Token, row.id.0, 1, "issued")],
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{access::identify, db::Db};

    async fn start(db: &Db, token: Option<&str>) -> Option<String> {
        let tx = db.begin().await.unwrap();
        let made = first_start(&tx, token).await.unwrap();
        tx.commit().await.unwrap();
        made
    }

    async fn is_admin(db: &Db, token: &str) -> bool {
        identify(db, Some(token), db::now())
            .await
            .is_ok_and(|caller| caller.role == Some(Role::Admin))
    }

    #[tokio::test]
    async fn the_administrator_gets_in_and_a_changed_token_replaces_the_former() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!(
            "sqlite://{}",
            folder.path().join("jarchi.db").display()
        ))
        .await
        .unwrap();
        let made = start(&db, None)
            .await
            .expect("the first start makes a token");
        assert!(is_admin(&db, &made).await);
        assert_eq!(start(&db, None).await, None);
        assert!(is_admin(&db, &made).await);
        assert_eq!(start(&db, Some("chosen")).await, None);
        assert!(is_admin(&db, "chosen").await && !is_admin(&db, &made).await);
        start(&db, Some("changed")).await;
        assert!(is_admin(&db, "changed").await && !is_admin(&db, "chosen").await);
        start(&db, Some("chosen")).await;
        assert!(is_admin(&db, "chosen").await && !is_admin(&db, "changed").await);
        assert_eq!(units::Entity::find().all(db.read()).await.unwrap().len(), 1);
    }
}
