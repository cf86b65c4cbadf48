//! The shape of a recording: the lowest and the highest sample of each stretch of it, written in the data format of
//! audiowaveform, version 2, which peaks.js reads, or drawn.

use std::{
    fs::File,
    io::{BufWriter, Write},
};

use image::{ExtendedColorType, ImageEncoder, Rgba, RgbaImage, codecs::png::PngEncoder};
use serde::Serialize;

use super::wire::Measures;
use crate::error::{Error, Result};

/// Pairs of peaks in a second of a short recording, and in any recording altogether.
const PAIRS_A_SECOND: u32 = 20;
const MOST_PAIRS: usize = 12_000;
/// The drawing, in pixels: bars of so many, with so many between.
const WIDTH: u32 = 1200;
const HEIGHT: u32 = 240;
const BAR: u32 = 4;
const GAP: u32 = 2;
/// A blue that stands out from white as much as from black.
const INK: [u8; 3] = [0x2F, 0x80, 0xD0];
/// A recording that is all below this is drawn as low as it is: of 32,768.
const LOWEST_FULL: f32 = 1000.0;

#[derive(Serialize)]
struct Waveform {
    version: u8,
    channels: u8,
    sample_rate: u32,
    samples_per_pixel: u32,
    bits: u8,
    length: usize,
    data: Vec<i8>,
}

/// Gathers the peaks of sound whose channels are mixed into one.
pub struct Peaks {
    rate: u32,
    /// Samples in a stretch.
    stretch: u32,
    pairs: Vec<(i16, i16)>,
    low: i16,
    high: i16,
    count: u32,
    samples: u64,
}

impl Peaks {
    pub fn new(rate: u32) -> Self {
        let stretch = (rate / PAIRS_A_SECOND).max(1);
        Self {
            rate,
            stretch,
            pairs: Vec::new(),
            low: i16::MAX,
            high: i16::MIN,
            count: 0,
            samples: 0,
        }
    }

    pub fn hear(&mut self, samples: &[i16]) {
        self.samples += samples.len() as u64;
        for sample in samples {
            self.low = self.low.min(*sample);
            self.high = self.high.max(*sample);
            self.count += 1;
            if self.count == self.stretch {
                self.close();
            }
        }
    }

    /// Ends a stretch. Where there are too many, each two become one: memory does not grow with the recording.
    fn close(&mut self) {
        self.pairs.push((self.low, self.high));
        (self.low, self.high, self.count) = (i16::MAX, i16::MIN, 0);
        if self.pairs.len() == MOST_PAIRS {
            let merge = |two: &[(i16, i16)]| {
                two.iter()
                    .copied()
                    .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            };
            self.pairs = self.pairs.chunks(2).filter_map(merge).collect();
            self.stretch = self.stretch.saturating_mul(2);
        }
    }

    /// The end of the sound.
    pub fn finish(&mut self) {
        if self.count > 0 {
            self.close();
        }
    }

    /// Writes the peaks as JSON.
    pub fn write(&self, file: &File) -> Result<Measures> {
        let high_byte = |sample: i16| sample.to_be_bytes()[0].cast_signed();
        let waveform = Waveform {
            version: 2,
            channels: 1,
            sample_rate: self.rate,
            samples_per_pixel: self.stretch,
            bits: 8,
            length: self.pairs.len(),
            data: self
                .pairs
                .iter()
                .flat_map(|(low, high)| [high_byte(*low), high_byte(*high)])
                .collect(),
        };
        let mut out = BufWriter::new(file);
        serde_json::to_writer(&mut out, &waveform).map_err(|cause| failed(cause.into()))?;
        out.flush().map_err(failed)?;
        Ok(Measures {
            duration_ms: i64::try_from(self.samples * 1000 / u64::from(self.rate)).ok(),
            ..Measures::default()
        })
    }

