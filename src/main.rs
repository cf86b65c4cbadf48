//! The command line.

use std::process::ExitCode;

use clap::Parser;
use jarchi::{app::memory, cli::CommandLine, config::Config};

fn main() -> ExitCode {
    memory::bound();
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
