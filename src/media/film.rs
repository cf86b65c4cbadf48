//! Files that move and sound. Comes in: a video, or any container that may hold one. Goes out: its measures and tags;
//! a poster that shows something; and MP4s for the screen, both made from one decoding.

mod outlet;
mod pass;
mod positions;
mod poster;
mod storyboard;
mod tags;

use std::{fs::File, ops::ControlFlow};

use ffmpeg_next::Rational;
use image::RgbImage;
use pass::{End, Pass, Source, Wanted};

use super::{
    child,
    facts::Facts,
    libav::{self, Display, Piece, Reader},
    picture,
    recipe::Recipe,
    sound,
    wire::{Examined, Output},
};
use crate::{
    error::{Error, Result},
    terms::Kind,
};

/// Measures a film or a sound, and proves that at least one frame of it can be decoded.
pub fn examine(original: &File, media_type: &str) -> Result<Examined> {
    let mut reader = libav::open(original, media_type)?;
    let embedded = tags::read(&reader);
    let positioned = positions::any(&reader);
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
        positioned,
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
        (Kind::Audio, "video/x-ms-asf") => "audio/x-ms-wma",
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
            Piece::Packet(_) => {}
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

/// What an office or an editor wants of the renditions of films, beside their recipes.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// What sound is brought to, in LUFS.
    pub loudness: f64,
    /// Which moment pictures show, in milliseconds; none, or beyond the end: the one that shows most.
    pub moment: Option<i64>,
}

/// Makes the renditions asked for; those of the same sort share one decoding.
pub fn render(original: &File, facts: &Facts, outputs: &[Output], manner: Manner) -> Result<()> {
    let mut stills = Vec::new();
    let mut wanted = Wanted::default();
    for output in outputs {
        match output.recipe {
            Recipe::Picture(still) => stills.push((*output, still)),
            Recipe::Film(clip) => wanted.films.push((*output, clip)),
            Recipe::Storyboard | Recipe::StoryboardTrack => wanted.storyboard.push(*output),
            _ => child::made(
                *output,
                Err(Error::Unusable("a video has no such rendition".into())),
            )?,
        }
    }
    if !stills.is_empty() {
        pictures(original, facts, &stills, manner.moment)?;
    }
    if wanted.films.is_empty() && wanted.storyboard.is_empty() {
        return Ok(());
    }
    films(original, facts, &wanted, manner.loudness)
}

/// The picture that stands for the film, in all the sizes that are wanted.
fn pictures(
    original: &File,
    facts: &Facts,
    wanted: &[picture::Wanted],
    at: Option<i64>,
) -> Result<()> {
    let mut reader = libav::open(original, &facts.media_type)?;
    let seen = seen(&reader).ok_or_else(blind)?;
    let natural = (seen.width, seen.height);
    let size = picture::whole(natural, wanted);
    let inside = |at: &i64| facts.duration_ms.is_none_or(|duration| *at <= duration);
    let found = match at.filter(inside) {
        Some(ms) => moment(&mut reader, original, facts, size, ms)?,
        None => poster::find(&mut reader, seen, size)?,
    };
    let still = if let Some(still) = found {
        still
    } else {
        // Some containers do not find back to their start.
        reader = libav::open(original, &facts.media_type)?;
        poster::first(&mut reader, seen, size)?
    };
    picture::cascade(still, natural, wanted, child::made)
}

/// The films, and what is taken on the way through them. What turns out not to be fit to go on as it is is encoded.
fn films(original: &File, facts: &Facts, wanted: &Wanted, loudness: f64) -> Result<()> {
    // The one file is read by one of them, in turn.
    let open = || libav::open(original, &facts.media_type);
    let mut reader = open()?;
    let is_heard = wanted.films.iter().any(|(_, clip)| clip.sound.is_some());
    let mut sound = None;
    if is_heard && reader.sound.is_some() {
        sound = sound::measure(reader, |_| ())?;
        reader = open()?;
    }
    let source = Source {
        seen: seen(&reader).ok_or_else(blind)?,
        rate: rate(&reader),
        duration_ms: facts.duration_ms,
        sound,
        loudness,
    };
    let mut told = 0.0;
    let mut pass = Pass::begin(&reader, source, wanted, true)?;
    if pass.keeps_any() {
        reader = libav::open_to_keep(original, &facts.media_type)?;
        if pass.run(reader, &mut told)? == End::Made {
            return Ok(());
        }
        reader = open()?;
        pass = Pass::begin(&reader, source, wanted, false)?;
    }
    pass.run(reader, &mut told).map(|_| ())
}

fn blind() -> Error {
    Error::Unusable("there is no picture in it".into())
}

/// The picture at `ms`. Some films cannot be searched in, or only past the picture that the one wanted is built on: they
/// are gone through from their beginning.
fn moment(
    reader: &mut Reader,
    original: &File,
    facts: &Facts,
    size: (u32, u32),
    ms: i64,
) -> Result<Option<RgbImage>> {
    let Some(seen) = seen(reader) else {
        return Ok(None);
    };
    if reader.seek(ms).is_ok()
        && let Some(found) = poster::at(reader, seen, size, ms, false)?
    {
        return Ok(Some(found));
    }
    *reader = libav::open(original, &facts.media_type)?;
    poster::at(reader, seen, size, ms, true)
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
fn rate(reader: &Reader) -> Rational {
    let stream = reader
        .picture
        .as_ref()
        .and_then(|track| reader.input.stream(track.index));
    let rate = stream.map_or(Rational(0, 1), |stream| stream.avg_frame_rate());
    let (over, under) = (rate.numerator(), rate.denominator());
    if over > 0 && under > 0 && (1..=240).contains(&(over / under)) {
        rate
    } else {
        Rational(25, 1)
    }
}
