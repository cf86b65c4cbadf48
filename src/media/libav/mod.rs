//! What Jarchi asks of libav, the libraries of `FFmpeg`: open a file that is already open, and nothing else; choose its tracks; give
//! back frames with times from 0. A demuxer has to be one of those that fit the bytes, so that no playlist and no
//! script gets a say, and none may open anything by a name.

mod display;
mod encode;
mod file;
mod graph;
mod kept;
mod pictures;
mod sounds;
mod still;
mod voice;

use std::{fs::File, io::Seek, ops::ControlFlow};

use ffmpeg_next::{
    ChannelLayout, Dictionary, Error as Fault, Packet, Rational, Rescale,
    codec::{self, decoder, threading},
    format::{
        self,
        context::{Input, StreamIo},
        stream::Disposition,
    },
    frame, media,
    rescale::TIME_BASE,
};

pub use display::{Display, Turn, display};
pub use encode::{Film, Picture, Pictures, Sound};
pub use kept::{Kept, KeptPictures, KeptSound};
pub use pictures::{PictureGraph, is_usual, packed};
pub use sounds::{Form, SoundGraph, share};
pub use still::{Coded, StillDecoder, still};
pub use voice::{SOUND, Voice};

use crate::error::{Error, Result};

/// Pixels of one frame: 8K with room to spare. More is an attack on memory.
const MOST_PIXELS: &str = "67108864";
const BUFFER: usize = 256 * 1024;
/// Packets in a row that a demuxer may find broken before it is the end.
const MOST_BROKEN: usize = 1000;

/// A demuxed file, its tracks with a decoder each, and the moment that counts as 0.
pub struct Reader {
    pub input: Input,
    pub picture: Option<Track<decoder::Video>>,
    pub sound: Option<Track<decoder::Audio>>,
    /// In microseconds on the file's own clock.
    start: i64,
    /// Whether its packets are to go on: they are handed over, each before what is decoded of it, and no fault is concealed.
    keeps: bool,
    /// Whether a decoder refused a packet, or a frame came out of it broken.
    pub damaged: bool,
}

pub struct Track<D> {
    pub index: usize,
    pub time_base: Rational,
    pub decoder: D,
    /// Where the next frame begins, should it not say so itself; in units of `time_base`.
    next: i64,
    /// The usual length of a frame of pictures, in units of `time_base`.
    step: i64,
}

/// A decoded frame, or a packet where those are wanted, too; its `pts` counts from the start of the file in the time base
/// of its track.
pub enum Piece {
    Picture(frame::Video),
    Sound(frame::Audio),
    Packet(Packet),
}

/// Opens `original` at its start, with a demuxer that fits `media_type`. One reader reads it at a time.
pub fn open(original: &File, media_type: &str) -> Result<Reader> {
    Reader::new(demuxed(original, media_type)?, false)
}

/// As [`open`], for packets that are to go on as they are: hands them over, and decodes what is broken not at all.
pub fn open_to_keep(original: &File, media_type: &str) -> Result<Reader> {
    Reader::new(demuxed(original, media_type)?, true)
}

fn demuxed(original: &File, media_type: &str) -> Result<Input> {
    let failed = |cause| Error::internal("reading an original", cause);
    let mut original = original.try_clone().map_err(failed)?;
    original.rewind().map_err(failed)?;
    ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Error);
    let options: Dictionary = [
        ("format_whitelist", demuxers(media_type)?),
        // No protocol has this name.
        ("protocol_whitelist", "none"),
        ("max_streams", "64"),
    ]
    .into_iter()
    .collect();
    let io = StreamIo::from_read_seek_with_capacity(original, BUFFER).map_err(broken)?;
    format::input_from_stream(io, None, Some(options)).map_err(broken)
}

/// The demuxers that may read a media type, by libav's names.
fn demuxers(media_type: &str) -> Result<&'static str> {
    Ok(match media_type {
        "video/mp4" | "video/quicktime" | "video/3gpp" | "audio/mp4" | "audio/3gpp" => "mov",
        "video/matroska" | "video/webm" | "audio/matroska" | "audio/webm" => "matroska",
        "video/x-msvideo" => "avi",
        "video/mp2t" => "mpegts",
        "video/mpeg" => "mpeg,mpegvideo",
        "video/x-flv" => "flv",
        "video/x-ms-asf" | "audio/x-ms-wma" => "asf",
        "video/dv" => "dv",
        "video/ogg" | "audio/ogg" => "ogg",
        "application/mxf" => "mxf",
        "image/gif" => "gif",
        "audio/mpeg" => "mp3,aac,flac",
        "audio/wav" => "wav",
        "audio/flac" => "flac",
        "audio/aac" => "aac",
        "audio/aiff" => "aiff",
        "audio/amr" => "amr",
        "audio/x-caf" => "caf",
        _ => {
            return Err(Error::Unusable(format!(
                "{media_type} is neither sound nor film"
            )));
        }
    })
}

