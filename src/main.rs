//! The command line. `media-child` comes before anything else: it is what the server runs for each file, in the box.

use std::process::ExitCode;

use clap::Parser;
use jarchi::{cli::CommandLine, config::Config, media};

fn main() -> ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|command| command == "media-child")
    {
        return media::child();
    }
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("jarchi: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let command = CommandLine::parse();
    let config = Config::read().map_err(anyhow::Error::msg)?;
    Ok(command.run(config)?)
}
