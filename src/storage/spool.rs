//! Files of this node that nobody else sees and that go with their last handle, however the process ends: a part on its
//! way to an S3 server, a blob that a decoder wants as a file.

use std::{
    fs::{self, File},
    io,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, OFlags};

/// A file without a name, in a folder that is made where it is not there.
pub fn file(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => Ok(file.into()),
        // Some file systems have no such files: one that loses its name at once is as good, unless the process ends
        // between the two, and then the next start empties the folder.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::ISDIR) => {
            let path = folder.join(uuid::Uuid::now_v7().to_string());
            let mut options = File::options();
            let file = options
                .read(true)
                .write(true)
                .create_new(true)
                .open(&path)?;
            fs::remove_file(path)?;
            Ok(file)
        }
        Err(error) => Err(error.into()),
    }
}

/// A way to open the file anew, for as long as it is open here.
pub fn way(file: &File) -> PathBuf {
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn a_file_without_a_name_can_be_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("scratch");
        let mut spool = file(&inner).unwrap();
        spool.write_all(b"part").unwrap();
        assert_eq!(fs::read_dir(&inner).unwrap().count(), 0);
        let mut again = String::new();
        let mut opened = File::open(way(&spool)).unwrap();
        opened.read_to_string(&mut again).unwrap();
        assert_eq!(again, "part");
    }
}
