//! Pictures that move, which GIFs may: whether one does, and for how long.

use std::io::Cursor;

/// More is a film in the wrong clothes, and stays the picture that it begins with.
const MOST_FRAMES: usize = 10_000;
/// Shorter than this means the usual time, in hundredths of a second: so do all browsers.
const SHORTEST: u16 = 2;
const USUAL: u16 = 10;

/// How long it takes to see all of it once, in milliseconds; `None` of what stands still. No pixel is decoded, and what
/// is cut off lasts as far as it goes.
pub fn duration_ms(bytes: &[u8], media_type: &str) -> Option<i64> {
    if media_type != "image/gif" {
        return None;
    }
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(Cursor::new(bytes)).ok()?;
    let (mut frames, mut hundredths) = (0, 0_i64);
    while let Ok(Some(frame)) = decoder.next_frame_info() {
        frames += 1;
        let delay = Some(frame.delay).filter(|delay| *delay >= SHORTEST);
        hundredths += i64::from(delay.unwrap_or(USUAL));
        if frames > MOST_FRAMES {
            return None;
        }
    }
    (frames > 1).then_some(hundredths * 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gif(delays: &[u16]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = gif::Encoder::new(&mut bytes, 2, 1, &[0, 0, 0, 255, 255, 255]).unwrap();
        for delay in delays {
            let mut frame = gif::Frame::from_indexed_pixels(2, 1, vec![0, 1], None);
            frame.delay = *delay;
            encoder.write_frame(&frame).unwrap();
        }
        drop(encoder);
        bytes
    }

    #[test]
    fn what_moves_does_so_for_a_time() {
        let of = |delays: &[u16]| duration_ms(&gif(delays), "image/gif");
        assert_eq!(of(&[50]), None);
        assert_eq!(of(&[50, 150]), Some(2000));
        assert_eq!(of(&[0, 1, 2]), Some(220));
        assert_eq!(of(&vec![2; MOST_FRAMES + 1]), None);
        let cut = gif(&[10; 30]);
        let some = duration_ms(&cut[..cut.len() / 2], "image/gif").unwrap();
        assert!((1000..2000).contains(&some), "{some}");
        assert_eq!(duration_ms(&cut, "image/png"), None);
    }
}
