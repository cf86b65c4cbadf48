//! The process that children come from, seen from the server. Starting one from nothing costs up to 60 ms, for the
//! libraries behind the decoders; a keeper has them loaded, never reads a foreign byte, and forks for each job (see
//! `birth`). It is renewed after some jobs, so that no two of them far apart find their memory laid out alike.

use std::{
    io::IoSlice,
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
    process::Stdio,
};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Interest},
    net::UnixStream,
    process::Command,
    sync::Mutex,
};

use super::wire::MOST_FILES;
use crate::error::{Error, Result};

/// The word by which a binary that does something else, too, becomes a keeper.
pub const KEEP: &str = "keep";
/// Jobs that one keeper bears children for.
const JOBS: u32 = 100;
/// The longest report, in bytes.
const LONGEST_REPORT: u64 = 1024;

pub struct Keeper {
    exe: PathBuf,
    arguments: &'static [&'static str],
    current: Mutex<Option<Current>>,
}

struct Current {
    control: UnixStream,
    jobs: u32,
}

/// A child that was just born, by what leads to it. When this is dropped, it dies.
pub struct Job {
    pub talk: UnixStream,
    pub complaints: UnixStream,
    report: BufReader<tokio::io::Take<UnixStream>>,
}

/// What a keeper reports of a child, a line each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    Born,
    /// The number of the error that kept it from being born.
    Stillborn(i32),
    Exited(i32),
    /// The number of the signal that ended it.
    Killed(i32),
}

impl Keeper {
    /// `exe` is a binary that with these arguments does nothing but [`super::child()`] or [`super::light_child()`].
    pub fn new(exe: PathBuf, arguments: &'static [&'static str]) -> Self {
        Self {
            exe,
            arguments,
            current: Mutex::new(None),
        }
    }

    /// A child that waits for its request.
    ///
    /// # Errors
    /// `Unavailable` where none can be had.
    pub async fn bear(&self) -> Result<Job> {
        // A keeper that had nothing to do may just have gone home; a new one is asked once.
        if let Some(job) = self.ask().await? {
            return Ok(job);
        }
        let job = self.ask().await?;
        job.ok_or_else(|| Error::unavailable("a process for decoding", "it ended at once"))
    }

    async fn ask(&self) -> Result<Option<Job>> {
        let failed = |cause| Error::unavailable("a process for decoding", cause);
        let mut place = self.current.lock().await;
        let mut current = match place.take().filter(|current| current.jobs < JOBS) {
            Some(current) => current,
            None => start(&self.exe, self.arguments).map_err(failed)?,
        };
        current.jobs += 1;
        let (talk, far_talk) = UnixStream::pair().map_err(failed)?;
        let (report, far_report) = UnixStream::pair().map_err(failed)?;
        let (complaints, far_complaints) = UnixStream::pair().map_err(failed)?;
        let ends = [
            blocking(far_talk).map_err(failed)?,
            blocking(far_report).map_err(failed)?,
            blocking(far_complaints).map_err(failed)?,
        ];
        if hand_over(&current.control, b"\n", &ends).await.is_err() {
            return Ok(None);
        }
        drop(ends);
        *place = Some(current);
        drop(place);
        let mut job = Job {
            talk,
            complaints,
            report: BufReader::new(report.take(LONGEST_REPORT)),
        };
        match job.hear().await.map_err(failed)? {
            Some(Report::Born) => Ok(Some(job)),
            Some(Report::Stillborn(cause)) => Err(failed(std::io::Error::from_raw_os_error(cause))),
            _ => {
                *self.current.lock().await = None;
                Ok(None)
            }
        }
    }
}

impl Job {
    /// How the child ended, when it has; `None` where its keeper ended first, and took it along.
    pub async fn end(&mut self) -> std::io::Result<Option<Report>> {
        self.hear().await
    }

    /// Ends the child, and waits until it is gone.
    pub async fn kill(&mut self) -> std::io::Result<()> {
        self.report.get_mut().get_mut().shutdown().await?;
        self.hear().await.map(|_| ())
    }

    async fn hear(&mut self) -> std::io::Result<Option<Report>> {
        let mut line = String::new();
        self.report.read_line(&mut line).await?;
        Ok(serde_json::from_str(&line).ok())
    }
}

/// Starts a keeper. It ends by itself: when its control is closed and its children are gone, or from boredom.
fn start(exe: &Path, arguments: &[&str]) -> std::io::Result<Current> {
    let (control, far) = UnixStream::pair()?;
    let child = Command::new(exe)
        .args(arguments)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(blocking(far)?))
        .stdout(Stdio::null())
        // A Ctrl-C in the terminal is for the server to hear, which ends what runs in order.
        .process_group(0)
        .spawn()?;
    tokio::spawn(reap(child));
    Ok(Current { control, jobs: 0 })
}

/// Takes note of a keeper's end, whenever it comes, so that the kernel may forget it.
async fn reap(mut child: tokio::process::Child) {
    match child.wait().await {
        Ok(status) if status.success() => {}
        Ok(status) => tracing::debug!(%status, "a keeper of media children ended"),
        Err(cause) => tracing::debug!(%cause, "a keeper of media children was lost"),
    }
}

/// An end for a process that waits where this one would be called again.
fn blocking(end: UnixStream) -> std::io::Result<OwnedFd> {
    let end = end.into_std()?;
    end.set_nonblocking(false)?;
    Ok(end.into())
}

/// Sends `message`, and `files` with its first byte.
pub async fn hand_over(
    to: &UnixStream,
    message: &[u8],
    files: &[impl AsFd],
) -> std::io::Result<()> {
    let files: Vec<BorrowedFd> = files.iter().map(AsFd::as_fd).collect();
    let send = || -> std::io::Result<usize> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
        let mut beside = SendAncillaryBuffer::new(&mut space);
        if !files.is_empty() && !beside.push(SendAncillaryMessage::ScmRights(&files)) {
            return Err(std::io::Error::other("too many files for one request"));
        }
        let flags = SendFlags::NOSIGNAL;
        Ok(sendmsg(to, &[IoSlice::new(message)], &mut beside, flags)?)
    };
    let mut done = to.async_io(Interest::WRITABLE, send).await?;
    while done < message.len() {
        to.writable().await?;
        match to.try_write(&message[done..]) {
            Ok(more) => done += more,
            Err(cause) if cause.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}
