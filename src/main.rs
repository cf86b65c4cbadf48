//! The command line; or, by a word that no command has, the keeper of children that decode for it.

use std::process::ExitCode;

use clap::Parser;
use jarchi::{
    cli::CommandLine,
    config::Config,
    media::{KEEP, light_child},
};

/// A fifth sooner at searching and indexing than the C library's, and it gives back what a crowd of uploads took.
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // Before anything of the machine is read: what follows has files in hand, and nothing else.
    if std::env::args_os().nth(1).is_some_and(|word| word == KEEP) {
        return light_child();
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
