//! Photoshop's documents (Adobe Photoshop File Formats Specification, November 2019): the composite that stands at their
//! end, for programs that know no layers. Read by hand: the section is rows of bytes, plain or packed, and of the two
//! libraries that there are one panics on broken files and the other knows neither profiles nor packed rows of 16 bits.

use super::{
    MOST_PIXELS,
    colour::Meaning,
    raster::{Layout, Raster},
    segments::Segments,
};
use crate::error::{Error, Result};

/// What stands before the pixels.
pub struct Head<'a> {
    /// Width and height.
    pub size: (u32, u32),
    pub segments: Segments,
    depth: u16,
    mode: Mode,
    /// Of colours.
    planes: usize,
    /// All that the composite has.
    channels: usize,
    /// PSB: lengths of rows take four bytes.
    is_big: bool,
    palette: &'a [u8],
    profile: Option<&'a [u8]>,
    composite: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Bitmap,
    Grey,
    Indexed,
    Rgb,
    Cmyk,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn short(&mut self) -> Result<u16> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn long(&mut self) -> Result<u32> {
        Ok(u32::from(self.short()?) << 16 | u32::from(self.short()?))
    }

    /// A section that begins with its length.
    fn section(&mut self, is_big: bool) -> Result<&'a [u8]> {
        let high = if is_big {
            u64::from(self.long()?) << 32
        } else {
            0
        };
        let length = high | u64::from(self.long()?);
        self.take(usize::try_from(length).map_err(|_| short())?)
    }
}

fn short() -> Error {
    Error::Unusable("it ends too early".into())
}

pub fn head(bytes: &[u8]) -> Result<Head<'_>> {
    let mut reader = Reader(bytes);
    reader.take(4)?;
    let is_big = reader.short()? == 2;
    reader.take(6)?;
    let channels = reader.short()?;
    let (height, width) = (reader.long()?, reader.long()?);
    let (depth, mode) = (reader.short()?, reader.short()?);
    let (mode, planes) = match mode {
        0 => (Mode::Bitmap, 1),
        // A duotone looks like its grey.
        1 | 8 => (Mode::Grey, 1),
        2 => (Mode::Indexed, 1),
        3 => (Mode::Rgb, 3),
        4 => (Mode::Cmyk, 4),
        9 => return Err(Error::Unusable("its colours are of the sort Lab".into())),
        _ => return Err(Error::Unusable("its colours are of an unknown sort".into())),
    };
    let pixels = u64::from(width) * u64::from(height);
    if !(1..=MOST_PIXELS).contains(&pixels) {
        return Err(Error::Unusable(format!(
            "it has {width} × {height} pixels, which is none or more than {MOST_PIXELS}"
        )));
    }
    if usize::from(channels) < planes || !matches!(depth, 1 | 8 | 16 | 32) {
        return Err(Error::Unusable("its header makes no sense".into()));
    }
    let palette = reader.section(false)?;
    let (segments, profile) = resources(reader.section(false)?);
    // Layers and masks.
    reader.section(is_big)?;
    Ok(Head {
        size: (width, height),
        segments,
        depth,
        mode,
        planes,
        channels: usize::from(channels),
        is_big,
        palette,
        profile,
        composite: reader.0,
    })
}

/// Descriptions and the profile, from the image resources.
fn resources(section: &[u8]) -> (Segments, Option<&[u8]>) {
    const PROFILE: u16 = 1039;
    const EXIF: u16 = 1058;
    const XMP: u16 = 1060;
    let (mut reader, mut profile) = (Reader(section), None);
    let mut segments = Segments {
        // The records of IPTC are a resource, too, and their reader knows the rest.
        resources: Some(section.to_vec()),
        ..Segments::default()
    };
    let mut next = || -> Result<(u16, &[u8])> {
        reader.take(4)?;
        let id = reader.short()?;
        let name = usize::from(reader.take(1)?[0]);
        // With its length it takes an even number of bytes.
        reader.take(name | 1)?;
        let data = reader.section(false)?;
        if data.len() % 2 == 1 && !reader.0.is_empty() {
            reader.take(1)?;
        }
        Ok((id, data))
    };
    while let Ok((id, data)) = next() {
        match id {
            PROFILE => profile = Some(data),
            EXIF => segments.exif = Some(data.to_vec()),
            XMP => segments.xmp = Some(data.to_vec()),
            _ => {}
        }
    }
    (segments, profile)
}

