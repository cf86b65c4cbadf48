//! The frame of a picture: which bytes of its file are the picture and what must be said around them for it to look the
//! same, so that a description is written beside the pixels without touching or copying them. Read in the child; of the
//! file's own descriptions, positions, serial numbers and thumbnails nothing is in it.

mod jpeg;
mod webp;

use serde::{Deserialize, Serialize};

pub use jpeg::{is_wide, read as of_jpeg};
pub use webp::read as of_webp;

/// A picture in more pieces than this is none that a program wrote.
const MOST_SPANS: usize = 64;

/// What is said around the pixels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum Frame {
    Jpeg(Camera),
    Webp(Canvas),
    Png,
}

/// What stays of what a camera wrote into a JPEG: how its pixels are shown, and how they were exposed.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Camera {
    /// JFIF (ITU-T T.871): unit and pixels a unit, across and down.
    pub density: Option<(u8, u16, u16)>,
    /// Columns and lines of the pixels as they are stored.
    pub size: Option<(u16, u16)>,
    /// EXIF 2.32 section 4.6.4: from 1 to 8.
    pub orientation: Option<u16>,
    /// 1: sRGB; 0xFFFF: another one.
    pub colour_space: Option<u16>,
    /// `R03` stands for Adobe RGB where there is no profile (DCF 2.0).
    pub interoperability: Option<String>,
    pub exposure_time: Option<(u32, u32)>,
    pub f_number: Option<(u32, u32)>,
    pub sensitivity: Option<u16>,
    pub focal_length: Option<(u32, u32)>,
}

/// What the extended header of a WebP says (RFC 9649 section 2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canvas {
    pub width: u32,
    pub height: u32,
    /// Of the chunks that stay: profile, transparency.
    pub flags: u8,
}

/// A range of bytes that is the picture's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub start: u64,
    pub length: u64,
}

/// A frame, and the pixels to put into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Framed {
    pub frame: Frame,
    /// In their order, without overlaps.
    pub picture: Vec<Span>,
}

impl Framed {
    /// Whether it may be believed of a file of so many bytes.
    pub fn holds(&self, size: u64) -> bool {
        let mut end = Some(0);
        for span in &self.picture {
            let from = end.filter(|end| span.start >= *end && span.length > 0);
            end = from.and_then(|_| span.start.checked_add(span.length));
        }
        let sane = match &self.frame {
            Frame::Jpeg(camera) => camera.orientation.is_none_or(|o| (1..=8).contains(&o)),
            Frame::Webp(canvas) => [canvas.width, canvas.height]
                .iter()
                .all(|side| (1..=1 << 24).contains(side)),
            Frame::Png => true,
        };
        sane && (1..=MOST_SPANS).contains(&self.picture.len()) && end.is_some_and(|end| end <= size)
    }
}

/// All of a PNG but its last chunk, `IEND`, which is always the same 12 bytes.
pub fn of_png(size: u64) -> Option<Framed> {
    let length = size.checked_sub(12).filter(|length| *length > 0)?;
    Some(Framed {
        frame: Frame::Png,
        picture: vec![Span { start: 0, length }],
    })
}

/// One range more; the next to the last one becomes a part of it.
fn push(picture: &mut Vec<Span>, start: u64, end: u64) {
    let length = end.saturating_sub(start);
    match picture.last_mut() {
        _ if length == 0 => {}
        Some(last) if last.start + last.length == start => last.length += length,
        _ => picture.push(Span { start, length }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(spans: &[(u64, u64)]) -> Framed {
        Framed {
            frame: Frame::Png,
            picture: spans
                .iter()
                .map(|(start, length)| Span {
                    start: *start,
                    length: *length,
                })
                .collect(),
        }
    }

    #[test]
    fn what_a_child_says_of_pixels_is_believed_within_the_file_alone() {
        assert!(framed(&[(0, 5), (7, 3)]).holds(10));
        for lie in [
            &[][..],
            &[(0, 0)],
            &[(0, 11)],
            &[(5, 2), (3, 1)],
            &[(0, 5), (4, 2)],
            &[(u64::MAX, 2)],
        ] {
            assert!(!framed(lie).holds(10), "{lie:?}");
        }
    }
}
