//! Bounds in figures (setrlimit(2)): memory, time, size of files, number of files and threads, no core dump; and a turn
//! after everybody else's.

use rustix::{
    io::Errno,
    process::{Resource, Rlimit, getrlimit, nice, setrlimit},
};

use super::Limits;
use crate::error::{Error, Result};

/// Descriptors that decoders may have open at once, above those that were handed over.
const OPEN_FILES: u64 = 128;
/// Processes and threads of this user altogether, the server's among them: far above an honest day's, far below what
/// takes a machine down. The kernel does not hold root to it.
const PROCESSES: u64 = 8192;

pub fn narrow(limits: Limits) -> Result<()> {
    let walls = [
        (Resource::As, limits.memory),
        // The kernel warns at the first of two limits, with a signal that says why, and kills at the second.
        (Resource::Cpu, limits.seconds + 5),
        (Resource::Fsize, limits.file_size),
        (Resource::Nofile, highest_descriptor() + OPEN_FILES),
        (Resource::Nproc, PROCESSES),
        (Resource::Core, 0),
    ];
    let failed = |cause| Error::internal("a limit of the media child", cause);
    for (resource, most) in walls {
        narrow_one(resource, most).map_err(failed)?;
    }
    let cpu = getrlimit(Resource::Cpu);
    setrlimit(
        Resource::Cpu,
        Rlimit {
            current: Some(limits.seconds),
            ..cpu
        },
    )
    .map_err(failed)?;
    nice(19).map_err(|cause| Error::internal("the media child's priority", cause))?;
    Ok(())
}

/// A limit that is already narrower stays.
fn narrow_one(resource: Resource, most: u64) -> Result<(), Errno> {
    let most = getrlimit(resource)
        .maximum
        .map_or(most, |there| there.min(most));
    setrlimit(
        resource,
        Rlimit {
            current: Some(most),
            maximum: Some(most),
        },
    )
}

fn highest_descriptor() -> u64 {
    let numbers = std::fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .flatten();
    numbers
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .max()
        .unwrap_or(1024)
}
