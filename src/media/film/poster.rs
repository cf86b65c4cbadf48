//! The picture that stands for a film: of several, taken all along it, the one that shows the most. Title cards in
//! black, fades and blank walls lose.

use std::ops::ControlFlow;

use ffmpeg_next::{Rescale, frame};
use image::RgbImage;

use crate::{
    error::{Error, Result},
    media::{
        libav::{Display, PictureGraph, Piece, Reader, packed},
        recipe::View,
    },
};

/// Where to look, in hundredths of the duration.
const PLACES: [i64; 6] = [10, 25, 40, 55, 70, 2];
/// Where there is nothing to seek by: every tenth picture of the first hundred.
const FIRST: usize = 100;

/// The best picture of a film that can be searched in, in `size`; what cannot, or only in parts, may give none.
pub fn find(reader: &mut Reader, seen: Display, size: (u32, u32)) -> Result<Option<RgbImage>> {
    let mut best: Option<(f64, RgbImage)> = None;
    let mut weigh = |picture: RgbImage| {
        let score = score(&picture);
        if best.as_ref().is_none_or(|(best, _)| score > *best) {
            best = Some((score, picture));
        }
    };
    let duration = reader.duration_ms().unwrap_or(0);
    for place in PLACES.iter().filter(|_| duration > 0) {
        if reader.seek(duration * place / 100).is_ok()
            && let Some(picture) = next(reader, seen, size)?
        {
            weigh(picture);
        }
    }
    Ok(best.map(|(_, picture)| picture))
}

/// The picture that is seen at a moment, in milliseconds: the last one that begins by then, from where the reader stands.
/// Where none does it is the next one, if that will do.
pub fn at(
    reader: &mut Reader,
    seen: Display,
    size: (u32, u32),
    ms: i64,
    or_next: bool,
) -> Result<Option<RgbImage>> {
    let Some(clock) = reader.picture.as_ref().map(|track| track.time_base) else {
        return Ok(None);
    };
    let mut shown = None;
    reader.each(|piece| {
        let Piece::Picture(frame) = piece else {
            return Ok(ControlFlow::Continue(()));
        };
        let is_later = frame.pts().unwrap_or(0).rescale(clock, (1, 1000)) > ms;
        if !frame.is_corrupt() && (!is_later || or_next && shown.is_none()) {
            shown = Some(frame);
        }
        Ok(if is_later {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    })?;
    shown
        .map(|frame| still(frame, seen, size, clock))
        .transpose()
}

/// The next whole picture from where the reader stands.
fn next(reader: &mut Reader, seen: Display, size: (u32, u32)) -> Result<Option<RgbImage>> {
    let Some(clock) = reader.picture.as_ref().map(|track| track.time_base) else {
        return Ok(None);
    };
    let mut found = None;
    reader.each(|piece| {
        if let Piece::Picture(frame) = piece
            && !frame.is_corrupt()
        {
            found = Some(still(frame, seen, size, clock)?);
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// The best of the first pictures, from where the reader stands.
pub fn first(reader: &mut Reader, seen: Display, size: (u32, u32)) -> Result<RgbImage> {
    let Some(clock) = reader.picture.as_ref().map(|track| track.time_base) else {
        return Err(Error::Unusable("there is no picture in it".into()));
    };
    let (mut best, mut count): (Option<(f64, RgbImage)>, _) = (None, 0);
    reader.each(|piece| {
        if let Piece::Picture(frame) = piece {
            if count % 10 == 0 {
                let picture = still(frame, seen, size, clock)?;
                let score = score(&picture);
                if best.as_ref().is_none_or(|(best, _)| score > *best) {
                    best = Some((score, picture));
                }
            }
            count += 1;
        }
        Ok(if count < FIRST {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    })?;
    best.map(|(_, picture)| picture)
        .ok_or_else(|| Error::Unusable("no picture of it could be decoded".into()))
}

/// A frame as a picture of `size`: upright, square pixels, RGB.
pub fn still(
    frame: frame::Video,
    seen: Display,
    (width, height): (u32, u32),
    clock: ffmpeg_next::Rational,
) -> Result<RgbImage> {
    let view = View {
        whole: (width, height),
        shown: (width, height),
    };
    let mut graph = PictureGraph::new(seen, vec![view], "rgb24", clock);
    let mut pixels = Vec::new();
    let mut keep = |_, frame: frame::Video, _| {
        pixels = packed(&frame, (width, height));
        Ok(())
    };
    graph.push(frame, &mut keep)?;
    graph.finish(&mut keep)?;
    RgbImage::from_raw(width, height, pixels)
        .ok_or_else(|| Error::Unusable("a picture of it came out in another size".into()))
}

/// How much there is to see: the spread of brightness, less where nearly all is black or white.
fn score(picture: &RgbImage) -> f64 {
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for pixel in picture.pixels().step_by(7) {
        let [red, green, blue] = pixel.0.map(f64::from);
        let light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        count += 1.0;
        sum += light;
        squares += light * light;
    }
    let mean = sum / count;
    let spread = (squares / count - mean * mean).max(0.0).sqrt();
    if (25.0..=230.0).contains(&mean) {
        spread
    } else {
        spread / 4.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_beats_black_and_blank() {
        let of = |paint: fn(u32, u32) -> u8| {
            RgbImage::from_fn(64, 64, |x, y| image::Rgb([paint(x, y); 3]))
        };
        let scene = score(&of(|x, y| u8::try_from((x * 3 + y) % 200 + 20).unwrap()));
        assert!(scene > score(&of(|_, _| 0)));
        assert!(scene > score(&of(|_, _| 128)));
        assert!(scene > score(&of(|x, _| if x == 0 { 255 } else { 3 })));
    }
}
