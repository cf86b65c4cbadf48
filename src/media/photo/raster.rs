//! A picture as a decoder gave it: its pixels in eight bits, and what their numbers mean. Goes out: a picture in sRGB,
//! without transparency.

use fast_image_resize::PixelType;
use image::{DynamicImage, RgbImage, RgbaImage};

use super::{colour, colour::Meaning};
use crate::{error::Result, media::picture};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Grey,
    Rgb,
    Rgba,
    /// As inks: 0 is the bare paper.
    Cmyk,
}

#[derive(Debug)]
pub struct Raster {
    pub pixels: Vec<u8>,
    /// Width and height.
    pub size: (u32, u32),
    pub layout: Layout,
    pub meaning: Meaning,
    /// Whether parts of it are missing: what there is, is shown.
    pub damaged: bool,
}

impl Layout {
    pub const fn bytes(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }
}

impl Raster {
    /// The pixels of the image crate, in eight bits.
    pub fn of(picture: DynamicImage, meaning: Meaning) -> Self {
        let size = (picture.width(), picture.height());
        let colour = picture.color();
        let (pixels, layout) = match (colour.has_color(), colour.has_alpha()) {
            (_, true) => (picture.into_rgba8().into_raw(), Layout::Rgba),
            (true, false) => (picture.into_rgb8().into_raw(), Layout::Rgb),
            (false, false) => (picture.into_luma8().into_raw(), Layout::Grey),
        };
        Self {
            pixels,
            size,
            layout,
            meaning,
            damaged: false,
        }
    }

    /// The picture in another size, in sRGB, on white. Scaled first: colours cost by the pixel.
    pub fn into_srgb(mut self, size: (u32, u32)) -> Result<RgbImage> {
        if size != self.size {
            let kind = match self.layout {
                Layout::Grey => PixelType::U8,
                Layout::Rgb => PixelType::U8x3,
                Layout::Rgba | Layout::Cmyk => PixelType::U8x4,
            };
            let is_alpha = self.layout == Layout::Rgba;
            self.pixels = picture::scale(&self.pixels, self.size, (kind, is_alpha), size)?;
            self.size = size;
        }
        if self.layout == Layout::Rgba {
            let whole = RgbaImage::from_raw(size.0, size.1, self.pixels);
            self.pixels = on_white(&whole.ok_or_else(picture::mismatch)?);
            self.layout = Layout::Rgb;
        }
        let pixels = colour::to_srgb(self.pixels, self.layout, &self.meaning);
        RgbImage::from_raw(size.0, size.1, pixels).ok_or_else(picture::mismatch)
    }
}

fn on_white(picture: &RgbaImage) -> Vec<u8> {
    let over = |part: u8, alpha: u8| {
        let (part, alpha) = (u16::from(part), u16::from(alpha));
        u8::try_from((part * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
    };
    let flat = |pixel: &image::Rgba<u8>| {
        let [red, green, blue, alpha] = pixel.0;
        [red, green, blue].map(|part| over(part, alpha))
    };
    picture.pixels().flat_map(flat).collect()
}
