//! The long pass over a film: decoded once, scaled from size to size, encoded into as many films as are wanted, their
//! sound encoded once for all of them; the storyboard is taken on the way. An output that fails is left behind, and the
//! others go on.

use std::{
    fs::File,
    io::{self, Seek},
    ops::ControlFlow,
};

use ffmpeg_next::{Rational, Rescale, frame};

use super::{storyboard::Storyboard, tell};
use crate::{
    error::{Error, Result},
    media::{
        child,
        libav::{
            Display, Film, Picture, PictureGraph, Piece, Reader, SOUND, SoundGraph, Voice, share,
        },
        loudness::Measured,
        recipe::{Clip, View},
        wire::{Measures, Output},
    },
};

/// What is wanted of the pass.
#[derive(Default)]
pub struct Wanted {
    pub films: Vec<(Output, Clip)>,
    /// The sheet, its track, or both.
    pub storyboard: Vec<Output>,
}

/// What is known before the pass.
#[derive(Clone, Copy)]
pub struct Source {
    pub seen: Display,
    pub rate: Rational,
    pub duration_ms: Option<i64>,
    /// `None` where there is no sound.
    pub sound: Option<Measured>,
    /// What sound is to be brought to, in LUFS.
    pub loudness: f64,
}

/// One film, and all that are to be like it: a small original has the same size for several presets.
struct Outlet {
    view: View,
    clip: Clip,
    outputs: Vec<(Output, File)>,
    film: Result<Film>,
}

struct Pass {
    graph: PictureGraph,
    /// With a voice for each number of bits.
    sound: Option<(SoundGraph, Vec<(u32, Voice)>)>,
    outlets: Vec<Outlet>,
    /// `None` where it is not wanted. Once it has failed it looks no more, and the films go on.
    storyboard: Option<Result<Storyboard>>,
    /// The way out that shows all of the picture, in the smallest size.
    board: usize,
}

