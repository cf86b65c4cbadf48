//! The one door to every decoder. Comes in: a file's first bytes, or an open original. Goes out: what it is, what was
//! measured, what it says about itself, and its renditions. Only [`sniff()`] reads foreign bytes in the server's own
//! process; all the rest runs in a child process, one for each call (see [`child()`]).

mod birth;
mod charset;
mod child;
mod decoders;
mod document;
mod embedded;
mod enclosure;
mod exif;
mod facts;
mod film;
mod frame;
mod inscription;
mod iptc;
mod keeper;
mod libav;
mod likeness;
mod loudness;
mod markup;
mod office;
mod page_text;
mod photo;
mod picture;
pub mod presets;
mod program;
mod raw;
mod recipe;
mod recognise;
mod rich;
mod signature;
mod sniff;
mod sound;
mod text;
pub mod walls;
mod waveform;
mod wire;
mod xmp;

use std::{
    fs::File,
    io::{Read, Seek},
    os::fd::{AsFd, AsRawFd, OwnedFd},
    path::PathBuf,
    time::Duration,
};

pub use birth::keep;
pub use child::{child, light_child};
pub use embedded::{Embedded, Place, Said};
pub use facts::Facts;
pub use frame::{Frame, Span};
pub use inscription::{Inscribed, Inscription, inscribe};
pub use keeper::KEEP;
pub use likeness::Likeness;
pub use loudness::Loudness;
pub use presets::{Preset, Presets};
pub use recipe::{Clip, Format, Recipe, Size, Still};
pub use sniff::{HEAD, Sniffed, sniff};
pub use wire::{Examined, Program};

use crate::error::{Error, Result};
use enclosure::{Enclosure, undecodable};
use wire::{Answer, Limits, Output, Request, Work};

/// Address space of a child: a photo of 200 megapixels and a film of 8K both fit.
const MEMORY: u64 = 4 << 30;
/// The share of a text that is kept in the database for search, in bytes.
const EXCERPT: u64 = 1 << 20;
/// The loudness of programmes after EBU R 128, in LUFS.
const LOUDNESS: f64 = -23.0;
/// No child works longer.
const LONGEST: Duration = Duration::from_hours(24);

/// The way to the decoders: a bounded number of child processes, and a folder for what they make.
pub struct Media {
    enclosure: Enclosure,
    scratch: PathBuf,
    zone: jiff::tz::TimeZone,
    loudness: f64,
    /// The program that recognises letters, where there is one.
    reader: Option<PathBuf>,
}

/// How one rendition went: made, or the reason why not, in words for editors.
#[derive(Debug)]
pub struct Outcome {
    pub preset: Preset,
    pub result: Result<Rendered, String>,
}

/// A rendition that was made.
#[derive(Debug)]
pub struct Rendered {
    /// Open at its start, without a name: it is gone when this is dropped, however the process ends. None: its bytes are
    /// those of the original, as `framed` says.
    pub file: Option<File>,
    pub media_type: &'static str,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub duration_ms: Option<i64>,
    /// Whether parts of the original could not be decoded, and are missing here.
    pub damaged: bool,
    /// Whether the original's own picture or sound is in it, as they came in.
    pub copied: bool,
    /// Of the original, where its sound was gone through.
    pub loudness: Option<Loudness>,
    /// How the original looks, where this picture was the smallest of its pass.
    pub likeness: Option<Likeness>,
    /// Whether letters in it were recognised in pictures.
    pub recognised: bool,
    /// The first MiB of a text.
    pub text: Option<String>,
    /// Of a picture that descriptions can be written around: what is said of its pixels, and where they lie.
    pub framed: Option<(Frame, Vec<Span>)>,
}

impl Media {
    /// `exe` is the binary that does nothing but [`child()`], and does all of it here; `zone` is where a date without a zone was written.
    #[must_use]
    pub fn new(exe: PathBuf, scratch: PathBuf, places: usize, zone: jiff::tz::TimeZone) -> Self {
        Self {
            enclosure: Enclosure::new(exe, places),
            scratch,
            zone,
            loudness: LOUDNESS,
            reader: None,
        }
    }

    /// Has what needs no libav done by `exe`, which comes to [`light_child()`] by the word [`KEEP`].
    #[must_use]
    pub fn with_light(mut self, exe: PathBuf) -> Self {
        self.enclosure = self.enclosure.with_light(exe);
        self
    }

