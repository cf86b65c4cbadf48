//! Bytes of one request: taken at the offset where the upload stands, judged by the first of them, and kept whatever ends
//! the request. Those with a checksum are kept together or not at all.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use tokio::time::Instant;

use super::{
    super::arrival::judge,
    create::too_large,
    end::refuse,
    finish::finish,
    hold::Hold,
    keep::{head, keep, kept},
    limit,
};
use crate::{
    app::App,
    crash,
    db::uploads::Model,
    error::{Code, Error, Result},
    media::HEAD,
    storage::Incoming,
    terms::UploadState,
};

/// What is acknowledged to nobody is kept all the same after so many bytes or so long a time.
const KEEP_AFTER: u64 = 64 << 20;
const KEEP_EVERY: Duration = Duration::from_secs(10);

/// What a request says of the bytes that it brings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part {
    /// Where they go on.
    pub offset: u64,
    /// How many there are, where that is said.
    pub size: Option<u64>,
    /// Of the whole upload, where that is told only now.
    pub length: Option<u64>,
    /// Whether they count together or not at all.
    pub together: bool,
}

/// An upload with bytes on their way into it.
pub struct Taking {
    app: App,
    row: Model,
    hold: Hold,
    incoming: Incoming,
    /// The first bytes, until they told what it is.
    head: Option<Vec<u8>>,
    together: bool,
    unkept: u64,
    kept_at: Instant,
}

impl Taking {
    /// Takes the caller's upload over from whoever is at it.
    ///
    /// # Errors
    /// Gone, locked; conflict at another offset; too large.
    pub async fn begin(app: &App, upload: &Model, part: Part) -> Result<Self> {
        let (hold, row) = Hold::take(app, upload.id).await?;
        match Self::open(app, hold, row, part).await {
            Ok(taking) => Ok(taking),
            Err((hold, error)) => {
                hold.give_back().await?;
                Err(error)
            }
        }
    }

    async fn open(
        app: &App,
        hold: Hold,
        mut row: Model,
        part: Part,
    ) -> Result<Self, (Hold, Error)> {
        let opened = async {
            fits(&mut row, part, limit(app.config.max_upload_size))?;
            let expected = row.length.map(i64::unsigned_abs);
            let incoming = if let Some(kept) = kept(&row)? {
                let (id, torn) = (row.blob_id, row.torn);
                app.storage.go_on(id, &kept, expected, torn).await?
            } else {
                app.storage.discard(row.blob_id).await?;
                app.storage.begin(row.blob_id, expected).await?
            };
            let is_told = row.partial || row.media_type.is_some();
            let head = if is_told { None } else { Some(head(&row)?) };
            Ok((incoming, head))
        };
        match opened.await {
            Ok((incoming, head)) => Ok(Self {
                app: app.clone(),
                row,
                hold,
                incoming,
                head,
                together: part.together,
                unkept: 0,
                kept_at: Instant::now(),
            }),
            Err(error) => Err((hold, error)),
        }
    }

    /// Ends when somebody else waits for the upload, or it is lost.
    pub async fn asked(&self) {
        let mut asked = self.hold.asked.clone();
        // A sender that is gone is a loss, too.
        drop(asked.wait_for(|asked| *asked).await);
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// Too large past the length; unsupported media type as soon as it shows: the upload is ended then.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        let size = bytes.len() as u64;
        let all = self.row.received.unsigned_abs() + size;
        let most = limit(self.app.config.max_upload_size);
        if all > self.row.length.map_or(most, i64::unsigned_abs) {
            return Err(past_the_end());
        }
        if let Some(head) = &mut self.head {
            head.extend_from_slice(&bytes[..bytes.len().min(HEAD - head.len())]);
            let is_all = self.row.length.map(i64::unsigned_abs) == Some(all);
            if head.len() >= HEAD || is_all {
                self.judge().await?;
            }
        }
        metrics::counter!("jarchi_bytes_in_total").increment(bytes.len() as u64);
        self.incoming.write(bytes).await?;
        self.row.received = all.cast_signed();
        self.unkept += size;
        let is_due = self.unkept >= KEEP_AFTER || self.kept_at.elapsed() >= KEEP_EVERY;
        if is_due && !self.together && !self.row.is_whole() {
            self.keep(false).await?;
        }
        Ok(())
    }

