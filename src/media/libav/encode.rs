//! An MP4 in the making: H.264 and AAC, for every browser, the index at its front so that it plays while it loads.

use std::fs::File;

use ffmpeg_next::{
    Dictionary, Packet, Rational, Rescale, codec, color, encoder, format, frame, picture,
};

use super::{Kept, Voice, file, is_over, ours, voice};
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
    /// Pictures that are encoded here.
    encoded: Option<PictureTrack>,
    pictures: Option<PacketTrack>,
    sound: Option<PacketTrack>,
}

/// Where the pictures of a film come from.
#[derive(Clone, Copy)]
pub enum Pictures<'a> {
    Encoded(Picture),
    Kept(&'a Kept),
}

/// Where the sound of a film comes from.
#[derive(Clone, Copy)]
pub enum Sound<'a> {
    Voice(&'a Voice),
    Kept(&'a Kept),
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
    stream: usize,
    /// How long a picture usually stands, in units of `CLOCK`; the last one has none after it to tell.
    step: i64,
    last: i64,
    next_key: i64,
}

/// A track whose packets come from somewhere else.
struct PacketTrack {
    stream: usize,
    /// What the packets' times count in.
    clock: Rational,
    /// Where it ends, in `clock`.
    end: i64,
}

impl Film {
    /// Begins an MP4 in `file`, which must be empty and may be read.
    pub fn create(
        file: File,
        pictures: Option<Pictures<'_>>,
        sound: Option<Sound<'_>>,
    ) -> Result<Self> {
        let mut output = file::create(file, "mp4")?;
        let (mut encoded, mut kept) = (None, None);
        match pictures {
            Some(Pictures::Encoded(picture)) => {
                encoded = Some(PictureTrack::add(&mut output, &picture)?);
            }
            Some(Pictures::Kept(track)) => kept = Some(PacketTrack::of(&mut output, track)?),
            None => {}
        }
        let sound = sound
            .map(|sound| match sound {
                Sound::Voice(voice) => {
                    PacketTrack::add(&mut output, (&voice.encoder).into(), voice::CLOCK)
                }
                Sound::Kept(track) => PacketTrack::of(&mut output, track),
            })
            .transpose()?;
        let options: Dictionary = [("movflags", "+faststart")].into_iter().collect();
        output.write_header_with(options).map_err(ours)?;
        Ok(Self {
            output,
            encoded,
            pictures: kept,
            sound,
        })
    }

    /// Takes the next picture, of the film's own size, upright and in `yuv420p`; its time counts in `time_base`.
    pub fn picture(&mut self, frame: &mut frame::Video, time_base: Rational) -> Result<()> {
        match &mut self.encoded {
            Some(track) => {
                track.send(frame, time_base)?;
                track.write(&mut self.output)
            }
            None => Ok(()),
        }
    }

    /// Takes the next packet of the pictures that it was begun with.
    pub fn kept_picture(&mut self, packet: &Packet) -> Result<()> {
        let track = self.pictures.as_mut();
        track.map_or(Ok(()), |track| track.write(&mut self.output, packet))
    }

    /// Takes the next packet of the sound that it was begun with.
    pub fn sound(&mut self, packet: &Packet) -> Result<()> {
        let track = self.sound.as_mut();
        track.map_or(Ok(()), |track| track.write(&mut self.output, packet))
    }

    /// Writes what was held back, and the index at the front.
    pub fn finish(mut self) -> Result<Measures> {
        let mut ends = Vec::new();
        if let Some(mut track) = self.encoded {
            track.encoder.send_eof().map_err(ours)?;
            track.write(&mut self.output)?;
            ends.push((track.last.max(0) + track.step).rescale(CLOCK, (1, 1000)));
        }
        for track in [self.pictures, self.sound].into_iter().flatten() {
            ends.push(track.end.rescale(track.clock, (1, 1000)));
        }
        self.output.write_trailer().map_err(ours)?;
        Ok(Measures {
            duration_ms: ends.into_iter().max(),
            ..Measures::default()
        })
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

impl PacketTrack {
    fn of(output: &mut format::context::Output, track: &Kept) -> Result<Self> {
        Self::add(output, track.parameters.clone(), track.clock)
    }

    fn add(
        output: &mut format::context::Output,
        mut parameters: codec::Parameters,
        clock: Rational,
    ) -> Result<Self> {
        let codec = encoder::find(parameters.id());
        let mut stream = output.add_stream(codec).map_err(ours)?;
        without_tag(&mut parameters);
        stream.set_time_base(clock);
        stream.set_parameters(parameters);
        Ok(Self {
            stream: stream.index(),
            clock,
            end: 0,
        })
    }

    fn write(&mut self, output: &mut format::context::Output, packet: &Packet) -> Result<()> {
        let ends = packet.pts().map(|at| at + packet.duration());
        self.end = ends.map_or(self.end, |end| end.max(self.end));
        let target = clock_of(output, self.stream, self.clock);
        let mut packet = packet.clone();
        packet.set_stream(self.stream);
        packet.rescale_ts(self.clock, target);
        packet.write_interleaved(output).map_err(ours)
    }
}

/// Each container has names of its own for what is in it.
#[allow(
    unsafe_code,
    reason = "the safe interface has no setter for this field"
)]
fn without_tag(parameters: &mut codec::Parameters) {
    // SAFETY: the parameters are borrowed alone; one plain field is written.
    unsafe { (*parameters.as_mut_ptr()).codec_tag = 0 };
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
