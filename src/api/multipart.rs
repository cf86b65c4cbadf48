//! An upload as `multipart/form-data` (RFC 7578): first `metadata` (JSON, at most 1 MiB; it may be left out), then `file`,
//! whose bytes come one piece at a time and are never held whole. A body that breaks off, or stops coming, is an error:
//! never the end of the file.

use std::{pin::Pin, time::Duration};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_LENGTH, DispositionParam, ExtendedValue},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde_json::Value;

use super::json;
use crate::error::{Code, Error, Result};

/// How long a client may send nothing.
pub const STALL: Duration = Duration::from_mins(2);

/// In bytes.
const MOST_METADATA: usize = 1 << 20;

/// The form of an upload.
pub struct Form {
    parts: Multipart,
    next: Option<Field>,
    length: Option<u64>,
}

/// The file in a form, on its way in.
pub struct File {
    /// As the client named it; not cleaned.
    pub filename: Option<String>,
    /// How long it is at most, where the request says so.
    pub expected: Option<u64>,
    /// None once it has been read: the reader of the form waits for its going.
    field: Option<Field>,
    rest: Multipart,
}

impl FromRequest for Form {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parts = Multipart::new(request.headers(), payload.take());
        let length = request.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        let next = None;
        Box::pin(async move {
            Ok(Self {
                parts,
                next,
                length,
            })
        })
    }
}

impl Form {
    /// The description, where one was sent.
    ///
    /// # Errors
    /// A bad request where it is no JSON, invalid where another part stands first, too large beyond 1 MiB.
    pub async fn metadata(&mut self) -> Result<Option<Value>> {
        let Some(mut first) = part(&mut self.parts).await? else {
            return Err(Error::invalid("/file", "is missing"));
        };
        if name(&first) != "metadata" {
            self.next = Some(first);
            return Ok(None);
        }
        let mut bytes = BytesMut::new();
        while let Some(piece) = piece(&mut first).await? {
            if bytes.len() + piece.len() > MOST_METADATA {
                return Err(Error::refused(
                    Code::TooLarge,
                    format!("The part “metadata” is longer than {MOST_METADATA} bytes."),
                ));
            }
            bytes.extend_from_slice(&piece);
        }
        json::parse(&bytes).map(Some)
    }

    /// The file; to be asked for after [`Self::metadata`].
    pub async fn file(mut self) -> Result<File> {
        let field = match self.next.take() {
            Some(field) => Some(field),
            None => part(&mut self.parts).await?,
        };
        let field = field.ok_or_else(|| Error::invalid("/file", "is missing"))?;
        if name(&field) != "file" {
            return Err(misplaced(&field));
        }
        Ok(File {
            filename: filename(&field),
            expected: self.length,
            field: Some(field),
            rest: self.parts,
        })
    }
}

impl File {
    /// The next piece of the file; none at its end, which is certain: the form was closed behind it.
    pub async fn piece(&mut self) -> Result<Option<Bytes>> {
        let Some(field) = &mut self.field else {
            return Ok(None);
        };
        if let Some(piece) = piece(field).await? {
            return Ok(Some(piece));
        }
        self.field = None;
        match part(&mut self.rest).await? {
            Some(another) => Err(misplaced(&another)),
            None => Ok(None),
        }
    }
}

async fn part(parts: &mut Multipart) -> Result<Option<Field>> {
    within(parts.next()).await?.transpose().map_err(refusal)
}

async fn piece(field: &mut Field) -> Result<Option<Bytes>> {
    within(field.next()).await?.transpose().map_err(refusal)
}

async fn within<T>(next: impl Future<Output = T>) -> Result<T> {
    let waited = tokio::time::timeout(STALL, next).await;
    waited.map_err(|_| Error::refused(Code::BadRequest, "The body stopped coming before its end."))
}

fn name(field: &Field) -> &str {
    field.name().unwrap_or_default()
}

