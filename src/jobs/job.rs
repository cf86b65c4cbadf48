//! What there is to do: each sort of job, what it is about, and in which lane it waits.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

use crate::terms::{BlobId, MaterialId, UploadId};

pub(super) const SWEEP: &str = "sweep";

/// What waits for another program has places of its own, so that it keeps none from what works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Lane {
    Work,
    Scans,
}

/// What is to be done, in ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Make an original of an upload that has all its bytes.
    Receive {
        material: MaterialId,
        upload: UploadId,
    },
    /// Find out what an original is and what it says about itself.
    Examine { material: MaterialId, number: i32 },
    /// Make some of its renditions, in one pass.
    Render {
        material: MaterialId,
        number: i32,
        presets: Vec<String>,
    },
    /// Write the description into its files.
    Inscribe { material: MaterialId },
    /// Make the pictures of a film anew, of another moment.
    Poster { material: MaterialId },
    /// Have an original scanned for malware.
    Scan { material: MaterialId, number: i32 },
    /// Find out the SHA-256 of files that were joined of pieces.
    Digest { material: MaterialId },
    /// Remove blobs that were replaced, where nothing points at them.
    Sweep {
        material: MaterialId,
        blobs: Vec<BlobId>,
    },
}

impl Job {
    pub fn material(&self) -> MaterialId {
        match self {
            Self::Receive { material, .. }
            | Self::Examine { material, .. }
            | Self::Render { material, .. }
            | Self::Inscribe { material }
            | Self::Poster { material }
            | Self::Scan { material, .. }
            | Self::Digest { material }
            | Self::Sweep { material, .. } => *material,
        }
    }

    /// The original that it is about; none: the one that readers have by then.
    pub fn number(&self) -> Option<i32> {
        match self {
            Self::Examine { number, .. }
            | Self::Render { number, .. }
            | Self::Scan { number, .. } => Some(*number),
            Self::Receive { .. }
            | Self::Inscribe { .. }
            | Self::Poster { .. }
            | Self::Digest { .. }
            | Self::Sweep { .. } => None,
        }
    }

    pub fn lane(&self) -> Lane {
        match self {
            Self::Scan { .. } => Lane::Scans,
            _ => Lane::Work,
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Receive { .. } => "receive",
            Self::Examine { .. } => "examine",
            Self::Render { .. } => "render",
            Self::Inscribe { .. } => "inscribe",
            Self::Poster { .. } => "poster",
            Self::Scan { .. } => "scan",
            Self::Digest { .. } => "digest",
            Self::Sweep { .. } => SWEEP,
        }
    }
}
