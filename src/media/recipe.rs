//! What the child makes, as data: it gets a [`Recipe`] and looks nothing up. Names, and which recipe belongs to which
//! kind of file, are in `presets`.

use serde::{Deserialize, Serialize};

/// How a rendition is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "make", rename_all = "snake_case")]
pub enum Recipe {
    /// A picture: of a photo, of a video's best frame, of a document's first page.
    Picture(Still),
    /// The photo at full size for newsrooms: of a JPEG its own pixels, untouched; of the rest a JPEG of high quality.
    Press,
    /// A film for every browser: MP4, H.264, AAC.
    Film(Clip),
    /// Sound for every browser: MP4, AAC.
    Sound { bits: u32 },
    /// Peaks of the sound in the data format of audiowaveform, version 2, JSON.
    Waveform,
    /// Small pictures all along a video on one sheet, JPEG.
    Storyboard,
    /// Which part of that sheet shows which time, `WebVTT`.
    StoryboardTrack,
    /// The same peaks as in `Waveform`, drawn: PNG with a transparent ground.
    WaveformImage,
    /// What is written in it, UTF-8.
    Text,
    /// A page of a document, counted from 0, for a program that recognises letters: grey, as PGM. No rendition.
    Sheet { page: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Still {
    pub size: Size,
    pub format: Format,
    /// From 1 to 100, as the format's encoder counts; PNG has none.
    pub quality: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Clip {
    pub size: Size,
    /// The most bits a second that the pictures may take; none: as many as they need to look well.
    pub bits: Option<u32>,
    /// Bits a second of the sound; none: a silent film.
    pub sound: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Jpeg,
    Webp,
    Png,
}

/// How large it is shown, in pixels; nothing is ever made larger than it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "fit", rename_all = "snake_case")]
pub enum Size {
    /// All of it, within the box.
    Inside { width: u32, height: u32 },
    /// Cut to the shape of the box, around the middle.
    Cover { width: u32, height: u32 },
    /// The shorter side has so many lines, the longer one at most `WIDEST` times as many.
    Lines { lines: u32 },
}

/// What a [`Size`] makes of a picture: width and height of the whole of it, scaled, and of the middle that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct View {
    pub whole: (u32, u32),
    pub shown: (u32, u32),
}

/// The longer side of what is measured in lines is at most this many times the shorter one's.
pub const WIDEST: u32 = 4;

impl Recipe {
    /// What comes out; for the file's name and for readers.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Picture(still) => match still.format {
                Format::Jpeg => "image/jpeg",
                Format::Webp => "image/webp",
                Format::Png => "image/png",
            },
            Self::Press | Self::Storyboard => "image/jpeg",
            Self::Film(_) => "video/mp4",
            Self::Sound { .. } => "audio/mp4",
            Self::StoryboardTrack => "text/vtt; charset=utf-8",
            Self::WaveformImage => "image/png",
            Self::Waveform => "application/json",
            Self::Text => "text/plain; charset=utf-8",
            Self::Sheet { .. } => "image/x-portable-graymap",
        }
    }

    /// The picture that is wanted, if it is one.
    #[must_use]
    pub const fn still(self) -> Option<Still> {
        match self {
            Self::Picture(still) => Some(still),
            _ => None,
        }
    }
}

impl Size {
    /// A square of `side` to fit into.
    #[must_use]
    pub const fn within(side: u32) -> Self {
        Self::Inside {
            width: side,
            height: side,
        }
    }

    /// How a picture of `natural` width and height is shown.
    #[must_use]
    pub fn view(self, natural: (u32, u32)) -> View {
        let (width, height) = (f64::from(natural.0.max(1)), f64::from(natural.1.max(1)));
        let (scale, shown) = match self {
            Self::Inside {
                width: w,
                height: h,
            } => {
                let scale = (f64::from(w) / width).min(f64::from(h) / height);
                (scale, (width, height))
            }
            Self::Cover {
                width: w,
                height: h,
            } => {
                let (w, h) = (f64::from(w.max(1)), f64::from(h.max(1)));
                let shown = (width.min(height * w / h), height.min(width * h / w));
                ((w / width).max(h / height), shown)
            }
            Self::Lines { lines } => {
                let by_lines = f64::from(lines) / width.min(height);
                let by_length = f64::from(lines.saturating_mul(WIDEST)) / width.max(height);
                (by_lines.min(by_length), (width, height))
            }
        };
        let scaled = |(width, height): (f64, f64)| {
            let scale = scale.min(1.0);
            (rounded(width * scale), rounded(height * scale))
        };
        View {
            whole: scaled((width, height)),
            shown: scaled(shown),
        }
    }
}

impl View {
    /// As encoders of films want it: both sides even.
    #[must_use]
    pub fn even(self) -> Self {
        let even = |length: u32| (length & !1).max(2);
        let shown = (even(self.shown.0), even(self.shown.1));
        let whole = if self.whole == self.shown {
            shown
        } else {
            (self.whole.0.max(shown.0), self.whole.1.max(shown.1))
        };
        Self { whole, shown }
    }
}

/// Never nothing.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no side is longer than a u32 says, and a cast keeps to its bounds"
)]
fn rounded(length: f64) -> u32 {
    (length.round() as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(size: Size, natural: (u32, u32)) -> (u32, u32) {
        size.view(natural).shown
    }

    #[test]
    fn sizes_keep_their_shape_and_never_grow() {
        let thumb = Size::within(320);
        assert_eq!(sized(thumb, (4000, 3000)), (320, 240));
        assert_eq!(sized(thumb, (3000, 4000)), (240, 320));
        assert_eq!(sized(thumb, (100, 50)), (100, 50));
        assert_eq!(sized(thumb, (65_000, 1)), (320, 1));
        let wide = Size::Inside {
            width: 960,
            height: 320,
        };
        assert_eq!(sized(wide, (4000, 3000)), (427, 320));
        let lines = Size::Lines { lines: 360 };
        assert_eq!(sized(lines, (1080, 1920)), (360, 640));
        assert_eq!(sized(lines, (320, 180)), (320, 180));
        assert_eq!(sized(lines, (10_000, 400)), (1440, 58));
    }

    #[test]
    fn films_have_even_sides() {
        let sized = |natural, size: Size| size.view(natural).even();
        let lines = Size::Lines { lines: 360 };
        assert_eq!(sized((101, 51), lines).shown, (100, 50));
        assert_eq!(sized((101, 51), lines).whole, (100, 50));
        assert_eq!(sized((1920, 1080), lines).shown, (640, 360));
        let square = Size::Cover {
            width: 101,
            height: 101,
        };
        let view = sized((1920, 1080), square);
        assert_eq!((view.whole, view.shown), ((180, 101), (100, 100)));
    }

    #[test]
    fn a_cover_is_cut_around_the_middle() {
        let square = Size::Cover {
            width: 1080,
            height: 1080,
        };
        let view = square.view((4000, 3000));
        assert_eq!((view.shown, view.whole), ((1080, 1080), (1440, 1080)));
        assert_eq!(sized(square, (600, 400)), (400, 400), "it does not grow");
    }
}
