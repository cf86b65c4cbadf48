//! Recordings of sound. Comes in: any file with sound in it. Goes out: how loud it is; a preview that every browser plays,
//! at the usual loudness; its peaks, to draw and drawn.

use std::{fs::File, ops::ControlFlow};

use ffmpeg_next::{Rescale, frame};

use super::{
    child,
    facts::Facts,
    film,
    libav::{self, Film, Form, Piece, Reader, SOUND, Sound, SoundGraph, Voice, share},
    loudness::{Measured, Meter},
    recipe::Recipe,
    waveform::Peaks,
    wire::{Measures, Output},
};
use crate::error::{Error, Result};

/// Makes the renditions asked for: the peaks in one decoding, the preview in another, when it is known how loud it is.
pub fn render(original: &File, facts: &Facts, outputs: &[Output], loudness: f64) -> Result<()> {
    let open = || -> Result<Reader> {
        let mut reader = libav::open(original, &facts.media_type)?;
        // Pictures that a recording comes with are not looked at.
        reader.only_sound();
        Ok(reader)
    };
    let mut peaks = Peaks::new(rate(&open()?));
    let drawn =
        |output: &&Output| matches!(output.recipe, Recipe::Waveform | Recipe::WaveformImage);
    let mut measured = None;
    if outputs.iter().any(|output| drawn(&output)) {
        measured = Some(shape(open()?, &mut peaks, facts)?);
    }
    for output in outputs {
        let made = match output.recipe {
            Recipe::Sound { bits } => {
                let known = match measured {
                    Some(known) => known,
                    None => measure(open()?, |_| ())?.ok_or_else(silent)?,
                };
                measured = Some(known);
                let filters = known.mixed.filters(loudness);
                preview(open()?, facts, (*output, bits), filters)
            }
            Recipe::Waveform => peaks.write(&child::create(*output)?),
            Recipe::WaveformImage => peaks.draw(&child::create(*output)?),
            _ => Err(Error::Unusable("a recording has no such rendition".into())),
        };
        let made = made.map(|measures| Measures {
            loudness: measured.map(|measured| measured.own),
            ..measures
        });
        child::made(*output, made)?;
    }
    Ok(())
}

/// How loud all of it is, in one quick decoding; `look` sees each piece on its way. `None` where nothing can be heard.
pub fn measure(
    mut reader: Reader,
    mut look: impl FnMut(&frame::Audio),
) -> Result<Option<Measured>> {
    reader.only_sound();
    let Some(track) = &reader.sound else {
        return Ok(None);
    };
    let mut meter = Meter::new(track.decoder.channels(), track.time_base)?;
    let mut heard = false;
    reader.each(|piece| {
        if let Piece::Sound(frame) = piece {
            heard = true;
            look(&frame);
            meter.hear(frame)?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if heard {
        meter.finish().map(Some)
    } else {
        Ok(None)
    }
}

/// Gathers the peaks of a recording, and how loud it is.
fn shape(reader: Reader, peaks: &mut Peaks, facts: &Facts) -> Result<Measured> {
    let form = Form {
        rate: rate(&reader),
        samples: "s16",
        layout: "mono",
        frame_size: 0,
    };
    let clock = reader.sound.as_ref().ok_or_else(silent)?.time_base;
    let mut graph = SoundGraph::new(form, None, clock);
    let mut take = |sound: frame::Audio| {
        peaks.hear(sound.plane(0));
        Ok(())
    };
    let (mut told, mut failure) = (0.0, Ok(()));
    let measured = measure(reader, |frame| {
        let at = frame.pts().unwrap_or(0).rescale(clock, (1, 1000));
        let went = film::tell(&mut told, at, facts.duration_ms)
            .and_then(|()| share(frame))
            .and_then(|frame| graph.push(frame, &mut take));
        if went.is_err() {
            failure = went;
        }
    })?;
    failure?;
    graph.finish(&mut take)?;
    peaks.finish();
    measured.ok_or_else(silent)
}

fn preview(
    mut reader: Reader,
    facts: &Facts,
    (output, bits): (Output, u32),
    filters: Option<String>,
) -> Result<Measures> {
    let clock = reader.sound.as_ref().ok_or_else(silent)?.time_base;
    let mut graph = SoundGraph::new(SOUND, filters, clock);
    let mut voice = Voice::new(bits)?;
    let mut film = Film::create(child::create(output)?, None, Some(Sound::Voice(&voice)))?;
    let mut told = 0.0;
    reader.each(|piece| {
        if let Piece::Sound(frame) = piece {
            let at = frame.pts().unwrap_or(0).rescale(clock, (1, 1000));
            film::tell(&mut told, at, facts.duration_ms)?;
            graph.push(frame, &mut |sound| {
                voice.push(sound, &mut |packet| film.sound(packet))
            })?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    graph.finish(&mut |sound| voice.push(sound, &mut |packet| film.sound(packet)))?;
    voice.finish(&mut |packet| film.sound(packet))?;
    film.finish()
}

fn rate(reader: &Reader) -> u32 {
    let track = reader.sound.as_ref();
    track.map_or(1, |track| track.decoder.rate().max(1))
}

fn silent() -> Error {
    Error::Unusable("no sound of it could be decoded".into())
}
