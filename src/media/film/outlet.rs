//! One film in the making, and all that are to be like it: a small original has the same size for several presets.

use std::{
    fs::File,
    io::{self, Seek},
};

use ffmpeg_next::{Packet, Rational};

use crate::{
    error::{Error, Result},
    media::{
        child,
        libav::{Film, KeptPictures, Picture, Pictures, Sound},
        loudness::Measured,
        recipe::View,
        wire::{Measures, Output},
    },
};

/// What is heard in a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The voice of so many bits a second.
    Voice(u32),
    /// The original's own sound.
    Kept,
}

/// What is seen in a film.
pub enum Seen {
    /// Pictures that are encoded, so many frames a second as far as the source knows.
    Encoded(Rational),
    /// The original's own pictures.
    Kept(KeptPictures),
}

pub struct Outlet {
    pub view: View,
    /// The most bits a second that the pictures may take.
    pub bits: Option<u32>,
    pub heard: Option<Heard>,
    pub outputs: Vec<(Output, File)>,
    seen: Seen,
    film: Result<Film>,
}

impl Outlet {
    pub fn begin(
        view: View,
        bits: Option<u32>,
        first: (Output, File),
        seen: Seen,
        (heard, sound): (Option<Heard>, Option<Sound<'_>>),
    ) -> Self {
        let pictures = match &seen {
            Seen::Encoded(rate) => Pictures::Encoded(Picture {
                size: view.shown,
                rate: *rate,
                bits,
            }),
            Seen::Kept(kept) => Pictures::Kept(&kept.track),
        };
        let film = first
            .1
            .try_clone()
            .map_err(|cause| Error::internal("a rendition's file", cause))
            .and_then(|file| Film::create(file, Some(pictures), sound));
        Self {
            view,
            bits,
            heard,
            outputs: vec![first],
            seen,
            film,
        }
    }

    /// Goes on with its film, unless that has failed before. Whether it has not.
    pub fn with(&mut self, go_on: impl FnOnce(&mut Film) -> Result<()>) -> bool {
        let went = self.film.as_mut().map_or(Ok(()), go_on);
        if let Err(error) = went {
            self.film = Err(error);
        }
        self.film.is_ok()
    }

    /// Takes the next packet of the original's own pictures. Whether it is fit to go on.
    pub fn hand_on(&mut self, packet: &Packet) -> bool {
        let Seen::Kept(kept) = &mut self.seen else {
            return true;
        };
        if !kept.track.has(packet) {
            return true;
        }
        match kept.pass(packet) {
            Ok(passed) => self.with(|film| film.kept_picture(&passed)),
            Err(_unfit) => false,
        }
    }

    pub fn finish(self, sound: Option<Measured>) -> Result<()> {
        let copies_picture = matches!(self.seen, Seen::Kept(_));
        let (width, height) = self.view.shown;
        let made = self.film.and_then(Film::finish).map(|measures| Measures {
            width: Some(width),
            height: Some(height),
            copied: copies_picture || self.heard == Some(Heard::Kept),
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