/// Makes what is wanted from what `reader` has.
pub fn run(mut reader: Reader, source: Source, wanted: Wanted) -> Result<()> {
    let Some(clock) = reader.picture.as_ref().map(|track| track.time_base) else {
        return Err(Error::Unusable("there is no picture in it".into()));
    };
    let storyboard =
        (!wanted.storyboard.is_empty()).then(|| Storyboard::new(source.seen, source.duration_ms));
    let mut pass = Pass::begin(&reader, source, wanted.films, storyboard)?;
    let (mut shown, mut told) = (false, 0.0);
    reader.each(|piece| {
        match piece {
            Piece::Picture(frame) => {
                shown = true;
                let at = frame.pts().unwrap_or(0).rescale(clock, (1, 1000));
                tell(&mut told, at, source.duration_ms)?;
                pass.see(Some(frame))?;
            }
            Piece::Sound(frame) => pass.hear(Some(frame))?,
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if !shown {
        return Err(Error::Unusable("no picture of it could be decoded".into()));
    }
    pass.see(None)?;
    pass.hear(None)?;
    for outlet in pass.outlets {
        outlet.finish(source.sound)?;
    }
    if let Some(storyboard) = pass.storyboard {
        for output in wanted.storyboard {
            let made = match &storyboard {
                Ok(board) => {
                    child::create(output).and_then(|file| board.write(output.recipe, &file))
                }
                Err(error) => Err(Error::Unusable(error.to_string())),
            };
            child::made_or_left(output, made)?;
        }
    }
    Ok(())
}

impl Pass {
    fn begin(
        reader: &Reader,
        source: Source,
        films: Vec<(Output, Clip)>,
        storyboard: Option<Storyboard>,
    ) -> Result<Self> {
        let clock = |track: Option<Rational>| track.unwrap_or(Rational(1, 1000));
        let picture = clock(reader.picture.as_ref().map(|track| track.time_base));
        let sound = clock(reader.sound.as_ref().map(|track| track.time_base));
        let mut voices: Vec<(u32, Voice)> = Vec::new();
        let mut outlets: Vec<Outlet> = Vec::new();
        for (output, mut clip) in films {
            clip.sound = clip.sound.filter(|_| source.sound.is_some());
            if let Some(bits) = clip.sound
                && voices.iter().all(|(there, _)| *there != bits)
            {
                voices.push((bits, Voice::new(bits)?));
            }
            let natural = (source.seen.width, source.seen.height);
            let view = clip.size.view(natural).even();
            let alike = |outlet: &&mut Outlet| {
                let own = outlet.clip;
                outlet.view == view && (own.bits, own.sound) == (clip.bits, clip.sound)
            };
            let file = child::create(output)?;
            match outlets.iter_mut().find(alike) {
                Some(outlet) => outlet.outputs.push((output, file)),
                None => {
                    outlets.push(Outlet::begin(
                        view,
                        clip,
                        (output, file),
                        source.rate,
                        &voices,
                    ));
                }
            }
        }
        outlets.sort_by_key(|outlet| std::cmp::Reverse(outlet.view));
        let mut views: Vec<_> = outlets.iter().map(|outlet| outlet.view).collect();
        if let Some(storyboard) = &storyboard
            && views.iter().all(|view| view.whole != view.shown)
        {
            // Nothing that is made shows all of the picture.
            views.push(storyboard.view());
        }
        let filters = source
            .sound
            .and_then(|measured| measured.mixed.filters(source.loudness));
        Ok(Self {
            board: views
                .iter()
                .rposition(|view| view.whole == view.shown)
                .unwrap_or(0),
            graph: PictureGraph::new(source.seen, views, "yuv420p", picture),
            sound: (!voices.is_empty()).then(|| (SoundGraph::new(SOUND, filters, sound), voices)),
            outlets,
            storyboard: storyboard.map(Ok),
        })
    }

    /// Takes the next picture, or with `None` the end of them.
    fn see(&mut self, frame: Option<frame::Video>) -> Result<()> {
        let Self {
            graph,
            outlets,
            storyboard,
            board,
            ..
        } = self;
        let mut take = |place: usize, mut frame: frame::Video, clock: Rational| {
            if place == *board
                && let Some(Ok(tiles)) = storyboard
                && let Err(error) = tiles.see(&frame, clock)
            {
                *storyboard = Some(Err(error));
            }
            if let Some(outlet) = outlets.get_mut(place) {
                outlet.with(|film| film.picture(&mut frame, clock));
            }
            Ok(())
        };
        match frame {
            Some(frame) => graph.push(frame, &mut take),
            None => graph.finish(&mut take),
        }
    }

    /// Takes the next piece of sound, or with `None` the end of it.
    fn hear(&mut self, frame: Option<frame::Audio>) -> Result<()> {
        let Some((graph, voices)) = &mut self.sound else {
            return Ok(());
        };
        let outlets = &mut self.outlets;
        let mut put = |bits: u32, packet: &ffmpeg_next::Packet| {
            for outlet in outlets.iter_mut() {
                if outlet.clip.sound == Some(bits) {
                    outlet.with(|film| film.sound(packet));
                }
            }
            Ok(())
        };
        let mut say = |sound: frame::Audio| {
            voices.iter_mut().try_for_each(|(bits, voice)| {
                voice.push(share(&sound)?, &mut |packet| put(*bits, packet))
            })
        };
        if let Some(frame) = frame {
            return graph.push(frame, &mut say);
        }
        graph.finish(&mut say)?;
        voices
            .iter_mut()
            .try_for_each(|(bits, voice)| voice.finish(&mut |packet| put(*bits, packet)))
    }
}

impl Outlet {
    fn begin(
        view: View,
        clip: Clip,
        first: (Output, File),
        rate: Rational,
        voices: &[(u32, Voice)],
    ) -> Self {
        let picture = Picture {
            size: view.shown,
            rate,
            bits: clip.bits,
        };
        let voice = voices.iter().find(|(bits, _)| clip.sound == Some(*bits));
        let film = first
            .1
            .try_clone()
            .map_err(|cause| Error::internal("a rendition's file", cause))
            .and_then(|file| Film::create(file, Some(picture), voice.map(|(_, voice)| voice)));
        Self {
            view,
            clip,
            outputs: vec![first],
            film,
        }
    }

    /// Goes on with its film, unless that has failed before.
    fn with(&mut self, go_on: impl FnOnce(&mut Film) -> Result<()>) {
        let went = self.film.as_mut().map_or(Ok(()), go_on);
        if let Err(error) = went {
            self.film = Err(error);
        }
    }

    fn finish(self, sound: Option<Measured>) -> Result<()> {
        let made = self.film.and_then(Film::finish).map(|measures| Measures {
            loudness: sound.map(|measured| measured.own),
            ..measures
        });
        let mut outputs = self.outputs.into_iter();
        let Some((first, mut film)) = outputs.next() else {
            return Ok(());
        };
        for (output, file) in outputs {
            let made = match &made {
                Ok(measures) => copy(&mut film, file).map(|()| measures.clone()),
                Err(error) => Err(Error::Unusable(error.to_string())),
            };
            child::made_or_left(output, made)?;
        }
        child::made_or_left(first, made)
    }
}

/// Another file with what is in `film`.
fn copy(film: &mut File, mut other: File) -> Result<()> {
    film.rewind()
        .and_then(|()| io::copy(film, &mut other))
        .map(|_| ())
        .map_err(|cause| Error::internal("a rendition's file", cause))
}
