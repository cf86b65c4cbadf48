//! Files on their way: some are digested, the service is asked which of them it has, and the others are sent, in the order
//! of their names. No file is ever whole in memory.

use std::{collections::HashSet, io::Read, path::Path};

use futures_util::StreamExt;
use indicatif::ProgressBar;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;
use uuid::Uuid;

use super::{
    client::{Client, Digest, Sent},
    display::Display,
    files::{Candidate, Found},
};
use crate::error::{Error, Result};

/// The service is asked about so many files at once.
const BATCH: usize = 50;
const PIECE: usize = 1 << 20;

/// Sends what is not there yet; gives the materials that came to be, with the names of their files.
pub async fn send(
    client: &Client,
    found: Found,
    event: Option<&str>,
    display: &mut Display,
) -> Result<Vec<(Uuid, String)>> {
    for (name, why) in &found.unreadable {
        display.left_out(name, why)?;
    }
    let mut added = Vec::new();
    let mut sent = HashSet::new();
    for batch in found.files.chunks(BATCH) {
        let digested = digest_all(batch, display).await?;
        let digests: Vec<Digest> = digested.iter().map(|(_, digest)| digest.clone()).collect();
        let there = client.check(&digests).await?;
        for ((file, digest), is_there) in digested.into_iter().zip(there) {
            if is_there || sent.contains(&digest) {
                display.already_there(file)?;
            } else if let Some(id) = send_one(client, file, &digest, event, display).await? {
                added.push((id, file.name.clone()));
                sent.insert(digest);
            }
        }
    }
    Ok(added)
}

async fn digest_all<'a>(
    batch: &'a [Candidate],
    display: &mut Display,
) -> Result<Vec<(&'a Candidate, Digest)>> {
    let mut digested = Vec::with_capacity(batch.len());
    for file in batch {
        display.looking_at(file);
        let path = file.path.clone();
        let read = tokio::task::spawn_blocking(move || digest(&path)).await;
        match read.map_err(|error| Error::internal("reading a file", error))? {
            Ok(digest) => digested.push((file, digest)),
            Err(error) => display.left_out_file(file, &error.to_string())?,
        }
    }
    Ok(digested)
}

async fn send_one(
    client: &Client,
    file: &Candidate,
    digest: &Digest,
    event: Option<&str>,
    display: &mut Display,
) -> Result<Option<Uuid>> {
    let before = display.sending(file);
    let bar = display.bar();
    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
    let body = || body(&file.path, digest.size, &bar, before);
    match client.send(&name, digest.size, event, body).await? {
        Sent::Added { id, sha256 } if sha256 == digest.sha256 => {
            display.added(file)?;
            Ok(Some(id))
        }
        Sent::Added { id, .. } => {
            let why = format!("it changed while it was read; look at material {id}");
            display.left_out_file(file, &why)?;
            Ok(Some(id))
        }
        Sent::Refused(why) => {
            display.left_out_file(file, &why)?;
            Ok(None)
        }
    }
}

/// The first `size` bytes of the file, counted on the bar as they go, from where it stood `before`.
async fn body(
    path: &Path,
    size: u64,
    bar: &ProgressBar,
    before: u64,
) -> std::io::Result<reqwest::Body> {
    let file = tokio::fs::File::open(path).await?;
    bar.set_position(before);
    let bar = bar.clone();
    let pieces = ReaderStream::with_capacity(file.take(size), PIECE).inspect(move |piece| {
        bar.inc(piece.as_ref().map_or(0, |piece| piece.len() as u64));
    });
    Ok(reqwest::Body::wrap_stream(pieces))
}

fn digest(path: &Path) -> std::io::Result<Digest> {
    let mut file = std::fs::File::open(path)?;
    let (mut sha256, mut size, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        sha256.update(&piece[..read]);
        size += read as u64;
    }
    Ok(Digest {
        sha256: hex::encode(sha256.finalize()),
        size,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_digested_whole() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![7; PIECE + 3]).unwrap();
        let digest = digest(file.path()).unwrap();
        assert_eq!(digest.size, PIECE as u64 + 3);
        assert_eq!(
            digest.sha256,
            hex::encode(Sha256::digest(vec![7; PIECE + 3]))
        );
    }
}
