//! `jarchi verify`: the archive held against itself, with a line for each fault and a last line for the whole. It ends
//! with 0 where all is well, with 1 where something is not.

use std::{fs, path::Path, process::ExitCode};

use indicatif::HumanBytes;

use super::{held_by_another, node::decoders, progress, say, socket::Way};
use crate::{
    app::{App, Held},
    config::Config,
    db,
    error::{Code, Error, Result},
    storage::Storage,
    terms::BlobId,
    verify::{self, Archive, Fault, Seen, Tally, repair},
};

pub async fn verify(config: Config, resume: bool, repair: bool) -> Result<ExitCode> {
    let archive = open(&config).await?;
    // Who could not mend anything says so before it has read for a night.
    let held = if repair {
        Some(hold(&config.data_dir)?)
    } else {
        None
    };
    let mark = config.data_dir.join("verified-up-to");
    let after = if resume { read(&mark) } else { None };
    let bar = progress::bytes();
    let (mut faults, mut unsaid) = (Vec::new(), Ok(()));
    let tally = verify::verify(&archive, after, &mut |seen| match seen {
        Seen::Ahead { bytes, .. } => bar.set_length(bytes),
        Seen::Read(bytes) => bar.inc(bytes),
        Seen::Upto(blob) => write(&mark, blob),
        Seen::Fault(fault) => {
            let said = bar.suspend(|| say(&fault.to_string()));
            if unsaid.is_ok() {
                unsaid = said;
            }
            faults.push(fault);
        }
    })
    .await?;
    bar.finish_and_clear();
    unsaid?;
    if let Err(error) = fs::remove_file(&mark) {
        tracing::debug!(%error, "there was no mark to remove");
    }
    say(&summary(&tally, faults.len()))?;
    let left = match held {
        Some(held) if !faults.is_empty() => mend(config, &faults, held).await?,
        _ => faults.len(),
    };
    Ok(ExitCode::from(u8::from(left > 0)))
}

fn hold(folder: &Path) -> Result<Held> {
    Held::take(folder)?.ok_or_else(|| held_by_another(folder))
}

/// Mends what can be mended in the folder that is held, and gives how much could not.
async fn mend(config: Config, faults: &[Fault], _held: Held) -> Result<usize> {
    let app = App::open(config, decoders()?).await?;
    let mut left = 0;
    for fault in faults {
        match repair::repair(&app, fault).await? {
            Some(done) => say(&format!("{fault}: {done}"))?,
            None => left += 1,
        }
    }
    app.db.clone().close().await?;
    say(&format!(
        "mended {} of {}",
        faults.len() - left,
        faults.len()
    ))?;
    Ok(left)
}

/// What an earlier run read, if it was cut.
fn read(mark: &Path) -> Option<BlobId> {
    let id = fs::read_to_string(mark).ok()?;
    id.trim().parse().ok().map(BlobId)
}

/// Without a mark the next run begins at the beginning, which is no fault.
fn write(mark: &Path, blob: BlobId) {
    if let Err(error) = fs::write(mark, blob.to_string()) {
        tracing::debug!(%error, "how far it is could not be written down");
    }
}

async fn open(config: &Config) -> Result<Archive> {
    let folder = &config.data_dir;
    if !folder.is_dir() {
        let words = format!("there is no archive in {}", folder.display());
        return Err(Error::refused(Code::NotFound, words));
    }
    let is_shared = db::is_shared(&config.database_url);
    Ok(Archive {
        in_use: Way::to(folder)?.is_open() || is_shared,
        is_shared,
        rows: db::reader(&config.database_url).await?,
        storage: Storage::beside(config).await?,
    })
}

fn summary(tally: &Tally, faults: usize) -> String {
    let Tally {
        blobs,
        bytes,
        originals,
        renditions,
        in_flight,
    } = tally;
    let on_its_way = match in_flight {
        0 => String::new(),
        some => format!(", {some} blobs on their way in"),
    };
    let found = match faults {
        0 => "all is well".to_owned(),
        1 => "1 fault".to_owned(),
        many => format!("{many} faults"),
    };
    format!(
        "verified {blobs} blobs ({}), {originals} originals, {renditions} renditions{on_its_way}: {found}",
        HumanBytes(*bytes)
    )
}
