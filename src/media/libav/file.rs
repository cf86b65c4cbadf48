//! A file for libav to write, by a descriptor in hand. libav wants to open its output once more by name, to move the
//! index to the front; where there is no file system to open names in, it gets a second handle of the same file.

use std::{
    ffi::{c_char, c_int},
    fs::File,
    io::{Read, Result as IoResult, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
};

use ffmpeg_next::{
    ffi::{AVDictionary, AVERROR, AVFormatContext, AVIOContext, EACCES},
    format::{
        self,
        context::{Output, StreamIo},
    },
};

use super::{BUFFER, ours};
use crate::error::{Error, Result};

/// A handle with a place of its own: descriptors of one open file share theirs.
struct Handle {
    file: File,
    at: u64,
}

/// A muxer of the sort `format`, by libav's name, that writes to `file`.
pub fn create(file: File, format: &str) -> Result<Output> {
    let cloned = file
        .try_clone()
        .map_err(|cause| Error::internal("a rendition's file", cause))?;
    let io =
        StreamIo::from_write_seek_with_capacity(Handle { file, at: 0 }, BUFFER).map_err(ours)?;
    let mut output = format::output_to_stream(io, None, Some(format)).map_err(ours)?;
    // For as long as the process lives, which is no longer than its job.
    let cloned: &'static File = Box::leak(Box::new(cloned));
    #[allow(unsafe_code, reason = "libav's callbacks have no safe interface")]
    // SAFETY: the context is alive and ours alone, `opaque` is its user's to set, and what it points to is never freed.
    unsafe {
        let context = output.as_mut_ptr();
        (*context).opaque = std::ptr::from_ref(cloned).cast_mut().cast();
        (*context).io_open = Some(open_again);
        (*context).io_close2 = Some(close_again);
    }
    Ok(output)
}

/// What libav calls to open a file by name: it gets the one file that there is, to read, whatever the name.
#[allow(unsafe_code, reason = "libav's callbacks have no safe interface")]
unsafe extern "C" fn open_again(
    context: *mut AVFormatContext,
    io: *mut *mut AVIOContext,
    _name: *const c_char,
    _flags: c_int,
    _options: *mut *mut AVDictionary,
) -> c_int {
    // SAFETY: `create` let `opaque` point to a file that is never freed.
    let file = unsafe { &*(*context).opaque.cast::<File>() };
    let handle = file.try_clone().map(|file| Handle { file, at: 0 });
    let opened = handle.map(|handle| StreamIo::from_read_seek_with_capacity(handle, BUFFER));
    let Ok(Ok(mut opened)) = opened else {
        return AVERROR(EACCES);
    };
    // SAFETY: libav gives the address of a pointer of its own to fill.
    unsafe { *io = opened.as_mut_ptr() };
    // libav holds it from here on, until the process ends: it reads each output once more at most.
    std::mem::forget(opened);
    0
}

#[allow(unsafe_code, reason = "libav's callbacks have no safe interface")]
unsafe extern "C" fn close_again(_context: *mut AVFormatContext, _io: *mut AVIOContext) -> c_int {
    0
}

impl Read for Handle {
    fn read(&mut self, into: &mut [u8]) -> IoResult<usize> {
        let read = self.file.read_at(into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Write for Handle {
    fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
        let written = self.file.write_at(bytes, self.at)?;
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> IoResult<()> {
        Ok(())
    }
}

impl Seek for Handle {
    fn seek(&mut self, to: SeekFrom) -> IoResult<u64> {
        let from = |place: u64, by: i64| place.checked_add_signed(by);
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => from(self.at, by),
            SeekFrom::End(by) => from(self.file.metadata()?.len(), by),
        };
        self.at = place.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
