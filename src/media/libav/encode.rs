//! An MP4 in the making: H.264 and AAC, for every browser, the index at its front so that it plays while it loads.

use std::fs::File;

use ffmpeg_next::{
    ChannelLayout, Dictionary, Packet, Rational, Rescale, codec, color, encoder, format, frame,
    picture,
};

use super::{Display, Form, PictureGraph, file, is_over, ours};
use crate::{
    error::{Error, Result},
    media::{recipe::View, wire::Measures},
};

/// The clock of the pictures: fine enough for every frame rate, so that times stay what they were.
const CLOCK: Rational = Rational(1, 90_000);
/// Between two pictures that stand alone, in units of `CLOCK`: a player can jump this finely.
const KEY_EVERY: i64 = 2 * 90_000;
const SOUND_RATE: i32 = 48_000;

/// What the sound of every film is brought to before it is encoded; AAC takes 1024 samples at a time.
pub const SOUND: Form = Form {
    rate: 48_000,
    samples: "fltp",
    layout: "stereo",
    frame_size: 1024,
};

/// An MP4 that is being written.
pub struct Film {
    output: format::context::Output,
    picture: Option<PictureTrack>,
    sound: Option<SoundTrack>,
}

/// What the pictures of a film come from.
pub struct Picture {
    pub display: Display,
    /// What is shown of it: both sides even.
    pub view: View,
    pub time_base: Rational,
    /// Frames in a second, as far as the source knows.
    pub rate: Rational,
    /// The most bits a second that they may take.
    pub bits: Option<u32>,
}

struct PictureTrack {
    graph: PictureGraph,
    encoder: encoder::Video,
    size: (u32, u32),
    stream: usize,
    /// How long a picture usually stands, in units of `CLOCK`; the last one has none after it to tell.
    step: i64,
    last: i64,
    next_key: i64,
}

struct SoundTrack {
    encoder: encoder::Audio,
    stream: usize,
    samples: i64,
}

impl Film {
    /// Begins an MP4 in `file`, which is empty. `sound` is the bits a second that it is to have.
    pub fn create(file: File, picture: Option<Picture>, sound: Option<u32>) -> Result<Self> {
        let mut output = file::create(file, "mp4")?;
        let picture = picture
            .map(|picture| PictureTrack::add(&mut output, &picture))
            .transpose()?;
        let sound = sound
            .map(|bits| SoundTrack::add(&mut output, bits))
            .transpose()?;
        let options: Dictionary = [("movflags", "+faststart")].into_iter().collect();
        output.write_header_with(options).map_err(ours)?;
        Ok(Self {
            output,
            picture,
            sound,
        })
    }

    /// Takes the next picture.
    pub fn picture(&mut self, frame: frame::Video) -> Result<()> {
        let Some(track) = &mut self.picture else {
            return Ok(());
        };
        let PictureTrack {
            graph,
            encoder,
            stream,
            step,
            last,
            next_key,
            ..
        } = track;
        let output = &mut self.output;
        graph.push(frame, &mut |frame, time_base| {
            encode_picture(encoder, frame, time_base, last, next_key)?;
            write(encoder, (*stream, CLOCK, *step), output)
        })
    }

    /// Takes the next piece of sound, brought to [`SOUND`].
    pub fn sound(&mut self, mut frame: frame::Audio) -> Result<()> {
        let Some(SoundTrack {
            encoder,
            stream,
            samples,
        }) = &mut self.sound
        else {
            return Ok(());
        };
        frame.set_pts(Some(*samples));
        *samples += i64::try_from(frame.samples()).unwrap_or(0);
        encoder.send_frame(&frame).map_err(ours)?;
        write(
            encoder,
            (*stream, Rational(1, SOUND_RATE), 0),
            &mut self.output,
        )
    }

