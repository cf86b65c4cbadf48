//! What a picture looks like in a few bytes. Comes in: a picture, upright, in sRGB. Goes out: a blur to show until it is
//! there, the colour that most of it has, and a hash that pictures that look alike share but for a few bits.

use base64::{Engine, engine::general_purpose::STANDARD};
use image::{
    RgbImage,
    imageops::{self, FilterType},
};
use serde::{Deserialize, Serialize};

/// No thumbhash is made of a picture with a longer side.
const LONGEST_SIDE: u32 = 100;
/// The longest that a thumbhash can be, in bytes.
const LONGEST_HASH: usize = 25;
/// The side of the square that the perceptual hash looks at, and of the corner of its spectrum that it keeps.
const LOOKED_AT: u16 = 32;
const KEPT: usize = 8;

/// How a picture looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// `ThumbHash` (github.com/evanw/thumbhash), in base64.
    pub thumbhash: String,
    /// Such as `#3a6ea5`, in sRGB.
    pub dominant_color: String,
    /// The perceptual hash of the cosine transform, 64 bits in hexadecimal: of pictures that look alike fewer than about
    /// ten differ.
    pub perceptual_hash: String,
}

impl Likeness {
    pub fn of(picture: &RgbImage) -> Self {
        let small = small(picture);
        let pixels: Vec<u8> = small
            .pixels()
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], u8::MAX])
            .collect();
        let (width, height) = small.dimensions();
        let hash = thumbhash::rgba_to_thumb_hash(width as usize, height as usize, &pixels);
        let [red, green, blue] = dominant(&small);
        Self {
            thumbhash: STANDARD.encode(hash),
            dominant_color: format!("#{red:02x}{green:02x}{blue:02x}"),
            perceptual_hash: format!("{:016x}", perceptual(picture)),
        }
    }

    /// Whether all of it has the shape that it should have.
    pub fn holds(&self) -> bool {
        let is_hex = |text: &str, digits| {
            text.len() == digits && text.bytes().all(|digit| digit.is_ascii_hexdigit())
        };
        let hash = STANDARD.decode(&self.thumbhash);
        hash.is_ok_and(|hash| (5..=LONGEST_HASH).contains(&hash.len()))
            && self
                .dominant_color
                .strip_prefix('#')
                .is_some_and(|color| is_hex(color, 6))
            && is_hex(&self.perceptual_hash, 16)
    }
}

fn small(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height).max(LONGEST_SIDE);
    let scaled =
        |side: u32| (u64::from(side) * u64::from(LONGEST_SIDE) / u64::from(longest)).max(1);
    let side = |side: u32| u32::try_from(scaled(side)).unwrap_or(LONGEST_SIDE);
    imageops::thumbnail(picture, side(width), side(height))
}

/// The mean of the colours in the fullest of 512 drawers.
fn dominant(picture: &RgbImage) -> [u8; 3] {
    let mut drawers = vec![(0_u32, [0_u32; 3]); 512];
    for pixel in picture.pixels() {
        let [red, green, blue] = pixel.0.map(|value| usize::from(value >> 5));
        let (count, sums) = &mut drawers[red << 6 | green << 3 | blue];
        *count += 1;
        for (sum, value) in sums.iter_mut().zip(pixel.0) {
            *sum += u32::from(value);
        }
    }
    let fullest = drawers.into_iter().max_by_key(|(count, _)| *count);
    let (count, sums) = fullest.unwrap_or_default();
    sums.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
}

/// Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions (2010), section 3.2.1: which of the lowest
/// frequencies lie above their median. By hand, since the crates for it bring a Fourier transform for these few cosines.
fn perceptual(picture: &RgbImage) -> u64 {
    let side = u32::from(LOOKED_AT);
    // Averaged down first: the triangle alone would have to look at every pixel of a large picture several times.
    let near = imageops::thumbnail(picture, 4 * side, 4 * side);
    let square = imageops::resize(&near, side, side, FilterType::Triangle);
    let light: Vec<f64> = square
        .pixels()
        .map(|pixel| {
            let [red, green, blue] = pixel.0.map(f64::from);
            0.299 * red + 0.587 * green + 0.114 * blue
        })
        .collect();
    let rows: Vec<[f64; KEPT]> = light.chunks(usize::from(LOOKED_AT)).map(lowest).collect();
    let mut spectrum = [0.0; KEPT * KEPT];
    for column in 0..KEPT {
        let line: Vec<f64> = rows.iter().map(|row| row[column]).collect();
        for (row, value) in lowest(&line).into_iter().enumerate() {
            spectrum[row * KEPT + column] = value;
        }
    }
    // How bright the whole is says nothing of what it shows.
    spectrum[0] = 0.0;
    let mut sorted = spectrum;
    sorted.sort_by(f64::total_cmp);
    let median = f64::midpoint(sorted[31], sorted[32]);
    spectrum
        .iter()
        .fold(0, |hash, value| hash << 1 | u64::from(*value > median))
}

