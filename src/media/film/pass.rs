//! The long pass over a film: decoded once, scaled from size to size, encoded into as many films as are wanted, their
//! sound encoded once for all of them; the storyboard is taken on the way. What is fit for the screen already goes on as
//! it is, watched while it is decoded. An output that fails is left behind, and the others go on.

use std::ops::ControlFlow;

use ffmpeg_next::{Packet, Rational, Rescale, frame};

use super::{
    outlet::{Heard, Outlet, Seen},
    storyboard::Storyboard,
    tell,
};
use crate::{
    error::{Error, Result},
    media::{
        child,
        libav::{
            self, Display, KeptPictures, KeptSound, PictureGraph, Piece, Reader, SOUND, SoundGraph,
            Voice, share,
        },
        loudness::Measured,
        recipe::Clip,
        wire::Output,
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

/// How a pass ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    Made,
    /// What was to go on as it is turned out not to be fit: nothing was made.
    Unfit,
}

/// A pass that is prepared.
pub struct Pass<'a> {
    source: Source,
    wanted: &'a Wanted,
    /// `None` where no picture is needed but those that go on as they are.
    graph: Option<PictureGraph>,
    /// With a voice for each number of bits.
    sound: Option<(SoundGraph, Vec<(u32, Voice)>)>,
    /// Films whose pictures are encoded, the largest first: as they come out of the graph.
    outlets: Vec<Outlet>,
    /// Films whose pictures go on as they are.
    copies: Vec<Outlet>,
    /// Sound that goes on as it is.
    kept: Option<KeptSound>,
    /// `None` where it is not wanted. Once it has failed it looks no more, and the films go on.
    storyboard: Option<Result<Storyboard>>,
    /// The way out that shows all of the picture, in the smallest size.
    board: usize,
}

/// Whether a picture is what the beginning of the film promised.
fn is_as_said(frame: &frame::Video, seen: Display) -> bool {
    libav::is_usual(frame) && (frame.width(), frame.height()) == (seen.width, seen.height)
}

impl<'a> Pass<'a> {
    /// Prepares to make what is wanted of such a file as `reader` has. `copies`: what is fit goes on as it is.
    pub fn begin(
        reader: &Reader,
        source: Source,
        wanted: &'a Wanted,
        copies: bool,
    ) -> Result<Self> {
        let clock = |track: Option<Rational>| track.unwrap_or(Rational(1, 1000));
        let sound_clock = clock(reader.sound.as_ref().map(|track| track.time_base));
        let mut pass = Self {
            source,
            wanted,
            graph: None,
            sound: None,
            outlets: Vec::new(),
            copies: Vec::new(),
            kept: None,
            storyboard: (!wanted.storyboard.is_empty())
                .then(|| Ok(Storyboard::new(source.seen, source.duration_ms))),
            board: 0,
        };
        let mut voices: Vec<(u32, Voice)> = Vec::new();
        for (output, clip) in &wanted.films {
            let heard = clip.sound.filter(|_| source.sound.is_some());
            let heard = match heard {
                Some(bits) if copies && pass.takes_sound(reader, bits) => Some(Heard::Kept),
                Some(bits) => {
                    if voices.iter().all(|(there, _)| *there != bits) {
                        voices.push((bits, Voice::new(bits)?));
                    }
                    Some(Heard::Voice(bits))
                }
                None => None,
            };
            pass.add(reader, (*output, *clip), heard, copies, &voices)?;
        }
        pass.outlets
            .sort_by_key(|outlet| std::cmp::Reverse(outlet.view));
        let picture = clock(reader.picture.as_ref().map(|track| track.time_base));
        pass.look(source.seen, picture);
        if !voices.is_empty() {
            let filters = source
                .sound
                .and_then(|measured| measured.mixed.filters(source.loudness));
            pass.sound = Some((SoundGraph::new(SOUND, filters, sound_clock), voices));
        }
        Ok(pass)
    }

    /// Whether the sound goes on as it is, where a film may take so many bits a second for it.
    fn takes_sound(&mut self, reader: &Reader, bits: u32) -> bool {
        let is_level = |measured: Measured| measured.mixed.is_at(self.source.loudness);
        if !self.source.sound.is_some_and(is_level) {
            return false;
        }
        let kept = KeptSound::of(reader, bits.saturating_mul(3) / 2);
        let takes = kept.is_some();
        self.kept = self.kept.take().or(kept);
        takes
    }