    /// Writes what was held back, and the index at the front.
    pub fn finish(mut self) -> Result<Measures> {
        let (mut measures, output) = (Measures::default(), &mut self.output);
        if let Some(PictureTrack {
            mut graph,
            mut encoder,
            size,
            stream,
            step,
            mut last,
            mut next_key,
        }) = self.picture
        {
            graph.finish(&mut |frame, time_base| {
                encode_picture(&mut encoder, frame, time_base, &mut last, &mut next_key)?;
                write(&mut encoder, (stream, CLOCK, step), output)
            })?;
            encoder.send_eof().map_err(ours)?;
            write(&mut encoder, (stream, CLOCK, step), output)?;
            (measures.width, measures.height) = (Some(size.0), Some(size.1));
            measures.duration_ms = Some((last.max(0) + step).rescale(CLOCK, (1, 1000)));
        }
        if let Some(SoundTrack {
            mut encoder,
            stream,
            samples,
        }) = self.sound
        {
            encoder.send_eof().map_err(ours)?;
            write(&mut encoder, (stream, Rational(1, SOUND_RATE), 0), output)?;
            let sound = samples.rescale((1, SOUND_RATE), (1, 1000));
            measures.duration_ms = Some(measures.duration_ms.unwrap_or(0).max(sound));
        }
        output.write_trailer().map_err(ours)?;
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
        encoder.set_width(source.view.shown.0);
        encoder.set_height(source.view.shown.1);
        encoder.set_format(format::Pixel::YUV420P);
        encoder.set_colorspace(color::Space::BT709);
        encoder.set_color_range(color::Range::MPEG);
        encoder.set_aspect_ratio((1, 1));
        encoder.set_time_base(CLOCK);
        encoder.set_frame_rate(Some(source.rate));
        encoder.set_flags(codec::Flags::GLOBAL_HEADER);
        let mut options: Dictionary = [("preset", "veryfast"), ("crf", "23"), ("forced-idr", "1")]
            .into_iter()
            .collect();
        if let Some(bits) = source.bits {
            options.set("maxrate", &bits.to_string());
            options.set("bufsize", &bits.saturating_mul(2).to_string());
        }
        let encoder = encoder.open_as_with(codec, options).map_err(ours)?;
        let mut stream = output.add_stream(codec).map_err(ours)?;
        stream.set_time_base(CLOCK);
        stream.set_parameters(&encoder);
        let stream = stream.index();
        let step = 1.rescale(source.rate.invert(), CLOCK);
        let graph = PictureGraph::new(source.display, source.view, "yuv420p", source.time_base);
        Ok(Self {
            graph,
            encoder,
            size: source.view.shown,
            stream,
            step,
            last: i64::MIN,
            next_key: 0,
        })
    }
}

impl SoundTrack {
    fn add(output: &mut format::context::Output, bits: u32) -> Result<Self> {
        let codec = encoder::find_by_name("aac").ok_or_else(|| missing("aac"))?;
        let mut encoder = codec::Context::new_with_codec(codec)
            .encoder()
            .audio()
            .map_err(ours)?;
        encoder.set_rate(SOUND_RATE);
        encoder.set_format(format::Sample::F32(format::sample::Type::Planar));
        encoder.set_channel_layout(ChannelLayout::STEREO);
        encoder.set_bit_rate(bits as usize);
        encoder.set_time_base((1, SOUND_RATE));
        encoder.set_flags(codec::Flags::GLOBAL_HEADER);
        let opened = encoder.open_as(codec).map_err(ours)?;
        let mut stream = output.add_stream(codec).map_err(ours)?;
        stream.set_time_base((1, SOUND_RATE));
        stream.set_parameters(&opened);
        let stream = stream.index();
        Ok(Self {
            encoder: opened,
            stream,
            samples: 0,
        })
    }
}

/// Encodes a picture at its time. One that comes out of turn is left out: time runs forward.
fn encode_picture(
    encoder: &mut encoder::Video,
    mut frame: frame::Video,
    time_base: Rational,
    last: &mut i64,
    next_key: &mut i64,
) -> Result<()> {
    let at = frame.pts().unwrap_or(0).rescale(time_base, CLOCK);
    if at <= *last || at < 0 {
        return Ok(());
    }
    let key = at >= *next_key;
    if key {
        *next_key = at + KEY_EVERY;
    }
    *last = at;
    frame.set_pts(Some(at));
    frame.set_kind(if key {
        picture::Type::I
    } else {
        picture::Type::None
    });
    encoder.send_frame(&frame).map_err(ours)
}

/// Writes the packets that are ready to a stream; they count in its time base, and last so long where they do not say.
fn write(
    encoder: &mut encoder::Encoder,
    (stream, time_base, duration): (usize, Rational, i64),
    output: &mut format::context::Output,
) -> Result<()> {
    let target = output
        .stream(stream)
        .map_or(time_base, |stream| stream.time_base());
    let mut packet = Packet::empty();
    loop {
        match encoder.receive_packet(&mut packet) {
            Ok(()) => {
                packet.set_stream(stream);
                if packet.duration() == 0 {
                    packet.set_duration(duration);
                }
                packet.rescale_ts(time_base, target);
                packet.write_interleaved(output).map_err(ours)?;
            }
            Err(fault) if is_over(fault) => return Ok(()),
            Err(fault) => return Err(ours(fault)),
        }
    }
}

fn missing(codec: &'static str) -> Error {
    Error::internal("FFmpeg's encoders", format!("no {codec}"))
}
