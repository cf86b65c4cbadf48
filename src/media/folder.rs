//! A folder for one page: the program that works in it may leave anything there, and nobody else ever looks at it.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A folder that is gone with all that is in it after this is dropped.
pub struct Folder {
    pub path: PathBuf,
}

impl Folder {
    pub async fn new(within: &Path) -> Result<Self> {
        let failed = |cause| Error::unavailable("the folder for scratch files", cause);
        // The program's working folder must be told from the root.
        let path = std::path::absolute(within.join(uuid::Uuid::new_v4().to_string()));
        let path = path.map_err(failed)?;
        // For nobody else's eyes.
        let mut new = tokio::fs::DirBuilder::new();
        new.recursive(true).mode(0o700);
        new.create(&path).await.map_err(failed)?;
        Ok(Self { path })
    }
}

impl Drop for Folder {
    /// Also where the time is over in the middle of a page, so this cannot be a step of its own.
    fn drop(&mut self) {
        let path = std::mem::take(&mut self.path);
        let remove = move || {
            if let Err(cause) = std::fs::remove_dir_all(path) {
                tracing::warn!(%cause, "a folder of a boxed program stays behind");
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}
