//! The other end of the box: what a child does. Reads one request, raises the walls, decodes one file, answers, ends.
//! Whatever a file does to a decoder happens here, and ends with this process.

use std::{
    fs::File,
    io::{Read, Seek, Write},
    os::fd::AsFd,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::OnceLock,
};

use super::{
    birth,
    decoders::{ALL, Decoders, LIGHT},
    film::Manner,
    program, walls,
    wire::{Answer, FULL_DISK, LONGEST_LINE, Made, Measures, Output, Request, Work},
};
use crate::error::{Error, Result};

/// The files that came with the request, in its order.
static FILES: OnceLock<Vec<File>> = OnceLock::new();

/// Keeps ready for requests of every sort, and serves each in a process of its own.
#[must_use]
pub fn child() -> ExitCode {
    birth::keep(|| serve(ALL))
}

/// As [`child()`], for what needs no libav: a start of 3 ms where the other takes 60.
#[must_use]
pub fn light_child() -> ExitCode {
    birth::keep(|| serve(LIGHT))
}

/// Serves the one request of this process. A failure to serve at all is the error.
fn serve(decoders: Decoders) -> Result<()> {
    let (request, files) = receive()?;
    let files = FILES.get_or_init(|| files);
    let original = files
        .first()
        .ok_or_else(|| Error::internal("the media child's request", "it came without a file"))?;
    if let Work::Run(program) = request.work {
        return match program::run(&program, request.limits, original) {
            Ok(()) => say(&Answer::Done),
            Err(Error::Unusable(reason)) => say(&Answer::Failed(reason)),
            Err(error) => Err(error),
        };
    }
    walls::raise(request.limits)?;
    end_with_parent();
    // From here on every byte is foreign. A decoder's panic is the file's fault, not a fault of the service.
    let served = catch_unwind(AssertUnwindSafe(|| {
        let original = again(original, "the original")?;
        match request.work {
            Work::Examine { media_type } => {
                (decoders.examine)(&original, &media_type).and_then(|mut found| {
                    found.facts.positioned |= found.embedded.place.latitude.is_some();
                    say(&Answer::Examined(Box::new(found)))
                })
            }
            Work::Render {
                facts,
                outputs,
                loudness,
                moment,
            } => (decoders.render)(&original, &facts, &outputs, Manner { loudness, moment }),
            Work::Run(_) => Ok(()),
        }
    }));
    match served {
        Ok(Ok(())) => say(&Answer::Done),
        Ok(Err(Error::Unusable(reason))) => say(&Answer::Failed(reason)),
        Ok(Err(error)) => Err(error),
        Err(_) => say(&Answer::Failed("a decoder gave up on it".into())),
    }
}

/// The request, and the files beside it.
fn receive() -> Result<(Request, Vec<File>)> {
    const WHAT: &str = "the media child's request";
    let (mut line, mut files, mut part) = (Vec::new(), Vec::new(), vec![0; 1 << 16]);
    while !line.ends_with(b"\n") && line.len() as u64 <= LONGEST_LINE {
        let (read, more) = birth::receive(std::io::stdin().as_fd(), &mut part)
            .map_err(|cause| Error::internal(WHAT, cause))?;
        if read == 0 {
            break;
        }
        line.extend_from_slice(&part[..read]);
        files.extend(more.into_iter().map(File::from));
    }
    let request = serde_json::from_slice(&line).map_err(|cause| Error::internal(WHAT, cause))?;
    Ok((request, files))
}

/// The parent holds the other end of standard input as long as it lives and wants an answer. The destructors of
/// decoders at work on other threads are no place to be, so this is no orderly exit.
pub(super) fn end_with_parent() {
    std::thread::spawn(|| {
        let mut rest = [0; 64];
        while std::io::stdin()
            .lock()
            .read(&mut rest)
            .is_ok_and(|read| read > 0)
        {}
        std::process::abort();
    });
}

/// The file that a rendition goes to, empty.
pub(super) fn create(output: Output) -> Result<File> {
    const WHAT: &str = "a rendition's file";
    let file = FILES
        .get()
        .and_then(|files| files.get(output.file))
        .ok_or_else(|| Error::internal(WHAT, "it was not handed over"))?;
    file.set_len(0)
        .map_err(|cause| Error::internal(WHAT, cause))?;
    again(file, WHAT)
}

/// Another descriptor of `file`, at its start.
fn again(file: &File, what: &'static str) -> Result<File> {
    let failed = |cause| Error::internal(what, cause);
    let mut file = file.try_clone().map_err(failed)?;
    file.rewind().map_err(failed)?;
    Ok(file)
}

/// Says how far the work has come, from 0 to 1.
pub(super) fn progress(part: f32) -> Result<()> {
    say(&Answer::Progress(part))
}

/// Says how one rendition went. A failure that is not the file's fault ends the child.
pub(super) fn made(output: Output, result: Result<Measures>) -> Result<()> {
    let result = match result {
        Ok(measures) => Ok(measures),
        // The encoders' word for a full disk is like that for a bad picture.
        Err(Error::Unusable(reason)) if !reason.contains(FULL_DISK) => Err(reason),
        Err(error) => return Err(error),
    };
    say(&Answer::Made(Box::new(Made {
        file: output.file,
        result,
    })))
}

/// As [`made`], but a failure of any sort is that of the one rendition: the others go on, unless the disk is full.
pub(super) fn made_or_left(output: Output, result: Result<Measures>) -> Result<()> {
    let result = result.map_err(|error| match error {
        Error::Unusable(reason) => Error::Unusable(reason),
        other => {
            let told = format!("{other:?}");
            eprintln!("a rendition failed: {told}");
            let full = told.contains(FULL_DISK).then_some(FULL_DISK);
            Error::Unusable(full.unwrap_or("it could not be written").into())
        }
    });
    made(output, result)
}

fn say(answer: &Answer) -> Result<()> {
    let mut line = serde_json::to_string(answer)
        .map_err(|cause| Error::internal("the media child's answer", cause))?;
    line.push('\n');
    std::io::stdout()
        .write_all(line.as_bytes())
        .map_err(|cause| Error::internal("the media child's answer", cause))
}
