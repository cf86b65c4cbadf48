//! The storyboard: small pictures all along a film on one sheet, and the `WebVTT` that says which part of the sheet shows
//! which time (W3C Media Fragments section 4.2.2), for players to show above their bar.

use std::{fmt::Write as _, fs::File, io::Write as _};

use ffmpeg_next::{Rational, Rescale, color, frame};
use image::{RgbImage, imageops};

use super::poster;
use crate::{
    error::{Error, Result},
    media::{
        libav::{Display, Turn},
        picture, presets,
        recipe::{Format, Recipe, Size, Still, View},
        wire::Measures,
    },
};

/// The longest side of a tile, in pixels.
const TILE: u32 = 160;
const COLUMNS: usize = 10;
const MOST: usize = 100;
/// Between two tiles, in milliseconds, at least.
const FINEST: i64 = 1000;

pub struct Storyboard {
    tile: (u32, u32),
    /// Between two tiles, in milliseconds.
    every: i64,
    /// Each with its time in milliseconds.
    tiles: Vec<(i64, RgbImage)>,
    end: i64,
}

impl Storyboard {
    pub fn new(seen: Display, duration_ms: Option<i64>) -> Self {
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        let (width, height) = Size::within(TILE).view((seen.width, seen.height)).shown;
        Self {
            tile: (width.max(2), height.max(2)),
            every: FINEST.max((duration_ms.unwrap_or(0).max(0) + most - 1) / most),
            tiles: Vec::new(),
            end: duration_ms.unwrap_or(0),
        }
    }

    pub fn view(&self) -> View {
        View {
            whole: self.tile,
            shown: self.tile,
        }
        .even()
    }

    /// Looks at the next picture, upright and in the colours of films, and keeps it where a tile is due.
    pub fn see(&mut self, frame: &frame::Video, time_base: Rational) -> Result<()> {
        let at = frame.pts().unwrap_or(0).rescale(time_base, (1, 1000));
        self.end = self.end.max(at);
        let due = self.tiles.last().map_or(0, |_| {
            self.every * i64::try_from(self.tiles.len()).unwrap_or(0)
        });
        if at < due {
            return Ok(());
        }
        let mut frame = frame.clone();
        frame.set_color_space(color::Space::BT709);
        let upright = Display {
            width: frame.width(),
            height: frame.height(),
            turn: Turn::NONE,
        };
        let tile = poster::still(frame, upright, self.tile, time_base)?;
        self.tiles.push((at, tile));
        if self.tiles.len() > MOST {
            // It is longer than it said: of each two tiles the first stays.
            let mut place = 0;
            self.tiles.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.every *= 2;
        }
        Ok(())
    }

    /// Writes the sheet, or what says what is where on it.
    pub fn write(&self, recipe: Recipe, file: &File) -> Result<Measures> {
        if self.tiles.is_empty() {
            return Err(Error::Unusable("no picture of it could be decoded".into()));
        }
        if recipe == Recipe::Storyboard {
            let still = Still {
                size: Size::within(TILE),
                format: Format::Jpeg,
                quality: 75,
            };
            picture::write(&self.sheet(), still, file)
        } else {
            let mut file = file;
            file.write_all(self.track().as_bytes())
                .map_err(|cause| Error::internal("writing a storyboard", cause))?;
            Ok(Measures::default())
        }
    }

    fn sheet(&self) -> RgbImage {
        let columns = self.tiles.len().min(COLUMNS);
        let rows = self.tiles.len().div_ceil(COLUMNS);
        let side = |count: usize, length: u32| u32::try_from(count).unwrap_or(1) * length;
        let mut sheet = RgbImage::new(side(columns, self.tile.0), side(rows, self.tile.1));
        for (place, (_, tile)) in self.tiles.iter().enumerate() {
            let (x, y) = self.corner(place);
            imageops::replace(&mut sheet, tile, i64::from(x), i64::from(y));
        }
        sheet
    }

    fn corner(&self, place: usize) -> (u32, u32) {
        let at = |count: usize, length: u32| u32::try_from(count).unwrap_or(0) * length;
        (
            at(place % COLUMNS, self.tile.0),
            at(place / COLUMNS, self.tile.1),
        )
    }

    /// One cue a tile, from the first moment to the last. The sheet lies beside the track, under its own name.
    fn track(&self) -> String {
        let mut track = "WEBVTT\n".to_owned();
        for (place, (begin, _)) in self.tiles.iter().enumerate() {
            let begin = if place == 0 { 0 } else { *begin };
            let end = self
                .tiles
                .get(place + 1)
                .map_or(self.end.max(begin + 1), |(at, _)| *at);
            let ((x, y), (width, height)) = (self.corner(place), self.tile);
            let name = presets::STORYBOARD;
            let _ = write!(
                track,
                "\n{} --> {}\n{name}#xywh={x},{y},{width},{height}\n",
                clock(begin),
                clock(end),
            );
        }
        track
    }
}

/// `hh:mm:ss.mmm` (W3C `WebVTT` section 4.1).
fn clock(ms: i64) -> String {
    let (seconds, rest) = (ms / 1000, ms % 1000);
    format!(
        "{:02}:{:02}:{:02}.{rest:03}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_stands_until_the_next_one() {
        let seen = Display {
            width: 1920,
            height: 1080,
            turn: Turn::NONE,
        };
        let mut board = Storyboard::new(seen, Some(3_601_000));
        assert_eq!((board.tile, board.every), ((160, 90), 36_010));
        for n in 0..12 {
            board.tiles.push((n * 36_010, RgbImage::new(160, 90)));
        }
        let track = board.track();
        assert!(
            track.starts_with(
                "WEBVTT\n\n00:00:00.000 --> 00:00:36.010\nstoryboard#xywh=0,0,160,90\n"
            )
        );
        assert!(
            track.ends_with("\n00:06:36.110 --> 01:00:01.000\nstoryboard#xywh=160,90,160,90\n")
        );
        assert_eq!(board.sheet().dimensions(), (1600, 180));
    }
}