    fn add(
        &mut self,
        reader: &Reader,
        (output, clip): (Output, Clip),
        heard: Option<Heard>,
        copies: bool,
        voices: &[(u32, Voice)],
    ) -> Result<()> {
        let source = self.source;
        let natural = (source.seen.width, source.seen.height);
        let view = clip.size.view(natural).even();
        let kept = (copies && view.whole == view.shown)
            .then(|| KeptPictures::of(reader, source.seen, view.shown, clip.bits))
            .flatten();
        let outlets = if kept.is_some() {
            &mut self.copies
        } else {
            &mut self.outlets
        };
        let alike = |outlet: &&mut Outlet| {
            (outlet.view, outlet.bits, outlet.heard) == (view, clip.bits, heard)
        };
        let file = child::create(output)?;
        if let Some(outlet) = outlets.iter_mut().find(alike) {
            outlet.outputs.push((output, file));
            return Ok(());
        }
        let seen = kept.map_or(Seen::Encoded(source.rate), Seen::Kept);
        let voice = voices
            .iter()
            .find(|(bits, _)| heard == Some(Heard::Voice(*bits)));
        let sound = match heard {
            Some(Heard::Kept) => self
                .kept
                .as_ref()
                .map(|sound| libav::Sound::Kept(&sound.track)),
            _ => voice.map(|(_, voice)| libav::Sound::Voice(voice)),
        };
        let outlet = Outlet::begin(view, clip.bits, (output, file), seen, (heard, sound));
        outlets.push(outlet);
        Ok(())
    }

    /// Prepares for the pictures that are wanted, and for the storyboard among them.
    fn look(&mut self, seen: Display, clock: Rational) {
        let mut views: Vec<_> = self.outlets.iter().map(|outlet| outlet.view).collect();
        if let Some(Ok(storyboard)) = &self.storyboard
            && views.iter().all(|view| view.whole != view.shown)
        {
            // Nothing that is made shows all of the picture.
            views.push(storyboard.view());
        }
        let whole = views.iter().rposition(|view| view.whole == view.shown);
        self.board = whole.unwrap_or(0);
        self.graph = (!views.is_empty()).then(|| PictureGraph::new(seen, views, "yuv420p", clock));
    }

    /// Whether anything goes on as it is: then the packets are wanted, and every fault in them.
    pub fn keeps_any(&self) -> bool {
        self.kept.is_some() || !self.copies.is_empty()
    }

    /// Makes what is wanted from what `reader` has, from its start.
    pub fn run(mut self, mut reader: Reader, told: &mut f32) -> Result<End> {
        let Some(clock) = reader.picture.as_ref().map(|track| track.time_base) else {
            return Err(Error::Unusable("there is no picture in it".into()));
        };
        let (source, keeps_any) = (self.source, self.keeps_any());
        let (mut shown, mut fit) = (false, true);
        reader.each(|piece| {
            match piece {
                Piece::Picture(frame) => {
                    shown = true;
                    let at = frame.pts().unwrap_or(0).rescale(clock, (1, 1000));
                    tell(told, at, source.duration_ms)?;
                    fit &= self.copies.is_empty() || is_as_said(&frame, source.seen);
                    self.see(Some(frame))?;
                }
                Piece::Sound(frame) => {
                    fit &= self.kept.is_none() || !frame.is_corrupt();
                    self.hear(Some(frame))?;
                }
                Piece::Packet(packet) => fit &= self.hand_on(&packet),
            }
            Ok(if fit {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        })?;
        if keeps_any && (!fit || reader.damaged) {
            return Ok(End::Unfit);
        }
        if !shown {
            return Err(Error::Unusable("no picture of it could be decoded".into()));
        }
        self.see(None)?;
        self.hear(None)?;
        self.finish()?;
        Ok(End::Made)
    }

    /// Takes the next packet as it came. Whether it is fit to go on.
    fn hand_on(&mut self, packet: &Packet) -> bool {
        let sound = self.kept.as_mut().filter(|sound| sound.track.has(packet));
        let Some(sound) = sound else {
            return self.copies.iter_mut().all(|outlet| outlet.hand_on(packet));
        };
        let Ok(passed) = sound.pass(packet) else {
            return false;
        };
        passed.iter().all(|packet| {
            let films = self.outlets.iter_mut().chain(&mut self.copies);
            films
                .filter(|outlet| outlet.heard == Some(Heard::Kept))
                .all(|outlet| outlet.with(|film| film.sound(packet)))
        })
    }

    /// Takes the next picture, or with `None` the end of them.
    fn see(&mut self, frame: Option<frame::Video>) -> Result<()> {
        let Self {
            graph: Some(graph),
            outlets,
            storyboard,
            board,
            ..
        } = self
        else {
            return Ok(());
        };
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
        let (outlets, copies) = (&mut self.outlets, &mut self.copies);
        let mut put = |bits: u32, packet: &Packet| {
            for outlet in outlets.iter_mut().chain(copies.iter_mut()) {
                if outlet.heard == Some(Heard::Voice(bits)) {
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

    fn finish(self) -> Result<()> {
        for outlet in self.outlets.into_iter().chain(self.copies) {
            outlet.finish(self.source.sound)?;
        }
        let Some(storyboard) = self.storyboard else {
            return Ok(());
        };
        for output in &self.wanted.storyboard {
            let made = match &storyboard {
                Ok(board) => {
                    child::create(*output).and_then(|file| board.write(output.recipe, &file))
                }
                Err(error) => Err(Error::Unusable(error.to_string())),
            };
            child::made_or_left(*output, made)?;
        }
        Ok(())
    }
}
