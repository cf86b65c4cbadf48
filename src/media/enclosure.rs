//! The box, seen from the server: one child process of this same binary for each call, in a bounded number of places.
//! The child gets the original to read, the outputs to write and nothing of the environment. Promised: whatever the
//! file does, the call ends within its time, in a result or in a reason, and nothing is left over.

use std::{
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::process::ExitStatusExt,
    },
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use command_fds::CommandFdExt;
use rustix::process::Signal;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStderr, ChildStdout, Command},
    sync::Semaphore,
};

use super::wire::{Answer, LONGEST_LINE, Request};
use crate::error::{Error, Result};

/// All the answers to one request together, in bytes.
const LONGEST_TALK: u64 = 16 * LONGEST_LINE;
/// How much of a child's complaints is kept for the log, in bytes.
const COMPLAINTS: usize = 4096;

pub struct Enclosure {
    exe: PathBuf,
    places: Semaphore,
}

impl Enclosure {
    pub fn new(exe: PathBuf, places: usize) -> Self {
        Self {
            exe,
            places: Semaphore::new(places.max(1)),
        }
    }

    /// Runs one child on `request`, which must name the descriptors in `files`. Every answer goes to `hear`; the child
    /// is stopped when `patience` is over, or when this future is dropped.
    ///
    /// # Errors
    /// `Unusable` with the reason when the child says so, breaks down or takes too long.
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
        let mut child = self.spawn(files)?;
        let talk = converse(&mut child, request, hear);
        let Ok(ending) = tokio::time::timeout(patience, talk).await else {
            child
                .kill()
                .await
                .map_err(|cause| Error::internal("stopping a media child", cause))?;
            return Err(undecodable(&format!(
                "it was not done after {} seconds",
                patience.as_secs()
            )));
        };
        let (ending, complaints) = ending?;
        if !complaints.is_empty() {
            tracing::debug!(complaints, "a media child's standard error");
        }
        match ending {
            Ending::Done => Ok(()),
            Ending::Failed(reason) => Err(undecodable(&reason)),
            Ending::Nonsense => Err(undecodable("its decoder's answer made no sense")),
            Ending::Silent(status) => Err(undecodable(epitaph(status, &complaints))),
        }
    }

    fn spawn(&self, files: Vec<OwnedFd>) -> Result<Child> {
        Command::new(&self.exe)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A Ctrl-C in the terminal is for the server to hear, which ends what runs in order.
            .process_group(0)
            .kill_on_drop(true)
            .preserved_fds(files)
            .spawn()
            .map_err(|cause| Error::unavailable("a process for decoding", cause))
    }
}

/// A descriptor of `file` to hand over, and the number that it will have in the child.
pub fn hand_over(file: &std::fs::File) -> Result<(OwnedFd, i32)> {
    let copy = file
        .as_fd()
        .try_clone_to_owned()
        .map_err(|cause| Error::unavailable("a file descriptor", cause))?;
    let number = copy.as_raw_fd();
    Ok((copy, number))
}

/// How a conversation ended.
enum Ending {
    Done,
    Failed(String),
    Nonsense,
    Silent(ExitStatus),
}

async fn converse(
    child: &mut Child,
    request: &Request,
    hear: impl FnMut(Answer),
) -> Result<(Ending, String)> {
    let internal = |cause| Error::internal("talking to a media child", cause);
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Error::internal(
            "talking to a media child",
            "it was started without its pipes",
        ));
    };
    let mut line = serde_json::to_vec(request)
        .map_err(|cause| Error::internal("a media child's request", cause))?;
    line.push(b'\n');
    // A child that died before it listened is found out below, by its silence.
    let told = stdin.write_all(&line).await;
    let complaints = tokio::spawn(overhear(stderr));
    let heard = listen(stdout, hear).await.map_err(internal)?;
    if matches!(heard, Some(Ending::Nonsense)) {
        child.start_kill().map_err(internal)?;
    }
    drop(stdin);
    let status = child.wait().await.map_err(internal)?;
    let complaints = complaints
        .await
        .map_err(|cause| Error::internal("reading a media child's complaints", cause))?;
    if let Err(cause) = told {
        tracing::debug!(%cause, "a media child did not take its request");
    }
    Ok((heard.unwrap_or(Ending::Silent(status)), complaints))
}

/// The answers until the last one; `None` where the child fell silent before it.
async fn listen(
    stdout: ChildStdout,
    mut hear: impl FnMut(Answer),
) -> std::io::Result<Option<Ending>> {
    let mut lines = BufReader::new(stdout.take(LONGEST_TALK)).lines();
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line) {
            Ok(Answer::Done) => return Ok(Some(Ending::Done)),
            Ok(Answer::Failed(reason)) => return Ok(Some(Ending::Failed(reason))),
            Ok(answer) => hear(answer),
            Err(_) => return Ok(Some(Ending::Nonsense)),
        }
    }
    Ok(None)
}

/// The last words on standard error; what cannot be read of them is no loss.
async fn overhear(mut stderr: ChildStderr) -> String {
    let (mut kept, mut part) = (Vec::new(), [0; COMPLAINTS]);
    while let Ok(read @ 1..) = stderr.read(&mut part).await {
        kept.extend_from_slice(&part[..read]);
        let surplus = kept.len().saturating_sub(COMPLAINTS);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}

/// Why a child ended without an answer, in words for an editor.
fn epitaph(status: ExitStatus, complaints: &str) -> &'static str {
    match status.signal().and_then(Signal::from_named_raw) {
        Some(Signal::XCPU) => "it took more computing than a file of its size may",
        Some(Signal::XFSZ) => "what came out of it was too large",
        Some(Signal::KILL) => "its decoder was stopped by the system",
        // What the standard library says before it aborts.
        _ if complaints.contains("memory allocation of") => "it takes more memory than a file may",
        _ => "its decoder broke down",
    }
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
