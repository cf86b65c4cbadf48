//! Files that move and sound. Comes in: a video, or any container that may hold one. Goes out: its measures and tags;
//! a poster that shows something; and MP4s for the screen, both made from one decoding.

mod poster;
mod tags;

use std::{fs::File, ops::ControlFlow};

use ffmpeg_next::{Rational, Rescale, frame};

use super::{
    child,
    facts::Facts,
    libav::{self, Display, Film, Picture, Piece, Reader, SoundGraph},
    picture,
    recipe::{Clip, Recipe},
    wire::{Examined, Output},
};
use crate::{
    error::{Error, Result},
    terms::Kind,
};

/// Measures a film or a sound, and proves that at least one frame of it can be decoded.
pub fn examine(original: File, media_type: &str) -> Result<Examined> {
    let mut reader = libav::open(original, media_type)?;
    let embedded = tags::read(&reader);
    let duration_ms = reader.duration_ms();
    let seen = seen(&reader);
    let (has_video, has_audio) = frames(&mut reader)?;
    let kind = if has_video { Kind::Video } else { Kind::Audio };
    let seen = seen.filter(|_| has_video);
    let facts = Facts {
        width: seen.map(|display| display.width),
        height: seen.map(|display| display.height),
        duration_ms,
        has_audio,
        has_video,
        ..Facts::new(kind, named(kind, media_type))
    };
    Ok(Examined { facts, embedded })
}

/// The media type of a container by what is in it (RFC 4337 section 2, RFC 9559 section 27.3.2).
fn named(kind: Kind, media_type: &str) -> &str {
    match (kind, media_type) {
        (Kind::Audio, "video/mp4") => "audio/mp4",
        (Kind::Audio, "video/3gpp") => "audio/3gpp",
        (Kind::Audio, "video/matroska") => "audio/matroska",
        (Kind::Audio, "video/webm") => "audio/webm",
        (Kind::Audio, "video/ogg") => "audio/ogg",
        (Kind::Video, "audio/mp4") => "video/mp4",
        (Kind::Video, "audio/ogg") => "video/ogg",
        _ => media_type,
    }
}

