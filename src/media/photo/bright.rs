//! Pictures brighter than paper: light as HDR codes it, brought to what screens without it show. White paper stays
//! nearly white, and what is brighter is pressed into the rest.

use moxcms::ToneReprCurve;

/// Perceptual quantisation and hybrid log-gamma (ITU-T H.273 table 3, ITU-R BT.2100-2).
const PQ: u8 = 16;
const HLG: u8 = 18;

/// White paper, in candelas a square metre (ITU-R BT.2408 section 2.1).
const PAPER: f32 = 203.0;
/// What most of such pictures are made for.
const BRIGHTEST: f32 = 1000.0;
/// Up to here light stays as it is.
const KNEE: f32 = 0.5;
const STEPS: u16 = 4095;

/// How coded numbers become light, from 0 to 1; none where that is no HDR.
pub fn curve(transfer: u8) -> Option<ToneReprCurve> {
    let candelas = match transfer {
        PQ => of_pq,
        HLG => of_hlg,
        _ => return None,
    };
    let step = |step: u16| {
        let light = pressed(candelas(f32::from(step) / f32::from(STEPS)) / PAPER);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 65535"
        )]
        let level = (light.clamp(0.0, 1.0) * 65_535.0).round() as u16;
        level
    };
    Some(ToneReprCurve::Lut((0..=STEPS).map(step).collect()))
}

/// BT.2100-2 table 4.
fn of_pq(code: f32) -> f32 {
    const M1: f32 = 2610.0 / 16_384.0;
    const M2: f32 = 2523.0 / 4096.0 * 128.0;
    const C1: f32 = 3424.0 / 4096.0;
    const C2: f32 = 2413.0 / 4096.0 * 32.0;
    const C3: f32 = 2392.0 / 4096.0 * 32.0;
    let root = code.powf(1.0 / M2);
    ((root - C1).max(0.0) / (C2 - C3 * root)).powf(1.0 / M1) * 10_000.0
}

/// BT.2100-2 table 5, on a screen of [`BRIGHTEST`].
fn of_hlg(code: f32) -> f32 {
    const A: f32 = 0.178_832_77;
    const B: f32 = 1.0 - 4.0 * A;
    const C: f32 = 0.559_910_7;
    const GAMMA: f32 = 1.2;
    let scene = if code <= 0.5 {
        code * code / 3.0
    } else {
        (((code - C) / A).exp() + B) / 12.0
    };
    scene.powf(GAMMA) * BRIGHTEST
}

/// Light where paper is 1, so that the brightest is 1 (the curve of Reinhard et al., Photographic Tone Reproduction for
/// Digital Images, 2002, from the knee on).
fn pressed(light: f32) -> f32 {
    if light <= KNEE {
        return light;
    }
    let above = |light: f32| (light - KNEE) / (1.0 - KNEE);
    let (light, most) = (above(light), above(BRIGHTEST / PAPER));
    KNEE + (1.0 - KNEE) * light * (1.0 + light / (most * most)) / (1.0 + light)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_is_nearly_white_and_the_brightest_is() {
        // The codes of white paper by BT.2408 table 1.
        for (transfer, paper) in [(PQ, 0.58), (HLG, 0.75)] {
            let Some(ToneReprCurve::Lut(levels)) = curve(transfer) else {
                panic!("no curve");
            };
            assert!(levels.is_sorted() && levels[0] == 0);
            let at = levels.iter().position(|level| *level > 48_000).unwrap();
            let off = f64::from(u32::try_from(at).unwrap()) / 4095.0 - paper;
            assert!(off.abs() < 0.03, "{transfer}: {off}");
            assert_eq!(*levels.last().unwrap(), 65_535);
        }
        assert!(curve(13).is_none());
    }
}
