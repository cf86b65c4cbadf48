//! A material's files as they are shown.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::time::time,
    db::{originals, records::Original, renditions},
    media::Facts,
    terms::{Processing, RenditionState, Verdict},
};

/// The bytes that came in, as they came.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OriginalView {
    /// By its bytes.
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    /// In hexadecimal; null while it is on its way in.
    #[schema(required = true)]
    pub sha256: Option<String>,
    /// In pixels, as people see it.
    #[schema(required = true)]
    pub width: Option<u32>,
    /// In pixels, as people see it.
    #[schema(required = true)]
    pub height: Option<u32>,
    /// In milliseconds.
    #[schema(required = true)]
    pub duration_ms: Option<i64>,
    /// How loud its sound is, in LUFS (EBU R 128), once all of it was gone through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loudness_lufs: Option<f64>,
    /// The highest true peak of its sound, in dBTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub true_peak_dbtp: Option<f64>,
    /// Of a document or a presentation.
    #[schema(required = true)]
    pub pages: Option<u32>,
    /// What the uploader called it. For staff of the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Where its bytes are; null where they are not the caller's to have.
    #[schema(required = true)]
    pub url: Option<String>,
}

/// A file that was made of the original.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenditionView {
    /// Such as `thumb`, `large`, `press`, `web`, `preview`, `text`.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    /// In hexadecimal, where it is known.
    #[schema(required = true)]
    pub sha256: Option<String>,
    /// The version of the material that it was made of.
    pub of_version: i32,
    /// In pixels.
    #[schema(required = true)]
    pub width: Option<i32>,
    /// In pixels.
    #[schema(required = true)]
    pub height: Option<i32>,
    /// In milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// There where it is true: letters of a text were recognised in pictures of pages, and some may be wrong.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub recognised: bool,
    /// Where its bytes are.
    pub url: String,
}

/// How far the machine is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProcessingView {
    /// Where it stands.
    pub state: Processing,
    /// From 0 to 1.
    pub progress: f64,
    /// Why it failed, and what can be done, in words for an editor.
    #[schema(required = true)]
    pub problem: Option<String>,
    /// What the scanner for malware says of the original; null where none is set up.
    #[schema(required = true)]
    pub scan: Option<ScanView>,
    /// Each rendition that is wanted.
    pub renditions: Vec<StepView>,
}

/// What the scanner for malware says. What is not clean is kept from readers, and cannot be published.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScanView {
    /// `not_scanned` is tried again, for as long as it takes.
    pub state: Verdict,
    /// What was found, or why it was not scanned.
    #[schema(required = true)]
    pub detail: Option<String>,
    /// When it was scanned, or tried last.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub at: Option<Timestamp>,
}

/// How far one rendition is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StepView {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: RenditionState,
    /// Why it failed.
    #[schema(required = true)]
    pub detail: Option<String>,
}

impl OriginalView {
    /// What was measured. Facts of an older form say nothing; nothing but what is shown depends on them.
    pub fn facts(original: &Original) -> Option<Facts> {
        let facts = original.row.facts.clone()?;
        serde_json::from_value(facts).ok()
    }

    pub fn of(
        original: &Original,
        facts: Option<&Facts>,
        url: &str,
        open: bool,
        inside: bool,
    ) -> Self {
        Self {
            media_type: original.row.media_type.clone(),
            size: original.blob.size,
            sha256: original.is_there().then(|| original.blob.sha256.clone()),
            width: facts.and_then(|facts| facts.width),
            height: facts.and_then(|facts| facts.height),
            duration_ms: facts.and_then(|facts| facts.duration_ms),
            loudness_lufs: facts.and_then(|facts| facts.loudness_lufs),
            true_peak_dbtp: facts.and_then(|facts| facts.true_peak_dbtp),
            pages: facts.and_then(|facts| facts.pages),
            filename: inside.then(|| original.row.filename.clone()),
            url: open.then(|| format!("{url}/original")),
        }
    }
}

impl RenditionView {
    pub fn of(made: &renditions::Model, url: &str) -> Self {
        Self {
            name: made.name.clone(),
            media_type: made.media_type.clone().unwrap_or_default(),
            size: made.size,
            sha256: made.sha256.clone(),
            of_version: made.of_version,
            width: made.width,
            height: made.height,
            duration_ms: made.duration_ms,
            recognised: made.recognised,
            url: format!("{url}/renditions/{}", made.name),
        }
    }
}

impl ProcessingView {
    pub fn of(original: &originals::Model, made: &[renditions::Model]) -> Self {
        let step = |made: &renditions::Model| StepView {
            name: made.name.clone(),
            state: made.state,
            detail: made.detail.clone(),
        };
        Self {
            state: original.processing,
            progress: original.progress,
            problem: original.problem.clone(),
            scan: original.scan.map(|state| ScanView {
                state,
                detail: original.scan_detail.clone(),
                at: original.scanned_at.map(time),
            }),
            renditions: made.iter().map(step).collect(),
        }
    }
}
