//! What server and child say to each other over one socket: a request as a line of JSON, with open files beside it,
//! then answers as lines of JSON. The parent takes what comes back for as foreign as the file itself.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    embedded::Embedded, facts::Facts, frame::Framed, likeness::Likeness, loudness::Loudness,
    recipe::Recipe,
};

/// No request and no answer is longer, in bytes.
pub const LONGEST_LINE: u64 = 1024 * 1024;
/// Files that can be handed over with a request; the kernel takes 253 (`SCM_MAX_FD`).
pub const MOST_FILES: usize = 250;
/// How strerror(3) words ENOSPC: by it a full disk is known in what a decoder or a program says.
pub const FULL_DISK: &str = "No space left on device";

/// What is to be done. Of the files that come with it the first is the original.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub limits: Limits,
    pub work: Work,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Limits {
    /// Address space, in bytes.
    pub memory: u64,
    /// Seconds of computing, over all threads.
    pub seconds: u64,
    /// The longest file that may be written, in bytes.
    pub file_size: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Examine {
        media_type: String,
    },
    Render {
        facts: Facts,
        outputs: Vec<Output>,
        /// What sound is brought to, in LUFS.
        loudness: f64,
        /// Which moment of a film its pictures show, in milliseconds; none: the one that shows most.
        #[serde(default)]
        moment: Option<i64>,
    },
    /// The one file that comes with it takes what the program writes to its standard output.
    Run(Program),
}

/// A program of the system that reads foreign bytes, and is run in a box of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Program {
    /// Where it lies; nothing is looked up.
    pub path: PathBuf,
    pub arguments: Vec<String>,
    /// The one folder that it finds empty or filled, may write to and works in; its home and its temporary folder, too.
    pub folder: PathBuf,
}

/// A rendition wanted, and its place among the files that come with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    pub recipe: Recipe,
    pub file: usize,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// From 0 to 1.
    Progress(f32),
    Examined(Box<Examined>),
    Made(Box<Made>),
    /// The reason, for editors.
    Failed(String),
    /// Everything asked for was answered.
    Done,
}

/// What a look into the file found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Examined {
    pub facts: Facts,
    pub embedded: Embedded,
}

/// One rendition, made or not, and why not.
#[derive(Debug, Serialize, Deserialize)]
pub struct Made {
    /// Its place among the files that came with the request.
    pub file: usize,
    pub result: Result<Measures, String>,
}

/// What a rendition turned out to be.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub duration_ms: Option<i64>,
    /// Whether parts of the original could not be decoded, and are missing here.
    #[serde(default)]
    pub damaged: bool,
    /// Of a picture that descriptions can be written around.
    #[serde(default)]
    pub framed: Option<Framed>,
    /// Whether its pixels are those of the original, where they lie: nothing was written.
    #[serde(default)]
    pub in_original: bool,
    /// Whether the original's own picture or sound is in it, as they came in.
    #[serde(default)]
    pub copied: bool,
    /// Of the original, where this is the smallest picture made of it.
    #[serde(default)]
    pub likeness: Option<Likeness>,
    /// Of the original, where its sound was gone through.
    #[serde(default)]
    pub loudness: Option<Loudness>,
}