    /// What the sound of renditions is brought to, in LUFS, where it is not that of EBU R 128.
    #[must_use]
    pub fn with_loudness(self, loudness: f64) -> Self {
        Self { loudness, ..self }
    }

    /// Has scanned pages read by the Tesseract at `path`, where that is there.
    #[must_use]
    pub fn with_reader(mut self, path: PathBuf) -> Self {
        self.reader = Some(path).filter(|path| path.is_file());
        self
    }

    /// Measures `original` and reads what it says about itself. `media_type` is what [`sniff()`] said.
    ///
    /// # Errors
    /// `Unusable` with the reason where it cannot be decoded; `Unavailable` where no process can be had.
    pub async fn examine(&self, original: File, media_type: &str) -> Result<Examined> {
        let patience = Duration::from_secs(60 + size_of(&original)? / (16 << 20));
        let request = Request {
            limits: limits(patience, 0),
            work: Work::Examine {
                media_type: media_type.to_owned(),
            },
        };
        let mut found = None;
        let hear = |answer| {
            if let Answer::Examined(examined) = answer {
                found = Some(*examined);
            }
        };
        self.enclosure
            .run(&request, vec![to_read(&original)?], patience, hear)
            .await?;
        let mut found =
            found.ok_or_else(|| Error::Unusable("The file could not be decoded.".into()))?;
        found.embedded.settle(&self.zone);
        Ok(found)
    }

    /// Makes `presets` of `original`, sharing one decoding where they can. `facts` are what [`Self::examine`] found;
    /// `moment` is which one of a film its pictures show, in milliseconds, else the one that shows most; `progress` hears how far it is, from 0 to 1. There is an outcome for each preset, in the order asked.
    ///
    /// # Errors
    /// `Unavailable` or `Internal` where no process or file can be had; what the file is to blame for is in the
    /// outcomes.
    pub async fn render(
        &self,
        original: File,
        facts: &Facts,
        presets: &[Preset],
        moment: Option<i64>,
        progress: impl Fn(f32) + Send,
    ) -> Result<Vec<Outcome>> {
        let mut descriptors = vec![to_read(&original)?];
        let (mut outputs, mut made) = (Vec::new(), Vec::new());
        for preset in presets {
            let file = self.scratch_file().await?;
            outputs.push(Output {
                recipe: preset.recipe,
                file: descriptors.len(),
            });
            let descriptor = to_write(&file)?;
            made.push((descriptors.len(), (preset.clone(), file, None)));
            descriptors.push(descriptor);
        }
        let size = size_of(&original)?;
        let patience = patience(facts, size);
        let request = Request {
            limits: limits(patience, facts.duration_ms.unwrap_or(0)),
            work: Work::Render {
                facts: facts.clone(),
                outputs,
                loudness: self.loudness,
                moment,
            },
        };
        let slots = &mut made;
        let hear = move |answer| match answer {
            Answer::Progress(part) => progress(part.clamp(0.0, 1.0)),
            Answer::Made(one) => {
                if let Some((_, (_, _, result))) =
                    slots.iter_mut().find(|(number, _)| *number == one.file)
                {
                    *result = Some(one.result);
                }
            }
            Answer::Examined(_) | Answer::Failed(_) | Answer::Done => {}
        };
        let reason = match self
            .enclosure
            .run(&request, descriptors, patience, hear)
            .await
        {
            Ok(()) => "It was not made.".to_owned(),
            Err(Error::Unusable(reason)) => reason,
            Err(error) => return Err(error),
        };
        let made = made.into_iter().map(|(_, slot)| slot).collect();
        let made = tokio::task::spawn_blocking(move || collect(made, size, &reason))
            .await
            .map_err(|cause| Error::internal("collecting renditions", cause))??;
        self.complete(&original, facts, made).await
    }

    /// Runs a program of the system in a box of its own (see [`walls`]) for at most `patience`, and gives what it wrote
    /// to its standard output. No file that it writes may be longer than `longest`, in bytes.
    ///
    /// # Errors
    /// `Unusable` where it fails or takes too long; `Unavailable` where no process can be had.
    pub async fn run(&self, program: Program, patience: Duration, longest: u64) -> Result<File> {
        let mut out = self.scratch_file().await?;
        let request = Request {
            limits: Limits {
                file_size: longest,
                ..limits(patience, 0)
            },
            work: Work::Run(program),
        };
        self.enclosure
            .run(&request, vec![to_write(&out)?], patience, |_| ())
            .await?;
        out.rewind()
            .map_err(|cause| Error::internal("what a boxed program wrote", cause))?;
        Ok(out)
    }

