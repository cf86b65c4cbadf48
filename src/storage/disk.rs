//! Blobs as files: `<last two letters of the id>/<id>`, spread over 256 folders, and `incoming/<id>` while they are
//! written. A file is flushed, then named by a rename, then its folder is flushed.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use crate::terms::BlobId;

const INCOMING: &str = "incoming";

#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
}

/// A blob that lies in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    pub id: BlobId,
    pub size: u64,
}

impl Disk {
    pub fn open(root: PathBuf) -> io::Result<Self> {
        let incoming = root.join(INCOMING);
        fs::create_dir_all(&incoming)?;
        for left in fs::read_dir(&incoming)? {
            fs::remove_file(left?.path())?;
        }
        Ok(Self { root })
    }

    pub fn beside(root: PathBuf) -> io::Result<Self> {
        fs::read_dir(&root)?;
        Ok(Self { root })
    }

    pub fn create(&self, id: BlobId) -> io::Result<File> {
        File::options()
            .write(true)
            .create_new(true)
            .open(self.unnamed(id))
    }

    /// Names what was written, once it is on the disk.
    pub fn name(&self, id: BlobId, file: &File) -> io::Result<()> {
        file.sync_all()?;
        let folder = self.folder(id);
        if !folder.exists() {
            fs::create_dir_all(&folder)?;
            flush_folder(&self.root)?;
        }
        fs::rename(self.unnamed(id), folder.join(id.to_string()))?;
        flush_folder(&folder)
    }

    pub fn discard(&self, id: BlobId) -> io::Result<()> {
        forgiving(fs::remove_file(self.unnamed(id)))
    }

    pub fn file(&self, id: BlobId) -> io::Result<File> {
        File::open(self.folder(id).join(id.to_string()))
    }

    pub fn remove(&self, id: BlobId) -> io::Result<()> {
        forgiving(fs::remove_file(self.folder(id).join(id.to_string())))
    }

    pub fn ping(&self) -> io::Result<()> {
        fs::metadata(self.root.join(INCOMING)).map(drop)
    }

    pub fn list(&self) -> io::Result<Vec<Stored>> {
        let mut found = Vec::new();
        for number in 0..=u8::MAX {
            found.extend(listed(&self.root.join(format!("{number:02x}")))?);
        }
        Ok(found)
    }

    pub fn strangers(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name();
            match name.to_str().filter(|_| entry.path().is_dir()) {
                Some(INCOMING) => {}
                Some(folder) if is_spread(folder) => {
                    for file in fs::read_dir(entry.path())? {
                        let file = file?;
                        if !is_named(&file.file_name(), folder) {
                            found.push(file.path());
                        }
                    }
                }
                _ => found.push(entry.path()),
            }
        }
        Ok(found)
    }

    fn folder(&self, id: BlobId) -> PathBuf {
        let id = id.to_string();
        self.root.join(&id[id.len() - 2..])
    }

    fn unnamed(&self, id: BlobId) -> PathBuf {
        self.root.join(INCOMING).join(id.to_string())
    }
}

fn listed(folder: &Path) -> io::Result<Vec<Stored>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        {
            found.push(Stored {
                id: BlobId(id),
                size: entry.metadata()?.len(),
            });
        }
    }
    Ok(found)
}

fn is_spread(folder: &str) -> bool {
    folder.len() == 2
        && folder
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_named(file: &OsStr, folder: &str) -> bool {
    file.to_str()
        .is_some_and(|name| name.ends_with(folder) && name.parse::<Uuid>().is_ok())
}

fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn forgiving(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Removes all that lies in a folder, where there is one. The folder itself stays: it may be a mount or a link.
pub fn empty(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
