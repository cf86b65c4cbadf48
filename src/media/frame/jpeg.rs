//! JPEG (ISO/IEC 10918-1 annex B): everything but the application segments and comments is the picture, to the end of
//! the image; of the segments, the colour profile and Adobe's transform stay where they are. What cameras append behind
//! the image (a preview, a gain map, a video of the moment before) is left out: it may show what was cropped away.

use std::io::{BufRead, Error, ErrorKind, Read, Result, Seek, SeekFrom};

use exif::{Exif, In, Reader, Tag, Value};

use super::{Camera, Frame, Framed, push};

const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;
const COMMENT: u8 = 0xFE;
/// What EXIF says of colours that are not sRGB's.
const BY_PROFILE: u16 = 0xFFFF;
/// More segments than this are no photo's.
const MOST: usize = 100_000;

/// The frame of a JPEG; none where its segments make no sense.
pub fn read(file: impl BufRead + Seek) -> Option<Framed> {
    let mut walk = Walk {
        file,
        place: 0,
        camera: Camera::default(),
        picture: Vec::new(),
    };
    walk.whole().ok()?;
    let framed = Framed {
        frame: Frame::Jpeg(walk.camera),
        picture: walk.picture,
    };
    // What nobody would believe is made anew of the pixels.
    framed.holds(walk.place).then_some(framed)
}

struct Walk<R> {
    file: R,
    /// Of the next byte.
    place: u64,
    camera: Camera,
    picture: Vec<super::Span>,
}

impl<R: BufRead + Seek> Walk<R> {
    fn whole(&mut self) -> Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        if self.bytes::<2>()? != [0xFF, 0xD8] {
            return Err(senseless());
        }
        for _ in 0..MOST {
            let start = self.place;
            let [0xFF, marker] = self.marker()? else {
                return Err(senseless());
            };
            match marker {
                END_OF_IMAGE => {
                    push(&mut self.picture, start, self.place);
                    return Ok(());
                }
                0x01 | 0xD0..=0xD7 => push(&mut self.picture, start, self.place),
                0xE0..=0xEF | COMMENT => {
                    let data = self.segment()?;
                    if self.stays(marker, &data) {
                        push(&mut self.picture, start, self.place);
                    }
                }
                START_OF_SCAN => {
                    self.segment()?;
                    let ended = self.scan()?;
                    push(&mut self.picture, start, self.place);
                    if ended {
                        return Ok(());
                    }
                }
                _ => {
                    let data = self.segment()?;
                    if let (true, Some([lines, lines_low, columns, columns_low])) =
                        (is_frame(marker), data.get(1..5))
                    {
                        let pair = |high: &u8, low: &u8| u16::from_be_bytes([*high, *low]);
                        let size = (pair(columns, columns_low), pair(lines, lines_low));
                        self.camera.size = Some(size);
                    }
                    push(&mut self.picture, start, self.place);
                }
            }
        }
        Err(senseless())
    }

    /// A marker; it may have any number of 0xFF before it.
    fn marker(&mut self) -> Result<[u8; 2]> {
        let mut pair = self.bytes::<2>()?;
        while pair == [0xFF, 0xFF] {
            pair[1] = self.bytes::<1>()?[0];
        }
        Ok(pair)
    }

    fn segment(&mut self) -> Result<Vec<u8>> {
        let length = u64::from(u16::from_be_bytes(self.bytes::<2>()?));
        let length = length.checked_sub(2).ok_or_else(senseless)?;
        let mut data = Vec::new();
        self.file.by_ref().take(length).read_to_end(&mut data)?;
        self.place += data.len() as u64;
        if data.len() as u64 == length {
            Ok(data)
        } else {
            Err(ErrorKind::UnexpectedEof.into())
        }
    }

    /// Passes over the compressed data, up to the next marker that belongs between scans. Whether the file ended
    /// within: such a photo is shown as far as it goes.
    fn scan(&mut self) -> Result<bool> {
        let mut after_ff = false;
        loop {
            let buffer = self.file.fill_buf()?;
            if buffer.is_empty() {
                return Ok(true);
            }
            let mut used = buffer.len();
            for (at, byte) in buffer.iter().enumerate() {
                if after_ff && is_between_scans(*byte) {
                    used = at;
                    break;
                }
                after_ff = *byte == 0xFF;
            }
            let found = used < buffer.len();
            self.file.consume(used);
            self.place += used as u64;
            if found {
                // Back to before the 0xFF.
                self.place -= 1;
                self.file.seek(SeekFrom::Start(self.place))?;
                return Ok(false);
            }
        }
    }

    /// Whether an application segment is needed to see the picture as it is. What others say of that is kept in mind.
    fn stays(&mut self, marker: u8, data: &[u8]) -> bool {
        match marker {
            0xE0 if data.starts_with(b"JFIF\0") => {
                if let Some([unit, x, x_low, y, y_low]) = data.get(7..12) {
                    let pair = |high: &u8, low: &u8| u16::from_be_bytes([*high, *low]);
                    self.camera.density = Some((*unit, pair(x, x_low), pair(y, y_low)));
                }
                false
            }
            0xE1 if data.starts_with(b"Exif\0\0") => {
                exif(&data[6..], &mut self.camera);
                false
            }
            0xE2 if data.starts_with(b"ICC_PROFILE\0") => {
                // Unless EXIF says it of itself: nobody is to take them for sRGB.
                self.camera.colour_space.get_or_insert(BY_PROFILE);
                true
            }
            0xEE => data.starts_with(b"Adobe"),
            _ => false,
        }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        self.place += N as u64;
        Ok(bytes)
    }
}

