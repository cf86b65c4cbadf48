//! What an S3 store answers when it does not do what was asked.

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use crate::error::Error;

/// Why a store cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum Away {
    NoBucket,
    /// With the store's own code.
    Forbidden(String),
    NoStore,
    Other(String),
}

/// Away, full or refused: all of it may pass.
pub fn failed<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    Error::unavailable("the storage", DisplayErrorContext(error).to_string())
}

/// Whether there is no such object or upload. An answer to HEAD has no body that could name it.
pub fn is_missing<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    is_named_missing(error) || (status(error) == Some(404) && error.code().is_none())
}

/// The same, said by the store itself: the 404 of a proxy says nothing of what the store has.
pub fn is_named_missing<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    matches!(
        error.code(),
        Some("NoSuchKey" | "NotFound" | "NoSuchUpload")
    )
}

/// Whether there is one already.
pub fn is_conflict<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    matches!(status(error), Some(409 | 412))
}

pub fn sort<E>(error: &SdkError<E>) -> Away
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let code = error.code().unwrap_or_default().to_owned();
    match (status(error), code.as_str()) {
        (_, "NoSuchBucket") => Away::NoBucket,
        (Some(401 | 403), code) if !code.is_empty() => Away::Forbidden(code.to_owned()),
        // Every S3 store names its errors.
        (Some(status), "") if status < 500 => Away::NoStore,
        (Some(200..=299), _) => Away::NoStore,
        _ => Away::Other(DisplayErrorContext(error).to_string()),
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|answer| answer.status().as_u16())
}