impl Reader {
    fn new(mut input: Input, keeps: bool) -> Result<Self> {
        let (picture, sound) = (picture_of(&input), sound_of(&input));
        for mut stream in input.streams_mut() {
            if ![picture, sound].contains(&Some(stream.index())) {
                leave_out(&mut stream);
            }
        }
        let stream = |index: Option<usize>| index.and_then(|index| input.stream(index));
        let (picture, sound) = (stream(picture), stream(sound));
        let begins = [&picture, &sound]
            .into_iter()
            .flatten()
            .filter_map(|stream| {
                let start = stream.start_time();
                (start != ffmpeg_next::ffi::AV_NOPTS_VALUE)
                    .then(|| start.rescale(stream.time_base(), TIME_BASE))
            });
        let start = begins.min().unwrap_or(0);
        let picture = picture
            .map(|stream| Track::open(&stream, keeps, decoder::Opened::video))
            .transpose()?;
        let sound = sound
            .map(|stream| Track::open(&stream, keeps, decoder::Opened::audio))
            .transpose()?;
        Ok(Self {
            input,
            picture,
            sound,
            start,
            keeps,
            damaged: false,
        })
    }

    /// Leaves out the pictures, of which not a byte is read where the container allows it.
    pub fn only_sound(&mut self) {
        if let Some(track) = self.picture.take()
            && let Some(mut stream) = self.input.stream_mut(track.index)
        {
            leave_out(&mut stream);
        }
    }

    /// As the container says, or as libav reckons.
    pub fn duration_ms(&self) -> Option<i64> {
        Some(self.input.duration() / 1000).filter(|duration| *duration > 0)
    }

    /// Moves to the last picture that stands alone before `ms` after the start.
    pub fn seek(&mut self, ms: i64) -> Result<()> {
        let place = self.start + ms * 1000;
        self.input.seek(place, ..place).map_err(broken)?;
        if let Some(track) = &mut self.picture {
            track.decoder.flush();
        }
        if let Some(track) = &mut self.sound {
            track.decoder.flush();
        }
        Ok(())
    }

    /// Hands over the frames in the order of the file until it ends or `take` has enough. What is broken within is
    /// passed over, and a file that was cut off ends where it was cut.
    pub fn each(&mut self, mut take: impl FnMut(Piece) -> Result<ControlFlow<()>>) -> Result<()> {
        let (mut packet, mut bad) = (Packet::empty(), 0);
        loop {
            match packet.read(&mut self.input) {
                Ok(()) => bad = 0,
                Err(Fault::InvalidData) if bad < MOST_BROKEN => {
                    (bad, self.damaged) = (bad + 1, true);
                    continue;
                }
                Err(fault) => {
                    self.damaged |= fault != Fault::Eof;
                    break;
                }
            }
            if self.keeps
                && let Some(coded) = self.own(&packet)
                && take(Piece::Packet(coded))?.is_break()
            {
                return Ok(());
            }
            if self.decode(Some(&packet), &mut take)?.is_break() {
                return Ok(());
            }
        }
        self.decode(None, &mut take).map(|_| ())
    }

    /// The packet, of one of the tracks, with times from the start of the file.
    fn own(&self, packet: &Packet) -> Option<Packet> {
        let of = |index: usize, clock: Rational| (index == packet.stream()).then_some(clock);
        let picture = self.picture.as_ref();
        let clock = picture.and_then(|track| of(track.index, track.time_base));
        let sound = self.sound.as_ref();
        let clock = clock.or_else(|| sound.and_then(|track| of(track.index, track.time_base)))?;
        let start = self.start.rescale(TIME_BASE, clock);
        let mut coded = packet.clone();
        coded.set_pts(packet.pts().map(|at| at - start));
        coded.set_dts(packet.dts().map(|at| at - start));
        Some(coded)
    }

