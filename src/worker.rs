//! Does the jobs, a bounded number at once. A waiting worker is woken by the bell and looks by itself every other second;
//! a job's lease is kept alive while it runs; when the process is to stop, what cannot end in time is given back.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet, time};

use crate::{
    app::App,
    error::{Error, Result},
    jobs::{self, Claimed, LEASE, Lane},
    pipeline,
};

const POLL: Duration = Duration::from_secs(2);
/// How long a job that runs may take to end when the process is to stop.
const GRACE: Duration = Duration::from_secs(20);
/// Between two tries of a scanner that does not answer, at most.
const LONGEST_SILENCE: Duration = Duration::from_mins(1);
/// How long the queue may take to answer.
const ANSWER: Duration = Duration::from_secs(40);
/// Originals that the scanner has in hand at once.
const SCANS: usize = 2;

/// Works until `stop` says so.
pub async fn run(app: App, stop: watch::Receiver<bool>) {
    let app = Arc::new(app);
    let mut places = JoinSet::new();
    let lanes = [(Lane::Work, app.config.workers), (Lane::Scans, SCANS)];
    for (lane, number) in lanes {
        for _ in 0..number {
            places.spawn(place(Arc::clone(&app), lane, stop.clone()));
        }
    }
    while places.join_next().await.is_some() {}
}

async fn place(app: Arc<App>, lane: Lane, mut stop: watch::Receiver<bool>) {
    let mut silence = Duration::ZERO;
    while !*stop.borrow() {
        match claim(&app, lane).await {
            Ok(Some(claimed)) => {
                let is_done = work(&app, &claimed, &mut stop).await;
                // Where the scanner is away, the next file is not scanned either.
                silence = match lane {
                    Lane::Scans if !is_done => (silence * 2).clamp(POLL, LONGEST_SILENCE),
                    _ => Duration::ZERO,
                };
                pause(silence, &mut stop).await;
            }
            Ok(None) => wait(&app, &mut stop).await,
            Err(error) => {
                tracing::error!(%error, "the queue does not answer");
                wait(&app, &mut stop).await;
            }
        }
    }
}

/// A line to the database that died without a word would be waited on for ever.
async fn claim(app: &App, lane: Lane) -> Result<Option<Claimed>> {
    let claimed = time::timeout(ANSWER, jobs::claim(&app.db, lane)).await;
    claimed.map_err(|late| Error::unavailable("the queue", late))?
}

async fn pause(time: Duration, stop: &mut watch::Receiver<bool>) {
    if time.is_zero() {
        return;
    }
    tokio::select! {
        () = time::sleep(time) => {}
        _ = stop.changed() => {}
    }
}

async fn wait(app: &App, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        _ = app.work.wait(POLL) => {}
        _ = stop.changed() => {}
    }
}

/// Whether the job was done.
async fn work(app: &App, claimed: &Claimed, stop: &mut watch::Receiver<bool>) -> bool {
    let started = time::Instant::now();
    let outcome = tokio::select! {
        done = Box::pin(pipeline::perform(app, claimed)) => done,
        () = lease_lost(app, claimed) => Err(Error::unavailable("the queue", "the lease was lost")),
        () = stopping(stop) => match give_back(app, claimed).await {
            Ok(()) => return true,
            Err(error) => Err(error),
        },
    };
    let (job, ms) = (&claimed.job, started.elapsed().as_millis());
    metrics::histogram!("jarchi_job_seconds").record(started.elapsed().as_secs_f64());
    let is_done = outcome.is_ok();
    match outcome {
        Ok(()) => tracing::debug!(?job, ms, "a job is done"),
        // The reason stands with the material, for its editor.
        Err(Error::Unusable(reason)) => tracing::info!(?job, ms, reason, "a file cannot be used"),
        Err(error) => tracing::warn!(?job, ms, attempt = claimed.attempt, %error, "a job failed"),
    }
    is_done
}

/// Keeps the lease alive; ends when it is lost.
async fn lease_lost(app: &App, claimed: &Claimed) {
    loop {
        time::sleep(LEASE / 3).await;
        match claimed.extend(&app.db).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "a lease could not be extended"),
        }
    }
}

async fn stopping(stop: &mut watch::Receiver<bool>) {
    // The sender lives as long as the process does: an error is a stop, too.
    let _ = stop.wait_for(|stop| *stop).await;
    time::sleep(GRACE).await;
}

async fn give_back(app: &App, claimed: &Claimed) -> Result<()> {
    let tx = app.db.begin().await?;
    claimed.give_back(&tx).await?;
    app.commit(tx).await
}
