//! From an [`Error`] to a problem document (RFC 9457): one exhaustive match from what happened to a status and a stable
//! slug. What is ours or a dependency's is logged once, here, with its cause, and never shown.

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::{Code, Error, FieldFault};

pub const MEDIA_TYPE: &str = "application/problem+json";

/// Seconds after which another try is worth while.
const RETRY_AFTER: u32 = 5;

/// What went wrong (RFC 9457). Further members may follow, such as the steps that would be allowed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A stable name of the sort of problem, such as `/problems/not-found`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The sort of problem in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened in this case, in words for people.
    pub detail: String,
    /// The name of this request in the service's log; also in the header `X-Request-Id`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// The fields of the body that are at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<Fault>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A field that is at fault.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fault {
    /// A JSON pointer (RFC 6901) into the body that was sent, such as `/headline/ky`.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Problem {
    pub fn new(error: &Error, request_id: &str) -> Self {
        let sort = sort(error);
        let (detail, errors, extra) = match error {
            Error::Refused(refusal) => (
                refusal.detail.clone(),
                refusal.fields.iter().map(Fault::from).collect(),
                refusal.extra.clone(),
            ),
            Error::Unavailable { what, .. } => {
                (sentence(what, away(error)), Vec::new(), Map::new())
            }
            Error::Unusable(reason) => (reason.clone(), Vec::new(), Map::new()),
            Error::Internal { .. } => (
                "Something broke here. The request id names it in the log.".to_owned(),
                Vec::new(),
                Map::new(),
            ),
        };
        Self {
            kind: format!("/problems/{}", sort.slug),
            title: sort.title,
            status: sort.status.as_u16(),
            detail,
            request_id: request_id.to_owned(),
            errors,
            extra,
        }
    }
}

impl From<&FieldFault> for Fault {
    fn from(fault: &FieldFault) -> Self {
        Self {
            pointer: fault.pointer.clone(),
            detail: fault.detail.clone(),
        }
    }
}

/// The answer to a request that failed.
pub fn answer(error: &Error, request_id: &str) -> HttpResponse {
    let mut response = HttpResponse::build(sort(error).status);
    response.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
    match error {
        Error::Unavailable { .. } => {
            response.insert_header((header::RETRY_AFTER, RETRY_AFTER));
        }
        Error::Refused(refusal) => match refusal.code {
            Code::Unauthenticated => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            Code::InFlight | Code::Busy | Code::Locked => {
                response.insert_header((header::RETRY_AFTER, RETRY_AFTER));
            }
            Code::TooManyRequests => {
                let seconds = refusal.extra.get("retry_after").and_then(Value::as_i64);
                let seconds = seconds.unwrap_or_else(|| RETRY_AFTER.into());
                response.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            _ => {}
        },
        Error::Unusable(_) | Error::Internal { .. } => {}
    }
    response.json(Problem::new(error, request_id))
}

/// Logs what is not the caller's doing.
pub fn log(error: &Error, request_id: &str) {
    match error {
        Error::Refused(_) | Error::Unusable(_) => {}
        Error::Unavailable { what, cause } => {
            tracing::warn!(request_id, cause = %chain(cause.as_ref()), "{what} {}", away(error));
        }
        Error::Internal { what, cause } => {
            tracing::error!(request_id, cause = %chain(cause.as_ref()), "{what} failed");
        }
    }
}

/// What actix-web itself refuses, such as a broken payload, in our words.
pub fn foreign(error: &actix_web::Error) -> Error {
    of_status(error.as_response_error().status_code(), &error.to_string())
}

/// A problem for an answer that came without one.
pub fn of_status(status: StatusCode, words: &str) -> Error {
    let code = match status {
        StatusCode::NOT_FOUND => return Error::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        status if status.is_client_error() => Code::BadRequest,
        _ => return Error::internal("an answer", words.to_owned()),
    };
    Error::refused(code, words)
}

// Lets extractors and handlers return our error; the middleware replaces the answer by one that names the request.
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        sort(self).status
    }

    fn error_response(&self) -> HttpResponse {
        answer(self, "")
    }
}

struct Sort {
    status: StatusCode,
    slug: &'static str,
    title: &'static str,
}

