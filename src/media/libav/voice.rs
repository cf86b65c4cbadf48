//! Sound on its way into films: AAC of one bit rate, encoded once and put into as many films as want it.

use ffmpeg_next::{ChannelLayout, Packet, Rational, codec, encoder, format, frame};

use super::{Form, encode::missing, is_over, ours};
use crate::error::Result;

pub const CLOCK: Rational = Rational(1, 48_000);

/// What sound is brought to before it is encoded; AAC takes 1024 samples at a time.
pub const SOUND: Form = Form {
    rate: 48_000,
    samples: "fltp",
    layout: "stereo",
    frame_size: 1024,
};

pub struct Voice {
    pub(super) encoder: encoder::Audio,
    samples: i64,
}

impl Voice {
    /// `bits` is how many a second it takes.
    pub fn new(bits: u32) -> Result<Self> {
        let codec = encoder::find_by_name("aac").ok_or_else(|| missing("aac"))?;
        let mut encoder = codec::Context::new_with_codec(codec)
            .encoder()
            .audio()
            .map_err(ours)?;
        encoder.set_rate(CLOCK.denominator());
        encoder.set_format(format::Sample::F32(format::sample::Type::Planar));
        encoder.set_channel_layout(ChannelLayout::STEREO);
        encoder.set_bit_rate(bits as usize);
        encoder.set_time_base(CLOCK);
        encoder.set_flags(codec::Flags::GLOBAL_HEADER);
        Ok(Self {
            encoder: encoder.open_as(codec).map_err(ours)?,
            samples: 0,
        })
    }

    /// Takes the next piece of sound, brought to [`SOUND`], and hands over the packets that are ready, in [`CLOCK`].
    pub fn push(
        &mut self,
        mut sound: frame::Audio,
        take: &mut impl FnMut(&Packet) -> Result<()>,
    ) -> Result<()> {
        sound.set_pts(Some(self.samples));
        self.samples += i64::try_from(sound.samples()).unwrap_or(0);
        self.encoder.send_frame(&sound).map_err(ours)?;
        self.packets(take)
    }

    /// Hands over what was held back.
    pub fn finish(&mut self, take: &mut impl FnMut(&Packet) -> Result<()>) -> Result<()> {
        self.encoder.send_eof().map_err(ours)?;
        self.packets(take)
    }

    fn packets(&mut self, take: &mut impl FnMut(&Packet) -> Result<()>) -> Result<()> {
        let mut packet = Packet::empty();
        loop {
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => take(&packet)?,
                Err(fault) if is_over(fault) => return Ok(()),
                Err(fault) => return Err(ours(fault)),
            }
        }
    }
}