/// Whether pictures and sound really come out of the tracks that are there.
fn frames(reader: &mut Reader) -> Result<(bool, bool)> {
    /// Frames of one track after which the other, if it has given nothing, is taken for empty.
    const ENOUGH: usize = 500;
    let (tracks, mut pictures, mut sounds) = (
        (reader.picture.is_some(), reader.sound.is_some()),
        0_usize,
        0_usize,
    );
    reader.each(|piece| {
        match piece {
            Piece::Picture(_) => pictures += 1,
            Piece::Sound(_) => sounds += 1,
        }
        let all = (pictures > 0) == tracks.0 && (sounds > 0) == tracks.1;
        Ok(if all || pictures + sounds > ENOUGH {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    })?;
    if pictures + sounds == 0 {
        return Err(Error::Unusable(
            "there is neither picture nor sound in it".into(),
        ));
    }
    Ok((pictures > 0, sounds > 0))
}

fn seen(reader: &Reader) -> Option<Display> {
    let track = reader.picture.as_ref()?;
    Some(libav::display(
        &reader.input.stream(track.index)?,
        &track.decoder,
    ))
}

/// Makes the renditions asked for; those of the same sort share one decoding.
pub fn render(original: File, facts: &Facts, outputs: &[Output]) -> Result<()> {
    let mut reader = libav::open(original, &facts.media_type)?;
    let seen = seen(&reader).ok_or_else(|| Error::Unusable("there is no picture in it".into()))?;
    let (mut stills, mut films) = (Vec::new(), Vec::new());
    for output in outputs {
        match output.recipe {
            Recipe::Picture(still) => stills.push((*output, still)),
            Recipe::Film(clip) => films.push((*output, clip)),
            _ => child::made(
                *output,
                Err(Error::Unusable("a video has no such rendition".into())),
            )?,
        }
    }
    if !stills.is_empty() {
        let natural = (seen.width, seen.height);
        let still = poster::find(&mut reader, seen, picture::whole(natural, &stills))?;
        picture::cascade(still, natural, &stills, child::made)?;
        reader.seek(0)?;
    }
    if films.is_empty() {
        Ok(())
    } else {
        transcode(reader, seen, facts, &films)
    }
}

/// Begins the films that are wanted.
fn begin(reader: &Reader, seen: Display, wanted: &[(Output, Clip)]) -> Result<Vec<(Output, Film)>> {
    let Some(track) = &reader.picture else {
        return Ok(Vec::new());
    };
    let rate = reader
        .input
        .stream(track.index)
        .map_or(Rational(25, 1), |stream| stream.avg_frame_rate());
    let film = |(output, clip): &(Output, Clip)| {
        let picture = Picture {
            display: seen,
            view: clip.size.view((seen.width, seen.height)).even(),
            time_base: track.time_base,
            rate: sane(rate),
            bits: clip.bits,
        };
        let sound = clip.sound.filter(|_| reader.sound.is_some());
        Ok((
            *output,
            Film::create(child::create(*output)?, Some(picture), sound)?,
        ))
    };
    wanted.iter().map(film).collect()
}

fn transcode(
    mut reader: Reader,
    seen: Display,
    facts: &Facts,
    wanted: &[(Output, Clip)],
) -> Result<()> {
    let mut films = begin(&reader, seen, wanted)?;
    let clock = reader
        .picture
        .as_ref()
        .map_or(Rational(1, 1000), |track| track.time_base);
    let mut sound = reader
        .sound
        .as_ref()
        .map(|track| SoundGraph::new(libav::SOUND, track.time_base));
    let (mut shown, mut told) = (false, 0.0);
    reader.each(|piece| {
        match piece {
            Piece::Picture(frame) => {
                shown = true;
                let at = frame.pts().unwrap_or(0).rescale(clock, (1, 1000));
                tell(&mut told, at, facts.duration_ms)?;
                let Some(((_, last), others)) = films.split_last_mut() else {
                    return Ok(ControlFlow::Break(()));
                };
                others
                    .iter_mut()
                    .try_for_each(|(_, film)| film.picture(frame.clone()))?;
                last.picture(frame)?;
            }
            Piece::Sound(frame) => {
                let mut hear = |frame: frame::Audio, _| {
                    films
                        .iter_mut()
                        .try_for_each(|(_, film)| film.sound(frame.clone()))
                };
                sound
                    .as_mut()
                    .map_or(Ok(()), |graph| graph.push(frame, &mut hear))?;
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if !shown {
        return Err(Error::Unusable("no picture of it could be decoded".into()));
    }
    let mut hear = |frame: frame::Audio, _| {
        films
            .iter_mut()
            .try_for_each(|(_, film)| film.sound(frame.clone()))
    };
    sound
        .as_mut()
        .map_or(Ok(()), |graph| graph.finish(&mut hear))?;
    films
        .into_iter()
        .try_for_each(|(output, film)| child::made(output, film.finish()))
}

/// Says how far a work of `duration_ms` has come, a hundred times at most.
pub fn tell(told: &mut f32, at_ms: i64, duration_ms: Option<i64>) -> Result<()> {
    let Some(duration) = duration_ms.filter(|duration| *duration > 0) else {
        return Ok(());
    };
    let hundredth =
        u8::try_from((at_ms.saturating_mul(100) / duration).clamp(0, 100)).unwrap_or(100);
    let part = f32::from(hundredth) / 100.0;
    if part > *told {
        *told = part;
        child::progress(part)?;
    }
    Ok(())
}

/// A rate that an encoder can plan by; times are kept whatever it is.
fn sane(rate: Rational) -> Rational {
    let (over, under) = (rate.numerator(), rate.denominator());
    if over > 0 && under > 0 && (1..=240).contains(&(over / under)) {
        rate
    } else {
        Rational(25, 1)
    }
}
