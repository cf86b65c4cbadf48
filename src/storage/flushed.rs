//! A file on its way in: what was written goes to the disk while more arrives, so that who keeps it waits for little.

use std::{
    fs::File,
    io::{self, Write},
    sync::Arc,
};

use tokio::task::JoinHandle;

use super::{PIECE, blocking, failed};
use crate::error::{Error, Result};

#[derive(Debug)]
pub struct Flushed {
    file: Arc<File>,
    /// At most one at a time. A failure is told once, by whichever flush meets it, so each is asked how it ended.
    flushing: Option<JoinHandle<io::Result<()>>>,
    /// In bytes, since the last flush began.
    unflushed: usize,
}

impl Flushed {
    pub fn new(file: File) -> Self {
        Self {
            file: Arc::new(file),
            flushing: None,
            unflushed: 0,
        }
    }

    /// May block.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.unflushed += bytes.len();
        self.file.as_ref().write_all(bytes)
    }

    /// Lets what was written go to the disk beside what comes next.
    pub async fn begin_flush(&mut self) -> Result<()> {
        let is_busy = self
            .flushing
            .as_ref()
            .is_some_and(|flushing| !flushing.is_finished());
        if is_busy || self.unflushed < PIECE {
            return Ok(());
        }
        self.ended().await?;
        self.unflushed = 0;
        let file = Arc::clone(&self.file);
        self.flushing = Some(tokio::task::spawn_blocking(move || file.sync_data()));
        Ok(())
    }

    /// When this returns, what was written outlives a power cut.
    pub async fn flush(&mut self) -> Result<()> {
        self.ended().await?;
        if self.unflushed > 0 {
            let file = Arc::clone(&self.file);
            blocking(move || file.sync_data()).await?;
            self.unflushed = 0;
        }
        Ok(())
    }

    /// The file, once nothing flushes it any more.
    pub async fn end(mut self) -> Result<Arc<File>> {
        self.ended().await?;
        Ok(self.file)
    }

    async fn ended(&mut self) -> Result<()> {
        match self.flushing.take() {
            Some(flushing) => match flushing.await {
                Ok(flushed) => flushed.map_err(failed),
                Err(stopped) => Err(Error::unavailable("the storage", stopped)),
            },
            None => Ok(()),
        }
    }
}
