//! The command line: what can be asked of `jarchi`, and who does it. What people are to read goes to standard output, the
//! log to standard error, and the exit code says whether all is well. A folder belongs to one process at a time: a
//! command on a held folder hands its work to the process that holds it.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use node::Role;

use crate::{
    api,
    app::Held,
    config::Config,
    crash,
    db::Db,
    error::{Code, Error, Result},
};

mod backup;
mod formats;
mod import;
mod log;
mod node;
mod progress;
mod serve;
mod socket;
mod token;
mod verify;

/// The threads that wait for files and sockets; digests and decoders have their own.
const THREADS: usize = 2;

#[derive(Debug, Parser)]
#[command(
    name = "jarchi",
    version,
    about = "The archive and the delivery desk of a press service"
)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API, and process what comes in
    Serve {
        /// Leave the processing to another process
        #[arg(long)]
        no_worker: bool,
    },
    /// Process what comes in, beside nodes that serve
    Work,
    /// Bring the database up to date
    Migrate,
    /// Bring in the files of a folder; those that are there already are left out
    Import {
        folder: PathBuf,
        /// The event that they belong to: its id, or its name in any language
        #[arg(long)]
        event: Option<String>,
    },
    /// Hold every row and every byte of the archive against each other
    Verify {
        /// Go on where an earlier run was cut
        #[arg(long)]
        resume: bool,
        /// Mend what can be mended: make renditions again, remove what nothing needs
        #[arg(long)]
        repair: bool,
    },
    /// Copy the archive of the embedded mode into a folder, while it runs
    Backup { folder: PathBuf },
    /// Bring such a copy back, into a data folder without an archive
    Restore { folder: PathBuf },
    /// Copy all blobs to another store, while the service runs
    CopyStorage {
        /// `file:///…` or `s3://bucket/prefix?endpoint=…`
        to: String,
    },
    /// Copy all rows of the embedded mode into an empty PostgreSQL database, while the service stands still
    CopyDatabase {
        /// `postgres://user:password@host/database`
        to: String,
    },
    /// Print which files are taken and what is made of each kind, as a table in Markdown
    Formats,
    #[command(about = "Print the OpenAPI document")]
    Openapi,
}

impl CommandLine {
    /// Does what was asked for; gives the code to end with.
    pub fn run(self, config: Config) -> Result<ExitCode> {
        log::start(
            &config,
            matches!(self.command, Command::Serve { .. } | Command::Work),
        )?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .enable_all()
            .build()
            .map_err(|error| Error::internal("the runtime", error))?;
        let ended = runtime.block_on(self.command.perform(config));
        // What still runs on a thread nobody waits for, and it may end with the process at any moment.
        runtime.shutdown_background();
        ended
    }
}

impl Command {
    async fn perform(self, config: Config) -> Result<ExitCode> {
        let _deaths = crash::listen();
        match self {
            Self::Serve { no_worker: false } => serve::serve(config, Role::All).await,
            Self::Serve { no_worker: true } => serve::serve(config, Role::Serve).await,
            Self::Work => serve::serve(config, Role::Work).await,
            Self::Migrate => migrate(&config).await,
            Self::Import { folder, event } => import::import(config, &folder, event).await,
            Self::Verify { resume, repair } => verify::verify(config, resume, repair).await,
            Self::Backup { folder } => backup::take(&config, &folder).await,
            Self::Restore { folder } => backup::restore(&config, &folder).await,
            Self::CopyStorage { to } => backup::copy_storage(&config, &to).await,
            Self::CopyDatabase { to } => backup::copy_database(&config, &to).await,
            Self::Formats => formats::formats(&config),
            Self::Openapi => {
                say(api::openapi_json()?.trim_end())?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

async fn migrate(config: &Config) -> Result<ExitCode> {
    let _held = Held::take(&config.data_dir)?.ok_or_else(|| held_by_another(&config.data_dir))?;
    Db::open(&config.database_url).await?.close().await?;
    say("The database is up to date.")?;
    Ok(ExitCode::SUCCESS)
}

fn held_by_another(folder: &Path) -> Error {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let words = format!("another Jarchi holds {}; stop it first", folder.display());
    Error::refused(Code::Busy, words)
}

/// One line for whoever called the command.
fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}")
        .map_err(|error| Error::unavailable("standard output", error))
}

/// Ends when the process is asked to end: SIGTERM, or SIGINT from the keyboard.
async fn asked_to_end() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error| Error::internal("the signals", error);
    let mut term = signal(SignalKind::terminate()).map_err(failed)?;
    let mut int = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}
