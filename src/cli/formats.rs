//! What is taken and what is made of it, for people who are about to send something; the README quotes it.

use std::process::ExitCode;

use super::say;
use crate::{
    app,
    config::Config,
    error::Result,
    terms::{FORMATS, Kind},
};

/// Prints the table as this office has it.
pub fn formats(config: &Config) -> Result<ExitCode> {
    let presets = app::presets(config)?;
    say("| | taken | made of it |\n| --- | --- | --- |")?;
    for (kind, called) in [
        (Kind::Photo, "photos"),
        (Kind::Video, "films"),
        (Kind::Audio, "recordings"),
        (Kind::Text, "texts"),
    ] {
        let made: Vec<String> = presets
            .of_kind(kind)
            .map(|name| format!("`{name}`"))
            .collect();
        say(&format!(
            "| {called} | {} | {} |",
            taken(kind),
            made.join(" ")
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Such as `JPEG (jpg), RAW (dng, cr2)`.
fn taken(kind: Kind) -> String {
    let mut names: Vec<(&str, Vec<&str>)> = Vec::new();
    for format in FORMATS.iter().filter(|format| format.kind == kind) {
        match names.iter_mut().find(|(name, _)| *name == format.name) {
            Some((_, extensions)) => extensions.push(format.extension),
            None => names.push((format.name, vec![format.extension])),
        }
    }
    let each = names
        .iter()
        .map(|(name, extensions)| format!("{name} ({})", extensions.join(", ")));
    each.collect::<Vec<_>>().join(", ")
}
