//! The command line; or, by a word that no command has, the keeper of children that decode for it.

use std::process::ExitCode;

use clap::Parser;
use jarchi::{
    app::memory,
    cli::CommandLine,
    config::Config,
    media::{KEEP, light_child},
};

fn main() -> ExitCode {
    // Before anything of the machine is read: what follows has files in hand, and nothing else.
    if std::env::args_os().nth(1).is_some_and(|word| word == KEEP) {
        return light_child();
    }
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
