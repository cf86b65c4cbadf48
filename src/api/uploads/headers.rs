//! What a tus client says in its headers, read strictly.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use super::{PATH, VERSION, joined};
use crate::{
    api::json,
    error::{Code, Error, Result},
    terms::UploadId,
    upload::session::{Concat, Part, Wanted},
};

pub const ALGORITHMS: &str = "sha1,sha256,crc32";
/// The media type of bytes of an upload.
const BYTES: &str = "application/offset+octet-stream";

/// The client speaks this version.
pub struct Resumable;

impl FromRequest for Resumable {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let said = request.headers().get(super::RESUMABLE);
        let is_ours = said.is_some_and(|version| version == VERSION);
        ready(is_ours.then_some(Self).ok_or_else(|| {
            let words = format!("Say “Tus-Resumable: {VERSION}”: no other version is spoken here.");
            Error::refused(Code::UnsupportedVersion, words)
        }))
    }
}

/// What a part says of itself.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the document of headers that are read apart")]
struct Documented {
    /// `1.0.0`
    #[param(rename = "Tus-Resumable")]
    resumable: String,
    /// Where the bytes go on.
    #[param(rename = "Upload-Offset")]
    offset: u64,
    /// The length, where the upload was begun without one.
    #[param(rename = "Upload-Length")]
    length: Option<u64>,
    /// `sha1`, `sha256` or `crc32`, a space, and the digest of this part in base64.
    #[param(rename = "Upload-Checksum")]
    checksum: Option<String>,
}

/// The same, read.
#[derive(Debug, Default)]
pub struct PartHeaders {
    pub part: Part,
    pub checksum: Option<Checksum>,
}

impl IntoParams for PartHeaders {
    fn into_params(
        place: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        Documented::into_params(place)
    }
}

impl FromRequest for PartHeaders {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(of_part(request))
    }
}

fn of_part(request: &HttpRequest) -> Result<PartHeaders> {
    if !brings_bytes(request) {
        let words = format!("The body is sent as {BYTES}.");
        return Err(Error::refused(Code::UnsupportedMediaType, words));
    }
    let offset = number(request, "Upload-Offset")?
        .ok_or_else(|| bad("The header Upload-Offset is missing."))?;
    let mut headers = of_body(request)?;
    headers.part.offset = offset;
    headers.part.length = number(request, "Upload-Length")?;
    Ok(headers)
}

/// What the body of a creation says of itself: it begins at the beginning.
pub fn of_body(request: &HttpRequest) -> Result<PartHeaders> {
    let checksum = joined(request, "Upload-Checksum")?;
    let checksum = checksum.map(|said| Checksum::parse(&said)).transpose()?;
    let size = request.headers().get(header::CONTENT_LENGTH);
    let part = Part {
        size: size.and_then(|size| size.to_str().ok()?.parse().ok()),
        together: checksum.is_some(),
        ..Part::default()
    };
    Ok(PartHeaders { part, checksum })
}

pub fn brings_bytes(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|said| said == BYTES)
}

fn number(request: &HttpRequest, name: &str) -> Result<Option<u64>> {
    let Some(said) = joined(request, name)? else {
        return Ok(None);
    };
    let number = said
        .parse()
        .ok()
        .filter(|_| said.bytes().all(|digit| digit.is_ascii_digit()));
    let words = || bad(&format!("The header {name} is no whole number: “{said}”."));
    number.ok_or_else(words).map(Some)
}

