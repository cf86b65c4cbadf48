//! The handles that every step works with, opened from the settings; the lock on the data folder; and what a commit
//! wakes. Cheap to clone.

use std::{path::PathBuf, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    config::Config,
    crash,
    db::{Db, properties},
    error::{Code, Error, Result},
    index::Index,
    jobs::Bell,
    media::{Media, Presets, walls},
    storage::Storage,
};

mod folder;
mod holds;
mod ledger;
pub mod limits;
mod news;
mod shelf;
mod sweep;

pub use folder::{Held, socket};
pub use holds::Holds;
pub use ledger::Ledger;
pub use limits::Limits;
pub use news::News;
pub use shelf::Shelf;

#[derive(Clone)]
pub struct App {
    pub config: Arc<Config>,
    pub db: Db,
    pub storage: Storage,
    pub media: Arc<Media>,
    /// What is made of files here.
    pub presets: Arc<Presets>,
    pub index: Index,
    /// Rings when there may be a job.
    pub work: Bell,
    /// Rings when something changed.
    pub changes: Bell,
    /// The same, for who tells partners of it.
    pub told: Bell,
    /// How far the feed is here.
    pub news: News,
    /// Who takes what.
    pub ledger: Ledger,
    /// How much one may ask for.
    pub limits: Limits,
    /// Who is at which upload here.
    pub holds: Holds,
    /// What was shown lately.
    pub shelf: Shelf,
    /// Which log the numbers belong to: a restore begins another one.
    pub epoch: Uuid,
    /// 256 bits that seal cursors.
    pub cursor_key: Arc<[u8]>,
}

/// What is made of files in this office.
pub fn presets(config: &Config) -> Result<Presets> {
    let presets = Presets::with(&config.presets)
        .map_err(|why| Error::refused(Code::BadRequest, why))?
        .with_loudness(config.loudness)
        .with_printer(prints(config))
        .with_reader(config.tesseract.is_file());
    Ok(presets)
}

/// Office programs follow what a file refers to, which is safe only where they can open nothing else.
fn prints(config: &Config) -> bool {
    config.libreoffice.is_file() && walls::close_files()
}

impl App {
    /// Opens what the settings name. `all` is the binary that is started for decoders, `light` for those without libav.
    pub async fn open(config: Config, [all, light]: [PathBuf; 2]) -> Result<Self> {
        let presets = presets(&config)?;
        let storage = Storage::open(&config).await?;
        let db = Db::open(&config.database_url).await?;
        let tx = db.begin().await?;
        let epoch =
            properties::get_or_make(&tx, "epoch", || Ok(Uuid::now_v7().to_string())).await?;
        let cursor_key = properties::get_or_make(&tx, "cursor_key", random_key).await?;
        tx.commit().await?;
        let epoch = epoch
            .parse()
            .map_err(|error| Error::internal("the epoch of the log", error))?;
        let cursor_key: Vec<u8> = URL_SAFE_NO_PAD
            .decode(cursor_key)
            .map_err(|error| Error::internal("the key of cursors", error))?;
        // Texts are kept back until they were scanned, of the index as well.
        let rules = config.clamd_url.as_ref().map_or("", |_| "scanned");
        let zone = config.time_zone.clone();
        let index = Index::open(&config.data_dir.join("index"), zone, rules)?;
        let scratch = config.scratch();
        if let Some(lacks) = walls::lacking() {
            tracing::warn!(
                lacks,
                "this kernel lacks walls for the box that decoders run in"
            );
        }
        for (program, lack) in [
            (&config.tesseract, "scanned pages have no text here"),
            (&config.libreoffice, "office files have no pages here"),
        ] {
            if !program.is_file() {
                tracing::info!(program = %program.display(), "{lack}: the program for it is not there");
            }
        }
        let media = Media::new(all, scratch, config.workers, config.time_zone.clone())
            .with_light(light)
            .with_loudness(config.loudness)
            .with_reader(config.tesseract.clone())
            .with_printer(config.libreoffice.clone());
        let config = Arc::new(config);
        Ok(Self {
            ledger: Ledger::new(db.clone(), config.time_zone.clone()),
            limits: Limits::new(db.clone(), Arc::clone(&config)),
            config,
            db,
            storage,
            media: Arc::new(media),
            presets: Arc::new(presets),
            index,
            work: Bell::default(),
            changes: Bell::default(),
            told: Bell::default(),
            news: News::default(),
            holds: Holds::default(),
            shelf: Shelf::default(),
            epoch,
            cursor_key: cursor_key.into(),
        })
    }

    /// Commits, and wakes whoever waits for jobs or changes.
    pub async fn commit(&self, tx: DatabaseTransaction) -> Result<()> {
        self.db.announce(&tx).await?;
        crash::here("rows-written");
        tx.commit().await?;
        crash::here("rows-committed");
        self.work.ring();
        self.changes.ring();
        self.told.ring();
        Ok(())
    }
}

impl App {
    /// Hears of what other nodes did; never ends.
    pub async fn listen(&self) {
        let heard = || {
            self.work.ring();
            self.changes.ring();
            self.told.ring();
        };
        self.db.listen(&self.config.database_url, heard).await;
    }
}

fn random_key() -> Result<String> {
    let mut key = [0_u8; 32];
    getrandom::fill(&mut key)
        .map_err(|error| Error::internal("the source of randomness", error))?;
    Ok(URL_SAFE_NO_PAD.encode(key))
}
