//! The index's files, written without waiting for the disk: a commit takes milliseconds, on a busy disk as well. What
//! a power failure may break is noticed by the checksums when the folder is opened, and is made again; a process
//! that ends, however it ends, breaks nothing.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
    error::{DeleteError, LockError, OpenReadError, OpenWriteError},
};

#[derive(Debug, Clone)]
pub struct Unhurried {
    mapped: MmapDirectory,
    folder: PathBuf,
}

impl Unhurried {
    pub fn open(folder: &Path) -> tantivy::Result<Self> {
        let mapped = MmapDirectory::open(folder)?;
        Ok(Self {
            mapped,
            folder: folder.to_owned(),
        })
    }
}

impl Directory for Unhurried {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.mapped.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.mapped.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.mapped.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(self.folder.join(path));
        match file {
            Ok(file) => Ok(BufWriter::new(Box::new(Unsynced(file)))),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                Err(OpenWriteError::FileAlreadyExists(path.to_owned()))
            }
            Err(cause) => Err(OpenWriteError::wrap_io_error(cause, path.to_owned())),
        }
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.mapped.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let whole = self.folder.join(path);
        let mut aside = whole.clone().into_os_string();
        aside.push(".aside");
        fs::write(&aside, content)?;
        fs::rename(aside, whole)
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.mapped.acquire_lock(lock)
    }

    fn watch(&self, changed: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.mapped.watch(changed)
    }
}

struct Unsynced(File);

impl Write for Unsynced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl TerminatingWrite for Unsynced {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.0.flush()
    }
}
