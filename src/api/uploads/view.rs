//! An upload as its owner reads it.

use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{PATH, headers};
use crate::{
    api::time::time,
    config::Config,
    db::uploads::Model,
    error::{Error, Result},
    terms::{MaterialId, UploadId, UploadState},
};

/// An upload that goes on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UploadView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: UploadId,
    /// The material that it becomes; null for a part of another upload.
    #[schema(value_type = Option<Uuid>, required = true)]
    pub material: Option<MaterialId>,
    /// The file's name, as the client said it.
    #[schema(required = true)]
    pub filename: Option<String>,
    /// Where it stands.
    pub state: UploadState,
    /// Whether it is a part of another upload.
    pub partial: bool,
    /// In bytes; null as long as the client has not told.
    #[schema(required = true)]
    pub length: Option<i64>,
    /// How many bytes are safe.
    pub offset: i64,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it is over, unless more comes before.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Where to send its bytes.
    pub url: String,
}

impl UploadView {
    pub fn of(config: &Config, upload: &Model) -> Self {
        Self {
            id: upload.id,
            material: upload.material_id,
            filename: headers::filename(&upload.metadata),
            state: upload.state,
            partial: upload.partial,
            length: upload.length,
            offset: upload.received,
            created_at: time(upload.created_at),
            expires_at: time(upload.expires_at),
            url: url(config, upload.id),
        }
    }
}

pub fn url(config: &Config, id: UploadId) -> String {
    config.url(&format!("{PATH}/{id}"))
}

/// `Upload-Concat` of an upload.
pub fn concat(config: &Config, upload: &Model) -> Result<Option<String>> {
    if upload.partial {
        return Ok(Some("partial".to_owned()));
    }
    let Some(parts) = upload.parts.clone() else {
        return Ok(None);
    };
    let parts: Vec<UploadId> =
        serde_json::from_value(parts).map_err(|error| Error::internal("an upload", error))?;
    let urls: Vec<String> = parts.into_iter().map(|id| url(config, id)).collect();
    Ok(Some(format!("final;{}", urls.join(" "))))
}

/// An instant, in milliseconds since 1970, as HTTP writes it (RFC 9110 section 5.6.7).
pub fn http_date(at: i64) -> String {
    let since = Duration::from_millis(at.max(0).unsigned_abs());
    httpdate::fmt_http_date(UNIX_EPOCH + since)
}
