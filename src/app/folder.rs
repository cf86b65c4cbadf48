//! The data folder belongs to one process at a time: a lock that the kernel drops with the process, however it ends.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use crate::{
    config::scratch,
    error::{Error, Result},
    storage,
};

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
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
            Err(error) => return Err(Error::unavailable("the data folder", error)),
        }
        storage::empty(&scratch(folder)).map_err(failed)?;
        Ok(Some(Self {
            _lock: lock,
            folder: folder.to_owned(),
        }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_gone() {
        let data = tempfile::tempdir().unwrap();
        let (scratch, outside) = (scratch(data.path()), data.path().join("outside"));
        fs::create_dir_all(scratch.join("page")).unwrap();
        fs::write(scratch.join("page/page.pgm"), "P5").unwrap();
        fs::write(&outside, "kept").unwrap();
        std::os::unix::fs::symlink(&outside, scratch.join("link")).unwrap();
        let held = Held::take(data.path()).unwrap().unwrap();
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0);
        assert!(outside.exists());
        fs::write(scratch.join("at work"), "").unwrap();
        assert!(Held::take(data.path()).unwrap().is_none());
        assert!(scratch.join("at work").exists());
        drop(held);
    }
}
