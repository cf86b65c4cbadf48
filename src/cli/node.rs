//! One process of the service on its data folder: opened, run until it is told to stop, and ended in order. It takes no
//! new work then, ends what runs, and gives back what it cannot end.

use std::{
    net::{SocketAddr, TcpListener},
    os::unix::net::UnixListener,
    path::PathBuf,
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet, time};

use super::{socket::Way, token};
use crate::{
    announce, api,
    app::{App, Held},
    config::Config,
    db,
    error::{Code, Error, Result},
    jobs, organise, render, scan, search, upload, worker,
};

/// The server and the worker bound themselves to less; this is for what hangs.
const STOP_WITHIN: Duration = Duration::from_secs(28);
/// How long of it may go by for what a former process left.
const TIDY_WITHIN: Duration = Duration::from_secs(10);

pub struct Node {
    /// The administrator's token, where it was made just now.
    pub made: Option<String>,
    role: Role,
    app: App,
    doors: Doors,
    way: Way,
    commands: UnixListener,
    /// When the folder was taken.
    started: i64,
    held: Held,
}

/// What a node is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It serves, and does jobs beside.
    All,
    Serve,
    Work,
    /// It is there for one command, and nobody else reaches it.
    Command,
}

impl Role {
    fn is_public(self) -> bool {
        matches!(self, Self::All | Self::Serve)
    }

    fn works(self) -> bool {
        self != Self::Serve
    }

    /// Whether anybody searches on it.
    fn finds(self) -> bool {
        self != Self::Work
    }
}

/// Where a node listens beside its socket.
#[derive(Debug)]
struct Doors {
    public: Option<TcpListener>,
    metrics: Option<TcpListener>,
}

impl Node {
    /// Takes the data folder and gets everything ready in it. None: another process holds the folder.
    pub async fn open(config: Config, role: Role) -> Result<Option<Self>> {
        let Some(held) = Held::take(&config.data_dir)? else {
            return Ok(None);
        };
        let started = db::now();
        let doors = Doors::open(&config, role)?;
        let app = App::open(config, decoders()?).await?;
        if role == Role::Serve && !app.db.is_shared() {
            tracing::warn!(
                "this database is one process's, and it does no work: what is uploaded waits until it serves without --no-worker"
            );
        }
        let made = make_ready(&app).await?;
        let way = Way::to(&app.config.data_dir)?;
        let commands = way.listen()?;
        Ok(Some(Self {
            made,
            role,
            app,
            doors,
            way,
            commands,
            started,
            held,
        }))
    }

    /// Where the public listens.
    pub fn address(&self) -> Option<SocketAddr> {
        self.doors.public.as_ref()?.local_addr().ok()
    }

    /// Runs until `stop` says so.
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<()> {
        let Self {
            role,
            app,
            doors,
            way,
            commands,
            started,
            held,
            ..
        } = self;
        let server = api::serve(app.clone(), doors.public, commands, stop.clone())?;
        let handle = server.handle();
        let mut serving = tokio::spawn(server);
        let mut tasks = JoinSet::new();
        if let Some(listener) = doors.metrics {
            tasks.spawn(serve_metrics(app.clone(), listener, stop.clone()));
        }
        if role.finds() {
            tasks.spawn(search::follow(app.clone(), stop.clone()));
        }
        if role.works() {
            tasks.spawn(worker::run(app.clone(), stop.clone()));
            let renditions = render::by_and_by::complete(app.clone());
            tasks.spawn(until_told(stop.clone(), renditions));
            tasks.spawn(until_told(stop.clone(), scan::complete(app.clone())));
        }
        tasks.spawn(tidy(app.clone(), started, stop.clone()));
        keep_house(&mut tasks, &app, &stop);
        tasks.spawn(let_go(app.clone(), stop.clone()));

        let ended_early = tokio::select! {
            ended = &mut serving => Some(ended),
            () = told(stop) => None,
            // Whoever keeps the process starts it anew, with new lines.
            () = app.db.lost(&app.config.database_url) => {
                let words = "its lines are dead, and new ones are not: this process has to begin again";
                return Err(Error::unavailable("the database", words));
            }
        };
        if let Some(ended) = ended_early {
            let cause = ended.map_or_else(|error| error.to_string(), |ended| format!("{ended:?}"));
            return Err(Error::internal("the server ended by itself", cause));
        }
        let ending = async {
            handle.stop(true).await;
            while tasks.join_next().await.is_some() {}
            app.ledger.flush().await;
            app.db.close().await
        };
        let ended = time::timeout(STOP_WITHIN, ending).await;
        way.remove()?;
        drop(held);
        ended.unwrap_or_else(|_| {
            tracing::warn!("something did not end in time; it is taken up at the next start");
            Ok(())
        })
    }
}