    /// Draws the peaks as bars with round ends; the highest reaches the edge.
    pub fn draw(&self, file: &File) -> Result<Measures> {
        let mut drawing = RgbaImage::from_pixel(WIDTH, HEIGHT, Rgba([INK[0], INK[1], INK[2], 0]));
        let bars = WIDTH / (BAR + GAP);
        let heights: Vec<f32> = (0..bars).map(|bar| self.height(bar, bars)).collect();
        let highest = heights.iter().copied().fold(LOWEST_FULL, f32::max);
        for (bar, height) in (0..bars).zip(heights) {
            draw_bar(&mut drawing, bar * (BAR + GAP) + GAP / 2, height / highest);
        }
        let mut out = BufWriter::new(file);
        PngEncoder::new(&mut out)
            .write_image(drawing.as_raw(), WIDTH, HEIGHT, ExtendedColorType::Rgba8)
            .map_err(|cause| Error::internal("drawing a waveform", cause))?;
        out.flush().map_err(failed)?;
        Ok(Measures {
            width: Some(WIDTH),
            height: Some(HEIGHT),
            ..Measures::default()
        })
    }

    /// The highest peak, up or down, in the part of the recording that a bar stands for.
    fn height(&self, bar: u32, bars: u32) -> f32 {
        let place = |bar: u32| self.pairs.len() * bar as usize / bars as usize;
        let (begin, end) = (place(bar), place(bar + 1).max(place(bar) + 1));
        let pairs = self.pairs.get(begin..end.min(self.pairs.len()));
        let peak = pairs
            .into_iter()
            .flatten()
            .map(|(low, high)| low.unsigned_abs().max(high.unsigned_abs()))
            .max();
        f32::from(peak.unwrap_or(0))
    }
}

/// A bar at `left`, as high as `part` of the drawing. Each pixel is covered as much as a circle's edge covers it.
fn draw_bar(drawing: &mut RgbaImage, left: u32, part: f32) {
    let radius = f32::from(u16::try_from(BAR).unwrap_or(1)) / 2.0;
    let middle = f32::from(u16::try_from(HEIGHT).unwrap_or(1)) / 2.0;
    // Silence is a row of dots.
    let straight = (part * middle - radius).max(0.0);
    for y in 0..HEIGHT {
        for x in 0..BAR {
            let centre = |place: u32| f32::from(u16::try_from(place).unwrap_or(0)) + 0.5;
            let (across, along) = (centre(x) - radius, (centre(y) - middle).abs());
            let beyond = (along - straight).max(0.0);
            let cover = (radius - across.hypot(beyond) + 0.5).clamp(0.0, 1.0);
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it lies between 0 and 255"
            )]
            let alpha = (cover * 255.0).round() as u8;
            if let Some(pixel) = drawing.get_pixel_mut_checked(left + x, y) {
                pixel.0[3] = pixel.0[3].max(alpha);
            }
        }
    }
}

fn failed(cause: std::io::Error) -> Error {
    Error::internal("writing a waveform", cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_merge_when_there_are_many() {
        let mut peaks = Peaks::new(20);
        for n in 0..MOST_PAIRS {
            let loud = if n == 7 { i16::MIN } else { 256 };
            peaks.hear(&[loud]);
        }
        assert_eq!((peaks.pairs.len(), peaks.stretch), (MOST_PAIRS / 2, 2));
        assert_eq!(peaks.pairs[3], (i16::MIN, 256));
    }

    #[test]
    fn bars_are_as_high_as_the_sound_is_loud() {
        let mut peaks = Peaks::new(8000);
        peaks.hear(&[0; 8000]);
        peaks.hear(&[16_000; 8000]);
        peaks.finish();
        let mut file = tempfile::tempfile().unwrap();
        peaks.draw(&file).unwrap();
        let mut png = Vec::new();
        std::io::Seek::rewind(&mut file).unwrap();
        std::io::Read::read_to_end(&mut file, &mut png).unwrap();
        let drawing = image::load_from_memory(&png).unwrap().into_rgba8();
        let inked = |x: u32| {
            (0..HEIGHT)
                .filter(|y| drawing.get_pixel(x, *y)[3] > 127)
                .count()
        };
        assert!(
            inked(63) < 6 && inked(1137) > 230,
            "{} {}",
            inked(63),
            inked(1137)
        );
    }
}
