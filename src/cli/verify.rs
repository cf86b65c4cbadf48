//! `jarchi verify`: the archive held against itself, with a line for each fault and a last line for the whole. It ends
//! with 0 where all is well, with 1 where something is not.

use std::process::ExitCode;

use indicatif::HumanBytes;

use super::{progress, say, socket::Way};
use crate::{
    config::Config,
    db,
    error::{Code, Error, Result},
    storage::Storage,
    verify::{self, Archive, Seen, Tally},
};

pub async fn verify(config: &Config) -> Result<ExitCode> {
    let archive = open(config).await?;
    let bar = progress::bytes();
    let (mut faults, mut unsaid) = (0_u64, Ok(()));
    let tally = verify::verify(&archive, &mut |seen| match seen {
        Seen::Ahead { bytes, .. } => bar.set_length(bytes),
        Seen::Read(bytes) => bar.inc(bytes),
        Seen::Fault(fault) => {
            faults += 1;
            let said = bar.suspend(|| say(&fault.to_string()));
            if unsaid.is_ok() {
                unsaid = said;
            }
        }
    })
    .await?;
    bar.finish_and_clear();
    unsaid?;
    say(&summary(&tally, faults))?;
    Ok(ExitCode::from(u8::from(faults > 0)))
}

async fn open(config: &Config) -> Result<Archive> {
    let folder = &config.data_dir;
    if !folder.is_dir() {
        let words = format!("there is no archive in {}", folder.display());
        return Err(Error::refused(Code::NotFound, words));
    }
    Ok(Archive {
        in_use: Way::to(folder)?.is_open(),
        rows: db::reader(&config.database_url).await?,
        storage: Storage::beside(config).await?,
    })
}

fn summary(tally: &Tally, faults: u64) -> String {
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
