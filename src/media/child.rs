//! The other end of the box: what `jarchi-media` does. Reads one request, raises the walls, decodes one file,
//! answers, ends. Whatever a file does to a decoder happens here, and ends with this process.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, Read, Write},
    os::fd::RawFd,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    process::ExitCode,
};

use super::{
    document,
    facts::Facts,
    film, photo, sound, text, walls,
    wire::{Answer, Examined, LONGEST_LINE, Made, Measures, Output, Request, Work},
};
use crate::{
    error::{Error, Result},
    terms::Kind,
};

/// Serves one request and ends; a failure to serve at all is said on standard error and in the exit code.
#[must_use]
pub fn child() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<()> {
    let request = read_request()?;
    end_with_parent();
    let original = File::open(path_of(request.original))
        .map_err(|cause| Error::internal("the original", cause))?;
    walls::raise(request.limits)?;
    // From here on every byte is foreign. A decoder's panic is the file's fault, not a fault of the service.
    let served = catch_unwind(AssertUnwindSafe(|| match request.work {
        Work::Examine { media_type } => {
            examine(original, &media_type).and_then(|found| say(&Answer::Examined(Box::new(found))))
        }
        Work::Render { facts, outputs } => render(original, &facts, &outputs),
    }));
    match served {
        Ok(Ok(())) => say(&Answer::Done),
        Ok(Err(Error::Unusable(reason))) => say(&Answer::Failed(reason)),
        Ok(Err(error)) => Err(error),
        Err(_) => say(&Answer::Failed("a decoder gave up on it".into())),
    }
}

fn read_request() -> Result<Request> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .take(LONGEST_LINE)
        .read_line(&mut line)
        .map_err(|cause| Error::internal("the media child's request", cause))?;
    serde_json::from_str(&line).map_err(|cause| Error::internal("the media child's request", cause))
}

/// The parent holds the other end of standard input as long as it lives and wants an answer.
fn end_with_parent() {
    std::thread::spawn(|| {
        let mut rest = [0; 64];
        while std::io::stdin()
            .lock()
            .read(&mut rest)
            .is_ok_and(|read| read > 0)
        {}
        std::process::exit(1);
    });
}

/// A name under which this process may open a descriptor that it was handed, once more and from its start.
pub(super) fn path_of(descriptor: RawFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{descriptor}"))
}

/// The file that a rendition goes to, empty.
pub(super) fn create(output: Output) -> Result<File> {
    OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(path_of(output.file))
        .map_err(|cause| Error::internal("a rendition's file", cause))
}

/// Says how far the work has come, from 0 to 1.
pub(super) fn progress(part: f32) -> Result<()> {
    say(&Answer::Progress(part))
}

/// Says how one rendition went. A failure that is not the file's fault ends the child.
pub(super) fn made(output: Output, result: Result<Measures>) -> Result<()> {
    match result {
        Ok(measures) => say(&Answer::Made(Made {
            file: output.file,
            result: Ok(measures),
        })),
        Err(Error::Unusable(reason)) => say(&Answer::Made(Made {
            file: output.file,
            result: Err(reason),
        })),
        Err(error) => Err(error),
    }
}

fn say(answer: &Answer) -> Result<()> {
    let mut line = serde_json::to_string(answer)
        .map_err(|cause| Error::internal("the media child's answer", cause))?;
    line.push('\n');
    std::io::stdout()
        .write_all(line.as_bytes())
        .map_err(|cause| Error::internal("the media child's answer", cause))
}

fn examine(original: File, media_type: &str) -> Result<Examined> {
    match media_type {
        written if written.starts_with("text/") => text::examine(&original, written),
        "application/pdf" => document::examine(&original),
        picture if picture.starts_with("image/") => photo::examine(original, picture),
        moving => film::examine(original, moving),
    }
}

fn render(original: File, facts: &Facts, outputs: &[Output]) -> Result<()> {
    match facts.kind {
        Kind::Photo => photo::render(original, facts, outputs),
        Kind::Video => film::render(original, facts, outputs),
        Kind::Audio => sound::render(original, facts, outputs),
        Kind::Text if facts.pages.is_some() => document::render(&original, outputs),
        Kind::Text => text::render(&original, outputs),
    }
}