impl Doors {
    fn open(config: &Config, role: Role) -> Result<Self> {
        let public = role.is_public().then_some(config.listen);
        let metrics = config.metrics_listen.filter(|_| role != Role::Command);
        Ok(Self {
            public: public.map(listen).transpose()?,
            metrics: metrics.map(listen).transpose()?,
        })
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        let words = format!("{address} cannot be listened on: {error}");
        Error::refused(Code::Busy, words)
    })
}

/// What every start makes sure of. Where no other process is at work, everything that the former one held is free.
async fn make_ready(app: &App) -> Result<Option<String>> {
    let tx = app.db.begin().await?;
    let made = organise::first_start(&tx, app.config.admin_token.as_deref()).await?;
    if !app.db.is_shared() {
        db::idempotency::free_all(&tx).await?;
    }
    if let Some(token) = &made {
        token::keep(&app.config.data_dir, token)?;
    }
    tx.commit().await?;
    if !app.db.is_shared() {
        jobs::release_all(&app.db).await?;
        upload::session::free_all(app).await?;
    }
    scan::prepare(&app.db, app.config.clamd_url.as_ref()).await?;
    Ok(made)
}

/// Removes what a process left that was killed. What it has no time for stays until the next start: of a few thousand
/// blobs nothing, of millions most.
async fn tidy(app: App, started: i64, stop: watch::Receiver<bool>) {
    let late = async {
        told(stop).await;
        time::sleep(TIDY_WITHIN).await;
    };
    let swept = tokio::select! {
        swept = app.sweep_orphans(started) => swept,
        () = late => return,
    };
    match swept {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "blobs were removed that nothing needs"),
        Err(error) => {
            tracing::warn!(%error, "what a former process left stays until the next start");
        }
    }
}

/// What every node does beside, as time passes.
fn keep_house(tasks: &mut JoinSet<()>, app: &App, stop: &watch::Receiver<bool>) {
    let listener = app.clone();
    let heard = async move { listener.listen().await };
    tasks.spawn(until_told(stop.clone(), heard));
    tasks.spawn(until_told(stop.clone(), end_uploads(app.clone())));
    tasks.spawn(until_told(stop.clone(), announce::keep(app.clone())));
    let (ledger, limits, office) = (app.ledger.clone(), app.limits.clone(), app.clone());
    tasks.spawn(until_told(stop.clone(), async move { ledger.keep().await }));
    tasks.spawn(until_told(stop.clone(), async move { limits.keep().await }));
    let pruned = async move { organise::audit::prune(&office).await };
    tasks.spawn(until_told(stop.clone(), pruned));
}

/// Takes away the uploads that waited too long, and what is left of those that are over.
async fn end_uploads(app: App) {
    loop {
        if let Err(error) = upload::session::sweep(&app).await {
            tracing::warn!(%error, "uploads that are over stay until the next round");
        }
        time::sleep(upload::session::SWEPT_EVERY).await;
    }
}

/// What comes in is kept as far as it came, and goes on after the restart.
async fn let_go(app: App, stop: watch::Receiver<bool>) {
    told(stop).await;
    app.holds.ask_all();
}

async fn serve_metrics(app: App, listener: TcpListener, stop: watch::Receiver<bool>) {
    let served = match api::serve_metrics(app, listener) {
        Ok(server) => {
            let handle = server.handle();
            tokio::select! {
                ended = server => ended.map_err(|error| Error::internal("the metrics", error)),
                () = told(stop) => {
                    handle.stop(false).await;
                    Ok(())
                }
            }
        }
        Err(error) => Err(error),
    };
    if let Err(error) = served {
        tracing::error!(%error, "the metrics are not served any more");
    }
}

async fn until_told(stop: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = told(stop) => {}
    }
}

async fn told(mut stop: watch::Receiver<bool>) {
    // A sender that is gone is a stop, too.
    drop(stop.wait_for(|stop| *stop).await);
}

/// The program that decodes everything, which lies beside this one, and this one, which decodes what needs no libav.
pub fn decoders() -> Result<[PathBuf; 2]> {
    let own = std::env::current_exe().map_err(|error| Error::internal("the program", error))?;
    let beside = own.with_file_name("jarchi-media");
    if beside.exists() {
        return Ok([beside, own]);
    }
    let words = format!("it should lie at {}", beside.display());
    Err(Error::unavailable("the program jarchi-media", words))
}
