//! A file on its way in: what was written goes to the disk while more arrives, so that who keeps it waits for little.

use std::{
    fs::File,
    io::{self, IoSlice, Seek, Write},
    num::NonZeroU64,
    sync::Arc,
};

use bytes::Bytes;
use rustix::fs::{Advice, fadvise};

use super::blocking;
use crate::error::Result;

#[derive(Debug)]
pub struct Flushed {
    file: Arc<File>,
    is_flushed: bool,
}

impl Flushed {
    pub fn new(file: File) -> Self {
        Self {
            file: Arc::new(file),
            is_flushed: true,
        }
    }

    /// May block.
    pub fn write(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        let mut slices: Vec<IoSlice> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut left = slices.as_mut_slice();
        // Without bytes nothing would be written, which looks like a failure.
        IoSlice::advance_slices(&mut left, 0);
        while !left.is_empty() {
            self.is_flushed = false;
            match self.file.as_ref().write_vectored(left) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(size) => IoSlice::advance_slices(&mut left, size),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.send_off(pieces.iter().map(Bytes::len).sum())
    }

    /// Has the kernel take the last bytes to the disk beside what comes next. It waits for none of them, and needs no
    /// thread: to say that nobody is going to read them soon is how it is asked on Linux (`posix_fadvise(2)`).
    fn send_off(&self, size: usize) -> io::Result<()> {
        let end = self.file.as_ref().stream_position()?;
        let length = NonZeroU64::new(size as u64);
        let begin = end.saturating_sub(size as u64);
        if length.is_some() {
            fadvise(&self.file, begin, length, Advice::DontNeed)?;
        }
        Ok(())
    }

    /// When this returns, what was written outlives a power cut.
    pub async fn flush(&mut self) -> Result<()> {
        if !self.is_flushed {
            let file = Arc::clone(&self.file);
            blocking(move || file.sync_data()).await?;
            self.is_flushed = true;
        }
        Ok(())
    }

    pub fn file(self) -> Arc<File> {
        self.file
    }
}
