//! How loud sound is, and what brings it to the loudness that is wanted (EBU R 128, ITU-R BS.1770-4): first a gain, and
//! where that would lift the peaks too high, a limiter that takes them down for the moment that they last.

use ebur128::{EbuR128, Mode};
use ffmpeg_next::{Rational, frame};
use serde::{Deserialize, Serialize};

use super::libav::{Form, SOUND, SoundGraph, share};
use crate::error::{Error, Result};

/// Below this there is nothing to hear that a gain should lift, in LUFS.
const SILENCE: f64 = -60.0;
/// The highest gain, in dB: what is so low holds mostly noise.
const MOST_GAIN: f64 = 30.0;
/// The true peak before it is encoded, in dBTP: AAC adds up to half a dB, and −1 is the most that EBU R 128 allows.
const CEILING: f64 = -1.5;

/// How far sound may be from what is wanted and is still left alone, in LU (EBU R 128).
const TOLERANCE: f64 = 1.0;
/// The true peak that EBU R 128 allows, in dBTP.
const HIGHEST: f64 = -1.0;

/// The loudness of a whole programme.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Loudness {
    /// Integrated, in LUFS; `None` where all is silent.
    pub lufs: Option<f64>,
    /// The highest true peak, in dBTP; `None` where all is silent.
    pub peak: Option<f64>,
}

/// What was measured: of the original's own channels, and of the two that films have.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub own: Loudness,
    pub mixed: Loudness,
}

/// Measures sound while it passes.
pub struct Meter {
    own: Gauge,
    /// Where there are other than two channels.
    mixed: Option<Gauge>,
}

struct Gauge {
    graph: SoundGraph,
    scale: EbuR128,
}

impl Meter {
    /// For sound of so many channels, whose times count in `time_base`.
    pub fn new(channels: u16, time_base: Rational) -> Result<Self> {
        let (layout, count) = match channels {
            0 | 1 => ("mono", 1),
            2 => ("stereo", 2),
            _ => ("5.1", 6),
        };
        let mixed = if count == 2 {
            None
        } else {
            Some(Gauge::new("stereo", 2, time_base)?)
        };
        Ok(Self {
            own: Gauge::new(layout, count, time_base)?,
            mixed,
        })
    }

    /// Takes the next piece of sound as it was decoded.
    pub fn hear(&mut self, sound: frame::Audio) -> Result<()> {
        if let Some(mixed) = &mut self.mixed {
            mixed.hear(share(&sound)?)?;
        }
        self.own.hear(sound)
    }

    pub fn finish(self) -> Result<Measured> {
        let own = self.own.finish()?;
        let mixed = self.mixed.map(Gauge::finish).transpose()?.unwrap_or(own);
        Ok(Measured { own, mixed })
    }
}

impl Gauge {
    fn new(layout: &'static str, channels: u32, time_base: Rational) -> Result<Self> {
        let form = Form {
            layout,
            frame_size: 0,
            ..SOUND
        };
        // The histogram keeps memory as it is, however long it takes.
        let modes = Mode::I | Mode::TRUE_PEAK | Mode::HISTOGRAM;
        Ok(Self {
            graph: SoundGraph::new(form, None, time_base),
            scale: EbuR128::new(channels, form.rate, modes).map_err(failed)?,
        })
    }

    fn hear(&mut self, sound: frame::Audio) -> Result<()> {
        let Self { graph, scale } = self;
        graph.push(sound, &mut |sound| weigh(scale, &sound))
    }

    fn finish(mut self) -> Result<Loudness> {
        let Self { graph, scale } = &mut self;
        graph.finish(&mut |sound| weigh(scale, &sound))?;
        let mut peak = 0_f64;
        for channel in 0..scale.channels() {
            peak = peak.max(scale.true_peak(channel).map_err(failed)?);
        }
        let finite = |value: f64| value.is_finite().then_some((value * 10.0).round() / 10.0);
        Ok(Loudness {
            lufs: finite(scale.loudness_global().map_err(failed)?),
            peak: finite(20.0 * peak.log10()),
        })
    }
}

fn weigh(scale: &mut EbuR128, sound: &frame::Audio) -> Result<()> {
    let planes: Vec<&[f32]> = (0..sound.planes())
        .map(|plane| sound.plane::<f32>(plane))
        .collect();
    scale.add_frames_planar_f32(&planes).map_err(failed)
}

fn failed(cause: ebur128::Error) -> Error {
    Error::internal("measuring loudness", cause)
}

impl Loudness {
    /// Whether it is near enough to `target` LUFS, and nowhere too high, to be left as it is; so is silence.
    pub fn is_at(self, target: f64) -> bool {
        let is_near = |lufs: f64| (lufs - target).abs() <= TOLERANCE;
        self.lufs.is_none_or(is_near) && self.peak.is_none_or(|peak| peak <= HIGHEST)
    }

    /// The filters that bring sound of this loudness to `target` LUFS; none where there is nothing to do.
    pub fn filters(self, target: f64) -> Option<String> {
        let (lufs, peak) = (self.lufs.filter(|lufs| *lufs > SILENCE)?, self.peak?);
        let gain = (target - lufs).min(MOST_GAIN);
        if peak + gain <= CEILING {
            return Some(format!("volume={gain:.2}dB"));
        }
        // Four samples for one, since true peaks lie between them (ITU-R BS.1770-4 annex 2).
        let limit = 10_f64.powf(CEILING / 20.0);
        Some(format!(
            "volume={gain:.2}dB,aresample=192000,alimiter=level=disabled:limit={limit:.4}:attack=5:release=80,aresample=48000"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(lufs: f64, peak: f64) -> Option<String> {
        let [lufs, peak] = [Some(lufs), Some(peak)];
        Loudness { lufs, peak }.filters(-23.0)
    }

    #[test]
    fn what_is_loud_enough_is_left_alone() {
        let is_at = |lufs, peak| Loudness { lufs, peak }.is_at(-23.0);
        assert!(is_at(Some(-23.9), Some(-1.0)) && is_at(Some(-22.1), Some(-9.0)));
        assert!(is_at(None, None));
        assert!(!is_at(Some(-21.9), Some(-9.0)) && !is_at(Some(-24.1), Some(-9.0)));
        assert!(!is_at(Some(-23.0), Some(-0.9)));
    }

    #[test]
    fn a_gain_is_enough_until_peaks_would_clip() {
        assert_eq!(filters(-13.0, -0.1).unwrap(), "volume=-10.00dB");
        assert_eq!(filters(-33.0, -20.0).unwrap(), "volume=10.00dB");
        assert!(filters(-33.0, -6.0).unwrap().contains("alimiter"));
        assert_eq!(filters(-70.0, -60.0), None);
        assert!(filters(-58.0, -50.0).unwrap().starts_with("volume=30.00dB"));
    }
}
