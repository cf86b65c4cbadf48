//! Blobs as files: `<last two letters of the id>/<id>`, spread over 256 folders, and `incoming/<id>` while they are
//! written. A file is flushed, then named by a rename, then its folder is flushed.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{Page, Stored};
use crate::{crash, terms::BlobId};

const INCOMING: &str = "incoming";

#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    pub fn open(root: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(root.join(INCOMING))?;
        for number in 0..=u8::MAX {
            fs::create_dir_all(root.join(format!("{number:02x}")))?;
        }
        flush_folder(&root)?;
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

    /// The same for one that goes on later: it is found again after a power cut, too.
    pub fn begin(&self, id: BlobId) -> io::Result<File> {
        let file = self.create(id)?;
        flush_folder(&self.root.join(INCOMING))?;
        Ok(file)
    }

    /// Opens what was written of a blob, to go on behind its first `size` bytes: what lies beyond them was never
    /// acknowledged. One that has its name already is whole.
    pub fn go_on(&self, id: BlobId, size: u64) -> io::Result<File> {
        let file = match File::options().write(true).open(self.unnamed(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return self.whole(id, size);
            }
            opened => opened?,
        };
        match file.metadata()?.len() {
            less if less < size => return Err(short()),
            more if more > size => file.set_len(size)?,
            _ => {}
        }
        (&file).seek(SeekFrom::Start(size))?;
        Ok(file)
    }

    fn whole(&self, id: BlobId, size: u64) -> io::Result<File> {
        let file = self.file(id)?;
        if file.metadata()?.len() == size {
            Ok(file)
        } else {
            Err(short())
        }
    }

    /// Names what was written, once it is on the disk. What has its name keeps it.
    pub fn name(&self, id: BlobId, file: &File) -> io::Result<()> {
        file.sync_all()?;
        crash::here("blob-written");
        let folder = self.folder(id);
        let named = folder.join(id.to_string());
        match fs::rename(self.unnamed(id), &named) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.exists() => {}
            renamed => renamed?,
        }
        flush_folder(&folder)
    }

    /// Removes what was written and has no name.
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

    /// What lies in one of the 256 folders, or (past the last) elsewhere in the store.
    pub fn page(&self, number: u16) -> io::Result<Page> {
        let Ok(number) = u8::try_from(number) else {
            return self.elsewhere();
        };
        let folder = format!("{number:02x}");
        let mut page = Page::default();
        for entry in entries(&self.root.join(&folder))? {
            let Some(id) = blob(&entry.file_name(), &folder) else {
                page.strangers.push(entry.path().display().to_string());
                continue;
            };
            match entry.metadata() {
                // It was taken away since it was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                known => page.blobs.push(Stored {
                    id,
                    size: known?.len(),
                }),
            }
        }
        Ok(page)
    }

    fn elsewhere(&self) -> io::Result<Page> {
        let mut page = Page::default();
        for entry in entries(&self.root.join(INCOMING))? {
            match entry.file_name().to_str().map(str::parse) {
                Some(Ok(id)) => page.unfinished.push(BlobId(id)),
                _ => page.strangers.push(entry.path().display().to_string()),
            }
        }
        for entry in entries(&self.root)? {
            let name = entry.file_name();
            let is_ours = name
                .to_str()
                .is_some_and(|name| name == INCOMING || is_spread(name));
            if !is_ours || !entry.path().is_dir() {
                page.strangers.push(entry.path().display().to_string());
            }
        }
        Ok(page)
    }

    fn folder(&self, id: BlobId) -> PathBuf {
        let id = id.to_string();
        self.root.join(&id[id.len() - 2..])
    }

    fn unnamed(&self, id: BlobId) -> PathBuf {
        self.root.join(INCOMING).join(id.to_string())
    }
}

fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.collect(),
    }
}

fn is_spread(folder: &str) -> bool {
    folder.len() == 2
        && folder
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn blob(file: &OsStr, folder: &str) -> Option<BlobId> {
    let name = file.to_str().filter(|name| name.ends_with(folder))?;
    name.parse().ok().map(BlobId)
}

fn short() -> io::Error {
    io::Error::other("less lies on the disk than was written there")
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
