//! The query string, read strictly: [`Params`] turns it into a struct. A parameter that is unknown, missing or badly
//! valued is 400 and named; one that is repeated fills a list, and is refused where there is room for one only.

mod read;

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;

use crate::error::{Code, Error, Result};

pub use read::read;

/// The parameters of the query string.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Params<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            pairs(request.query_string())
                .and_then(|pairs| read(&pairs))
                .map(Self),
        )
    }
}

/// The names and values in the order in which they stand (`application/x-www-form-urlencoded`, WHATWG URL section 5.1).
pub fn pairs(query: &str) -> Result<Vec<(String, String)>> {
    let pieces = query.split('&').filter(|piece| !piece.is_empty());
    pieces
        .map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}

fn decoded(text: &str) -> Result<String> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| {
            Error::refused(
                Code::BadRequest,
                format!("“{text}” in the query is not UTF-8."),
            )
        })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::terms::Kind;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Filter {
        q: Option<String>,
        kind: Vec<Kind>,
        limit: Option<u64>,
        highlight: bool,
        unit: Option<uuid::Uuid>,
    }

    fn filter(query: &str) -> Result<Filter> {
        pairs(query).and_then(|pairs| read(&pairs))
    }

    #[test]
    fn repeated_parameters_are_a_list() {
        let read = filter("q=press+%D1%85&kind=photo&kind=video&limit=5&highlight=true").unwrap();
        assert_eq!(read.q.as_deref(), Some("press х"));
        assert_eq!(read.kind, [Kind::Photo, Kind::Video]);
        assert_eq!((read.limit, read.highlight), (Some(5), true));
        assert_eq!(filter("").unwrap(), Filter::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (query, name) in [
            ("colour=red", "colour"),
            ("limit=many", "limit"),
            ("limit=-1", "limit"),
            ("limit=1&limit=2", "limit"),
            ("kind=photo&kind=film", "kind"),
            ("highlight=yes", "highlight"),
            ("unit=1", "unit"),
            (
                "unit=1,2",
                "is no id: “1,2”; several are given by repeating it",
            ),
            ("q=%ff", "%ff"),
        ] {
            let error = filter(query).expect_err(query);
            assert_eq!(error.code(), Some(Code::BadRequest), "{query}");
            assert!(error.to_string().contains(name), "{query}: {error}");
        }
    }
}
