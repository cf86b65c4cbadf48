//! The box, seen from the server: one child process for each call, in a bounded number of places, born by a keeper that
//! has the decoders for it. The child gets the original to read, the outputs to write and nothing of the environment.
//! Promised: whatever the file does, the call ends within its time, in a result or in a reason, and nothing is left over.

use std::{
    io::{self, ErrorKind},
    os::fd::OwnedFd,
    path::PathBuf,
    time::Duration,
};

use rustix::process::Signal;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::UnixStream,
    sync::Semaphore,
};

use super::{
    decoders,
    keeper::{Job, KEEP, Keeper, Report, hand_over},
    wire::{Answer, FULL_DISK, LONGEST_LINE, Request},
};
use crate::error::{Error, Result};

/// All the answers to one request together, in bytes.
const LONGEST_TALK: u64 = 16 * LONGEST_LINE;
/// How much of a child's complaints is kept for the log, in bytes.
const COMPLAINTS: usize = 4096;

pub struct Enclosure {
    keeper: Keeper,
    /// For what needs no libav; none: the other does that, too.
    light: Option<Keeper>,
    places: Semaphore,
}

impl Enclosure {
    pub fn new(exe: PathBuf, places: usize) -> Self {
        Self {
            keeper: Keeper::new(exe, &[]),
            light: None,
            places: Semaphore::new(places.max(1)),
        }
    }

    pub fn with_light(mut self, exe: PathBuf) -> Self {
        self.light = Some(Keeper::new(exe, &[KEEP]));
        self
    }

    /// Runs one child on `request`, which must name the descriptors in `files`. Every answer goes to `hear`; the child
    /// is stopped when `patience` is over, or when this future is dropped.
    ///
    /// # Errors
    /// `Unusable` with the reason when the child says so, breaks down or takes too long; `Unavailable` where the disk
    /// that it writes on is full, which is not the file's fault.
    pub async fn run(
        &self,
        request: &Request,
        files: Vec<OwnedFd>,
        patience: Duration,
        hear: impl FnMut(Answer) + Send,
    ) -> Result<()> {
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|cause| Error::internal("the places for media", cause))?;
        let internal = |cause| Error::internal("talking to a media child", cause);
        let light = self.light.as_ref();
        let keeper = light.filter(|_| decoders::is_light(&request.work));
        let mut job = keeper.unwrap_or(&self.keeper).bear().await?;
        let talk = converse(&mut job, request, &files, hear);
        let ending = match tokio::time::timeout(patience, talk).await {
            Ok(ending) => ending.map_err(internal)?,
            Err(_) => Ending::Late,
        };
        if matches!(ending, Ending::Late | Ending::Nonsense) {
            job.kill().await.map_err(internal)?;
        }
        match ending {
            Ending::Done => Ok(()),
            Ending::Failed(reason) => Err(blame(&reason, &reason)),
            Ending::Nonsense => Err(undecodable("its decoder's answer made no sense")),
            Ending::Silent(report, complaints) => {
                tracing::debug!(?report, complaints, "a media child broke down");
                Err(blame(epitaph(report, &complaints), &complaints))
            }
            Ending::Late => {
                let seconds = patience.as_secs();
                Err(undecodable(&format!(
                    "it was not done after {seconds} seconds"
                )))
            }
        }
    }
}

/// How a conversation ended.
enum Ending {
    Done,
    Failed(String),
    Nonsense,
    /// Without an answer: how the child ended, and its last words on standard error.
    Silent(Option<Report>, String),
    Late,
}

async fn converse(
    job: &mut Job,
    request: &Request,
    files: &[OwnedFd],
    hear: impl FnMut(Answer),
) -> io::Result<Ending> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    // A child that died before it listened is found out below, by its silence.
    if let Err(cause) = hand_over(&job.talk, &line, files).await {
        tracing::debug!(%cause, "a media child did not take its request");
    }
    let mut complaints = Vec::new();
    let heard = {
        let listen = listen(&mut job.talk, hear);
        let overhear = overhear(&mut job.complaints, &mut complaints);
        tokio::pin!(listen, overhear);
        tokio::select! {
            heard = &mut listen => heard?,
            () = &mut overhear => listen.await?,
        }
    };
    let ending = match heard {
        Some(Ending::Nonsense) => return Ok(Ending::Nonsense),
        Some(ending) => {
            // Nothing that it still does is waited for: all that it made is in its files.
            job.kill().await?;
            return Ok(ending);
        }
        None => job.end().await?,
    };
    overhear(&mut job.complaints, &mut complaints).await;
    let complaints = String::from_utf8_lossy(&complaints).trim().to_owned();
    Ok(Ending::Silent(ending, complaints))
}

/// The answers until the last one; `None` where the child fell silent before it.
async fn listen(talk: &mut UnixStream, mut hear: impl FnMut(Answer)) -> io::Result<Option<Ending>> {
    let mut lines = BufReader::new(talk.take(LONGEST_TALK));
    loop {
        let mut line = Vec::new();
        let read = (&mut lines)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .await;
        match read {
            // Cut off in the middle of a flood, or silent.
            Ok(0) if lines.get_ref().limit() == 0 => return Ok(Some(Ending::Nonsense)),
            Ok(0) => return Ok(None),
            Ok(_) => {}
            // It died with words of ours unread.
            Err(cause) if cause.kind() == ErrorKind::ConnectionReset => return Ok(None),
            Err(cause) => return Err(cause),
        }
        match serde_json::from_slice(&line) {
            Ok(Answer::Done) => return Ok(Some(Ending::Done)),
            Ok(Answer::Failed(reason)) => return Ok(Some(Ending::Failed(reason))),
            Ok(answer) => hear(answer),
            Err(_) => return Ok(Some(Ending::Nonsense)),
        }
    }
}

/// Keeps the last words on standard error; what cannot be read of them is no loss.
async fn overhear(complaints: &mut UnixStream, kept: &mut Vec<u8>) {
    let mut part = [0; COMPLAINTS];
    while let Ok(read @ 1..) = complaints.read(&mut part).await {
        kept.extend_from_slice(&part[..read]);
        let surplus = kept.len().saturating_sub(COMPLAINTS);
        kept.drain(..surplus);
    }
}

/// Why a child ended without an answer, in words for an editor.
fn epitaph(report: Option<Report>, complaints: &str) -> &'static str {
    let signal = match report {
        Some(Report::Killed(signal)) => Signal::from_named_raw(signal),
        _ => None,
    };
    match signal {
        Some(Signal::XCPU) => "it took more computing than a file of its size may",
        Some(Signal::XFSZ) => "what came out of it was too large",
        Some(Signal::KILL) => "its decoder was stopped by the system",
        // What the standard library says before it aborts.
        _ if complaints.contains("memory allocation of") => "it takes more memory than a file may",
        _ => "its decoder broke down",
    }
}

/// A full disk shows in what the child says; a child that lies of it is tried again in vain, as
/// often as any job.
fn blame(reason: &str, told: &str) -> Error {
    if told.contains(FULL_DISK) {
        return Error::unavailable(
            "the disk for scratch files",
            io::Error::from(ErrorKind::StorageFull),
        );
    }
    undecodable(reason)
}

/// The reason as editors get it, on one line of reasonable length: it may come from the file.
pub fn undecodable(reason: &str) -> Error {
    let reason: String = reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(300)
        .collect();
    Error::Unusable(format!("The file could not be decoded: {reason}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_not_the_files_fault() {
        let told = "a rendition's file: No space left on device (os error 28)";
        assert!(blame("its decoder broke down", told).is_full());
        assert!(!blame("its decoder broke down", "").may_pass());
    }
}
