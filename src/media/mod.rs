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
mod folder;
mod frame;
#[cfg(fuzzing)]
pub mod fuzzed;
mod inscription;
mod iptc;
mod keeper;
mod libav;
mod likeness;
mod loudness;
mod make;
mod markup;
mod office;
mod page_text;
mod photo;
mod picture;
pub mod presets;
mod print;
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
    io::Seek,
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
use enclosure::Enclosure;
use wire::{Answer, Limits, Request, Work};

/// Address space of a child: a photo of 200 megapixels and a film of 8K both fit.
const MEMORY: u64 = 4 << 30;
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
    /// The program that prints office files, where there is one.
    printer: Option<PathBuf>,
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

impl Rendered {
    /// A text, in its file and the first of it.
    fn text(file: File, text: String) -> Self {
        Self {
            file: Some(file),
            media_type: Recipe::Text.media_type(),
            width: None,
            height: None,
            duration_ms: None,
            damaged: false,
            copied: false,
            loudness: None,
            likeness: None,
            recognised: false,
            text: Some(text),
            framed: None,
        }
    }
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
            printer: None,
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

    /// Has office files printed by the `LibreOffice` at `path`, where that is there.
    #[must_use]
    pub fn with_printer(mut self, path: PathBuf) -> Self {
        self.printer = Some(path).filter(|path| path.is_file());
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

fn limits(patience: Duration, duration_ms: i64) -> Limits {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let seconds = u64::try_from(duration_ms / 1000).unwrap_or(0);
    Limits {
        memory: MEMORY,
        seconds: patience.as_secs() * threads,
        file_size: (1 << 30) + seconds.saturating_mul(2 << 20),
    }
}
