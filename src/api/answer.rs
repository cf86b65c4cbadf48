//! Answers with a body: [`Created`] for what a POST made. It can be kept and given again, byte for byte, to a request
//! that is repeated.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::etag;
use crate::error::{Error, Result};

/// 201, with where the new thing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    pub location: String,
    /// The entity tag in its quotes, for things that have a version.
    pub etag: Option<String>,
    pub body: Value,
    /// What else is said of it, in headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Whether the body shows a secret, which is neither kept nor shown again.
    #[serde(skip)]
    pub secret: bool,
}

impl Created {
    /// A thing with a version.
    pub fn versioned(location: String, version: i32, view: &impl Serialize) -> Result<Self> {
        let etag = Some(etag::etag(version, view)?);
        Ok(Self {
            location,
            etag,
            body: value(view)?,
            headers: Vec::new(),
            secret: false,
        })
    }

    /// A thing without versions, with headers of its own.
    pub fn plain(
        location: String,
        headers: Vec<(String, String)>,
        view: &impl Serialize,
    ) -> Result<Self> {
        Ok(Self {
            location,
            etag: None,
            body: value(view)?,
            headers,
            secret: false,
        })
    }

    /// A thing whose view shows a secret.
    pub fn secret(location: String, view: &impl Serialize) -> Result<Self> {
        Ok(Self {
            location,
            etag: None,
            body: value(view)?,
            headers: Vec::new(),
            secret: true,
        })
    }

    pub fn respond(&self) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::CREATED);
        response.insert_header((header::LOCATION, self.location.as_str()));
        if let Some(etag) = &self.etag {
            response.insert_header((header::ETAG, etag.as_str()));
        }
        for (name, value) in &self.headers {
            response.insert_header((name.as_str(), value.as_str()));
        }
        response.json(&self.body)
    }
}

fn value(view: &impl Serialize) -> Result<Value> {
    serde_json::to_value(view).map_err(|error| Error::internal("an answer", error))
}