/// Markers that may follow a scan: tables, another frame or scan, its number of lines, the end, what programs say. Any
/// other is damage within the scan.
fn is_between_scans(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xC7 | 0xC9..=0xCF | 0xD9..=0xDF | 0xE0..=0xEF | COMMENT)
}

/// Start of frame, of any sort (table B.1).
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF)
}

/// Whether EXIF says that colours are those of Adobe RGB.
pub fn is_wide(tiff: &[u8]) -> bool {
    let index = fields(tiff).and_then(|exif| interoperability(&exif));
    index.as_deref() == Some("R03")
}

fn fields(tiff: &[u8]) -> Option<Exif> {
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    reader
        .read_raw(tiff.to_vec())
        .or_else(|error| error.distill_partial_result(|_| ()))
        .ok()
}

fn exif(tiff: &[u8], camera: &mut Camera) {
    let Some(exif) = fields(tiff) else {
        return;
    };
    let short = |tag| u16::try_from(number(&exif, tag)?).ok();
    camera.orientation = short(Tag::Orientation).filter(|turned| (1..=8).contains(turned));
    camera.colour_space = short(Tag::ColorSpace).or(camera.colour_space);
    camera.interoperability = interoperability(&exif);
    camera.exposure_time = ratio(&exif, Tag::ExposureTime);
    camera.f_number = ratio(&exif, Tag::FNumber);
    camera.sensitivity = short(Tag::PhotographicSensitivity);
    camera.focal_length = ratio(&exif, Tag::FocalLength);
}

fn number(exif: &Exif, tag: Tag) -> Option<u32> {
    exif.get_field(tag, In::PRIMARY)?.value.get_uint(0)
}

fn ratio(exif: &Exif, tag: Tag) -> Option<(u32, u32)> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(list) => list.first().map(|one| (one.num, one.denom)),
        _ => None,
    }
}

/// One of the three values that there are.
fn interoperability(exif: &Exif) -> Option<String> {
    let field = exif.get_field(Tag::InteroperabilityIndex, In::PRIMARY)?;
    let Value::Ascii(parts) = &field.value else {
        return None;
    };
    let known = ["R98", "R03", "THM"];
    let index = known.iter().find(|known| {
        parts[..]
            .first()
            .is_some_and(|part| part.starts_with(known.as_bytes()))
    })?;
    Some((*index).to_owned())
}

fn senseless() -> Error {
    ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], &length[..], data].concat()
    }

    fn photo() -> Vec<u8> {
        [
            vec![0xFF, 0xD8],
            segment(0xE0, b"JFIF\0\x01\x01\x01\0\x48\0\x48\0\0"),
            segment(0xE1, b"Exif\0\0II*\0"),
            segment(0xE2, b"ICC_PROFILE\0\x01\x01profile"),
            segment(0xE2, b"MPF\0elsewhere"),
            segment(0xDB, &[7; 65]),
            segment(0xFE, b"a comment"),
            segment(0xDA, b"scan"),
            b"\x01\xFF\0\x02\xFF\xD0\x03\xFF\xFF\x5A".to_vec(),
            segment(0xC4, b"table"),
            segment(0xDA, b"scan"),
            b"\x04\xFF\xD9".to_vec(),
            b"\xFF\xD8 a video of the moment before".to_vec(),
        ]
        .concat()
    }

    /// What is left of the file, read through a buffer of `size` bytes.
    fn picture(file: &[u8], size: usize) -> Option<Vec<u8>> {
        let framed = read(BufReader::with_capacity(size, Cursor::new(file)))?;
        assert!(framed.holds(file.len() as u64));
        let part = |span: &super::super::Span| {
            let start = usize::try_from(span.start).unwrap();
            file[start..start + usize::try_from(span.length).unwrap()].to_vec()
        };
        Some(framed.picture.iter().flat_map(part).collect())
    }

    #[test]
    fn profile_tables_and_scans_stay_and_nothing_else() {
        let expected = [
            segment(0xE2, b"ICC_PROFILE\0\x01\x01profile"),
            segment(0xDB, &[7; 65]),
            segment(0xDA, b"scan"),
            b"\x01\xFF\0\x02\xFF\xD0\x03\xFF\xFF\x5A".to_vec(),
            segment(0xC4, b"table"),
            segment(0xDA, b"scan"),
            b"\x04\xFF\xD9".to_vec(),
        ]
        .concat();
        for size in [1, 2, 3, 7, 8192] {
            assert_eq!(picture(&photo(), size).unwrap(), expected);
        }
        let Some(Framed {
            frame: Frame::Jpeg(camera),
            ..
        }) = read(Cursor::new(photo()))
        else {
            panic!("no frame");
        };
        assert_eq!(camera.density, Some((1, 72, 72)));
        assert_eq!(camera.colour_space, Some(BY_PROFILE));
    }

    #[test]
    fn a_picture_in_more_pieces_than_anybody_believes_is_none() {
        let of = |pieces: usize| {
            let piece = [segment(0xDB, &[7; 65]), segment(0xFE, b"a comment")].concat();
            let file = [
                b"\xFF\xD8".to_vec(),
                piece.repeat(pieces),
                b"\xFF\xD9".to_vec(),
            ];
            picture(&file.concat(), 8192)
        };
        assert!(of(20).is_some() && of(200).is_none());
    }

    #[test]
    fn a_cut_anywhere_is_no_harm_and_a_cut_scan_is_kept_as_far_as_it_goes() {
        let photo = photo();
        for end in 0..photo.len() {
            let _ = picture(&photo[..end], 5);
        }
        let scan = photo.windows(4).position(|four| four == b"scan").unwrap();
        let cut = picture(&photo[..scan + 6], 5).unwrap();
        assert!(cut.ends_with(b"scan\x01\xFF"), "{cut:?}");
    }
}