    /// Gives a packet to its decoder, or the end to both, and hands over what comes out.
    fn decode(
        &mut self,
        packet: Option<&Packet>,
        take: &mut impl FnMut(Piece) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        let start = self.start;
        let wanted = |index: usize| packet.is_none_or(|packet| packet.stream() == index);
        if let Some(track) = self.picture.as_mut().filter(|track| wanted(track.index)) {
            self.damaged |= !send(&mut track.decoder, packet);
            let mut picture = frame::Video::empty();
            while received(&mut track.decoder, &mut picture, &mut self.damaged) {
                let at = track.time(picture.timestamp(), start);
                track.next = at + track.step;
                picture.set_pts(Some(at));
                if take(Piece::Picture(std::mem::replace(
                    &mut picture,
                    frame::Video::empty(),
                )))?
                .is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        if let Some(track) = self.sound.as_mut().filter(|track| wanted(track.index)) {
            self.damaged |= !send(&mut track.decoder, packet);
            let mut sound = frame::Audio::empty();
            while received(&mut track.decoder, &mut sound, &mut self.damaged) {
                let at = track.time(sound.timestamp(), start);
                let samples = i64::try_from(sound.samples()).unwrap_or(0);
                let rate = i32::try_from(sound.rate()).unwrap_or(0).max(1);
                track.next = at + samples.rescale((1, rate), track.time_base);
                sound.set_pts(Some(at));
                if sound.channel_layout().is_empty() {
                    sound.set_channel_layout(ChannelLayout::default(i32::from(sound.channels())));
                }
                if take(Piece::Sound(std::mem::replace(
                    &mut sound,
                    frame::Audio::empty(),
                )))?
                .is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The track of pictures that people mean: not the cover of a record.
fn picture_of(input: &Input) -> Option<usize> {
    let cover =
        |stream: &format::stream::Stream| stream.disposition().contains(Disposition::ATTACHED_PIC);
    let is_film = |stream: &format::stream::Stream| {
        stream.parameters().medium() == media::Type::Video && !cover(stream)
    };
    let best = input.streams().best(media::Type::Video);
    best.filter(|stream| !cover(stream))
        .or_else(|| input.streams().find(is_film))
        .map(|stream| stream.index())
}

/// The track of sound that players take: the default one, or the one with the most in it.
fn sound_of(input: &Input) -> Option<usize> {
    let best = input.streams().best(media::Type::Audio);
    best.map(|stream| stream.index())
}

#[allow(
    unsafe_code,
    reason = "the safe interface can read this field but not write it"
)]
fn leave_out(stream: &mut format::stream::StreamMut) {
    // SAFETY: the pointer leads to a stream of the context that `stream` borrows alone; one plain field is written.
    unsafe { (*stream.as_mut_ptr()).discard = ffmpeg_next::ffi::AVDiscard::AVDISCARD_ALL };
}

/// The four letters by which a track's container calls what is in it.
#[allow(
    unsafe_code,
    reason = "the safe interface has no accessor for this field"
)]
pub fn sample_entry(stream: &format::stream::Stream) -> [u8; 4] {
    let parameters = stream.parameters();
    // SAFETY: the pointer leads to the parameters that are held above; one plain field is read from them.
    unsafe { (*parameters.as_ptr()).codec_tag }.to_le_bytes()
}

/// Whether the decoder took the packet. One that it refuses is lost, as it would be to any player.
fn send(decoder: &mut decoder::Opened, packet: Option<&Packet>) -> bool {
    let lost = match packet {
        Some(packet) => decoder.send_packet(packet),
        None => decoder.send_eof(),
    };
    if let Err(fault) = lost {
        eprintln!("a packet was passed over: {fault}");
    }
    lost.is_ok()
}

/// Whether a decoder gave the next frame; what it gives instead of a broken one is noted.
fn received(
    decoder: &mut decoder::Opened,
    frame: &mut ffmpeg_next::Frame,
    damaged: &mut bool,
) -> bool {
    match decoder.receive_frame(frame) {
        Ok(()) => true,
        Err(fault) => {
            *damaged |= !is_over(fault);
            false
        }
    }
}

impl<D> Track<D> {
    fn open(
        stream: &format::stream::Stream,
        strictly: bool,
        sort: impl FnOnce(decoder::Opened) -> Result<D, Fault>,
    ) -> Result<Self> {
        let mut context = codec::Context::from_parameters(stream.parameters()).map_err(broken)?;
        let kind = threading::Type::Frame;
        context.set_threading(threading::Config {
            kind,
            count: threads(),
            ..threading::Config::default()
        });
        let codec = decoder::find(context.id()).ok_or_else(|| {
            Error::Unusable(format!("its codec, {:?}, is not known", context.id()))
        })?;
        let mut decoder = context.decoder();
        decoder.set_packet_time_base(stream.time_base());
        let mut options: Dictionary = [("max_pixels", MOST_PIXELS)].into_iter().collect();
        if strictly {
            options.set("err_detect", "explode");
        }
        let decoder = decoder
            .open_as_with(codec, options)
            .and_then(sort)
            .map_err(broken)?;
        let rate = stream.avg_frame_rate();
        let step = if rate.numerator() > 0 && rate.denominator() > 0 {
            1.rescale(rate.invert(), stream.time_base())
        } else {
            40.rescale((1, 1000), stream.time_base())
        };
        Ok(Self {
            index: stream.index(),
            time_base: stream.time_base(),
            decoder,
            next: 0,
            step,
        })
    }

    fn time(&self, timestamp: Option<i64>, start: i64) -> i64 {
        timestamp.map_or(self.next, |time| {
            time - start.rescale(TIME_BASE, self.time_base)
        })
    }
}

fn threads() -> usize {
    std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(8)
}

/// What libav says of a file, in its words.
pub fn broken(fault: Fault) -> Error {
    match fault {
        Fault::InvalidData | Fault::Eof => {
            Error::Unusable("its data are broken or end too early".into())
        }
        Fault::Other { errno } if errno == rustix::io::Errno::INVAL.raw_os_error() => {
            Error::Unusable("it is not what its first bytes say".into())
        }
        fault => Error::Unusable(fault.to_string()),
    }
}

/// A fault that is ours: in the making of a rendition, not in the reading of a file.
pub fn ours(fault: Fault) -> Error {
    Error::internal("encoding", fault)
}

/// Whether a coder only asks for more before it gives something.
pub fn is_over(fault: Fault) -> bool {
    matches!(fault, Fault::Eof)
        || matches!(fault, Fault::Other { errno } if errno == ffmpeg_next::error::EAGAIN)
}
