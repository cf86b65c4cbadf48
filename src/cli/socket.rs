//! The socket in the data folder, over which commands reach the process that holds it.

use std::{
    fs::{self, File, Permissions},
    io,
    os::{
        fd::AsRawFd,
        unix::{
            fs::PermissionsExt,
            net::{UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
};

use crate::{
    app,
    error::{Error, Result},
};

/// The way to the socket of a data folder. A socket's address has 108 bytes at most (unix(7)), and a folder may lie
/// deeper: the way leads through the open folder.
#[derive(Debug)]
pub struct Way {
    _folder: File,
    path: PathBuf,
}

impl Way {
    /// Unavailable where there is no such folder.
    pub fn to(folder: &Path) -> Result<Self> {
        let open =
            File::open(folder).map_err(|error| Error::unavailable("the data folder", error))?;
        let through = format!("/proc/self/fd/{}", open.as_raw_fd());
        Ok(Self {
            path: app::socket(Path::new(&through)),
            _folder: open,
        })
    }

    /// Valid as long as the way is kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether somebody listens at its end.
    pub fn is_open(&self) -> bool {
        UnixStream::connect(&self.path).is_ok()
    }

    /// Listens, for the owner of the process alone. Only for who holds the folder: what a former process left is removed.
    pub fn listen(&self) -> Result<UnixListener> {
        let failed = |error| Error::unavailable("the socket in the data folder", error);
        self.remove()?;
        let listener = UnixListener::bind(&self.path).map_err(failed)?;
        fs::set_permissions(&self.path, Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(listener)
    }

    pub fn remove(&self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::unavailable("the socket in the data folder", error))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_folder_has_a_socket_for_its_owner() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("д".repeat(60)).join("х".repeat(60));
        fs::create_dir_all(&folder).unwrap();
        let way = Way::to(&folder).unwrap();
        assert!(!way.is_open());
        let listener = way.listen().unwrap();
        assert!(way.is_open());
        let mode = fs::metadata(folder.join("jarchi.sock"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(listener);
        assert!(!way.is_open());
        way.listen().expect("what was left is replaced");
        way.remove().unwrap();
        assert!(!folder.join("jarchi.sock").exists());
    }
}