    /// A file that has lost its name already, so that nothing of it outlives its last descriptor.
    async fn scratch_file(&self) -> Result<File> {
        let failed = |cause| Error::unavailable("the folder for scratch files", cause);
        tokio::fs::create_dir_all(&self.scratch)
            .await
            .map_err(failed)?;
        let path = self.scratch.join(uuid::Uuid::new_v4().to_string());
        let mut options = tokio::fs::OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .await
            .map_err(failed)?;
        tokio::fs::remove_file(&path).await.map_err(failed)?;
        Ok(file.into_std().await)
    }
}

/// A descriptor of `file` that it can only be read by, with a place of its own.
fn to_read(file: &File) -> Result<OwnedFd> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let again = File::open(path).map_err(|cause| Error::unavailable("an original", cause))?;
    Ok(again.into())
}

fn to_write(file: &File) -> Result<OwnedFd> {
    file.as_fd()
        .try_clone_to_owned()
        .map_err(|cause| Error::unavailable("a file descriptor", cause))
}

fn size_of(original: &File) -> Result<u64> {
    Ok(original
        .metadata()
        .map_err(|cause| Error::internal("the size of an original", cause))?
        .len())
}

/// How long a render may take: generous, since a slow machine is no fault of the file, but not for ever.
fn patience(facts: &Facts, size: u64) -> Duration {
    let seconds = u64::try_from(facts.duration_ms.unwrap_or(0) / 1000).unwrap_or(0);
    LONGEST.min(Duration::from_secs(
        300 + size / (4 << 20) + seconds.saturating_mul(20),
    ))
}

fn limits(patience: Duration, duration_ms: i64) -> Limits {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let seconds = u64::try_from(duration_ms / 1000).unwrap_or(0);
    Limits {
        memory: MEMORY,
        seconds: patience.as_secs() * threads,
        file_size: (1 << 30) + seconds.saturating_mul(2 << 20),
    }
}

/// A rendition that was asked for: its file, and what the child said of it, if anything.
type Slot = (Preset, File, Option<Result<wire::Measures, String>>);

/// The outcome for each preset of an original of so many bytes; one that the child said nothing about has `reason`.
fn collect(made: Vec<Slot>, original: u64, reason: &str) -> Result<Vec<Outcome>> {
    let outcome = |(preset, file, result): Slot| {
        let result = match result {
            Some(Ok(measures)) => rendered(file, preset.recipe, original, measures)?,
            Some(Err(reason)) => Err(undecodable(&reason).to_string()),
            None => Err(reason.to_owned()),
        };
        Ok(Outcome { preset, result })
    };
    made.into_iter().map(outcome).collect()
}

/// What the child made, looked at before anybody believes it.
fn rendered(
    mut file: File,
    recipe: Recipe,
    original: u64,
    measures: wire::Measures,
) -> Result<Result<Rendered, String>> {
    let failed = |cause| Error::internal("a rendition's file", cause);
    let written = file.metadata().map_err(failed)?.len();
    let in_original = measures.in_original && recipe == Recipe::Press;
    if written == 0 && recipe != Recipe::Text && !in_original {
        return Ok(Err("Nothing came out of it.".into()));
    }
    let size = if in_original { original } else { written };
    let framed = measures.framed.filter(|framed| framed.holds(size));
    if framed.is_none() && (in_original || recipe == Recipe::Press) {
        return Ok(Err("Nothing came out of it.".into()));
    }
    file.rewind().map_err(failed)?;
    let text = if recipe == Recipe::Text {
        Some(excerpt(&file).map_err(failed)?)
    } else {
        None
    };
    file.rewind().map_err(failed)?;
    let wire::Measures {
        width,
        height,
        duration_ms,
        damaged,
        copied,
        loudness,
        likeness,
        ..
    } = measures;
    Ok(Ok(Rendered {
        file: (!in_original).then_some(file),
        media_type: recipe.media_type(),
        width,
        height,
        duration_ms,
        damaged,
        copied: copied || in_original,
        loudness,
        likeness: likeness.filter(Likeness::holds),
        recognised: false,
        text,
        framed: framed.map(|framed| (framed.frame, framed.picture)),
    }))
}

fn excerpt(file: &File) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    file.take(EXCERPT).read_to_end(&mut bytes)?;
    let whole = match std::str::from_utf8(&bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    Ok(String::from_utf8_lossy(&bytes[..whole]).into_owned())
}
