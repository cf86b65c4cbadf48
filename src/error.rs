//! One error type for every step, and two questions that it answers: what may the caller know (`api` turns it into
//! a problem document), and can trying again help (`worker` asks). Nothing else in Jarchi defines an error enum.

use std::{
    error::Error as StdError,
    fmt,
    io::{self, ErrorKind},
};

pub type Result<T, E = Error> = std::result::Result<T, E>;

type Cause = Box<dyn StdError + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's doing: shown to the caller as it stands.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Something that Jarchi leans on is away: worth another try. `what` is shown, the cause is logged.
    #[error("{what} does not answer: {cause}")]
    Unavailable { what: &'static str, cause: Cause },
    /// The material itself is broken: the reason is for the editor; another try changes nothing.
    #[error("{0}")]
    Unusable(String),
    /// Ours: logged once with its cause where it is handled, never shown.
    #[error("{what}: {cause}")]
    Internal { what: &'static str, cause: Cause },
}

/// What a caller did that cannot be done, in words for people.
#[derive(Debug)]
pub struct Refusal {
    pub code: Code,
    pub detail: String,
    /// The fields at fault: JSON pointers (RFC 6901) into the body that was sent.
    pub fields: Vec<FieldFault>,
    /// Further members of the problem document, such as the transitions that would be allowed.
    pub extra: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldFault {
    pub pointer: String,
    pub detail: String,
}

/// The stable names of refusals. `api::problem` gives each its status and slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    BadRequest,
    InvalidCursor,
    /// The cursor's log is not the one that is there: what it knew of begins anew.
    CursorExpired,
    Unauthenticated,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    TransitionNotAllowed,
    /// Another request is at the same thing and does not let go.
    Locked,
    /// It was there, and is over.
    Gone,
    /// The bytes are not those that the client reckoned (tus 1.0.0, checksum).
    ChecksumMismatch,
    InFlight,
    Withdrawn,
    ArchiveChanged,
    PreconditionFailed,
    /// The client speaks another version of the protocol (tus 1.0.0, `Tus-Resumable`).
    UnsupportedVersion,
    TooLarge,
    UnsupportedMediaType,
    RangeNotSatisfiable,
    Invalid,
    Busy,
    /// More than one may ask for; the member `retry_after` says how many seconds to wait.
    TooManyRequests,
}

impl Error {
    pub fn refused(code: Code, detail: impl Into<String>) -> Self {
        Self::Refused(Box::new(Refusal {
            code,
            detail: detail.into(),
            fields: Vec::new(),
            extra: serde_json::Map::new(),
        }))
    }

    /// One field of a body is at fault (422).
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::faults(vec![FieldFault {
            pointer: pointer.into(),
            detail: detail.into(),
        }])
    }

    /// Several fields of a body are at fault (422).
    pub fn faults(fields: Vec<FieldFault>) -> Self {
        let detail = match fields.as_slice() {
            [one] if one.pointer.is_empty() => one.detail.clone(),
            [one] => format!("{}: {}", one.pointer, one.detail),
            many => format!("{} fields are at fault", many.len()),
        };
        Self::Refused(Box::new(Refusal {
            code: Code::Invalid,
            detail,
            fields,
            extra: serde_json::Map::new(),
        }))
    }

    /// The same refusal of a document that stands within another one, at `pointer`.
    #[must_use]
    pub fn under(self, pointer: &str) -> Self {
        let Self::Refused(mut refusal) = self else {
            return self;
        };
        if refusal.code != Code::Invalid {
            return Self::Refused(refusal);
        }
        for field in &mut refusal.fields {
            field.pointer.insert_str(0, pointer);
        }
        let mut moved = Self::faults(std::mem::take(&mut refusal.fields));
        if let Self::Refused(moved) = &mut moved {
            moved.extra = refusal.extra;
        }
        moved
    }

    /// The same words for what does not exist and for what the caller may not know of.
    pub fn not_found() -> Self {
        Self::refused(Code::NotFound, "There is nothing here.")
    }

    pub fn unavailable(what: &'static str, cause: impl Into<Cause>) -> Self {
        Self::Unavailable {
            what,
            cause: cause.into(),
        }
    }

    pub fn internal(what: &'static str, cause: impl Into<Cause>) -> Self {
        Self::Internal {
            what,
            cause: cause.into(),
        }
    }

    /// Adds a member to the problem document of a refusal.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.extra.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Whether the same attempt, made later, may succeed.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Internal { .. })
    }

    /// Whether it is for want of room: retrying helps only once somebody has made some.
    pub fn is_full(&self) -> bool {
        let Self::Unavailable { cause, .. } = self else {
            return false;
        };
        let full = |kind| matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| full(error.kind()))
    }

    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}
