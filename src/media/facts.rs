//! What was measured of a file.

use serde::{Deserialize, Serialize};

use super::likeness::Likeness;
use crate::terms::Kind;

#[allow(
    clippy::struct_excessive_bools,
    reason = "each is measured by itself, and none says more with another"
)]
/// What Jarchi measured, as against what a file says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub kind: Kind,
    pub media_type: String,
    /// In pixels, upright and with square pixels: as people see it.
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub duration_ms: Option<i64>,
    pub has_audio: bool,
    pub has_video: bool,
    pub pages: Option<u32>,
    /// Whether it says where it was taken, or may say it in a way that is not read here.
    #[serde(default)]
    pub positioned: bool,
    /// Integrated, in LUFS, and the highest true peak, in dBTP (EBU R 128): known when the sound was gone through.
    #[serde(default)]
    pub loudness_lufs: Option<f64>,
    #[serde(default)]
    pub true_peak_dbtp: Option<f64>,
    /// How it looks, or its poster, or its first page: known when a picture was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likeness: Option<Likeness>,
    /// Of a photo, whether no camera says that it took it: it may be drawn, or a scan, and have something written in it.
    #[serde(default)]
    pub drawn: bool,
    /// The encoding of a plain text, by its name (WHATWG Encoding).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
}

impl Facts {
    /// Facts of a file of which nothing but its sort is known.
    #[must_use]
    pub fn new(kind: Kind, media_type: &str) -> Self {
        Self {
            kind,
            media_type: media_type.to_owned(),
            width: None,
            height: None,
            duration_ms: None,
            has_audio: false,
            has_video: false,
            pages: None,
            positioned: false,
            loudness_lufs: None,
            true_peak_dbtp: None,
            likeness: None,
            drawn: false,
            charset: None,
        }
    }
}
