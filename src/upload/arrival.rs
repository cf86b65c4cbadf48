//! One file on its way in: judged by its first bytes, counted against the limit, stored as it comes.

use bytes::{Bytes, BytesMut};

use crate::{
    app::App,
    error::{Code, Error, Result},
    language::filenames::clean_filename,
    media::{HEAD, Sniffed, sniff},
    storage::{Incoming, Sealed},
    terms::Kind,
};

/// A file whose last byte has not come.
#[derive(Debug)]
pub struct Arriving {
    incoming: Incoming,
    head: BytesMut,
    judged: Option<(Kind, &'static str)>,
    size: u64,
    limit: u64,
}

/// A file that is stored whole.
#[derive(Debug)]
pub struct Arrival {
    pub sealed: Sealed,
    pub kind: Kind,
    pub media_type: &'static str,
    /// What the uploader called it, made safe.
    pub filename: String,
}

impl Arriving {
    /// Of `expected` bytes, more or less, where that is known.
    pub async fn begin(app: &App, expected: Option<u64>) -> Result<Self> {
        let incoming = app.storage.create(expected).await?;
        Ok(Self {
            incoming,
            head: BytesMut::new(),
            judged: None,
            size: 0,
            limit: app.config.max_upload_size,
        })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// Unsupported media type as soon as the first bytes show it; too large as soon as the limit is passed.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.size += bytes.len() as u64;
        if self.limit > 0 && self.size > self.limit {
            let words = format!("A file may have {} bytes at most.", self.limit);
            return Err(Error::refused(Code::TooLarge, words));
        }
        if self.judged.is_none() {
            self.head
                .extend_from_slice(&bytes[..bytes.len().min(HEAD - self.head.len())]);
            if self.head.len() >= HEAD {
                self.judge()?;
            }
        }
        metrics::counter!("jarchi_bytes_in_total").increment(bytes.len() as u64);
        self.incoming.write(bytes).await
    }

    /// Ends the file; when this returns, it is on the disk.
    ///
    /// # Errors
    /// Invalid where nothing came at all; unsupported media type.
    pub async fn end(mut self, filename: Option<&str>) -> Result<Arrival> {
        if self.size == 0 {
            return Err(Error::invalid("/file", "is empty"));
        }
        let (kind, media_type) = match self.judged {
            Some(judged) => judged,
            None => self.judge()?,
        };
        let sealed = self.incoming.seal().await?;
        let filename = filename
            .and_then(clean_filename)
            .unwrap_or_else(|| "unnamed".to_owned());
        Ok(Arrival {
            sealed,
            kind,
            media_type,
            filename,
        })
    }

    fn judge(&mut self) -> Result<(Kind, &'static str)> {
        let judged = judge(&std::mem::take(&mut self.head))?;
        self.judged = Some(judged);
        Ok(judged)
    }
}

/// What a file is, by its first bytes.
///
/// # Errors
/// Unsupported media type, with advice where there is some.
pub(super) fn judge(head: &[u8]) -> Result<(Kind, &'static str)> {
    match sniff(head) {
        Sniffed::Known { kind, media_type } => Ok((kind, media_type)),
        Sniffed::Later { name } => Err(unsupported(&format!("Jarchi does not take {name} yet."))),
        Sniffed::Unreadable { advice } => Err(unsupported(advice)),
        Sniffed::Unknown => Err(unsupported(
            "By its bytes this is no text, photo, sound or film that Jarchi knows; its name does not count.",
        )),
    }
}

impl Arrival {
    /// A text that was written here, in Markdown.
    ///
    /// # Errors
    /// Invalid where nothing is written in it.
    pub async fn of_text(app: &App, text: String) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::invalid("/text", "is empty"));
        }
        let sealed = app.storage.put(text.into()).await?;
        Ok(Self {
            sealed,
            kind: Kind::Text,
            media_type: "text/markdown",
            filename: "text.md".to_owned(),
        })
    }
}

fn unsupported(words: &str) -> Error {
    Error::refused(Code::UnsupportedMediaType, words)
}
