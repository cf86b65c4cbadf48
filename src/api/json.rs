//! JSON bodies: [`Body`] reads one whole, within a limit. What is not JSON is 400 with its place; what does not fit is
//! 422 with its pointer (`patch::read`); what is too long 413; what is no JSON by its media type 415.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::TRANSFER_ENCODING,
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::multipart::STALL;
use crate::{
    error::{Code, Error, Result},
    patch,
};

/// In bytes, where a route says nothing else.
pub const LIMIT: usize = 2 << 20;
/// 2^53: what a double holds without loss.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A JSON body of at most `LONGEST` bytes: what it says, and as it was sent (for merge patches and for comparing repeated
/// requests).
pub struct Body<T, const LONGEST: usize = LIMIT> {
    pub value: T,
    pub sent: Value,
}

impl<T: DeserializeOwned + 'static, const LONGEST: usize> FromRequest for Body<T, LONGEST> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = is_json(request.content_type());
        let announced = length(request);
        let payload = payload.take();
        Box::pin(async move {
            if !accepted {
                return Err(Error::refused(
                    Code::UnsupportedMediaType,
                    "The body must be application/json.",
                ));
            }
            if announced.is_some_and(|length| length > LONGEST as u64) {
                return Err(too_large(LONGEST));
            }
            let sent = parse(&collect(payload, LONGEST).await?)?;
            let value = patch::read(&sent)?;
            Ok(Self { value, sent })
        })
    }
}

/// A JSON body that may be left out, or be null: what nobody sends is the default.
pub struct MaybeBody<T>(pub T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for MaybeBody<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_chunked = request.headers().contains_key(TRANSFER_ENCODING);
        if length(request).unwrap_or_default() == 0 && !is_chunked {
            return Box::pin(async { Ok(Self(T::default())) });
        }
        let body = <Body<Option<T>>>::from_request(request, payload);
        Box::pin(async move { Ok(Self(body.await?.value.unwrap_or_default())) })
    }
}

/// Bytes as a JSON value (RFC 8259). A number without a fraction is a whole one, however it is written (JSON Schema 2020-12
/// section 6.1.1): `3.0` is 3.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    let parsed = serde_json::from_slice(bytes).map(|mut value| {
        whole(&mut value);
        value
    });
    parsed.map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        Error::refused(
            Code::BadRequest,
            format!("The body is not JSON: {words} ({place})."),
        )
    })
}

fn whole(value: &mut Value) {
    match value {
        Value::Number(number) => {
            // Beyond 2^53 a number with a point is no exact one.
            let exact = number
                .as_f64()
                .filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT);
            if let Some(read) = exact.and_then(|float| format!("{float:.0}").parse::<i64>().ok()) {
                *number = read.into();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(whole),
        Value::Object(members) => members.values_mut().for_each(whole),
        _ => {}
    }
}

async fn collect(mut payload: Payload, longest: usize) -> Result<Bytes> {
    let mut body = BytesMut::new();
    loop {
        let next = tokio::time::timeout(STALL, payload.next());
        match next.await {
            Err(_) => return Err(Error::refused(Code::BadRequest, "The body stopped coming.")),
            Ok(None) => return Ok(body.freeze()),
            Ok(Some(Err(error))) => {
                return Err(Error::refused(
                    Code::BadRequest,
                    format!("The body ends early: {error}."),
                ));
            }
            Ok(Some(Ok(bytes))) if body.len() + bytes.len() > longest => {
                return Err(too_large(longest));
            }
            Ok(Some(Ok(bytes))) => body.extend_from_slice(&bytes),
        }
    }
}

/// `application/json`, or a type on top of it such as `application/merge-patch+json`.
fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn length(request: &HttpRequest) -> Option<u64> {
    request
        .headers()
        .get("content-length")?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn too_large(longest: usize) -> Error {
    Error::refused(
        Code::TooLarge,
        format!("The body is longer than {longest} bytes."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_named_with_its_place() {
        let error = parse(b"{\n \"a\": }").expect_err("no JSON");
        assert_eq!(error.code(), Some(Code::BadRequest));
        assert!(error.to_string().contains("line 2, column 7"), "{error}");
    }

    #[test]
    fn a_number_without_a_fraction_is_a_whole_one() {
        let read = parse(b"{\"a\": [3.0, -2e2, 41.5, 1e300, -0.0, 7]}").unwrap();
        assert_eq!(read, serde_json::json!({"a": [3, -200, 41.5, 1e300, 0, 7]}));
    }

    #[test]
    fn media_types_on_top_of_json_are_json() {
        for yes in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/merge-patch+json",
        ] {
            assert!(is_json(yes), "{yes}");
        }
        for no in ["", "text/plain", "text/json", "multipart/form-data"] {
            assert!(!is_json(no), "{no}");
        }
    }
}
