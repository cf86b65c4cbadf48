//! One command of clamd's protocol (`man 8 clamd`, INSTREAM). Written by hand: the crate for it, clamav-client, loses what
//! clamd says while a stream is still being sent, which is how it refuses what is too large, and it knows no time limits.

use std::{io, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};

use crate::{
    config::Clamd,
    error::{Error, Result},
};

/// For each step of a conversation.
const STEP: Duration = Duration::from_mins(1);
/// From the last byte to the verdict: clamd's own limit is two minutes, and the file may wait for its turn.
const VERDICT: Duration = Duration::from_mins(10);
/// In bytes; a verdict is a line.
const LONGEST: u64 = 4096;

/// What clamd said of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Clean,
    /// The name of what was found.
    Found(String),
    /// It went through no more than a part of it, or through none, for good reasons of its own.
    Not(String),
    /// It is not there, does not keep up, or says what is no verdict.
    Nothing(String),
}

/// Has the bytes scanned.
///
/// # Errors
/// Whatever keeps the bytes from coming; no word from clamd is an answer.
pub async fn scan(at: &Clamd, bytes: impl Stream<Item = Result<Bytes>>) -> Result<Said> {
    let scanned = match at {
        Clamd::Unix(path) => match in_time(STEP, UnixStream::connect(path)).await {
            Ok(socket) => converse(socket, bytes).await,
            Err(error) => Err(Fault::Scanner(error)),
        },
        Clamd::Tcp(host) => match in_time(STEP, TcpStream::connect(host)).await {
            Ok(socket) => converse(socket, bytes).await,
            Err(error) => Err(Fault::Scanner(error)),
        },
    };
    match scanned {
        Ok(said) => Ok(said),
        Err(Fault::Scanner(error)) => Ok(Said::Nothing(error.to_string())),
        Err(Fault::Bytes(error)) => Err(error),
    }
}

/// Which end of the stream broke.
enum Fault {
    Bytes(Error),
    Scanner(io::Error),
}

async fn converse(
    socket: impl AsyncRead + AsyncWrite,
    bytes: impl Stream<Item = Result<Bytes>>,
) -> Result<Said, Fault> {
    let (from, to) = tokio::io::split(socket);
    let mut said = std::pin::pin!(listen(from));
    let sent = tokio::select! {
        // It may speak before all was said to it; that it is clean it cannot know by then.
        said = &mut said => return match said {
            Ok(Said::Clean) => Ok(Said::Nothing("it called clean what it had not seen".into())),
            said => said.map_err(Fault::Scanner),
        },
        sent = send(to, bytes) => sent,
    };
    match sent {
        Ok(()) => in_time(VERDICT, said).await.map_err(Fault::Scanner),
        // Who hangs up has perhaps said why.
        Err(Fault::Scanner(error)) => {
            let said = in_time(STEP, said).await;
            said.map_err(|_silent| Fault::Scanner(error))
        }
        Err(fault) => Err(fault),
    }
}

async fn send(
    mut to: impl AsyncWrite + Unpin,
    bytes: impl Stream<Item = Result<Bytes>>,
) -> Result<(), Fault> {
    let mut bytes = std::pin::pin!(bytes);
    write(&mut to, b"zINSTREAM\0").await?;
    while let Some(piece) = bytes.next().await {
        let piece = piece.map_err(Fault::Bytes)?;
        // An empty piece would be the end.
        if let Some(length) = u32::try_from(piece.len()).ok().filter(|length| *length > 0) {
            write(&mut to, &length.to_be_bytes()).await?;
            write(&mut to, &piece).await?;
        }
    }
    write(&mut to, &[0; 4]).await
}

async fn write(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<(), Fault> {
    let sent = in_time(STEP, to.write_all(bytes)).await;
    sent.map_err(Fault::Scanner)
}

async fn listen(from: impl AsyncRead + Unpin) -> io::Result<Said> {
    let mut line = Vec::new();
    let read = from.take(LONGEST).read_to_end(&mut line).await;
    // What it said before it hung up counts.
    if line.is_empty() {
        read?;
    }
    let line = String::from_utf8_lossy(&line);
    Ok(understood(line.trim_end_matches('\0').trim()))
}

async fn in_time<T>(limit: Duration, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, step)
        .await
        .unwrap_or_else(|late| Err(late.into()))
}

/// A verdict as `clamd` words it.
fn understood(line: &str) -> Said {
    let said = line.strip_prefix("stream: ").unwrap_or(line);
    if said == "OK" {
        return Said::Clean;
    }
    if let Some(name) = said.strip_suffix(" FOUND") {
        let is_partial = ["Heuristics.Limits.Exceeded", "Heuristics.Encrypted"]
            .iter()
            .any(|heuristic| name.starts_with(heuristic));
        return if is_partial {
            Said::Not(name.to_owned())
        } else {
            Said::Found(name.to_owned())
        };
    }
    match said.strip_suffix("ERROR") {
        Some(why) => Said::Not(why.trim_end_matches([' ', '.']).to_owned()),
        None => Said::Nothing(format!("it said “{said}”")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_scan_is_clean() {
        let of = understood;
        assert_eq!(of("stream: OK"), Said::Clean);
        let found = Said::Found("Eicar-Test-Signature".into());
        assert_eq!(of("stream: Eicar-Test-Signature FOUND"), found);
        for (line, why) in [
            (
                "INSTREAM size limit exceeded. ERROR",
                "INSTREAM size limit exceeded",
            ),
            (
                "stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND",
                "Heuristics.Limits.Exceeded.MaxFileSize",
            ),
            (
                "stream: Heuristics.Encrypted.Zip FOUND",
                "Heuristics.Encrypted.Zip",
            ),
            (
                "stream: Can't allocate memory ERROR",
                "Can't allocate memory",
            ),
        ] {
            assert_eq!(of(line), Said::Not(why.into()));
        }
        for line in ["", "OK then", "PONG", "UNKNOWN COMMAND"] {
            assert!(matches!(of(line), Said::Nothing(_)), "{line}");
        }
    }
}
