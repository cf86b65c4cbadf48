//! One request at a time: the right to go on with an upload. It is a lease in the upload's row, kept alive while bytes
//! come; who wants it next asks the holder to let go, and takes it where the holder gives no sign of life.

use std::time::Duration;

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use tokio::{sync::watch, time};
use uuid::Uuid;

use crate::{
    app::App,
    db::{
        self,
        uploads::{Column, Entity, Model},
    },
    error::{Code, Error, Result},
    terms::{UploadId, UploadState},
};

const LEASE_MS: i64 = 15_000;
/// Between two signs of life.
const SIGN: Duration = Duration::from_secs(4);
/// A holder whose signs nobody heard for so long stops.
const SILENT: Duration = Duration::from_secs(8);
/// How long somebody waits for a holder to let go: longer than a lease lasts.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(40);

/// The right to go on with an upload.
pub struct Hold {
    pub holder: Uuid,
    /// Turns true when it is to be let go.
    pub asked: watch::Receiver<bool>,
    app: App,
    id: UploadId,
    signs: tokio::task::JoinHandle<()>,
    is_over: bool,
}

impl Hold {
    /// Takes the upload, as soon as whoever holds it lets go.
    ///
    /// # Errors
    /// Locked where the holder does not let go.
    pub async fn take(app: &App, id: UploadId) -> Result<(Self, Model)> {
        let holder = Uuid::now_v7();
        let patience = time::Instant::now() + PATIENCE;
        loop {
            if let Some(row) = try_take(app, id, holder).await? {
                let asked = app.holds.hold(id, holder);
                let signs = tokio::spawn(keep_alive(app.clone(), id, holder));
                let hold = Self {
                    holder,
                    asked,
                    app: app.clone(),
                    id,
                    signs,
                    is_over: false,
                };
                return Ok((hold, row));
            }
            wait(app, id, patience).await?;
        }
    }

    /// After the row was let go of in a transaction.
    pub fn over(mut self) {
        self.is_over = true;
    }

    /// Lets go of it as it was found.
    pub async fn give_back(mut self) -> Result<()> {
        self.is_over = true;
        let_go(&self.app, self.id, self.holder, false).await
    }

    /// Lets go of what did not end in order.
    pub async fn give_up(mut self) -> Result<()> {
        self.is_over = true;
        let_go(&self.app, self.id, self.holder, true).await
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.signs.abort();
        self.app.holds.release(self.id, self.holder);
        if self.is_over {
            return;
        }
        let (app, id, holder) = (self.app.clone(), self.id, self.holder);
        tokio::spawn(async move {
            if let Err(error) = let_go(&app, id, holder, true).await {
                tracing::warn!(%error, upload = %id, "an upload is held until its lease ends");
            }
        });
    }
}

/// Waits until nobody is at the upload, and asks whoever is to let go: then its offset is what is there.
pub async fn settled(app: &App, id: UploadId) -> Result<()> {
    let patience = time::Instant::now() + PATIENCE;
    loop {
        let row = Entity::find_by_id(id).one(app.db.read()).await?;
        let is_held = row.is_some_and(|row| is_held(&row));
        if !is_held {
            return Ok(());
        }
        wait(app, id, patience).await?;
    }
}

pub(super) fn is_held(row: &Model) -> bool {
    row.holder.is_some() && row.holder_until.is_some_and(|until| until >= db::now())
}

async fn wait(app: &App, id: UploadId, patience: time::Instant) -> Result<()> {
    if time::Instant::now() > patience {
        let words = "Another request is at this upload, and does not let go.";
        return Err(Error::refused(Code::Locked, words));
    }
    app.holds.ask(id);
    // The holder may be on another node.
    let tx = app.db.begin_fleeting().await?;
    Entity::update_many()
        .col_expr(Column::Wanted, Expr::value(true))
        .filter(Column::Id.eq(id))
        .filter(Column::Wanted.eq(false))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    time::sleep(LOOK).await;
    Ok(())
}

async fn try_take(app: &App, id: UploadId, holder: Uuid) -> Result<Option<Model>> {
    let now = db::now();
    let tx = app.db.begin_fleeting().await?;
    let free = Column::Holder.is_null().or(Column::HolderUntil.lt(now));
    let taken = Entity::update_many()
        // Who takes it from another that gave no sign of life finds it as that one left it.
        .col_expr(
            Column::Torn,
            Expr::col(Column::Torn).or(Expr::col(Column::Holder).is_not_null()),
        )
        .col_expr(Column::Holder, Expr::value(holder))
        .col_expr(Column::HolderUntil, Expr::value(now + LEASE_MS))
        .col_expr(Column::Wanted, Expr::value(false))
        .filter(Column::Id.eq(id))
        .filter(free)
        .exec_with_returning(&tx)
        .await?;
    tx.commit().await?;
    Ok(taken.into_iter().next())
}

async fn keep_alive(app: App, id: UploadId, holder: Uuid) {
    let mut last = time::Instant::now();
    loop {
        time::sleep(SIGN).await;
        let signed = time::timeout(SIGN, sign(&app, id, holder)).await;
        match signed {
            Ok(Ok(true)) => last = time::Instant::now(),
            // Somebody waits, or it is not ours any more.
            Ok(Ok(false)) => app.holds.ask(id),
            // Before another can take it over, this one has to be still.
            _ if last.elapsed() > SILENT => app.holds.ask(id),
            Ok(Err(error)) => {
                tracing::warn!(%error, upload = %id, "a hold could not be kept alive");
            }
            Err(_) => {}
        }
    }
}

async fn sign(app: &App, id: UploadId, holder: Uuid) -> Result<bool> {
    let tx = app.db.begin_fleeting().await?;
    let kept = Entity::update_many()
        .col_expr(Column::HolderUntil, Expr::value(db::now() + LEASE_MS))
        .filter(Column::Id.eq(id))
        .filter(Column::Holder.eq(holder))
        .filter(Column::State.eq(UploadState::Receiving))
        .exec(&tx)
        .await?;
    let is_wanted = Entity::find_by_id(id)
        .one(&tx)
        .await?
        .is_none_or(|row| row.wanted);
    tx.commit().await?;
    Ok(kept.rows_affected == 1 && !is_wanted)
}

async fn let_go(app: &App, id: UploadId, holder: Uuid, torn: bool) -> Result<()> {
    let tx = app.db.begin_fleeting().await?;
    Entity::update_many()
        .col_expr(Column::Holder, Expr::value(None::<Uuid>))
        .col_expr(Column::Torn, Expr::col(Column::Torn).or(Expr::value(torn)))
        .filter(Column::Id.eq(id))
        .filter(Column::Holder.eq(holder))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Frees every upload. Only for who knows that no other process is at any: the one process of the embedded mode, at its
/// start. After a power cut nothing may be left that says who was at which: any of them may be torn.
pub async fn free_all(app: &App) -> Result<()> {
    let tx = app.db.begin().await?;
    Entity::update_many()
        .col_expr(Column::Holder, Expr::value(None::<Uuid>))
        .col_expr(Column::Torn, Expr::value(true))
        .filter(Column::State.eq(UploadState::Receiving))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}
