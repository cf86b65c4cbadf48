//! An MP4 in the making: H.264 and AAC, for every browser, the index at its front so that it plays while it loads.

use std::fs::File;

use ffmpeg_next::{
    Dictionary, Packet, Rational, Rescale, codec, color, encoder, format, frame, picture,
};

use super::{Voice, file, is_over, ours, voice};
use crate::{
    error::{Error, Result},
    media::wire::Measures,
};

/// The clock of the pictures: fine enough for every frame rate, so that times stay what they were.
const CLOCK: Rational = Rational(1, 90_000);
/// Between two pictures that stand alone, in units of `CLOCK`: a player can jump this finely.
const KEY_EVERY: i64 = 2 * 90_000;

/// An MP4 that is being written.
pub struct Film {
    output: format::context::Output,
    picture: Option<PictureTrack>,
    sound: Option<SoundTrack>,
}

/// What the pictures of a film come from.
#[derive(Clone, Copy)]
pub struct Picture {
    /// In pixels, both even.
    pub size: (u32, u32),
    /// Frames in a second, as far as the source knows.
    pub rate: Rational,
    /// The most bits a second that they may take.
    pub bits: Option<u32>,
}

struct PictureTrack {
    encoder: encoder::Video,
    size: (u32, u32),
    stream: usize,
    /// How long a picture usually stands, in units of `CLOCK`; the last one has none after it to tell.
    step: i64,
    last: i64,
    next_key: i64,
}

struct SoundTrack {
    stream: usize,
    /// Where the sound ends, in `voice::CLOCK`.
    end: i64,
}

impl Film {
    /// Begins an MP4 in `file`, which must be empty and may be read. `voice` is what its sound will come from.
    pub fn create(file: File, picture: Option<Picture>, voice: Option<&Voice>) -> Result<Self> {
        let mut output = file::create(file, "mp4")?;
        let picture = picture
            .map(|picture| PictureTrack::add(&mut output, &picture))
            .transpose()?;
        let sound = voice
            .map(|voice| SoundTrack::add(&mut output, voice))
            .transpose()?;
        let options: Dictionary = [("movflags", "+faststart")].into_iter().collect();
        output.write_header_with(options).map_err(ours)?;
        Ok(Self {
            output,
            picture,
            sound,
        })
    }

    /// Takes the next picture, of the film's own size, upright and in `yuv420p`; its time counts in `time_base`.
    pub fn picture(&mut self, frame: &mut frame::Video, time_base: Rational) -> Result<()> {
        match &mut self.picture {
            Some(track) => {
                track.send(frame, time_base)?;
                track.write(&mut self.output)
            }
            None => Ok(()),
        }
    }

    /// Takes the next packet of its voice.
    pub fn sound(&mut self, packet: &Packet) -> Result<()> {
        let Some(track) = &mut self.sound else {
            return Ok(());
        };
        track.end = packet.pts().unwrap_or(track.end) + packet.duration();
        let target = clock_of(&self.output, track.stream, voice::CLOCK);
        let mut packet = packet.clone();
        packet.set_stream(track.stream);
        packet.rescale_ts(voice::CLOCK, target);
        packet.write_interleaved(&mut self.output).map_err(ours)
    }

    /// Writes what was held back, and the index at the front.
    pub fn finish(mut self) -> Result<Measures> {
        let mut measures = Measures::default();
        if let Some(mut track) = self.picture {
            track.encoder.send_eof().map_err(ours)?;
            track.write(&mut self.output)?;
            (measures.width, measures.height) = (Some(track.size.0), Some(track.size.1));
            let end = track.last.max(0) + track.step;
            measures.duration_ms = Some(end.rescale(CLOCK, (1, 1000)));
        }
        if let Some(track) = self.sound {
            let end = track.end.rescale(voice::CLOCK, (1, 1000));
            measures.duration_ms = Some(measures.duration_ms.unwrap_or(0).max(end));
        }
        self.output.write_trailer().map_err(ours)?;
        Ok(measures)
    }
}

