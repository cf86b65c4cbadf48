//! Tracks that go on as they came in, where every browser can play them: which may, and their packets.

use ffmpeg_next::{
    Packet, Rational, Rescale, codec, ffi,
    packet::{Flags, Ref},
};

use super::{Display, Reader, Track, Turn};
use crate::error::{Error, Result};

/// Between two pictures that stand alone at most, in milliseconds: a player can jump this finely.
const KEY_EVERY: i64 = 5_000;
/// What pictures may take at most, in thousandths of a bit for each pixel: about twice what our own take.
const BITS: i64 = 150;
/// A short scene may take more; over so many milliseconds it has to even out.
const EVENS_OUT: i64 = 4_000;
/// The highest level of H.264 that phones play, times ten (ITU-T H.264 annex A).
const HIGHEST_LEVEL: u8 = 42;

/// A track as it came in.
pub struct Kept {
    pub(super) parameters: codec::Parameters,
    pub(super) clock: Rational,
    index: usize,
}

/// H.264 on its way from one container to another: looked at packet by packet, for what was not said before.
pub struct KeptPictures {
    pub track: Kept,
    /// Bytes that the length of each unit takes.
    prefix: usize,
    /// Bits a second at most.
    limit: i64,
    bits: i64,
    /// When the last picture came that stands alone, in milliseconds.
    key: Option<i64>,
}

/// AAC on its way from one container to another.
pub struct KeptSound {
    pub track: Kept,
    /// The last packet before what is to be heard: the first one after it is decoded with its help.
    before: Option<Packet>,
    /// Where what went on ends, on the track's clock.
    end: Option<i64>,
}

impl Kept {
    fn of<D: AsRef<codec::Context>>(track: &Track<D>) -> Self {
        Self {
            parameters: (&track.decoder).into(),
            clock: track.time_base,
            index: track.index,
        }
    }

    pub fn has(&self, packet: &Packet) -> bool {
        packet.stream() == self.index
    }
}

impl KeptSound {
    /// The sound of `reader` where it can go on as it is: AAC LC in two channels, of at most `bits` a second.
    pub fn of(reader: &Reader, bits: u32) -> Option<Self> {
        let track = reader.sound.as_ref()?;
        let decoder = &track.decoder;
        let rate = decoder.bit_rate();
        let is_fit = decoder.id() == codec::Id::AAC
            && decoder.profile() == codec::Profile::AAC(codec::profile::AAC::Low)
            && decoder.channels() == 2
            && [44_100, 48_000].contains(&decoder.rate())
            && (1..=bits as usize).contains(&rate)
            && !extradata(decoder).is_empty();
        is_fit.then(|| Self {
            track: Kept::of(track),
            before: None,
            end: None,
        })
    }

    /// What goes on of a packet, with what it needs before it.
    ///
    /// # Errors
    /// Unusable, where the track turns out not to be fit: a hole in it is a stumble in every player.
    pub fn pass(&mut self, packet: &Packet) -> Result<Vec<Packet>> {
        let Some(at) = packet.pts().filter(|_| !packet.is_corrupt()) else {
            return Err(unfit("a packet is broken, or has no time"));
        };
        if is_hidden(packet) {
            self.before = Some(packet.clone());
            return match self.end {
                None => Ok(Vec::new()),
                Some(_) => Err(unfit("something was cut out of its middle")),
            };
        }
        let length = packet.duration().max(1);
        if self.end.is_some_and(|end| (at - end).abs() > length) {
            return Err(unfit("there is a hole in it"));
        }
        self.end = Some(at + length);
        Ok(self
            .before
            .take()
            .into_iter()
            .chain([packet.clone()])
            .collect())
    }
}

impl KeptPictures {
    /// The pictures of `reader` where they may go on as they are, in `size` and in at most `bits` a second: H.264 as MP4
    /// holds it, upright, whose pixels are square.
    pub fn of(reader: &Reader, seen: Display, size: (u32, u32), bits: Option<u32>) -> Option<Self> {
        let track = reader.picture.as_ref()?;
        let decoder = &track.decoder;
        // The record that stands before such a track (ISO/IEC 14496-15 section 5.3.3.1).
        let &[1, profile, _, level, lengths, ..] = extradata(decoder) else {
            return None;
        };
        let is_fit = decoder.id() == codec::Id::H264
            && decoder.format() == ffmpeg_next::format::Pixel::YUV420P
            && [66, 77, 100].contains(&profile)
            && level <= HIGHEST_LEVEL
            && seen.turn == Turn::NONE
            && (decoder.width(), decoder.height()) == (seen.width, seen.height)
            && size == (seen.width, seen.height);
        let rate = reader.input.stream(track.index)?.avg_frame_rate();
        let pixels = i64::from(size.0) * i64::from(size.1);
        let each_second =
            pixels * i64::from(rate.numerator()) / i64::from(rate.denominator().max(1));
        let limit = each_second.saturating_mul(BITS) / 1000;
        is_fit.then(|| Self {
            track: Kept::of(track),
            prefix: usize::from(lengths & 3) + 1,
            limit: bits.map_or(limit, |bits| limit.min(bits.into())),
            bits: 0,
            key: None,
        })
    }