impl Head<'_> {
    /// The composite, as far as its rows are there. Transparent parts lie on white in it already; channels behind the
    /// colours are selections or shapes.
    pub fn decode(&self) -> Result<Raster> {
        let mut reader = Reader(self.composite);
        let packed = match reader.short()? {
            0 => false,
            1 => true,
            _ => {
                return Err(Error::Unusable(
                    "its picture is packed in an unknown way".into(),
                ));
            }
        };
        let (width, height) = (self.size.0 as usize, self.size.1 as usize);
        let lengths = if packed {
            self.lengths(&mut reader)?
        } else {
            Vec::new()
        };
        let row = (width * usize::from(self.depth)).div_ceil(8);
        let blank = if self.mode == Mode::Cmyk { 0xFF } else { 0x80 };
        let mut pixels = vec![blank; width * height * self.planes];
        let (mut unpacked, mut damaged) = (vec![0; row], false);
        'planes: for plane in 0..self.planes {
            for line in 0..height {
                let stored = match lengths.get(plane * height + line) {
                    Some(length) => reader.take(*length),
                    None => reader.take(row),
                };
                let Ok(stored) = stored else {
                    damaged = true;
                    break 'planes;
                };
                let samples = if packed {
                    damaged |= !unpack(stored, &mut unpacked);
                    &unpacked
                } else {
                    stored
                };
                let line = &mut pixels[line * width * self.planes..][..width * self.planes];
                let places = line.iter_mut().skip(plane).step_by(self.planes);
                self.samples(samples, places);
            }
        }
        Ok(self.raster(pixels, damaged))
    }

    /// How long each packed row is, of all planes that the file has.
    fn lengths(&self, reader: &mut Reader) -> Result<Vec<usize>> {
        let rows = self.size.1 as usize * self.channels;
        let length = |reader: &mut Reader| -> Result<usize> {
            Ok(if self.is_big {
                reader.long()? as usize
            } else {
                usize::from(reader.short()?)
            })
        };
        (0..rows).map(|_| length(reader)).collect()
    }

    /// Brings samples of a row to eight bits.
    fn samples<'p>(&self, samples: &[u8], places: impl Iterator<Item = &'p mut u8>) {
        let set = |(place, sample): (&mut u8, u8)| *place = sample;
        match self.depth {
            1 => {
                let bits = samples
                    .iter()
                    .flat_map(|byte| (0..8).map(move |n| byte >> (7 - n) & 1));
                // In a bitmap 1 is black.
                places
                    .zip(bits.map(|bit| if bit == 1 { 0 } else { 255 }))
                    .for_each(set);
            }
            16 => places
                .zip(samples.chunks_exact(2).map(|pair| pair[0]))
                .for_each(set),
            32 => places.zip(samples.chunks_exact(4).map(light)).for_each(set),
            _ => places.zip(samples.iter().copied()).for_each(set),
        }
    }

    fn raster(&self, mut pixels: Vec<u8>, damaged: bool) -> Raster {
        let layout = match self.mode {
            Mode::Bitmap | Mode::Grey => Layout::Grey,
            Mode::Indexed | Mode::Rgb => Layout::Rgb,
            Mode::Cmyk => Layout::Cmyk,
        };
        if self.mode == Mode::Indexed {
            let colour = |index: &u8| {
                [0, 256, 512].map(|plane| {
                    self.palette
                        .get(plane + usize::from(*index))
                        .copied()
                        .unwrap_or(0)
                })
            };
            pixels = pixels.iter().flat_map(colour).collect();
        }
        if self.mode == Mode::Cmyk {
            // How much of the paper is left bare.
            for ink in &mut pixels {
                *ink = !*ink;
            }
        }
        Raster {
            pixels,
            size: self.size,
            layout,
            meaning: Meaning::of(self.profile.map(<[u8]>::to_vec)),
            damaged,
        }
    }
}

/// Light as a number from 0 to 1, as sRGB has it in eight bits.
fn light(sample: &[u8]) -> u8 {
    let light = sample
        .try_into()
        .map_or(0.0, f32::from_be_bytes)
        .clamp(0.0, 1.0);
    let curved = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 255"
    )]
    let byte = (curved * 255.0).round() as u8;
    byte
}

/// `PackBits` (TIFF 6.0 section 9) into a row; whether it was all there.
fn unpack(packed: &[u8], row: &mut [u8]) -> bool {
    let (mut rest, mut at) = (packed, 0);
    while at < row.len() {
        let Some((count, behind)) = rest.split_first() else {
            break;
        };
        let room = row.len() - at;
        match count {
            0..=127 => {
                let length = usize::from(*count) + 1;
                let Some((plain, behind)) = behind.split_at_checked(length) else {
                    break;
                };
                let length = length.min(room);
                row[at..at + length].copy_from_slice(&plain[..length]);
                (at, rest) = (at + length, behind);
            }
            128 => rest = behind,
            129..=255 => {
                let Some((byte, behind)) = behind.split_first() else {
                    break;
                };
                let length = (257 - usize::from(*count)).min(room);
                row[at..at + length].fill(*byte);
                (at, rest) = (at + length, behind);
            }
        }
    }
    let whole = at == row.len();
    row[at..].fill(0x80);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_rows_come_out_and_broken_ones_end() {
        let mut row = [0; 6];
        assert!(unpack(&[2, 1, 2, 3, 254, 9], &mut row));
        assert_eq!(row, [1, 2, 3, 9, 9, 9]);
        assert!(!unpack(&[2, 1], &mut row));
        assert!(!unpack(&[128, 128], &mut row));
        assert!(unpack(&[129, 7], &mut row), "more than the row holds");
        assert_eq!(row, [7; 6]);
    }

    #[test]
    fn no_document_is_too_short() {
        let mut whole = b"8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x01\0\0\0\x02\0\x08\0\x03".to_vec();
        whole.extend([0; 12]);
        whole.extend([0, 0, 10, 20, 30, 40, 50, 60]);
        for end in 0..whole.len() {
            if let Ok(head) = head(&whole[..end]) {
                assert!(head.decode().map_or(true, |raster| raster.damaged), "{end}");
            }
        }
        let raster = head(&whole).unwrap().decode().unwrap();
        assert_eq!(raster.pixels, [10, 30, 50, 20, 40, 60]);
        assert!(!raster.damaged);
    }
}
