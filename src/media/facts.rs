//! What was measured of a file: [`Facts`]; and what is made of it: [`Preset`], with the order in which the presets
//! are worth making.

use serde::{Deserialize, Serialize};

use crate::terms::Kind;

/// What Jarchi measured, as against what a file says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// A named recipe for a rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// 320 pixels on the longest side, WebP.
    Thumb,
    /// 640 pixels, JPEG.
    Small,
    /// 1280 pixels, JPEG.
    Medium,
    /// 2048 pixels, JPEG.
    Large,
    /// A frame of a video that shows something, up to 1280 pixels, JPEG.
    Poster,
    /// To look or to listen at once: video of 360 lines, or sound, as MP4.
    Preview,
    /// Video of 720 lines, MP4.
    Web,
    /// Peaks of the sound in the data format of audiowaveform, version 2, JSON.
    Waveform,
    /// The first page, up to 1600 pixels, JPEG.
    Page,
    /// What is written in it, UTF-8.
    Text,
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
        }
    }
}

impl Preset {
    pub const ALL: [Self; 10] = [
        Self::Thumb,
        Self::Small,
        Self::Medium,
        Self::Large,
        Self::Poster,
        Self::Preview,
        Self::Web,
        Self::Waveform,
        Self::Page,
        Self::Text,
    ];

    /// The name in URLs and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Thumb => "thumb",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Poster => "poster",
            Self::Preview => "preview",
            Self::Web => "web",
            Self::Waveform => "waveform",
            Self::Page => "page",
            Self::Text => "text",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// What the rendition of a material of `kind` is; for its file's name and for readers.
    #[must_use]
    pub const fn media_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Thumb, _) => "image/webp",
            (Self::Small | Self::Medium | Self::Large | Self::Poster | Self::Page, _) => {
                "image/jpeg"
            }
            (Self::Preview, Kind::Audio) => "audio/mp4",
            (Self::Preview | Self::Web, _) => "video/mp4",
            (Self::Waveform, _) => "application/json",
            (Self::Text, _) => "text/plain; charset=utf-8",
        }
    }
}

/// The renditions that a file gets, in passes: what people wait for first. The presets of one pass share one decoding.
#[must_use]
pub fn presets(facts: &Facts) -> Vec<Vec<Preset>> {
    match facts.kind {
        Kind::Photo => vec![vec![
            Preset::Thumb,
            Preset::Small,
            Preset::Medium,
            Preset::Large,
        ]],
        Kind::Video => vec![
            vec![Preset::Thumb, Preset::Poster],
            vec![Preset::Preview, Preset::Web],
        ],
        Kind::Audio => vec![vec![Preset::Waveform], vec![Preset::Preview]],
        Kind::Text if facts.pages.is_some() => {
            vec![vec![Preset::Thumb, Preset::Page], vec![Preset::Text]]
        }
        Kind::Text => vec![vec![Preset::Text]],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_is_called_the_same_everywhere() {
        for preset in Preset::ALL {
            assert_eq!(serde_json::to_value(preset).unwrap(), preset.name());
            assert_eq!(Preset::from_name(preset.name()), Some(preset));
        }
        assert_eq!(Preset::from_name("enormous"), None);
    }
}
