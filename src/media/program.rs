//! A program of the system that reads foreign bytes (one that recognises letters, one that prints office files), in a
//! box of its own: it reads that system, writes in one folder, and has no network, no environment and no end of time.
//! This process stays beside it inside the same walls and waits; whatever it starts ends with it.

use std::{
    fs::File,
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
};

use super::{
    child, walls,
    wire::{Limits, Program},
};
use crate::error::{Error, Result};

/// Runs `program` to its end; what it says on its standard output goes to `out`, its complaints to our own.
///
/// # Errors
/// `Unusable` where it fails; `Internal` where it cannot be started.
pub fn run(program: &Program, limits: Limits, out: &File) -> Result<()> {
    const WHAT: &str = "a boxed program";
    let failed = |cause| Error::internal(WHAT, cause);
    let out = out.try_clone().map_err(failed)?;
    walls::raise_round_program(limits, &program.folder)?;
    let mut running = Command::new(&program.path)
        .args(&program.arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .env("HOME", &program.folder)
        .env("TMPDIR", &program.folder)
        .current_dir(&program.folder)
        .stdin(Stdio::null())
        .stdout(out)
        .spawn()
        .map_err(failed)?;
    child::end_with_parent();
    let status = running.wait().map_err(failed)?;
    match (status.success(), status.signal()) {
        (true, _) => Ok(()),
        (false, Some(_)) => Err(Error::Unusable(
            "the program that reads it broke down".into(),
        )),
        (false, None) => Err(Error::Unusable(
            "the program that reads it gave up on it".into(),
        )),
    }
}
