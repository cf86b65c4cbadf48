//! What the child takes from itself before it reads one foreign byte, so that the kernel, and nobody's good will, keeps
//! it in: files and the network (`land`), what it may ask of the kernel (`calls`), memory, time and sizes (`limits`).
//! Two profiles: [`raise`] round a decoder, which has its descriptors and nothing else; [`raise_round_program`] round a
//! program of the system, which may read that system's libraries and data and write in one folder.

mod calls;
mod land;
mod limits;

use std::path::Path;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};

pub use super::wire::Limits;
use crate::error::{Error, Result};

/// Raises the walls round this process, for good. From here on it can open, start, send and signal nothing.
///
/// # Errors
/// `Internal` where the kernel has a wall and does not give it, or where other threads run already: a thread that was
/// there before would stay outside. A wall that this kernel has not is left out; [`lacking`] tells.
pub fn raise(limits: Limits) -> Result<()> {
    alone()?;
    limits::narrow(limits)?;
    unseen()?;
    land::leave_nothing()?;
    calls::only_those_of_decoders()
}

/// Raises the walls that a program of the system can live in: it reads `land::SYSTEM`, writes below `folder`, reaches no
/// network and no process of others, and takes nothing with it that the limits forbid.
///
/// # Errors
/// As those of [`raise`]; and where `folder` cannot be opened.
pub fn raise_round_program(limits: Limits, folder: &Path) -> Result<()> {
    alone()?;
    limits::narrow(limits)?;
    land::leave_the_system_and(folder)?;
    calls::all_but_the_dangerous()
}

/// Which walls this kernel does not have, for one line in the log; `None` where all are there.
#[must_use]
pub fn lacking() -> Option<String> {
    let lacks: Vec<&str> = [land::lacking(), calls::lacking()]
        .into_iter()
        .flatten()
        .collect();
    (!lacks.is_empty()).then(|| lacks.join("; "))
}

/// Whether the file system is closed: a program that follows what a file refers to, as office programs do, finds nothing.
#[must_use]
pub fn close_files() -> bool {
    land::lacking().is_none()
}

/// Landlock binds the thread that calls it and those that it starts.
fn alone() -> Result<()> {
    let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    if threads == 1 {
        Ok(())
    } else {
        let words = format!("{threads} threads run already");
        Err(Error::internal("the walls of the media child", words))
    }
}

/// No dump of its memory is written, and no process of the same user looks into it or appears in it.
fn unseen() -> Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|cause| Error::internal("hiding the media child's memory", cause))
}
