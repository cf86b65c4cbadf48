//! As time passes: embargoes end and availability runs out without anybody doing anything. Whoever reads the feed tells
//! what is due first, and each node looks once a second, so that nobody waits for a node that is away. Who waits for news
//! in this process is woken.

use std::time::Duration;

use crate::{
    app::App,
    db::{
        self, counters,
        feed::{self, announced},
    },
    error::{Error, Result},
};

/// Between two looks, where nothing rings.
const PAUSE: Duration = Duration::from_millis(500);
/// Things whose readers are told in one transaction.
const BATCH: u64 = 100;
/// How long the database may take to say what is new.
const ANSWER: Duration = Duration::from_secs(40);

/// Tells what is due by now.
pub async fn catch_up(app: &App) -> Result<()> {
    loop {
        let now = db::now();
        if announced::due(app.db.read(), now, 1).await?.is_empty() {
            return Ok(());
        }
        let tx = app.db.begin().await?;
        for state in announced::due(&tx, now, BATCH).await? {
            Box::pin(feed::settle(&tx, state.thing, state.thing_id, state.due_at)).await?;
        }
        app.db.announce(&tx).await?;
        tx.commit().await?;
        app.told.ring();
    }
}

/// Looks until the process ends.
pub async fn keep(app: App) {
    tokio::join!(wake(&app), put_right(&app));
}

async fn wake(app: &App) {
    let mut known = None;
    loop {
        let told = tokio::time::timeout(ANSWER, tell(app, &mut known)).await;
        said(&told.unwrap_or_else(|late| Err(Error::unavailable("the database", late))));
        app.told.wait(PAUSE).await;
    }
}

/// Once, beside the news: an archive that has much of it keeps nobody waiting.
async fn put_right(app: &App) {
    while !said(&take_up(app).await) {
        tokio::time::sleep(PAUSE).await;
    }
}

/// What cannot be told now is told later: whoever reads sees to it, too.
fn said(done: &Result<()>) -> bool {
    if let Err(error) = done {
        tracing::info!(%error, "what is due is told later");
    }
    done.is_ok()
}

/// Catches up, and wakes who waits.
async fn tell(app: &App, known: &mut Option<i64>) -> Result<()> {
    catch_up(app).await?;
    let connection = app.db.read();
    let newest = counters::last(connection, feed::COUNTER).await?;
    if let Some(before) = known.filter(|before| *before < newest) {
        app.news.tell(feed::newest(connection, before).await?);
    }
    *known = Some(newest);
    Ok(())
}

/// What a node of an older version published or took back is put right.
async fn take_up(app: &App) -> Result<()> {
    let mut after = None;
    loop {
        let found = announced::unknown(app.db.read(), after, BATCH).await?;
        let Some((end, _)) = found.last() else {
            break;
        };
        after = Some(*end);
        let tx = app.db.begin().await?;
        announced::take_up(&tx, &found).await?;
        tx.commit().await?;
    }
    let lost = announced::lost(app.db.read()).await?;
    for (id, thing) in lost {
        let tx = app.db.begin().await?;
        Box::pin(feed::settle(&tx, thing, id, db::now())).await?;
        tx.commit().await?;
    }
    Ok(())
}