fn misplaced(field: &Field) -> Error {
    let words = match name(field) {
        "metadata" => "must come before the file",
        "file" => "comes twice: one material, one file",
        _ => "is not a part of this form: it takes “metadata”, then “file”",
    };
    Error::invalid(format!("/{}", name(field)), words)
}

/// `filename*` (RFC 8187) wins over `filename`, which browsers send in UTF-8.
fn filename(field: &Field) -> Option<String> {
    let parameters = &field.content_disposition()?.parameters;
    let extended = parameters.iter().find_map(|parameter| match parameter {
        DispositionParam::FilenameExt(ExtendedValue { value, .. }) => {
            String::from_utf8(value.clone()).ok()
        }
        _ => None,
    });
    let plain = parameters.iter().find_map(|parameter| match parameter {
        DispositionParam::Filename(name) => Some(name.clone()),
        _ => None,
    });
    extended.or(plain)
}

fn refusal(error: MultipartError) -> Error {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => Error::refused(
            Code::UnsupportedMediaType,
            "The body must be multipart/form-data.",
        ),
        MultipartError::Incomplete | MultipartError::Payload(_) => {
            Error::refused(Code::BadRequest, "The body ends before the form does.")
        }
        other => Error::refused(
            Code::BadRequest,
            format!("The form cannot be read: {other}."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header, test::TestRequest};

    use super::*;

    const METADATA: &str =
        "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"credit\": \"c\"}\r\n";
    const FILE: &str = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"Брифинг.jpg\"\r\n\
        Content-Type: image/jpeg\r\n\r\nbytes\r\n";

    async fn form(body: &str) -> Form {
        let request = TestRequest::post()
            .insert_header((header::CONTENT_TYPE, "multipart/form-data; boundary=b"))
            .set_payload(body.to_owned());
        let (request, mut payload) = request.to_http_parts();
        Form::from_request(&request, &mut payload)
            .await
            .expect("a form")
    }

    async fn read(body: &str) -> Result<(Option<Value>, Option<String>, Vec<u8>)> {
        let mut form = form(body).await;
        let metadata = form.metadata().await?;
        let mut file = form.file().await?;
        let mut bytes = Vec::new();
        while let Some(piece) = file.piece().await? {
            bytes.extend(piece);
        }
        Ok((metadata, file.filename, bytes))
    }

    #[actix_web::test]
    async fn a_form_is_read_in_its_order() {
        let (metadata, filename, bytes) =
            read(&format!("{METADATA}{FILE}--b--\r\n")).await.unwrap();
        assert_eq!(metadata.unwrap()["credit"], "c");
        assert_eq!(filename.as_deref(), Some("Брифинг.jpg"));
        assert_eq!(bytes, b"bytes");
        assert_eq!(read(&format!("{FILE}--b--\r\n")).await.unwrap().0, None);
    }

    #[actix_web::test]
    async fn what_is_misplaced_or_missing_is_named() {
        for (body, words) in [
            (format!("{FILE}{METADATA}--b--\r\n"), "before the file"),
            (format!("{FILE}{FILE}--b--\r\n"), "twice"),
            (format!("{METADATA}--b--\r\n"), "/file"),
            (
                METADATA.replace("metadata", "colour") + "--b--\r\n",
                "/colour",
            ),
        ] {
            let error = read(&body).await.expect_err(words);
            assert_eq!(
                (error.code(), error.to_string().contains(words)),
                (Some(Code::Invalid), true),
                "{error}"
            );
        }
    }

    #[actix_web::test]
    async fn a_body_that_breaks_off_is_no_end() {
        let whole = format!("{METADATA}{FILE}--b--\r\n");
        for cut in [20, METADATA.len() + 10, whole.len() - 12, whole.len() - 7] {
            let error = read(&whole[..cut]).await.expect_err("cut");
            assert_eq!(error.code(), Some(Code::BadRequest), "{cut}: {error}");
        }
    }
}
