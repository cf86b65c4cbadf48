//! The log: to standard error, as text or as JSON, from the level that the settings name.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::{
    config::{Config, LogFormat},
    error::{Code, Error, Result},
    index,
};

/// What libraries tell of their inner life; a setting that names one of them wins.
/// The dispatcher calls it an error where a client sends what is no HTTP, or goes away amid a download.
const QUIET: &str =
    "actix_server=warn,sea_orm_migration=warn,sqlx=warn,actix_http::h1::dispatcher=off";
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Begins to log. A command that is no service speaks for itself: of it, only what went wrong is logged.
pub fn start(config: &Config, is_service: bool) -> Result<()> {
    let level = if is_service { &config.log } else { "warn" };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter(level)?)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        // Where it takes no more, as on a full disk, whoever complains of that there would panic.
        .log_internal_errors(false);
    let started = match config.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Error::internal("the log", error))
}

/// `info`, or `info,jarchi::worker=debug`: a level for all, and others for modules.
fn filter(setting: &str) -> Result<EnvFilter> {
    let wrong = |why: String| Error::refused(Code::Invalid, format!("JARCHI_LOG: {why}"));
    let parts = setting.split(',').map(str::trim);
    // A word alone would be taken for the name of a module, and a slip of the finger for one that is never met.
    if let Some(word) = parts
        .filter(|part| !part.contains('='))
        .find(|part| !LEVELS.contains(&part.to_ascii_lowercase().as_str()))
    {
        let levels = LEVELS.join(", ");
        return Err(wrong(format!("“{word}” is none of {levels}")));
    }
    EnvFilter::builder()
        .parse(format!("{QUIET},{},{setting}", index::LOG))
        .map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_known_or_refused() {
        for good in ["info", "WARN", "warn,jarchi::worker=debug", "off"] {
            filter(good).unwrap();
        }
        for wrong in ["infoo", "", "info,loud", "jarchi=loud"] {
            let error = filter(wrong).unwrap_err().to_string();
            assert!(error.starts_with("JARCHI_LOG"), "{error}");
        }
    }
}