/// What a creation wants.
pub fn wanted(request: &HttpRequest) -> Result<Wanted> {
    let concat = concat(joined(request, "Upload-Concat")?.as_deref())?;
    let length = number(request, "Upload-Length")?;
    let deferred = joined(request, "Upload-Defer-Length")?;
    match (length, deferred.as_deref(), &concat) {
        (None, None, Concat::Final(_))
        | (Some(_), None, Concat::Whole | Concat::Partial)
        | (None, Some("1"), Concat::Whole | Concat::Partial) => {}
        (_, _, Concat::Final(_)) => {
            return Err(bad(
                "What is put together of parts has their length, and no other.",
            ));
        }
        (_, Some(other), _) if other != "1" => {
            return Err(bad("The header Upload-Defer-Length is not 1."));
        }
        _ => return Err(bad("Say Upload-Length, or Upload-Defer-Length: 1.")),
    }
    let metadata = joined(request, "Upload-Metadata")?.unwrap_or_default();
    let pairs = pairs(&metadata)?;
    let filename = filename_of(&pairs)?;
    let description = match value(&pairs, "metadata") {
        Some(document) => json::parse(document).map_err(|error| error.under("/metadata"))?,
        None => Value::Object(serde_json::Map::new()),
    };
    Ok(Wanted {
        length,
        metadata,
        filename,
        description,
        concat,
    })
}

/// The file's name in what the client said at creation, where it was read already.
pub fn filename(metadata: &str) -> Option<String> {
    let pairs = pairs(metadata).ok()?;
    filename_of(&pairs).ok().flatten()
}

fn filename_of(pairs: &[(String, Vec<u8>)]) -> Result<Option<String>> {
    let named = value(pairs, "filename").or_else(|| value(pairs, "name"));
    let named = named.map(|name| String::from_utf8(name.clone()));
    named
        .transpose()
        .map_err(|_| bad("The file name in Upload-Metadata is not UTF-8."))
}

fn value<'a>(pairs: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a Vec<u8>> {
    let found = pairs.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value)
}

/// `key base64,key base64`: keys come once, a value may be missing.
fn pairs(metadata: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
    for pair in metadata
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
    {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim());
        let value =
            value.map_err(|_| bad(&format!("“{key}” in Upload-Metadata is not base64.")))?;
        if pairs.iter().any(|(known, _)| known == key) {
            return Err(bad(&format!("“{key}” comes twice in Upload-Metadata.")));
        }
        pairs.push((key.to_owned(), value));
    }
    Ok(pairs)
}

/// `partial`, or `final;` and the addresses of the parts.
fn concat(said: Option<&str>) -> Result<Concat> {
    let Some(said) = said else {
        return Ok(Concat::Whole);
    };
    if said == "partial" {
        return Ok(Concat::Partial);
    }
    let urls = said.strip_prefix("final;");
    let urls =
        urls.ok_or_else(|| bad("Upload-Concat is neither “partial” nor “final;” with addresses."))?;
    let ids = urls.split_whitespace().map(|url| {
        let id = url
            .rsplit_once(&format!("{PATH}/"))
            .map_or("", |(_, id)| id);
        let id = id.parse().map(UploadId);
        id.map_err(|_| {
            bad(&format!(
                "Upload-Concat names what is no upload here: “{url}”."
            ))
        })
    });
    Ok(Concat::Final(ids.collect::<Result<_>>()?))
}

/// The digest that a part must have.
#[derive(Debug, Clone)]
pub struct Checksum {
    running: Running,
    wanted: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Running {
    Sha1(Sha1),
    Sha256(Sha256),
    Crc32(crc32fast::Hasher),
}

impl Checksum {
    fn parse(said: &str) -> Result<Self> {
        let (name, digest) = said.split_once(' ').unwrap_or((said, ""));
        let (running, size) = match name {
            "sha1" => (Running::Sha1(Sha1::new()), 20),
            "sha256" => (Running::Sha256(Sha256::new()), 32),
            "crc32" => (Running::Crc32(crc32fast::Hasher::new()), 4),
            other => {
                let words = format!(
                    "“{other}” is no algorithm for Upload-Checksum: there are {ALGORITHMS}."
                );
                return Err(bad(&words));
            }
        };
        let wanted = STANDARD
            .decode(digest.trim())
            .ok()
            .filter(|wanted| wanted.len() == size);
        let wanted = wanted
            .ok_or_else(|| bad("The digest in Upload-Checksum is not base64 of its size."))?;
        Ok(Self { running, wanted })
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.running {
            Running::Sha1(digest) => digest.update(bytes),
            Running::Sha256(digest) => digest.update(bytes),
            Running::Crc32(digest) => digest.update(bytes),
        }
    }