impl PictureTrack {
    fn add(output: &mut format::context::Output, source: &Picture) -> Result<Self> {
        let codec = encoder::find_by_name("libx264").ok_or_else(|| missing("libx264"))?;
        let mut encoder = codec::Context::new_with_codec(codec)
            .encoder()
            .video()
            .map_err(ours)?;
        encoder.set_width(source.size.0);
        encoder.set_height(source.size.1);
        encoder.set_format(format::Pixel::YUV420P);
        encoder.set_colorspace(color::Space::BT709);
        encoder.set_color_primaries(color::Primaries::BT709);
        encoder.set_color_transfer_characteristic(color::TransferCharacteristic::BT709);
        encoder.set_color_range(color::Range::MPEG);
        encoder.set_aspect_ratio((1, 1));
        encoder.set_time_base(CLOCK);
        encoder.set_frame_rate(Some(source.rate));
        // Where the key pictures are is said picture by picture, in time; this says how far apart they usually are.
        encoder.set_gop(frames_in(KEY_EVERY, source.rate));
        encoder.set_flags(codec::Flags::GLOBAL_HEADER);
        let mut options: Dictionary = [
            ("preset", "veryfast"),
            ("crf", "23"),
            ("profile", "high"),
            ("forced-idr", "1"),
        ]
        .into_iter()
        .collect();
        if let Some(bits) = source.bits {
            options.set("maxrate", &bits.to_string());
            options.set("bufsize", &bits.saturating_mul(2).to_string());
        }
        let encoder = encoder.open_as_with(codec, options).map_err(ours)?;
        let mut stream = output.add_stream(codec).map_err(ours)?;
        stream.set_time_base(CLOCK);
        stream.set_avg_frame_rate(source.rate);
        stream.set_parameters(&encoder);
        let stream = stream.index();
        Ok(Self {
            encoder,
            size: source.size,
            stream,
            step: 1.rescale(source.rate.invert(), CLOCK),
            last: i64::MIN,
            next_key: 0,
        })
    }

    /// Encodes a picture at its time. One that comes out of turn is left out: time runs forward.
    fn send(&mut self, frame: &mut frame::Video, time_base: Rational) -> Result<()> {
        let at = frame.pts().unwrap_or(0).rescale(time_base, CLOCK);
        if at <= self.last || at < 0 {
            return Ok(());
        }
        let key = at >= self.next_key;
        if key {
            self.next_key = at + KEY_EVERY;
        }
        self.last = at;
        frame.set_pts(Some(at));
        frame.set_kind(if key {
            picture::Type::I
        } else {
            picture::Type::None
        });
        self.encoder.send_frame(frame).map_err(ours)
    }

    /// Writes the packets that are ready.
    fn write(&mut self, output: &mut format::context::Output) -> Result<()> {
        let target = clock_of(output, self.stream, CLOCK);
        let mut packet = Packet::empty();
        loop {
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => {
                    packet.set_stream(self.stream);
                    if packet.duration() == 0 {
                        packet.set_duration(self.step);
                    }
                    packet.rescale_ts(CLOCK, target);
                    packet.write_interleaved(output).map_err(ours)?;
                }
                Err(fault) if is_over(fault) => return Ok(()),
                Err(fault) => return Err(ours(fault)),
            }
        }
    }
}

impl SoundTrack {
    fn add(output: &mut format::context::Output, voice: &Voice) -> Result<Self> {
        let mut stream = output.add_stream(voice.encoder.codec()).map_err(ours)?;
        stream.set_time_base(voice::CLOCK);
        stream.set_parameters(&voice.encoder);
        Ok(Self {
            stream: stream.index(),
            end: 0,
        })
    }
}

/// How many frames of `rate` there are in so many units of `CLOCK`, rounded up.
fn frames_in(time: i64, rate: Rational) -> u32 {
    let frames = time.rescale(CLOCK, rate.invert());
    u32::try_from(frames).map_or(250, |frames| frames.clamp(2, 1000))
}

/// The clock that a container chose for a stream.
fn clock_of(output: &format::context::Output, stream: usize, asked: Rational) -> Rational {
    output
        .stream(stream)
        .map_or(asked, |stream| stream.time_base())
}

pub(super) fn missing(codec: &'static str) -> Error {
    Error::internal("FFmpeg's encoders", format!("no {codec}"))
}