/// The lowest frequencies of a line after the cosine transform (DCT-II), the constant one first.
fn lowest(line: &[f64]) -> [f64; KEPT] {
    let mut found = [0.0; KEPT];
    for (frequency, sum) in (0_u16..).zip(&mut found) {
        for (at, value) in (0_u16..).zip(line) {
            let turn = f64::from(frequency) * f64::from(2 * at + 1) / f64::from(2 * LOOKED_AT);
            *sum += value * (turn * std::f64::consts::PI).cos();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageBuffer, Rgb};

    use super::*;

    /// Waves of light in a warm colour.
    fn scene(width: u32, height: u32) -> RgbImage {
        let light = ImageBuffer::<Rgb<f32>, Vec<f32>>::from_fn(width, height, |x, y| {
            let part =
                |at: u32, whole: u32| f32::from(u16::try_from(at * 1000 / whole).unwrap()) / 1000.0;
            let (x, y) = (part(x, width), part(y, height));
            let light = 0.5 + 0.23 * (7.0 * x).sin() + 0.2 * (5.0 * y + 3.0 * x * x).cos();
            Rgb([light, 0.8 * light, 0.5 * light])
        });
        DynamicImage::ImageRgb32F(light).into_rgb8()
    }

    fn apart(one: &RgbImage, other: &RgbImage) -> u32 {
        (perceptual(one) ^ perceptual(other)).count_ones()
    }

    #[test]
    fn what_looks_alike_is_near_and_what_does_not_is_far() {
        let original = scene(900, 600);
        let smaller = imageops::resize(&original, 300, 200, FilterType::Lanczos3);
        let brighter = imageops::colorops::brighten(&original, 25);
        let other = imageops::rotate180(&original);
        assert!(apart(&original, &smaller) <= 4);
        assert!(apart(&original, &brighter) <= 8);
        assert!(apart(&original, &other) >= 20);
    }

    #[test]
    fn the_colour_of_most_and_a_blur_of_all() {
        let mut flag = RgbImage::from_pixel(300, 200, Rgb([206, 17, 38]));
        for y in 90..110 {
            for x in 0..300 {
                flag.put_pixel(x, y, Rgb([255, 255, 255]));
            }
        }
        let likeness = Likeness::of(&flag);
        assert_eq!(likeness.dominant_color, "#ce1126");
        assert!(likeness.holds(), "{likeness:?}");
        let hash = STANDARD.decode(&likeness.thumbhash).unwrap();
        let (width, height, pixels) = thumbhash::thumb_hash_to_rgba(&hash).unwrap();
        assert!(width > height);
        assert!(
            pixels[0] > 150 && pixels[1] < 90 && pixels[2] < 100,
            "{:?}",
            &pixels[..4]
        );
    }

    #[test]
    fn the_smallest_and_the_longest_pictures_have_one() {
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (33, 31)] {
            assert!(
                Likeness::of(&scene(width, height)).holds(),
                "{width} × {height}"
            );
        }
    }

    #[test]
    fn a_lie_of_the_child_is_seen() {
        let honest = Likeness::of(&scene(40, 30));
        let lies = [
            Likeness {
                thumbhash: "<script>".into(),
                ..honest.clone()
            },
            Likeness {
                dominant_color: "#red".into(),
                ..honest.clone()
            },
            Likeness {
                perceptual_hash: "f".repeat(17),
                ..honest
            },
        ];
        assert!(lies.iter().all(|lie| !lie.holds()));
    }
}
