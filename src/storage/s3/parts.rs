//! A blob on its way into an S3 store: bytes gather in a file of this node until they are a part, and go while the next
//! gather. Parts grow with the blob, so that ten thousand of them reach 5 TiB; one that is small goes in one piece.

use std::io;

use aws_sdk_s3::{
    primitives::ByteStream,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, Part as Sent},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::Digest;
use tokio::task::JoinSet;

use super::{
    S3, failed,
    gathered::Spool,
    is_conflict, is_missing,
    sizes::{LEAST, MOST_PARTS, size_of},
};
use crate::{
    crash,
    error::{Error, Result},
    storage::blocking,
    terms::BlobId,
};

/// Parts that are on their way at once, of one blob.
const SENDING: u8 = 2;

/// What the store has of a blob that goes on later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    upload: Option<String>,
    parts: Vec<Part>,
    next: i32,
    tail: Option<Tail>,
    /// The name of one that nobody needs once this is put where it is safe.
    stale: Option<String>,
}

/// What was too short for a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Tail {
    /// Whoever was at it before writes under another name.
    name: String,
    size: u64,
    /// In hexadecimal.
    sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    #[serde(rename = "n")]
    number: i32,
    #[serde(rename = "e")]
    etag: String,
    #[serde(rename = "c")]
    sha256: Option<String>,
    #[serde(rename = "s")]
    size: u64,
}

#[derive(Debug)]
pub struct Parts {
    s3: S3,
    id: BlobId,
    expected: Option<u64>,
    upload: Option<String>,
    done: Vec<Part>,
    sending: JoinSet<Result<Part>>,
    /// The number of the next part.
    next: i32,
    /// In bytes: what has gone into parts.
    sent: u64,
    spool: Option<Spool>,
    tail: Option<Tail>,
    stale: Option<String>,
}

impl Parts {
    pub fn new(s3: S3, id: BlobId, expected: Option<u64>) -> Self {
        Self {
            s3,
            id,
            expected,
            upload: None,
            done: Vec::new(),
            sending: JoinSet::new(),
            next: 1,
            sent: 0,
            spool: None,
            tail: None,
            stale: None,
        }
    }

    /// Goes on with what was kept. Where it is `torn`, parts of the one before may still be on their way to the store:
    /// their numbers are left to them.
    pub async fn go_on(
        s3: S3,
        id: BlobId,
        kept: Kept,
        expected: Option<u64>,
        torn: bool,
    ) -> Result<Self> {
        let mut parts = Self::new(s3, id, expected);
        parts.upload = kept.upload;
        parts.sent = kept.parts.iter().map(|part| part.size).sum();
        parts.done = kept.parts;
        parts.next = kept.next;
        if torn {
            parts.next = parts.beyond_others().await?.max(kept.next);
        }
        (parts.tail, parts.stale) = (kept.tail, kept.stale);
        if let Some(tail) = parts.tail.clone() {
            parts.read_back(&tail).await?;
        }
        Ok(parts)
    }

    /// The first number that no part of whoever was at it before can have, be it in the store or still on its way there.
    async fn beyond_others(&self) -> Result<i32> {
        let Some(upload) = &self.upload else {
            return Ok(1);
        };
        let (mut highest, mut after) = (0, None);
        loop {
            let list = self.s3.client.list_parts();
            let list = list
                .bucket(&self.s3.address.bucket)
                .key(self.s3.key(self.id))
                .upload_id(upload)
                .set_part_number_marker(after.take());
            let page = match list.send().await {
                // It was put together meanwhile.
                Err(error) if is_missing(&error) => return Ok(1),
                page => page.map_err(failed)?,
            };
            let numbers = page.parts().iter().filter_map(Sent::part_number);
            highest = numbers.max().unwrap_or(0).max(highest);
            after = page.next_part_number_marker().map(str::to_owned);
            if page.is_truncated() != Some(true) {
                return Ok(highest + i32::from(SENDING) + 1);
            }
        }
    }

    async fn read_back(&mut self, tail: &Tail) -> Result<()> {
        let key = self.s3.tail_key(self.id, &tail.name);
        let get = self.s3.client.get_object();
        let found = get.bucket(&self.s3.address.bucket).key(key).send().await;
        let body = found.map_err(failed)?.body.collect().await;
        let body = body.map_err(|error| Error::unavailable("the storage", error))?;
        let (bytes, wanted) = (body.into_bytes(), tail.sha256.clone());
        let mut spool = self.s3.spool()?;
        let (spool, is_it) = blocking(move || {
            spool.write(&bytes)?;
            let is_it = hex::encode(spool.sha256.clone().finalize()) == wanted;
            Ok((spool, is_it))
        })
        .await?;
        if !is_it || spool.size != tail.size {
            let words = "other bytes came back than were put aside";
            return Err(Error::unavailable("the storage", words));
        }
        self.spool = Some(spool);
        Ok(())
    }

