//! Media made on the spot: tiny, each unlike the others by its number, and like what people send.

use std::{fmt::Write, io::Cursor, process::Command, sync::Mutex};

use image::{ImageFormat, Rgb, RgbImage};

/// Something to upload.
#[derive(Debug, Clone)]
pub struct File {
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

impl File {
    pub fn new(name: &str, media_type: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.to_owned(),
            media_type,
            bytes: bytes.into(),
        }
    }

    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }
}

/// A JPEG of 640 by 480: a slope of colours, with a square whose place tells the number.
pub fn photo(number: u32) -> File {
    File::new(
        &format!("IMG_{number:04}.JPG"),
        "image/jpeg",
        encoded(&picture(number, 640, 480), ImageFormat::Jpeg),
    )
}

pub fn picture(number: u32, width: u32, height: u32) -> RgbImage {
    let (left, top) = (number * 37 % (width - 40), number * 53 % (height - 40));
    RgbImage::from_fn(width, height, |x, y| {
        let inside = (left..left + 40).contains(&x) && (top..top + 40).contains(&y);
        let shade = |part: u32, whole: u32| u8::try_from(part * 255 / whole).unwrap_or(u8::MAX);
        if inside {
            Rgb([250, 240, 20])
        } else {
            Rgb([shade(x, width), shade(y, height), 120])
        }
    })
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, format)
        .expect("an encoded picture");
    bytes.into_inner()
}

/// A WAV of one second, mono, 16 bits at 8 kHz: a tone whose height tells the number.
pub fn sound(number: u32) -> File {
    const RATE: u32 = 8000;
    let samples: Vec<u8> = (0..RATE)
        .flat_map(|at| {
            // A triangle wave needs no floating point, and every decoder hears it.
            let phase =
                i32::try_from(at * (220 + number * 20) % RATE).expect("a phase below the rate");
            let level = (phase * 4 - 16_000).abs() - 8000;
            i16::try_from(level)
                .expect("a level within 16 bits")
                .to_le_bytes()
        })
        .collect();
    let length = u32::try_from(samples.len()).expect("a short sound");
    let mut bytes = Vec::from(*b"RIFF");
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * 2).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(samples);
    File::new(&format!("sound {number}.wav"), "audio/wav", bytes)
}

/// An MP4 of one second with a picture and a tone, made by the `ffmpeg` command.
pub fn film(number: u32) -> File {
    filmed(number, "testsrc=size=160x120:rate=10", 1)
}

/// One that takes a machine some seconds.
pub fn long_film() -> File {
    filmed(1, "testsrc2=size=1280x720:rate=25", 15)
}

fn filmed(number: u32, scene: &str, seconds: u32) -> File {
    // Two processors: one encoder at a time lets the server work meanwhile.
    static ONE: Mutex<()> = Mutex::new(());
    let _turn = ONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    let scene = format!("{scene}:duration={seconds}");
    let tone = format!("sine=frequency={}:duration={seconds}", 300 + number * 20);
    let made = Command::new("ffmpeg")
        .args([
            "-v", "error", "-f", "lavfi", "-i", &scene, "-f", "lavfi", "-i",
        ])
        .args([
            &tone,
            "-metadata",
            &format!("comment={number}"),
            "-pix_fmt",
            "yuv420p",
            "-shortest",
        ])
        .arg(&path)
        .output()
        .expect("the ffmpeg command");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    File::new(
        &format!("film {number}.mp4"),
        "video/mp4",
        std::fs::read(path).expect("the film"),
    )
}

/// A Markdown text.
pub fn text(words: &str) -> File {
    File::new("statement.md", "text/markdown", words)
}

/// A PDF of one page that says `words` (Latin letters alone), written by hand (ISO 32000-1, section 7.5).
pub fn document(words: &str) -> File {
    let content = format!("BT /F1 24 Tf 72 720 Td ({words}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut body = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (place, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", body.len()).expect("a string takes it");
        write!(body, "{} 0 obj\n{object}\nendobj\n", place + 1).expect("a string takes it");
    }
    let at = body.len();
    let entries = objects.len() + 1;
    write!(
        body,
        "xref\n0 {entries}\n{table}trailer\n<< /Size {entries} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n"
    )
    .expect("a string takes it");
    File::new("press release.pdf", "application/pdf", body)
}
