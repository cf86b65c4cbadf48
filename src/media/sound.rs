//! Recordings of sound. Comes in: any file with sound in it. Goes out: a preview that every browser plays, and its
//! peaks to draw.

use std::{
    fs::File,
    io::{BufWriter, Seek, Write},
    ops::ControlFlow,
};

use ffmpeg_next::{Rescale, frame};
use serde::Serialize;

use super::{
    child,
    facts::Facts,
    film,
    libav::{self, Film, Form, Piece, Reader, SoundGraph},
    recipe::Recipe,
    wire::{Measures, Output},
};
use crate::error::{Error, Result};

/// Pairs of peaks in a second of a short recording, and in any recording altogether.
const PAIRS_A_SECOND: u32 = 20;
const MOST_PAIRS: usize = 12_000;

/// Peaks in the data format of audiowaveform, version 2.
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

/// Gathers the lowest and highest sample of each stretch of sound, all channels mixed into one.
struct Peaks {
    rate: u32,
    /// Samples in a stretch.
    stretch: u32,
    pairs: Vec<(i16, i16)>,
    low: i16,
    high: i16,
    count: u32,
}

/// Makes the renditions asked for, each in a decoding of its own.
pub fn render(mut original: File, facts: &Facts, outputs: &[Output]) -> Result<()> {
    let failed = |cause| Error::internal("reading an original", cause);
    for output in outputs {
        original.rewind().map_err(failed)?;
        let mut reader = libav::open(original.try_clone().map_err(failed)?, &facts.media_type)?;
        // Pictures that a recording comes with are not looked at.
        reader.picture = None;
        let made = match output.recipe {
            Recipe::Sound { bits } => sound(reader, facts, *output, bits),
            Recipe::Waveform => waveform(reader, facts, *output),
            _ => Err(Error::Unusable("a recording has no such rendition".into())),
        };
        child::made(*output, made)?;
    }
    Ok(())
}

fn sound(reader: Reader, facts: &Facts, output: Output, bits: u32) -> Result<Measures> {
    let mut film = Film::create(child::create(output)?, None, Some(bits))?;
    hear(reader, libav::SOUND, facts, |frame| film.sound(frame))?;
    film.finish()
}

fn waveform(reader: Reader, facts: &Facts, output: Output) -> Result<Measures> {
    let rate = reader
        .sound
        .as_ref()
        .map_or(1, |track| track.decoder.rate().max(1));
    let mut peaks = Peaks::new(rate);
    let form = Form {
        rate,
        samples: "s16",
        layout: "mono",
        frame_size: 0,
    };
    hear(reader, form, facts, |frame| {
        peaks.hear(frame.plane(0));
        Ok(())
    })?;
    peaks.write(&child::create(output)?)
}

/// Hands over all the sound of a recording, brought to `form`.
fn hear(
    mut reader: Reader,
    form: Form,
    facts: &Facts,
    mut take: impl FnMut(frame::Audio) -> Result<()>,
) -> Result<()> {
    let track = reader
        .sound
        .as_ref()
        .ok_or_else(|| Error::Unusable("there is no sound in it".into()))?;
    let clock = track.time_base;
    let mut graph = SoundGraph::new(form, clock);
    let (mut heard, mut told) = (false, 0.0);
    let mut take = |frame, _| take(frame);
    reader.each(|piece| {
        if let Piece::Sound(frame) = piece {
            heard = true;
            film::tell(
                &mut told,
                frame.pts().unwrap_or(0).rescale(clock, (1, 1000)),
                facts.duration_ms,
            )?;
            graph.push(frame, &mut take)?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    graph.finish(&mut take)?;
    if heard {
        Ok(())
    } else {
        Err(Error::Unusable("no sound of it could be decoded".into()))
    }
}

impl Peaks {
    fn new(rate: u32) -> Self {
        let stretch = (rate / PAIRS_A_SECOND).max(1);
        Self {
            rate,
            stretch,
            pairs: Vec::new(),
            low: i16::MAX,
            high: i16::MIN,
            count: 0,
        }
    }

    fn hear(&mut self, samples: &[i16]) {
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

    fn write(mut self, file: &File) -> Result<Measures> {
        if self.count > 0 {
            self.close();
        }
        let [length, whole] = [self.pairs.len(), self.pairs.len() * self.stretch as usize];
        let high_byte = |sample: i16| sample.to_be_bytes()[0].cast_signed();
        let waveform = Waveform {
            version: 2,
            channels: 1,
            sample_rate: self.rate,
            samples_per_pixel: self.stretch,
            bits: 8,
            length,
            data: self
                .pairs
                .iter()
                .flat_map(|(low, high)| [high_byte(*low), high_byte(*high)])
                .collect(),
        };
        let failed = |cause: std::io::Error| Error::internal("writing a waveform", cause);
        let mut out = BufWriter::new(file);
        serde_json::to_writer(&mut out, &waveform).map_err(|cause| failed(cause.into()))?;
        out.flush().map_err(failed)?;
        let duration_ms = i64::try_from(whole as u64 * 1000 / u64::from(self.rate)).ok();
        Ok(Measures {
            duration_ms,
            ..Measures::default()
        })
    }
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
}
