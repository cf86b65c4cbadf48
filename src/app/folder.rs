//! The data folder belongs to one process at a time: a lock that the kernel drops with the process, however it ends.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use crate::error::{Error, Result};

/// A data folder that this process holds.
#[derive(Debug)]
pub struct Held {
    _lock: File,
    folder: PathBuf,
}

impl Held {
    /// Makes the folder where it is not there, and takes it. None: another process holds it.
    ///
    /// # Errors
    /// Unavailable where the folder cannot be made or written.
    pub fn take(folder: &Path) -> Result<Option<Self>> {
        let failed = |error| Error::unavailable("the data folder", error);
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))
            .map_err(failed)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self {
                _lock: lock,
                folder: folder.to_owned(),
            })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(Error::unavailable("the data folder", error)),
        }
    }

    /// Where commands speak to the process that holds the folder.
    pub fn socket(&self) -> PathBuf {
        socket(&self.folder)
    }
}

/// Where the process that holds the folder listens for commands.
pub fn socket(folder: &Path) -> PathBuf {
    folder.join("jarchi.sock")
}