    /// May block.
    pub fn write(&mut self, bytes: &Bytes) -> io::Result<()> {
        if let Some(spool) = &mut self.spool {
            return spool.write(bytes);
        }
        let mut spool = Spool::new(self.s3.scratch())?;
        spool.write(bytes)?;
        self.spool = Some(spool);
        Ok(())
    }

    fn gathered(&self) -> u64 {
        self.spool.as_ref().map_or(0, |spool| spool.size)
    }

    /// Sends what is enough for a part.
    pub async fn send_full(&mut self) -> Result<()> {
        if self.gathered() >= size_of(self.expected, self.next) {
            self.send().await?;
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<()> {
        let Some(spool) = self.spool.take() else {
            return Ok(());
        };
        let upload = self.upload().await?;
        while self.sending.len() >= usize::from(SENDING) {
            self.landed().await?;
        }
        let number = self.next;
        self.next += 1;
        self.sent += spool.size;
        let (s3, id) = (self.s3.clone(), self.id);
        self.sending
            .spawn(async move { send(&s3, id, upload, number, spool).await });
        Ok(())
    }

    async fn upload(&mut self) -> Result<String> {
        if let Some(upload) = &self.upload {
            return Ok(upload.clone());
        }
        let create = self.s3.client.create_multipart_upload();
        let create = create
            .bucket(&self.s3.address.bucket)
            .key(self.s3.key(self.id));
        let checksums = self
            .s3
            .address
            .checksums
            .then_some(ChecksumAlgorithm::Sha256);
        let made = create.set_checksum_algorithm(checksums).send().await;
        let upload = made.map_err(failed)?.upload_id.unwrap_or_default();
        self.upload = Some(upload.clone());
        Ok(upload)
    }

    async fn landed(&mut self) -> Result<bool> {
        let Some(part) = self.sending.join_next().await else {
            return Ok(false);
        };
        let part = part.map_err(|stopped| Error::unavailable("the storage", stopped))??;
        self.done.push(part);
        Ok(true)
    }

    /// Puts everything into the store: parts where they are long enough, and a tail, which is read back later. Whoever
    /// asks again has put the former answer where it is safe.
    pub async fn keep(&mut self) -> Result<Kept> {
        if let Some(stale) = self.stale.take() {
            self.s3.delete(&self.s3.tail_key(self.id, &stale)).await?;
        }
        if self.gathered() >= LEAST && self.can_spare() {
            self.send().await?;
        }
        while self.landed().await? {}
        self.done.sort_by_key(|part| part.number);
        let former = self.tail.take();
        if let Some(spool) = &self.spool {
            let sha256 = hex::encode(spool.sha256.clone().finalize());
            self.tail = match &former {
                Some(former) if former.sha256 == sha256 => Some(former.clone()),
                _ => Some(self.s3.put_tail(self.id, spool, sha256).await?),
            };
        }
        self.stale = former
            .filter(|former| self.tail.as_ref() != Some(former))
            .map(|former| former.name);
        Ok(Kept {
            upload: self.upload.clone(),
            parts: self.done.clone(),
            next: self.next,
            tail: self.tail.clone(),
            stale: self.stale.clone(),
        })
    }

    /// Whether a part may be shorter than planned: whether the rest fits into the numbers that are left.
    fn can_spare(&self) -> bool {
        let left = MOST_PARTS.saturating_sub(u64::from(self.next.unsigned_abs()));
        match self.expected {
            Some(expected) => {
                let rest = expected.saturating_sub(self.sent + self.gathered());
                rest.div_ceil(size_of(self.expected, self.next)) < left
            }
            None => left > MOST_PARTS / 10,
        }
    }

    /// Puts the blob together. One that is there already, as long as it should be, is this one: names are given once.
    pub async fn seal(mut self, size: u64, sha256: &[u8; 32]) -> Result<()> {
        if self.upload.is_none() {
            return self.put_whole(size, sha256).await;
        }
        if let Err(error) = self.send_rest().await {
            // Whoever was here before may have put it together, and then there is nothing to send parts to.
            return self.is_there(size).await.map_err(|_| error);
        }
        crash::here("blob-written");
        self.done.sort_by_key(|part| part.number);
        let parts = self.done.iter().map(|part| {
            CompletedPart::builder()
                .part_number(part.number)
                .e_tag(&part.etag)
                .set_checksum_sha256(part.sha256.clone())
                .build()
        });
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(parts.collect()))
            .build();
        let complete = self.s3.client.complete_multipart_upload();
        let complete = complete
            .bucket(&self.s3.address.bucket)
            .key(self.s3.key(self.id))
            .set_upload_id(self.upload.clone())
            .if_none_match("*")
            .multipart_upload(parts);
        match complete.send().await {
            Err(error) if !is_conflict(&error) && !is_missing(&error) => Err(failed(error)),
            _ => self.is_there(size).await,
        }
    }

    async fn send_rest(&mut self) -> Result<()> {
        self.send().await?;
        while self.landed().await? {}
        Ok(())
    }

    async fn put_whole(self, size: u64, sha256: &[u8; 32]) -> Result<()> {
        let body = match &self.spool {
            Some(spool) => spool.body().await?,
            None => ByteStream::from_static(b""),
        };
        let place = self.s3.place().await?;
        let checksum = self.s3.checksum(sha256);
        let put = self.s3.client.put_object().bucket(&self.s3.address.bucket);
        let put = put
            .key(self.s3.key(self.id))
            .if_none_match("*")
            .set_checksum_sha256(checksum.clone())
            .body(body);
        let sent = put.send().await;
        drop(place);
        crash::here("blob-written");
        match sent {
            // The store has reckoned the digest itself.
            Ok(told) if checksum.is_some() && told.checksum_sha256 == checksum => Ok(()),
            Err(error) if !is_conflict(&error) => Err(failed(error)),
            _ => self.is_there(size).await,
        }
    }

    /// The store's word for it, before what is here is given up.
    async fn is_there(&self, size: u64) -> Result<()> {
        match self.s3.size(self.id).await? {
            Some(there) if there == size => Ok(()),
            there => Err(Error::unavailable(
                "the storage",
                format!("the store has {there:?} bytes of a blob of {size}"),
            )),
        }
    }

    /// Ends it: nothing of it stays in the store.
    pub async fn discard(mut self) -> Result<()> {
        self.sending.shutdown().await;
        match &self.upload {
            Some(upload) => self.s3.abort(self.id, upload).await,
            None => Ok(()),
        }
    }
}

impl S3 {
    async fn place(&self) -> Result<tokio::sync::OwnedSemaphorePermit> {
        let places = std::sync::Arc::clone(&self.places);
        let place = places.acquire_owned().await;
        place.map_err(|closed| Error::unavailable("the storage", closed))
    }