    /// # Errors
    /// Checksum mismatch.
    pub fn check(self) -> Result<()> {
        let found = match self.running {
            Running::Sha1(digest) => digest.finalize().to_vec(),
            Running::Sha256(digest) => digest.finalize().to_vec(),
            Running::Crc32(digest) => digest.finalize().to_be_bytes().to_vec(),
        };
        if found == self.wanted {
            return Ok(());
        }
        let words =
            "The bytes that came do not have the checksum that was sent; none of them was taken.";
        Err(Error::refused(Code::ChecksumMismatch, words))
    }
}

fn bad(words: &str) -> Error {
    Error::refused(Code::BadRequest, words)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asked(headers: &[(&str, &str)]) -> Result<Wanted> {
        let mut request = TestRequest::post();
        for header in headers {
            request = request.append_header(*header);
        }
        wanted(&request.to_http_request())
    }

    #[test]
    fn what_a_creation_wants_is_read() {
        let found = asked(&[
            ("upload-length", "12"),
            (
                "upload-metadata",
                "filename 0KjQsNKz0LDRgC5qcGc=,filetype aW1hZ2UvanBlZw==, is_confidential",
            ),
        ])
        .unwrap();
        assert_eq!(found.length, Some(12));
        assert_eq!(found.filename.as_deref(), Some("Шаҳар.jpg"));
        assert_eq!(found.concat, Concat::Whole);
        let deferred =
            asked(&[("upload-defer-length", "1"), ("upload-concat", "partial")]).unwrap();
        assert_eq!((deferred.length, deferred.concat), (None, Concat::Partial));
        let (one, two) = (UploadId::new(), UploadId::new());
        let urls = format!("final;/v1/uploads/{one} https://jarchi.example/v1/uploads/{two}");
        let joined = asked(&[("upload-concat", &urls)]).unwrap();
        assert_eq!(joined.concat, Concat::Final(vec![one, two]));
    }

    #[test]
    fn what_is_wrong_in_a_creation_is_named() {
        for (headers, words) in [
            (&[][..], "Upload-Length"),
            (
                &[("upload-length", "1"), ("upload-defer-length", "1")],
                "Upload-Length",
            ),
            (&[("upload-defer-length", "2")], "Upload-Defer-Length"),
            (&[("upload-length", "-1")], "whole number"),
            (&[("upload-length", "+1")], "whole number"),
            (
                &[("upload-length", "1"), ("upload-metadata", "filename %%%")],
                "base64",
            ),
            (
                &[("upload-length", "1"), ("upload-metadata", "a YQ==,a YQ==")],
                "twice",
            ),
            (
                &[("upload-length", "1"), ("upload-metadata", "metadata e30")],
                "base64",
            ),
            (
                &[("upload-length", "1"), ("upload-concat", "all")],
                "Upload-Concat",
            ),
            (
                &[("upload-concat", "final;/v1/uploads/7")],
                "no upload here",
            ),
            (
                &[("upload-length", "1"), ("upload-concat", "final;")],
                "their length",
            ),
        ] {
            let error = asked(headers).expect_err(words);
            assert_eq!(error.code(), Some(Code::BadRequest), "{headers:?}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn checksums_are_held_against_the_bytes() {
        for said in [
            "sha1 98O8HYCOBHMq32eZZczDTKeuNEE=",
            "crc32 y/Q5Jg==",
            "sha256 FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
        ] {
            let mut checksum = Checksum::parse(said).unwrap();
            checksum.update(b"1234");
            checksum.update(b"56789");
            let other = Checksum::parse(said).unwrap();
            assert!(checksum.check().is_ok(), "{said}");
            let error = other.check().expect_err("of nothing");
            assert_eq!(error.code(), Some(Code::ChecksumMismatch));
        }
        for (said, words) in [
            ("md5 YQ==", "md5"),
            ("sha1 YQ==", "base64"),
            ("sha1", "base64"),
        ] {
            assert!(
                Checksum::parse(said)
                    .unwrap_err()
                    .to_string()
                    .contains(words)
            );
        }
    }
}
