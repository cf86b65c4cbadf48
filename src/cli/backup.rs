//! `jarchi backup`, `restore`, `copy-storage` and `copy-database`: what is copied, and what could not be.

use std::{path::Path, process::ExitCode};

use indicatif::{HumanBytes, ProgressBar};

use super::{held_by_another, progress, say, socket::Way};
use crate::{
    app::Held,
    backup::{self, Archive, Brought, Seen},
    config::Config,
    db::{self, Db},
    error::{Code, Error, Result},
    storage::Storage,
};

/// Copies the archive into a folder, beside whoever holds it.
pub async fn take(config: &Config, folder: &Path) -> Result<ExitCode> {
    let archive = open(config).await?;
    let bar = progress::bytes();
    let brought = backup::take(&archive, folder, &mut |seen| show(&bar, seen)).await?;
    bar.finish_and_clear();
    summed("backed up", &brought)
}

/// Brings it back.
pub async fn restore(config: &Config, folder: &Path) -> Result<ExitCode> {
    let _held = Held::take(&config.data_dir)?.ok_or_else(|| held_by_another(&config.data_dir))?;
    let storage = Storage::open(config).await?;
    let bar = progress::bytes();
    let url = &config.database_url;
    let brought = backup::restore(folder, url, &storage, &mut |seen| show(&bar, seen)).await?;
    bar.finish_and_clear();
    summed("restored", &brought)
}

/// Brings all blobs to another store, again and again until nothing new is found.
pub async fn copy_storage(config: &Config, to: &str) -> Result<ExitCode> {
    let archive = open(config).await?;
    let other = Storage::other(to, config).await?;
    let mut all = Brought::default();
    loop {
        let bar = progress::bytes();
        let see = &mut |seen| show(&bar, seen);
        let brought = backup::bring(&archive.rows, &archive.storage, &other, see).await?;
        bar.finish_and_clear();
        all.copied += brought.copied;
        all.bytes += brought.bytes;
        (all.missing, all.rotten) = (brought.missing, brought.rotten);
        if brought.copied == 0 {
            break;
        }
    }
    let code = summed("copied", &all)?;
    let is_served = Way::to(&config.data_dir)?.is_open() || db::is_shared(&config.database_url);
    say(if is_served {
        "Now stop the service, run this once more, and start it with the new JARCHI_STORAGE_URL. Uploads that have not ended by then begin anew."
    } else {
        "Now start the service with the new JARCHI_STORAGE_URL. Uploads that have not ended begin anew."
    })?;
    Ok(code)
}

/// Brings all rows into a database for many nodes, while nobody changes them.
pub async fn copy_database(config: &Config, to: &str) -> Result<ExitCode> {
    if db::is_shared(&config.database_url) || !db::is_shared(to) {
        let words = "rows are copied from the database of one process into one for many nodes: postgres://…";
        return Err(Error::refused(Code::BadRequest, words));
    }
    let _held = Held::take(&config.data_dir)?.ok_or_else(|| held_by_another(&config.data_dir))?;
    let (from, to) = (Db::open(&config.database_url).await?, Db::open(to).await?);
    let rows = backup::carry(&from, &to).await?;
    say(&format!(
        "copied {rows} rows. Now start the service with the new JARCHI_DATABASE_URL, and never again with the old one."
    ))?;
    from.close().await?;
    to.close().await?;
    Ok(ExitCode::SUCCESS)
}

async fn open(config: &Config) -> Result<Archive> {
    if !config.data_dir.is_dir() {
        let words = format!("there is no archive in {}", config.data_dir.display());
        return Err(Error::refused(Code::NotFound, words));
    }
    Ok(Archive {
        rows: db::reader(&config.database_url).await?,
        storage: Storage::beside(config).await?,
    })
}

fn show(bar: &ProgressBar, seen: Seen) {
    match seen {
        Seen::Ahead(bytes) => bar.set_length(bytes),
        Seen::Done(bytes) => bar.inc(bytes),
        Seen::Fault(blob, is) => {
            bar.suspend(|| tracing::warn!(%blob, "{is}"));
        }
    }
}

fn summed(what: &str, brought: &Brought) -> Result<ExitCode> {
    let Brought {
        copied,
        bytes,
        missing,
        rotten,
    } = brought;
    let faults = missing + rotten;
    let rest = match faults {
        0 => "all is there".to_owned(),
        some => format!("{some} could not be copied: see `jarchi verify`"),
    };
    say(&format!(
        "{what} {copied} blobs ({}), {rest}",
        HumanBytes(*bytes)
    ))?;
    Ok(ExitCode::from(u8::from(faults > 0)))
}