    fn spool(&self) -> Result<Spool> {
        Spool::new(self.scratch()).map_err(crate::storage::failed)
    }

    async fn put_tail(&self, id: BlobId, spool: &Spool, sha256: String) -> Result<Tail> {
        let _place = self.place().await?;
        let name = uuid::Uuid::now_v7().simple().to_string();
        let put = self.client.put_object().bucket(&self.address.bucket);
        let checksum = self.checksum(&spool.sha256.clone().finalize());
        let put = put
            .key(self.tail_key(id, &name))
            .set_checksum_sha256(checksum)
            .body(spool.body().await?);
        let told = put.send().await.map_err(failed)?;
        acknowledged(told.e_tag)?;
        let size = spool.size;
        Ok(Tail { name, size, sha256 })
    }
}

/// The tag that every store gives what it has taken: an answer without one was no store's.
fn acknowledged(e_tag: Option<String>) -> Result<String> {
    e_tag.filter(|e_tag| !e_tag.is_empty()).ok_or_else(|| {
        let words = "what answered says nothing of what it took";
        Error::unavailable("the storage", words)
    })
}

async fn send(s3: &S3, id: BlobId, upload: String, number: i32, spool: Spool) -> Result<Part> {
    let _place = s3.place().await?;
    let body = spool.body().await?;
    let Spool { file, size, sha256 } = spool;
    let digest = blocking(move || Ok(sha256.finalize())).await?;
    let put = s3.client.upload_part().bucket(&s3.address.bucket);
    let put = put
        .key(s3.key(id))
        .upload_id(upload)
        .part_number(number)
        .content_length(size.cast_signed())
        .set_checksum_sha256(s3.checksum(&digest))
        .body(body);
    let told = put.send().await.map_err(failed)?;
    drop(file);
    let ours = STANDARD.encode(digest);
    if told.checksum_sha256().is_some_and(|theirs| theirs != ours) {
        return Err(Error::unavailable(
            "the storage",
            "it got other bytes than were sent",
        ));
    }
    let etag = acknowledged(told.e_tag)?;
    let sha256 = s3.address.checksums.then_some(ours);
    Ok(Part {
        number,
        etag,
        sha256,
        size,
    })
}
