//! A copy of everything, taken while the service runs, and brought back; all blobs brought to another store, and all rows
//! to another database. Blobs
//! never change and are copied first; the rows are copied last, in one moment, and what they name and is not there yet
//! is fetched behind them. A blob counts as copied when its bytes have the digest that its row says.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use sea_orm::{DatabaseConnection, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use crate::{
    db::{self, Db, blobs, carry, properties, units, uploads},
    error::{Code, Error, Result},
    jobs,
    storage::Storage,
    terms::BlobId,
};

mod bring;

pub use bring::{Brought, bring};

/// How often blobs may vanish behind a copy of the rows before somebody is told.
const ROUNDS: usize = 5;

/// What is copied.
#[derive(Debug)]
pub struct Archive {
    pub rows: DatabaseConnection,
    pub storage: Storage,
}

/// What is seen on the way.
#[derive(Debug)]
pub enum Seen {
    /// So many bytes are to be looked at.
    Ahead(u64),
    /// So many of them were.
    Done(u64),
    /// A blob that could not be copied, and why.
    Fault(BlobId, String),
}

/// Where the parts of a copy lie.
struct Place {
    rows: PathBuf,
    blobs: String,
}

impl Place {
    fn of(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).map_err(failed)?;
        let folder = folder.canonicalize().map_err(failed)?;
        Ok(Self {
            rows: folder.join("jarchi.db"),
            blobs: format!("file://{}", folder.join("blobs").display()),
        })
    }
}

/// Copies the archive into a folder. What an earlier copy brought there is not copied again, and what the archive does not
/// have any more is left there.
pub async fn take(
    archive: &Archive,
    folder: &Path,
    seen: &mut impl FnMut(Seen),
) -> Result<Brought> {
    let place = Place::of(folder)?;
    let to = Storage::at(&place.blobs).await?;
    let mut all = bring(&archive.rows, &archive.storage, &to, seen).await?;
    for _ in 0..ROUNDS {
        let fresh = place.rows.with_extension("db.new");
        remove(&fresh)?;
        db::copy(&archive.rows, &fresh).await?;
        let copied = db::reader(&format!("sqlite://{}", fresh.display())).await?;
        let brought = bring(&copied, &archive.storage, &to, &mut |_| {}).await?;
        copied.close().await?;
        all.copied += brought.copied;
        all.bytes += brought.bytes;
        (all.missing, all.rotten) = (brought.missing, brought.rotten);
        // What was replaced meanwhile is gone from the store, and from the rows by now.
        if brought.missing == 0 {
            flush(&fresh)?;
            fs::rename(&fresh, &place.rows).map_err(failed)?;
            flush(place.rows.parent().unwrap_or(folder))?;
            return Ok(all);
        }
    }
    let words = "blobs that the rows name are missing in the store: see `jarchi verify`";
    Err(Error::unavailable("the archive", words))
}

/// Brings a copy back into a data folder that has no archive. The log of changes begins a new epoch: whoever followed it
/// starts again. Uploads that had not ended are over.
pub async fn restore(
    folder: &Path,
    database_url: &str,
    storage: &Storage,
    seen: &mut impl FnMut(Seen),
) -> Result<Brought> {
    let place = Place::of(folder)?;
    let rows = database_url.strip_prefix("sqlite://").map(PathBuf::from);
    let rows = rows.ok_or_else(db::no_copies)?;
    if !place.rows.exists() {
        let words = format!("there is no backup in {}", folder.display());
        return Err(Error::refused(Code::NotFound, words));
    }
    for there in [rows.clone(), beside(&rows, "wal")] {
        if there.exists() {
            let words = format!(
                "{} is there already: nothing is written over",
                there.display()
            );
            return Err(Error::refused(Code::Conflict, words));
        }
    }
    let from = Storage::at(&place.blobs).await?;
    let copied = db::reader(&format!("sqlite://{}", place.rows.display())).await?;
    let brought = bring(&copied, &from, storage, seen).await?;
    copied.close().await?;
    let fresh = rows.with_extension("db.new");
    for left in [fresh.clone(), beside(&fresh, "wal"), beside(&fresh, "shm")] {
        remove(&left)?;
    }
    fs::copy(&place.rows, &fresh).map_err(failed)?;
    begin_anew(&fresh).await?;
    flush(&fresh)?;
    fs::rename(&fresh, &rows).map_err(failed)?;
    flush(rows.parent().unwrap_or(folder))?;
    Ok(brought)
}

/// Brings all rows into another database, which has none of an archive; they are all there, or none. The log of changes goes
/// on where it was: who follows it notices nothing. Gives how many rows there were.
///
/// # Errors
/// Refused where there is an archive already.
pub async fn carry(from: &Db, to: &Db) -> Result<u64> {
    let tx = to.begin().await?;
    let is_begun = units::Entity::find().one(&tx).await?.is_some();
    if is_begun || blobs::Entity::find().one(&tx).await?.is_some() {
        let words = "there is an archive in that database already: nothing is written over";
        return Err(Error::refused(Code::Conflict, words));
    }
    let mut carried = carry::all(from.read(), &tx).await?;
    carried.push(jobs::carry(from.read(), &tx).await?);
    tx.commit().await?;
    Ok(carried.iter().map(|(_, rows)| rows).sum())
}

async fn begin_anew(rows: &Path) -> Result<()> {
    let db = Db::open(&format!("sqlite://{}", rows.display())).await?;
    let tx = db.begin().await?;
    properties::set(&tx, "epoch", &Uuid::now_v7().to_string()).await?;
    // Their bytes are no part of a backup: the next start ends them.
    uploads::Entity::update_many()
        .col_expr(uploads::Column::Received, Expr::value(0))
        .col_expr(
            uploads::Column::Kept,
            Expr::value(None::<serde_json::Value>),
        )
        .col_expr(uploads::Column::ExpiresAt, Expr::value(db::now() - 1))
        .filter(uploads::open())
        .exec(&tx)
        .await?;
    tx.commit().await?;
    // What the journal holds goes into the file, which is all that is kept of it.
    db.close().await?;
    for journal in ["wal", "shm"] {
        remove(&beside(rows, journal))?;
    }
    Ok(())
}

/// The journal of a database, which lies beside it under its name and a suffix.
fn beside(rows: &Path, journal: &str) -> PathBuf {
    format!("{}-{journal}", rows.display()).into()
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

fn flush(path: &Path) -> Result<()> {
    let open = File::open(path).map_err(failed)?;
    open.sync_all().map_err(failed)
}

fn failed(error: std::io::Error) -> Error {
    Error::unavailable("the folder of the backup", error)
}
