//! What a repeated request was answered.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait,
};

use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, QueryFilter, Set, sea_query::Expr};

use crate::{error::Result, terms::AccountId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub route: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub at: i64,
    pub digest: Option<String>,
    pub status: Option<i32>,
    pub answer: Option<String>,
    pub location: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How long an answer is kept.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// A request that was not answered for so long never will be: its process was killed.
const IN_FLIGHT_MS: i64 = 10 * 60 * 1000;

/// What a key is bound to.
#[derive(Debug, Clone)]
pub struct Name {
    pub account: AccountId,
    pub route: String,
    pub key: String,
}

/// What is known of a request that came before. Without a status it is in flight.
#[derive(Debug, Clone)]
pub struct Kept {
    pub digest: Option<String>,
    pub status: Option<i32>,
    pub answer: Option<String>,
    pub location: String,
}

impl Kept {
    pub fn answered(&self) -> bool {
        self.status.is_some()
    }
}

/// What came before under this name; where nothing did, the name is taken. Sweeps what is older than a day.
pub async fn take(tx: &DatabaseTransaction, name: &Name) -> Result<Option<Kept>> {
    let now = super::now();
    Entity::delete_many()
        .filter(
            Condition::any().add(Column::At.lt(now - KEPT_MS)).add(
                Condition::all()
                    .add(Column::Status.is_null())
                    .add(Column::At.lt(now - IN_FLIGHT_MS)),
            ),
        )
        .exec(tx)
        .await?;
    if let Some(row) = Entity::find_by_id(id(name)).one(tx).await? {
        let Model {
            digest,
            status,
            answer,
            location,
            ..
        } = row;
        return Ok(Some(Kept {
            digest,
            status,
            answer,
            location,
        }));
    }
    let row = ActiveModel {
        account_id: Set(name.account),
        route: Set(name.route.clone()),
        key: Set(name.key.clone()),
        at: Set(now),
        digest: Set(None),
        status: Set(None),
        answer: Set(None),
        location: Set(String::new()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(None)
}

/// Keeps what was answered; `answer` is none where it showed a secret.
pub async fn keep(
    tx: &DatabaseTransaction,
    name: &Name,
    digest: &str,
    status: i32,
    answer: Option<String>,
    location: &str,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Digest, Expr::value(digest))
        .col_expr(Column::Status, Expr::value(status))
        .col_expr(Column::Answer, Expr::value(answer))
        .col_expr(Column::Location, Expr::value(location))
        .filter(named(name))
        .exec(tx)
        .await?;
    Ok(())
}

/// Frees the name where its request has not been answered.
pub async fn free(tx: &DatabaseTransaction, name: &Name) -> Result<()> {
    Entity::delete_many()
        .filter(named(name))
        .filter(Column::Status.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Frees the names of requests that a process which is gone had in flight.
pub async fn free_all(tx: &DatabaseTransaction) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Status.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

fn id(name: &Name) -> (AccountId, String, String) {
    (name.account, name.route.clone(), name.key.clone())
}

fn named(name: &Name) -> Condition {
    Condition::all()
        .add(Column::AccountId.eq(name.account))
        .add(Column::Route.eq(name.route.as_str()))
        .add(Column::Key.eq(name.key.as_str()))
}
