//! WebP (RFC 9649 section 2): the chunks that are the picture, and what the extended header must say of them.

use super::{Canvas, Frame, Framed, push};

const ICC: u8 = 0x20;
const ALPHA: u8 = 0x10;
/// Of a chunk: its name and its length.
const HEAD: usize = 8;

/// The frame of a still WebP of this size in pixels; none where its chunks make no sense.
pub fn read(file: &[u8], (width, height): (u32, u32)) -> Option<Framed> {
    if file.get(..4)? != b"RIFF" || file.get(8..12)? != b"WEBP" {
        return None;
    }
    let (mut picture, mut flags, mut place) = (Vec::new(), 0, 12);
    while place + HEAD <= file.len() {
        let length = u32::from_le_bytes(file[place + 4..place + HEAD].try_into().ok()?);
        let end = place + HEAD + usize::try_from(length).ok()?.next_multiple_of(2);
        let data = file.get(place + HEAD..end)?;
        let stays = match &file[place..place + 4] {
            b"ICCP" => {
                flags |= ICC;
                true
            }
            b"ALPH" => {
                flags |= ALPHA;
                true
            }
            // Its header has a bit for transparency (section 3.4).
            b"VP8L" => {
                if data.get(4)? & 0x10 != 0 {
                    flags |= ALPHA;
                }
                true
            }
            b"VP8 " => true,
            _ => false,
        };
        if stays {
            push(&mut picture, place as u64, end as u64);
        }
        place = end;
    }
    let canvas = Canvas {
        width,
        height,
        flags,
    };
    (!picture.is_empty()).then_some(Framed {
        frame: Frame::Webp(canvas),
        picture,
    })
}
