//! Versions over HTTP (RFC 9110 section 13): an `ETag` such as `"v3-9f86d081884c7d65"` says the version that people
//! changed last, then a digest of all that this caller sees. `If-None-Match` is held against the whole, `If-Match` against
//! the version alone, so that a thumbnail that got ready stands in no editor's way.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    deliver::conditions::{Tag, Tags, if_none_match},
    error::{Code, Error, Result},
};

/// The entity tag of a view, in its quotes: the version, and a digest of what is shown.
pub fn etag(version: i32, view: &impl Serialize) -> Result<String> {
    let shown = serde_json::to_vec(view).map_err(|error| Error::internal("an answer", error))?;
    let digest = hex::encode(&Sha256::digest(shown)[..8]);
    Ok(format!("\"v{version}-{digest}\""))
}

/// 200 with the view, or 304 where the client has it already.
pub fn show(request: &HttpRequest, version: i32, view: &impl Serialize) -> Result<HttpResponse> {
    let etag = etag(version, view)?;
    let condition = joined(request, &header::IF_NONE_MATCH);
    let status = if if_none_match(condition.as_deref(), Some(&etag)) {
        StatusCode::OK
    } else {
        StatusCode::NOT_MODIFIED
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((header::ETAG, etag));
    Ok(if status == StatusCode::OK {
        response.json(view)
    } else {
        response.finish()
    })
}

/// A header that may come several times, joined (section 5.3).
pub fn joined(request: &HttpRequest, name: &header::HeaderName) -> Option<String> {
    let values: Vec<_> = request
        .headers()
        .get_all(name)
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// The versions that `If-Match` names; everything passes where there is none.
pub struct IfMatch(pub Expected);

/// The versions of a thing that a change was made for; without any, it is made for whatever is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected(Option<Vec<i32>>);

impl Expected {
    pub const fn any() -> Self {
        Self(None)
    }

    pub const fn one_of(versions: Vec<i32>) -> Self {
        Self(Some(versions))
    }

    /// # Errors
    /// A failed precondition where the thing stands at another version.
    pub fn holds(&self, version: i32) -> Result<()> {
        match &self.0 {
            Some(versions) if !versions.contains(&version) => {
                let words = format!(
                    "It stands at version {version}, not at the one that this change was made for."
                );
                Err(Error::refused(Code::PreconditionFailed, words).with("version", version))
            }
            _ => Ok(()),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(expected(joined(request, &header::IF_MATCH).as_deref()).map(Self))
    }
}

/// Strong comparison (section 13.1.1): a weak tag names no version.
///
/// # Errors
/// A bad request where it is against the grammar: it meant to guard something, and could never.
fn expected(header: Option<&str>) -> Result<Expected> {
    let Some(header) = header else {
        return Ok(Expected::any());
    };
    match Tags::parse(header) {
        Some(Tags::Any) => Ok(Expected::any()),
        Some(Tags::List(tags)) => Ok(Expected::one_of(
            tags.into_iter().filter_map(version).collect(),
        )),
        None => Err(Error::refused(
            Code::BadRequest,
            format!(
                "If-Match is “{header}”: it takes an ETag as it was given, in its quotes, such as \"v3\", or *."
            ),
        )),
    }
}

fn version(tag: Tag<'_>) -> Option<i32> {
    let (version, _) = tag.opaque.split_once('-').unwrap_or((tag.opaque, ""));
    let number = version.strip_prefix('v')?.parse().ok();
    number.filter(|_| !tag.weak)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn if_match_is_held_against_the_version_alone() {
        for passes in [
            None,
            Some("*"),
            Some("\"v3\""),
            Some("\"v3-abc\""),
            Some("\"v1\", \"v3-x\""),
        ] {
            assert!(expected(passes).unwrap().holds(3).is_ok(), "{passes:?}");
        }
        for fails in [
            "\"v2\"",
            "\"v33\"",
            "\"3\"",
            "\"v2-v3\"",
            "W/\"v3\"",
            "W/\"v3-abc\"",
        ] {
            let error = expected(Some(fails)).unwrap().holds(3).expect_err(fails);
            assert_eq!(error.code(), Some(Code::PreconditionFailed), "{fails}");
        }
        for wrong in ["v3", "", "\"v3"] {
            let error = expected(Some(wrong)).expect_err(wrong);
            assert_eq!(error.code(), Some(Code::BadRequest), "{wrong}");
            assert!(error.to_string().contains("\"v3\""), "{error}");
        }
    }

    #[test]
    fn if_none_match_is_held_against_the_whole() {
        let tag = etag(3, &"view").unwrap();
        let ask = |tag: &str| {
            let request = TestRequest::default()
                .insert_header((header::IF_NONE_MATCH, tag))
                .to_http_request();
            show(&request, 3, &"view").unwrap()
        };
        assert_eq!(ask(&tag).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(ask(&tag).headers().get(header::ETAG).unwrap(), tag.as_str());
        assert_eq!(ask("\"v3\"").status(), StatusCode::OK);
        assert_ne!(etag(3, &"another view").unwrap(), tag);
    }
}
