//! How a track of pictures is meant to be seen: how the camera was held, and how wide its pixels are.

use ffmpeg_next::{Rational, codec::packet::side_data::Type, decoder, format::stream::Stream};

/// Pixels wider or narrower than this are a mistake in the file.
const WIDEST_PIXEL: i32 = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Display {
    /// Upright, with square pixels.
    pub width: u32,
    pub height: u32,
    /// The filters of libavfilter that bring a frame upright.
    pub turn: Turn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    pub filters: &'static [&'static str],
    /// Whether width and height change places.
    pub quarter: bool,
}

impl Turn {
    pub const NONE: Self = Self {
        filters: &[],
        quarter: false,
    };
}

/// How `stream` is meant to be seen.
pub fn display(stream: &Stream, decoder: &decoder::Video) -> Display {
    let matrix = stream
        .side_data()
        .find(|data| data.kind() == Type::DisplayMatrix);
    let turn = matrix.map_or(Turn::NONE, |matrix| turn(matrix.data()));
    let aspect = [container_aspect(stream), decoder.aspect_ratio()]
        .into_iter()
        .find(|aspect| aspect.numerator() > 0);
    let (width, height) = (squared(decoder.width(), aspect), decoder.height());
    let (width, height) = if turn.quarter {
        (height, width)
    } else {
        (width, height)
    };
    Display {
        width,
        height,
        turn,
    }
}

/// The width of a row whose pixels have `aspect`, in square pixels.
fn squared(width: u32, aspect: Option<Rational>) -> u32 {
    let sane = |aspect: &Rational| {
        let (over, under) = (aspect.numerator(), aspect.denominator());
        over > 0 && under > 0 && over / under < WIDEST_PIXEL && under / over < WIDEST_PIXEL
    };
    let wide = |aspect: Rational| {
        let exact =
            i64::from(width) * i64::from(aspect.numerator()) / i64::from(aspect.denominator());
        u32::try_from(exact).unwrap_or(width)
    };
    aspect.filter(sane).map_or(width, wide)
}

/// The container's word on the shape of pixels, which overrides the codec's.
#[allow(
    unsafe_code,
    reason = "the safe interface has no accessor for this field"
)]
fn container_aspect(stream: &Stream) -> Rational {
    // SAFETY: the pointer leads to a stream of the context that `stream` borrows; one plain field is read from it.
    unsafe { (*stream.as_ptr()).sample_aspect_ratio }.into()
}

/// The turn that a matrix of nine 32-bit numbers asks for (ISO/IEC 14496-12 section 6.2.2), to the nearest quarter.
fn turn(matrix: &[u8]) -> Turn {
    let number = |place: usize| {
        let bytes = matrix
            .get(place * 4..place * 4 + 4)
            .and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, i32::from_ne_bytes)
    };
    let (a, b, c, d) = (number(0), number(1), number(3), number(4));
    if b.unsigned_abs() > a.unsigned_abs() {
        let filters: &[&str] = match (b > 0, c > 0) {
            (true, false) => &["transpose=clock"],
            (true, true) => &["transpose=cclock_flip"],
            (false, true) => &["transpose=cclock"],
            (false, false) => &["transpose=clock_flip"],
        };
        return Turn {
            filters,
            quarter: true,
        };
    }
    let filters: &[&str] = match (a < 0, d < 0) {
        (true, true) => &["hflip", "vflip"],
        (true, false) => &["hflip"],
        (false, true) => &["vflip"],
        (false, false) => &[],
    };
    Turn {
        filters,
        quarter: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(a: i32, b: i32, c: i32, d: i32) -> &'static [&'static str] {
        let numbers = [a, b, 0, c, d, 0, 0, 0, 1 << 30];
        turn(
            &numbers
                .into_iter()
                .flat_map(i32::to_ne_bytes)
                .collect::<Vec<_>>(),
        )
        .filters
    }

    #[test]
    fn phones_held_in_all_ways() {
        const ONE: i32 = 1 << 16;
        assert_eq!(filters(ONE, 0, 0, ONE), &[] as &[&str]);
        assert_eq!(filters(0, ONE, -ONE, 0), ["transpose=clock"]);
        assert_eq!(filters(0, -ONE, ONE, 0), ["transpose=cclock"]);
        assert_eq!(filters(-ONE, 0, 0, -ONE), ["hflip", "vflip"]);
        assert!(turn(b"short").filters.is_empty());
    }

    #[test]
    fn wide_pixels_are_squared_and_nonsense_is_not_believed() {
        assert_eq!(squared(720, Some(Rational::new(64, 45))), 1024);
        assert_eq!(squared(720, Some(Rational::new(1, 0))), 720);
        assert_eq!(squared(720, Some(Rational::new(1000, 1))), 720);
        assert_eq!(squared(720, None), 720);
    }
}