    async fn judge(&mut self) -> Result<()> {
        let head = self.head.take().unwrap_or_default();
        match judge(&head) {
            Ok((_, media_type)) => {
                self.row.media_type = Some(media_type.to_owned());
                Ok(())
            }
            Err(error) => {
                refuse(&self.app, &self.row, &error).await?;
                Err(error)
            }
        }
    }

    async fn keep(&mut self, release: bool) -> Result<()> {
        let stored = self.incoming.keep().await?;
        crash::here("part-stored");
        let head = self.head.as_ref().filter(|head| !head.is_empty());
        self.row.head = head.map(|head| STANDARD.encode(head));
        keep(&self.app, &self.row, self.hold.holder, &stored, release).await?;
        self.unkept = 0;
        self.kept_at = Instant::now();
        Ok(())
    }

    /// Keeps what came, lets go, and finishes what is whole. Gives the upload as it stands.
    pub async fn end(mut self) -> Result<Model> {
        if self.row.is_whole() && self.head.is_some() {
            self.judge().await?;
        }
        self.keep(true).await?;
        let Self { app, row, hold, .. } = self;
        hold.over();
        if row.is_whole() && !row.partial {
            // The queue finishes it where this fails: its bytes are there.
            if let Err(error) = finish(&app, row.id).await {
                tracing::warn!(%error, upload = %row.id, "a whole upload is finished later");
            }
        }
        Ok(row)
    }

    /// Lets go of it, and of what came since it was kept last.
    pub async fn give_up(self) -> Result<()> {
        let Self { hold, incoming, .. } = self;
        incoming.stop().await;
        hold.give_up().await
    }
}

/// Whether the bytes may come, and what they tell of the length.
fn fits(row: &mut Model, part: Part, most: u64) -> Result<()> {
    takes_bytes(row)?;
    let received = row.received.unsigned_abs();
    if part.offset != received {
        let words = format!("The upload stands at {received}, not at {}.", part.offset);
        return Err(Error::refused(Code::Conflict, words).with("offset", received));
    }
    match (row.length.map(i64::unsigned_abs), part.length) {
        (_, Some(length)) if length > most => return Err(too_large(most)),
        (Some(known), Some(length)) if known != length => {
            let words = format!("The upload was begun with a length of {known}.");
            return Err(Error::refused(Code::Conflict, words));
        }
        (None, Some(length)) if length < received || length == 0 => {
            return Err(Error::refused(
                Code::Conflict,
                "More than that has come already.",
            ));
        }
        (None, Some(length)) => row.length = Some(length.cast_signed()),
        _ => {}
    }
    let end = received.saturating_add(part.size.unwrap_or(0));
    if end > row.length.map_or(most, i64::unsigned_abs) {
        return Err(past_the_end());
    }
    match row.state {
        UploadState::Receiving => Ok(()),
        UploadState::Finished => Err(past_the_end()),
        _ => Err(super::gone("This upload was ended.")),
    }
}

/// # Errors
/// Forbidden where it is put together of others (tus 1.0.0, concatenation).
pub fn takes_bytes(row: &Model) -> Result<()> {
    if row.parts.is_none() {
        return Ok(());
    }
    let words = "This upload is put together of others, and takes no bytes of its own.";
    Err(Error::refused(Code::Forbidden, words))
}

/// What is sent to an upload that has all its bytes.
pub fn past_the_end() -> Error {
    Error::refused(
        Code::TooLarge,
        "These bytes reach past the upload's length.",
    )
}