fn sort(error: &Error) -> Sort {
    let of = |status: u16, slug, title| Sort {
        // Every number in this file is a status.
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        slug,
        title,
    };
    match error {
        Error::Unavailable { .. } if error.is_full() => of(507, "full", "No room is left"),
        Error::Unavailable { .. } => of(503, "unavailable", "Not available now"),
        Error::Unusable(_) => of(422, "unusable", "The material itself is broken"),
        Error::Internal { .. } => of(500, "internal", "Our fault"),
        Error::Refused(refusal) => {
            let (status, slug, title) = of_code(refusal.code);
            of(status, slug, title)
        }
    }
}

const fn of_code(code: Code) -> (u16, &'static str, &'static str) {
    match code {
        Code::BadRequest => (400, "bad-request", "The request cannot be read"),
        Code::CursorExpired => (410, "cursor-expired", "Begin again with the full copy"),
        Code::InvalidCursor => (400, "invalid-cursor", "Not a cursor of this list"),
        Code::Unauthenticated => (401, "unauthenticated", "A valid token is needed"),
        Code::Forbidden => (403, "forbidden", "Not allowed"),
        Code::NotFound => (404, "not-found", "Not found"),
        Code::MethodNotAllowed => (405, "method-not-allowed", "Not with this verb"),
        Code::Conflict => (409, "conflict", "Against what is there"),
        Code::TransitionNotAllowed => (409, "transition-not-allowed", "No such step from here"),
        Code::Locked => (423, "locked", "Another request is at it"),
        Code::Gone => (410, "gone", "It is over"),
        Code::ChecksumMismatch => (460, "checksum-mismatch", "Other bytes than were reckoned"),
        Code::InFlight => (409, "in-flight", "The first request is still in flight"),
        Code::Withdrawn => (410, "withdrawn", "Withdrawn"),
        Code::ArchiveChanged => (410, "archive-changed", "The archive has changed"),
        Code::PreconditionFailed => (412, "precondition-failed", "It has changed meanwhile"),
        Code::UnsupportedVersion => (412, "unsupported-version", "No such version is spoken"),
        Code::TooLarge => (413, "too-large", "Too large"),
        Code::UnsupportedMediaType => (415, "unsupported-media-type", "Not taken here"),
        Code::RangeNotSatisfiable => (416, "range-not-satisfiable", "There are no such bytes"),
        Code::Invalid => (422, "invalid", "Fields are at fault"),
        Code::TooManyRequests => (429, "too-many-requests", "More than you may ask for"),
        Code::Busy => (503, "busy", "Too much to do just now"),
    }
}

/// What is the matter with something that Jarchi leans on.
fn away(error: &Error) -> &'static str {
    if error.is_full() {
        "has no room left"
    } else {
        "does not answer"
    }
}

/// `the database` and `does not answer`: The database does not answer.
fn sentence(what: &str, rest: &str) -> String {
    let mut letters = what.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{} {rest}.", letters.as_str())
}

fn chain(cause: &(dyn std::error::Error + 'static)) -> String {
    let mut words = cause.to_string();
    let mut next = cause.source();
    while let Some(deeper) = next {
        let more = deeper.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        next = deeper.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_never_shown() {
        for error in [
            Error::internal("x", "SELECT secret"),
            Error::unavailable("the database", "/var/secret"),
        ] {
            let shown = serde_json::to_string(&Problem::new(&error, "r")).unwrap();
            assert!(!shown.contains("secret"), "{shown}");
        }
    }

    #[test]
    fn a_refusal_keeps_its_fields_and_its_further_members() {
        let error = Error::invalid("/name", "is empty").with("allowed", vec!["draft"]);
        let shown = serde_json::to_value(Problem::new(&error, "r")).unwrap();
        assert_eq!(shown["type"], "/problems/invalid");
        assert_eq!(shown["errors"][0]["pointer"], "/name");
        assert_eq!(shown["allowed"][0], "draft");
        assert_eq!(shown["request_id"], "r");
    }

    #[test]
    fn answers_say_when_to_come_back_and_with_what() {
        let retry = answer(&Error::unavailable("the database", "x"), "");
        assert!(retry.headers().contains_key(header::RETRY_AFTER));
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let full = Problem::new(&Error::unavailable("the storage", full), "");
        assert_eq!(
            (full.status, full.detail.as_str()),
            (507, "The storage has no room left.")
        );
        let token = answer(&Error::refused(Code::Unauthenticated, "x"), "");
        assert_eq!(
            token.headers().get(header::WWW_AUTHENTICATE).unwrap(),
            "Bearer"
        );
    }
}
