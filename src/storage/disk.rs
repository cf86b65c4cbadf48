//! Blobs as files: `<last two letters of the id>/<id>`, spread over 256 folders, and `incoming/<id>` while they are
//! written. A file is flushed, then named by a rename, then its folder is flushed.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::failed;
use crate::{error::Result, terms::BlobId};

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

    pub fn list(&self) -> impl Iterator<Item = Result<Stored>> + use<> {
        let root = self.root.clone();
        (0..=u8::MAX).flat_map(
            move |number| match listed(&root.join(format!("{number:02x}"))) {
                Ok(found) => found.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(failed(error))],
            },
        )
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

fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn forgiving(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