    /// What goes on of a packet: the picture, without what is said beside it, which may be anything (ITU-T H.264 annex D).
    ///
    /// # Errors
    /// Unusable, where the track turns out not to be fit.
    pub fn pass(&mut self, packet: &Packet) -> Result<Packet> {
        let (Some(at), Some(decoded_at)) = (packet.pts(), packet.dts()) else {
            return Err(unfit("a packet has no time"));
        };
        if packet.is_corrupt() || is_hidden(packet) || at < 0 {
            return Err(unfit("a packet is broken, or not to be shown"));
        }
        let (picture, stands_alone) = units(packet.data().unwrap_or_default(), self.prefix)
            .ok_or_else(|| unfit("a packet is not what it says"))?;
        let ms = at.rescale(self.track.clock, (1, 1000));
        if stands_alone {
            self.key = Some(ms);
        } else if self.key.is_none_or(|key| ms - key > KEY_EVERY) {
            return Err(unfit("too few pictures stand alone"));
        }
        self.bits = self
            .bits
            .saturating_add(i64::try_from(packet.size()).unwrap_or(i64::MAX / 8) * 8);
        let allowed = self.limit.saturating_mul(ms.max(0) + EVENS_OUT) / 1000;
        if self.bits > allowed {
            return Err(unfit("it takes too much"));
        }
        let mut passed = Packet::copy(&picture);
        passed.set_pts(Some(at));
        passed.set_dts(Some(decoded_at));
        passed.set_duration(packet.duration());
        passed.set_flags(if stands_alone {
            Flags::KEY
        } else {
            Flags::empty()
        });
        Ok(passed)
    }
}

/// Whether a packet was cut out, though it is still there: whoever cut it out wants it to go nowhere.
#[allow(unsafe_code, reason = "the safe interface has no name for this flag")]
fn is_hidden(packet: &Packet) -> bool {
    // SAFETY: the packet is borrowed; one plain field is read from it.
    let flags = unsafe { (*packet.as_ptr()).flags };
    flags & ffi::AV_PKT_FLAG_DISCARD != 0
}

/// Why a track that looked fit is not. Whoever hears it encodes it anew.
fn unfit(why: &str) -> Error {
    Error::Unusable(why.to_owned())
}

/// The units of an access unit that make up its picture, and whether that stands alone (ITU-T H.264 table 7-1). By hand:
/// the filter of libav for it has no safe interface.
fn units(data: &[u8], prefix: usize) -> Option<(Vec<u8>, bool)> {
    const SLICE: u8 = 1;
    const ALONE: u8 = 5;
    const PARAMETERS: [u8; 2] = [7, 8];
    let (mut picture, mut rest) = (Vec::with_capacity(data.len()), data);
    let (mut is_there, mut stands_alone) = (false, false);
    while !rest.is_empty() {
        let (length, after) = rest.split_at_checked(prefix)?;
        let length = length
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let (unit, after) = after.split_at_checked(length)?;
        let whole = &rest[..prefix + length];
        rest = after;
        let Some(sort) = unit.first().map(|byte| byte & 0x1f) else {
            continue;
        };
        is_there |= [SLICE, ALONE].contains(&sort);
        stands_alone |= sort == ALONE;
        if [SLICE, ALONE].contains(&sort) || PARAMETERS.contains(&sort) {
            picture.extend_from_slice(whole);
        }
    }
    is_there.then_some((picture, stands_alone))
}

#[allow(
    unsafe_code,
    reason = "the safe interface has no accessor for this field"
)]
fn extradata<D: AsRef<codec::Context>>(decoder: &D) -> &[u8] {
    let context = decoder.as_ref();
    // SAFETY: the context lives as long as the decoder that is borrowed; libav allocated so many bytes at the pointer.
    unsafe {
        let context = &*context.as_ptr();
        match usize::try_from(context.extradata_size) {
            Ok(length) if !context.extradata.is_null() => {
                std::slice::from_raw_parts(context.extradata, length)
            }
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_picture_goes_on() {
        let remark = [0, 0, 0, 3, 6, 5, 0x80];
        let parameters = [0, 0, 0, 2, 0x67, 1];
        let alone = [0, 0, 0, 3, 0x65, 1, 2];
        let slice = [0, 0, 0, 2, 0x41, 9];
        let all = [&parameters[..], &remark, &alone].concat();
        let picture = [&parameters[..], &alone].concat();
        assert_eq!(units(&all, 4), Some((picture, true)));
        let both = [&remark[..], &slice].concat();
        assert_eq!(units(&both, 4), Some((slice.to_vec(), false)));
        // Without a picture, cut off, or longer than it is.
        for broken in [&remark[..], &slice[..5], &[0xff, 0xff, 0xff, 0xff, 1], &[]] {
            assert_eq!(units(broken, 4), None);
        }
    }
}
