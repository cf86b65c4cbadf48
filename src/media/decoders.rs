//! Which decoders a process has. Those of libav come with 167 libraries, whose loading takes longer than a photo: so there
//! are two sorts of keepers, and what most people send most days, photos of the common formats and texts, is read by the
//! one that starts at once. A binary has what it names: whoever names [`LIGHT`] alone is linked without libav.

use std::fs::File;

use super::{
    document,
    facts::Facts,
    film::{self, Manner},
    libav::{self, Coded},
    photo,
    recipe::Recipe,
    sound, text,
    wire::{Examined, Output, Work},
};
use crate::{
    error::{Error, Result},
    terms::Kind,
};

/// What a child does with a file, by what is linked into it.
#[derive(Clone, Copy)]
pub struct Decoders {
    pub examine: fn(&File, &str) -> Result<Examined>,
    pub render: fn(&File, &Facts, &[Output], Manner) -> Result<()>,
}

/// For everything.
pub const ALL: Decoders = Decoders {
    examine: |original, media_type| match media_type {
        written if is_written(written) => examine_written(original, written),
        picture if picture.starts_with("image/") => photo::examine(original, picture, libav::still),
        moving => film::examine(original, moving),
    },
    render: |original, facts, outputs, manner| match facts.kind {
        Kind::Photo => render_photo(original, facts, outputs, manner),
        Kind::Video => film::render(original, facts, outputs, manner),
        Kind::Audio => sound::render(original, facts, outputs, manner.loudness),
        Kind::Text => render_written(original, facts, outputs),
    },
};

/// For what [`is_light`].
pub const LIGHT: Decoders = Decoders {
    examine: |original, media_type| match media_type {
        written if is_written(written) => examine_written(original, written),
        picture if photo::is_common(picture) => photo::examine(original, picture, not_here),
        _ => Err(astray()),
    },
    render: |original, facts, outputs, _| match facts.kind {
        Kind::Photo if photo::is_common(&facts.media_type) => {
            photo::render(original, facts, outputs, not_here)
        }
        Kind::Text => render_written(original, facts, outputs),
        _ => Err(astray()),
    },
};

/// Whether the work can be done without libav.
pub fn is_light(work: &Work) -> bool {
    match work {
        Work::Examine { media_type } => is_written(media_type) || photo::is_common(media_type),
        Work::Render { facts, outputs, .. } => match facts.kind {
            Kind::Photo => photo::is_common(&facts.media_type) && !outputs.iter().any(moves),
            Kind::Text => true,
            Kind::Video | Kind::Audio => false,
        },
        Work::Run(_) => true,
    }
}

fn is_written(media_type: &str) -> bool {
    text::reads(media_type) || media_type == document::PDF
}

fn examine_written(original: &File, media_type: &str) -> Result<Examined> {
    if media_type == document::PDF {
        document::examine(original)
    } else {
        text::examine(original, media_type)
    }
}

/// Some photos move.
fn render_photo(original: &File, facts: &Facts, outputs: &[Output], manner: Manner) -> Result<()> {
    let (films, still): (Vec<Output>, Vec<Output>) = outputs.iter().partition(|one| moves(one));
    photo::render(original, facts, &still, libav::still)?;
    if films.is_empty() {
        return Ok(());
    }
    film::render(original, facts, &films, manner)
}

fn moves(output: &Output) -> bool {
    matches!(output.recipe, Recipe::Film(_))
}

fn render_written(original: &File, facts: &Facts, outputs: &[Output]) -> Result<()> {
    if text::reads(&facts.media_type) {
        text::render(original, facts, outputs)
    } else {
        document::render(original, outputs)
    }
}

fn not_here(_: &[u8], _: Coded) -> Result<((u32, u32), Vec<u8>)> {
    Err(astray())
}

/// Something that [`is_light`] does not send here.
fn astray() -> Error {
    Error::internal("a media child", "it has no decoder for what it was given")
}
