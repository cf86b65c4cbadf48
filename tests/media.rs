//! The decoders behind their door: each sort of media is made on the spot, tiny, and comes out right; and whatever is
//! broken or hostile ends in a reason, with nothing left over. The child is the real binary.

mod copied;
pub mod films;
mod hostile;
mod positions;
mod programs;

use std::{
    fs::File,
    io::{Cursor, Read, Seek, Write},
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use jarchi::{
    error::Error,
    media::{Examined, Facts, HEAD, Media, Outcome, Preset, Presets, Rendered, Sniffed, sniff},
    terms::Kind,
};

struct World {
    media: Media,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let zone = jiff::tz::TimeZone::get("Asia/Tashkent").unwrap();
        let media = Media::new(
            env!("CARGO_BIN_EXE_jarchi-media").into(),
            folder.path().join("scratch"),
            2,
            zone,
        );
        Self { media, folder }
    }

    fn file(&self, bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile_in(self.folder.path()).unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        file
    }

    async fn examine(&self, bytes: &[u8]) -> Result<Examined, Error> {
        let Sniffed::Known { media_type, .. } = sniff(&bytes[..bytes.len().min(HEAD)]) else {
            panic!("not taken at all: {:?}", sniff(bytes));
        };
        self.media.examine(self.file(bytes), media_type).await
    }

    async fn render(&self, bytes: &[u8], facts: &Facts, presets: &[Preset]) -> Vec<Outcome> {
        let outcomes = self
            .media
            .render(self.file(bytes), facts, presets, None, |_| ())
            .await
            .unwrap();
        let left = std::fs::read_dir(self.folder.path().join("scratch"))
            .unwrap()
            .count();
        assert_eq!(left, 0, "files are left over");
        outcomes
    }

    /// Examines and renders in full: every rendition of the plan has to be made.
    async fn walk(&self, bytes: &[u8]) -> (Examined, Vec<(Preset, Rendered)>) {
        let examined = self.examine(bytes).await.unwrap();
        let mut made = Vec::new();
        for pass in Presets::built_in().passes(&examined.facts) {
            for outcome in self.render(bytes, &examined.facts, &pass).await {
                made.push((outcome.preset, outcome.result.unwrap()));
            }
        }
        (examined, made)
    }

    fn ffmpeg(&self, arguments: &str) -> Vec<u8> {
        let out = self.folder.path().join("made");
        let mut command = Command::new("ffmpeg");
        command
            .args(["-nostdin", "-v", "error", "-y"])
            .args(arguments.split_whitespace())
            .arg(&out);
        assert!(command.status().unwrap().success(), "ffmpeg {arguments}");
        std::fs::read(out).unwrap()
    }

    /// What a program for pictures makes of a PNG; `before` stands between the name of the one and the other file.
    fn encoder(&self, program: &str, before: &[&str], png: &[u8], made: &str) -> Vec<u8> {
        let folder = self.folder.path();
        std::fs::write(folder.join("picture.png"), png).unwrap();
        let mut command = Command::new(program);
        command.arg("picture.png").args(before).arg(made);
        let done = command.current_dir(folder).output().unwrap();
        assert!(done.status.success(), "{program}: {done:?}");
        std::fs::read(folder.join(made)).unwrap()
    }
}

fn bytes(rendered: &mut Rendered) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = rendered.file.as_mut().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

fn named(facts: &Facts, names: &[&str]) -> Vec<Preset> {
    let presets = Presets::built_in();
    let named = |name: &&str| presets.named(facts, name).unwrap();
    names.iter().map(named).collect()
}

fn only(mut made: Vec<(Preset, Rendered)>, wanted: &str) -> Rendered {
    let place = made
        .iter()
        .position(|(preset, _)| preset.name == wanted)
        .unwrap();
    made.swap_remove(place).1
}

fn picture(rendered: &mut Rendered) -> RgbImage {
    image::load_from_memory(&bytes(rendered))
        .unwrap()
        .into_rgb8()
}

/// Red, green, blue and white in the corners, so that turning shows.
fn corners(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        match (x * 2 < width, y * 2 < height) {
            (true, true) => Rgb([220, 20, 20]),
            (false, true) => Rgb([20, 200, 20]),
            (true, false) => Rgb([20, 20, 220]),
            (false, false) => Rgb([240, 240, 240]),
        }
    })
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// `jpeg` with an EXIF segment that holds one short tag.
fn with_exif(jpeg: &[u8], tag: u16, value: u16) -> Vec<u8> {
    let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    tiff.extend(tag.to_le_bytes());
    tiff.extend([3, 0, 1, 0, 0, 0]);
    tiff.extend(value.to_le_bytes());
    tiff.extend([0; 6]);
    let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &tiff, &jpeg[2..]].concat()
}

fn wav(seconds: u32) -> Vec<u8> {
    let rate = 8000_u32;
    let samples = (0..rate * seconds).map(|n| if n / 20 % 2 == 0 { 16_000_i16 } else { -16_000 });
    let data: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    let size = u32::try_from(data.len()).unwrap();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(data);
    bytes
}

/// A page of one line in a standard font.
fn pdf(line: &str) -> Vec<u8> {
    let content = format!("BT /F 24 Tf 40 100 Td ({line}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        "<</Title(A press release)/Author(Matbuot xizmati)>>".to_owned(),
    ];
    let (mut bytes, mut places) = (b"%PDF-1.4\n".to_vec(), Vec::new());
    for (number, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend(format!("{} 0 obj{object}endobj\n", number + 1).into_bytes());
    }
    let table = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for place in &places {
        bytes.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    let size = objects.len() + 1;
    bytes.extend(
        format!("trailer<</Size {size}/Root 1 0 R/Info 6 0 R>>\nstartxref\n{table}\n%%EOF")
            .into_bytes(),
    );
    bytes
}

#[tokio::test]
async fn a_photo_is_shown_in_four_sizes() {
    let world = World::new();
    let (examined, made) = world
        .walk(&encoded(&corners(1500, 1000), ImageFormat::Jpeg))
        .await;
    assert_eq!(
        (
            examined.facts.kind,
            examined.facts.width,
            examined.facts.height
        ),
        (Kind::Photo, Some(1500), Some(1000))
    );
    let sizes: Vec<_> = made
        .iter()
        .map(|(preset, one)| {
            (
                preset.name.as_str(),
                one.media_type,
                one.width.unwrap(),
                one.height.unwrap(),
            )
        })
        .collect();
    assert_eq!(
        sizes,
        [
            ("thumb", "image/webp", 320, 213),
            ("small", "image/jpeg", 640, 427),
            ("medium", "image/jpeg", 1280, 853),
            ("large", "image/jpeg", 1500, 1000),
            ("press", "image/jpeg", 1500, 1000),
        ]
    );
    for (preset, mut one) in made {
        if preset.name == "press" {
            assert!(one.file.is_none(), "its pixels stay where they are");
            continue;
        }
        let shown = picture(&mut one);
        assert_eq!(Some(shown.width()), one.width, "{}", preset.name.as_str());
    }
}

#[tokio::test]
async fn a_photo_is_turned_upright_once() {
    let world = World::new();
    // Orientation 6: the camera's right is the top (EXIF 2.32 section 4.6.4).
    let jpeg = with_exif(&encoded(&corners(600, 400), ImageFormat::Jpeg), 274, 6);
    let (examined, made) = world.walk(&jpeg).await;
    assert_eq!(
        (examined.facts.width, examined.facts.height),
        (Some(400), Some(600))
    );
    let shown = picture(&mut only(made, "small"));
    assert_eq!(shown.dimensions(), (400, 600));
    let [top_left, top_right] = [shown.get_pixel(50, 50), shown.get_pixel(350, 50)];
    assert!(
        top_left[2] > 150 && top_left[0] < 90,
        "blue belongs to the top left: {top_left:?}"
    );
    assert!(
        top_right[0] > 150 && top_right[2] < 90,
        "red belongs to the top right: {top_right:?}"
    );
}

#[tokio::test]
async fn transparency_lies_on_white_and_deep_colours_become_eight_bits() {
    let world = World::new();
    let mut png = Cursor::new(Vec::new());
    RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0]))
        .write_to(&mut png, ImageFormat::Png)
        .unwrap();
    let (_, made) = world.walk(&png.into_inner()).await;
    assert!(
        picture(&mut only(made, "large"))
            .get_pixel(20, 20)
            .0
            .iter()
            .all(|part| *part > 250)
    );
    let mut deep = Cursor::new(Vec::new());
    image::ImageBuffer::from_pixel(40, 40, Rgb([65_535_u16, 0, 0]))
        .write_to(&mut deep, ImageFormat::Png)
        .unwrap();
    let (_, made) = world.walk(&deep.into_inner()).await;
    let red = *picture(&mut only(made, "large")).get_pixel(20, 20);
    assert!(red[0] > 240 && red[1] < 20, "{red:?}");
}

#[tokio::test]
async fn every_format_of_photos_is_taken() {
    let world = World::new();
    for format in [
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
        ImageFormat::Tiff,
        ImageFormat::Bmp,
    ] {
        let (examined, made) = world.walk(&encoded(&corners(64, 48), format)).await;
        assert_eq!(
            (examined.facts.width, made.len()),
            (Some(64), 5),
            "{format:?}"
        );
    }
}

#[tokio::test]
async fn a_film_plays_in_two_sizes_and_has_a_poster() {
    let world = World::new();
    let mp4 = world.ffmpeg(
        "-f lavfi -i testsrc2=size=1600x900:rate=25:duration=3 -f lavfi -i sine=440:duration=3 \
         -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -metadata title=Brifing -f mp4",
    );
    let (examined, made) = world.walk(&mp4).await;
    assert_eq!(examined.facts.kind, Kind::Video);
    assert_eq!(
        (examined.facts.width, examined.facts.height),
        (Some(1600), Some(900))
    );
    assert!(examined.facts.has_audio && examined.facts.has_video);
    assert_eq!(examined.embedded.headline.plain.as_deref(), Some("Brifing"));
    let sizes: Vec<_> = made
        .iter()
        .filter_map(|(preset, one)| Some((preset.name.as_str(), one.width?, one.height?)))
        .collect();
    assert_eq!(
        sizes,
        [
            ("thumb", 320, 180),
            ("poster", 1280, 720),
            ("preview", 640, 360),
            ("web", 1280, 720),
            ("storyboard", 480, 90)
        ]
    );
    for (preset, mut film) in made
        .into_iter()
        .filter(|(preset, _)| ["preview", "web"].contains(&preset.name.as_str()))
    {
        let bytes = bytes(&mut film);
        assert!(
            (2900..3200).contains(&film.duration_ms.unwrap()),
            "{}: {:?}",
            preset.name.as_str(),
            film.duration_ms
        );
        assert!(
            place(&bytes, b"moov") < place(&bytes, b"mdat"),
            "the index of {} is not at its front",
            preset.name.as_str()
        );
        let again = world.examine(&bytes).await.unwrap().facts;
        assert_eq!((again.width, again.has_audio), (film.width, true));
    }
}

fn place(bytes: &[u8], name: &[u8]) -> usize {
    bytes
        .windows(name.len())
        .position(|window| window == name)
        .unwrap()
}

#[tokio::test]
async fn a_film_of_a_phone_held_upright_is_upright() {
    let world = World::new();
    let lying = world.folder.path().join("lying.mp4");
    std::fs::write(
        &lying,
        world.ffmpeg(
            "-f lavfi -i testsrc2=size=640x360:duration=1 -c:v libx264 -pix_fmt yuv420p -f mp4",
        ),
    )
    .unwrap();
    let turned = world.ffmpeg(&format!(
        "-i {} -c copy -metadata:s:v rotate=90 -f mp4",
        lying.display()
    ));
    let (examined, made) = world.walk(&turned).await;
    assert_eq!(
        (examined.facts.width, examined.facts.height),
        (Some(360), Some(640))
    );
    assert!(!examined.facts.has_audio);
    let web = only(made, "web");
    assert_eq!((web.width, web.height), (Some(360), Some(640)));
}

#[tokio::test]
async fn wide_pixels_odd_sizes_and_interlaced_lines_are_brought_to_the_screen() {
    let world = World::new();
    let broadcast = world.ffmpeg(
        "-f lavfi -i testsrc2=size=720x576:rate=25:duration=1 -vf setsar=64/45,setfield=tff -c:v mpeg2video -flags +ilme+ildct -f mpegts",
    );
    let (examined, made) = world.walk(&broadcast).await;
    assert_eq!(
        (examined.facts.media_type.as_str(), examined.facts.width),
        ("video/mp2t", Some(1024))
    );
    let web = only(made, "web");
    assert_eq!((web.width, web.height), (Some(1024), Some(576)));
    let odd = world.ffmpeg(
        "-f lavfi -i testsrc2=size=101x51:duration=1 -c:v ffv1 -pix_fmt yuv444p -f matroska",
    );
    let (_, made) = world.walk(&odd).await;
    let preview = only(made, "preview");
    assert_eq!((preview.width, preview.height), (Some(100), Some(50)));
}

#[tokio::test]
async fn sound_gets_its_peaks_and_a_preview() {
    let world = World::new();
    let (examined, made) = world.walk(&wav(4)).await;
    assert_eq!(
        (examined.facts.kind, examined.facts.duration_ms),
        (Kind::Audio, Some(4000))
    );
    let [(_, mut waveform), _, (_, mut preview)] = <[_; 3]>::try_from(made).unwrap();
    let peaks: serde_json::Value = serde_json::from_slice(&bytes(&mut waveform)).unwrap();
    assert_eq!(
        (&peaks["version"], &peaks["bits"], &peaks["sample_rate"]),
        (&2.into(), &8.into(), &8000.into())
    );
    let data = peaks["data"].as_array().unwrap();
    assert_eq!(
        serde_json::json!(data.len()),
        serde_json::json!(peaks["length"].as_u64().unwrap() * 2)
    );
    assert!(
        data.chunks(2).all(|pair| pair[0] == -63 && pair[1] == 62),
        "16,000 of 32,768 loud: {data:?}"
    );
    assert_eq!(
        (preview.media_type, preview.duration_ms),
        ("audio/mp4", Some(4000))
    );
    let again = world.examine(&bytes(&mut preview)).await.unwrap().facts;
    assert_eq!(
        (again.kind, again.media_type.as_str()),
        (Kind::Audio, "audio/mp4")
    );
}

#[tokio::test]
async fn a_container_of_films_with_only_sound_is_sound() {
    let world = World::new();
    let (examined, made) = world
        .walk(&world.ffmpeg("-f lavfi -i sine=440:duration=1 -c:a libopus -f matroska"))
        .await;
    assert_eq!(
        (examined.facts.kind, examined.facts.media_type.as_str()),
        (Kind::Audio, "audio/matroska")
    );
    assert_eq!(made.len(), 3);
}

#[tokio::test]
async fn a_text_becomes_utf8_whatever_it_was() {
    let world = World::new();
    let text = "Пресс-служба мэрии Бишкека сообщает о начале брифинга.\n".repeat(3000);
    let (legacy, _, _) = encoding_rs::WINDOWS_1251.encode(&text);
    for original in [legacy.as_ref(), text.as_bytes()] {
        let (examined, made) = world.walk(original).await;
        assert_eq!(examined.facts.media_type, "text/plain");
        let mut rendered = only(made, "text");
        assert_eq!(rendered.text.as_deref(), Some(text.as_str()));
        assert_eq!(bytes(&mut rendered), text.as_bytes());
    }
}

#[tokio::test]
async fn a_document_shows_its_page_and_its_words() {
    let world = World::new();
    let (examined, made) = world.walk(&pdf("Axborot xizmati")).await;
    assert_eq!(examined.facts.pages, Some(1));
    assert_eq!(
        examined.embedded.headline.plain.as_deref(),
        Some("A press release")
    );
    assert_eq!(
        examined.embedded.creator.as_deref(),
        Some("Matbuot xizmati")
    );
    let sizes: Vec<_> = made
        .iter()
        .map(|(preset, one)| (preset.name.as_str(), one.width))
        .collect();
    assert_eq!(
        sizes,
        [("thumb", Some(320)), ("page", Some(1600)), ("text", None)]
    );
    assert_eq!(
        only(made, "text").text.as_deref(),
        Some("Axborot xizmati\n")
    );
}

#[tokio::test]
async fn what_a_photo_says_about_itself_is_read() {
    let world = World::new();
    let packet = "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'>\
        <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \
        xmlns:p='http://ns.adobe.com/photoshop/1.0/' p:Headline='Шаҳар ҳокимининг брифинги' \
        p:DateCreated='2024-03-01T10:00:00'/></rdf:RDF></x:xmpmeta>";
    let length = u16::try_from(packet.len() + 2).unwrap().to_be_bytes();
    let jpeg = encoded(&corners(16, 16), ImageFormat::Jpeg);
    let jpeg = [
        &jpeg[..2],
        &[0xFF, 0xE1],
        &length,
        packet.as_bytes(),
        &jpeg[2..],
    ]
    .concat();
    let embedded = world.examine(&jpeg).await.unwrap().embedded;
    assert_eq!(
        embedded.headline.plain.as_deref(),
        Some("Шаҳар ҳокимининг брифинги")
    );
    assert_eq!(
        embedded.taken_at.unwrap().to_string(),
        "2024-03-01T05:00:00Z",
        "in the zone of the office"
    );
    assert_eq!(embedded.raw["xmp"]["Headline"], "Шаҳар ҳокимининг брифинги");
}

#[tokio::test]
async fn progress_is_told_while_a_film_is_made() {
    let world = World::new();
    let mp4 = world.ffmpeg(
        "-f lavfi -i testsrc2=size=320x180:duration=4 -c:v libx264 -pix_fmt yuv420p -f mp4",
    );
    let facts = world.examine(&mp4).await.unwrap().facts;
    let heard = Mutex::new(Vec::new());
    let told = |part| heard.lock().unwrap().push(part);
    world
        .media
        .render(
            world.file(&mp4),
            &facts,
            &named(&facts, &["preview"]),
            None,
            told,
        )
        .await
        .unwrap();
    let heard = heard.into_inner().unwrap();
    assert!(
        heard.len() > 10 && heard.is_sorted() && heard.last().is_some_and(|part| *part > 0.9),
        "{heard:?}"
    );
}

/// A reason for an editor: a sentence, and nothing of the machine in it.
fn is_reason(error: &Error) -> bool {
    let text = error.to_string();
    matches!(error, Error::Unusable(_))
        && text.ends_with('.')
        && !text.contains("/proc")
        && !text.contains("/tmp")
}

#[tokio::test]
async fn what_is_cut_off_or_empty_ends_in_a_reason() {
    let world = World::new();
    let mp4 = world.ffmpeg(
        "-f lavfi -i testsrc2=size=320x180:duration=1 -c:v libx264 -pix_fmt yuv420p -f mp4",
    );
    let png = encoded(&corners(600, 400), ImageFormat::Png);
    let document = pdf("words");
    for cut in [
        &mp4[..mp4.len() / 2],
        &png[..20],
        &document[..40],
        &wav(1)[..44],
    ] {
        let error = world.examine(cut).await.unwrap_err();
        assert!(is_reason(&error), "{error}");
    }
}

#[tokio::test]
async fn a_photo_cut_in_half_shows_its_half_or_says_why_not() {
    let world = World::new();
    let jpeg = encoded(&corners(1200, 800), ImageFormat::Jpeg);
    let half = &jpeg[..jpeg.len() / 2];
    let facts = world.examine(half).await.unwrap().facts;
    for outcome in world
        .render(half, &facts, &named(&facts, &["thumb", "small"]))
        .await
    {
        match outcome.result {
            Ok(mut shown) if outcome.preset.name == "small" => {
                let pixel = *picture(&mut shown).get_pixel(100, 50);
                assert!(
                    pixel[0] > 180 && pixel[2] < 80,
                    "the upper half is there: {pixel:?}"
                );
            }
            Ok(_) => {}
            Err(reason) => assert!(
                reason.starts_with("The file could not be decoded"),
                "{reason}"
            ),
        }
    }
}

#[tokio::test]
async fn a_bomb_is_refused_before_it_swells() {
    let world = World::new();
    // The header of a PNG of 60,000 by 60,000 pixels: 10 GiB of them.
    let mut png = encoded(&corners(4, 4), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let checksum = crc32fast::hash(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&checksum);
    let error = world.examine(&png).await.unwrap_err();
    assert!(
        is_reason(&error) && error.to_string().contains("60000 × 60000"),
        "{error}"
    );
}

#[tokio::test]
async fn a_playlist_cannot_pass_for_a_film() {
    let world = World::new();
    let secret = world.folder.path().join("secret.ts");
    std::fs::write(
        &secret,
        world.ffmpeg("-f lavfi -i testsrc2=size=64x64:duration=1 -c:v mpeg2video -f mpegts"),
    )
    .unwrap();
    let playlist = format!(
        "#EXTM3U\n#EXTINF:1,\nfile://{}\n#EXT-X-ENDLIST\n",
        secret.display()
    );
    let concat = format!("ffconcat version 1.0\nfile '{}'\n", secret.display());
    for text in [playlist, concat] {
        for media_type in ["video/mp4", "video/mp2t", "video/matroska", "audio/mpeg"] {
            let error = world
                .media
                .examine(world.file(text.as_bytes()), media_type)
                .await
                .unwrap_err();
            assert!(is_reason(&error), "{media_type}: {error}");
        }
    }
}

#[tokio::test]
async fn a_child_that_cannot_be_had_is_not_the_files_fault() {
    let folder = tempfile::tempdir().unwrap();
    let media = Media::new(
        "/nowhere/jarchi".into(),
        folder.path().into(),
        1,
        jiff::tz::TimeZone::UTC,
    );
    let error = media
        .examine(tempfile::tempfile().unwrap(), "image/png")
        .await
        .unwrap_err();
    assert!(error.may_pass(), "{error}");
}

#[tokio::test]
async fn a_program_that_bears_no_children_is_not_the_files_fault() {
    let folder = tempfile::tempdir().unwrap();
    for exe in ["/bin/true", "/bin/false"] {
        let media = Media::new(exe.into(), folder.path().into(), 1, jiff::tz::TimeZone::UTC);
        let error = media
            .examine(tempfile::tempfile().unwrap(), "image/png")
            .await
            .unwrap_err();
        assert!(error.may_pass(), "{exe}: {error}");
    }
}

/// The samples that stand beside the checkout on a developer's machine.
fn samples(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/samples")
        .join(folder);
    if let Ok(entries) = std::fs::read_dir(&folder) {
        entries.map(|entry| entry.unwrap().path()).collect()
    } else {
        eprintln!("the samples in {} are left out", folder.display());
        Vec::new()
    }
}

#[tokio::test]
async fn a_broken_reader_of_scans_costs_nothing_that_was_made() {
    let World { media, folder } = World::new();
    let world = World {
        media: media.with_reader("/bin/false".into()),
        folder,
    };
    let bytes = pdf("Page 1");
    let facts = world.examine(&bytes).await.unwrap().facts;
    let mut made = Vec::new();
    for pass in Presets::built_in().passes(&facts) {
        let file = world.file(&bytes);
        made.extend(
            world
                .media
                .render(file, &facts, &pass, None, |_| ())
                .await
                .unwrap(),
        );
    }
    let made: Vec<Rendered> = made.into_iter().map(|one| one.result.unwrap()).collect();
    let text = made.iter().find_map(|one| one.text.as_deref());
    assert_eq!(text.map(str::trim), Some("Page 1"));
    assert!(made.iter().all(|one| !one.recognised));
    crate::world::until("nothing is left over", async || {
        let mut left = std::fs::read_dir(world.folder.path().join("scratch")).unwrap();
        left.next().is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_samples_are_taken_and_shown() {
    let world = World::new();
    for path in ["photo", "video", "audio", "text"]
        .into_iter()
        .flat_map(samples)
    {
        let bytes = std::fs::read(&path).unwrap();
        match sniff(&bytes[..bytes.len().min(HEAD)]) {
            Sniffed::Known { kind, .. } => assert_eq!(
                world.walk(&bytes).await.0.facts.kind,
                kind,
                "{}",
                path.display()
            ),
            Sniffed::Later { .. } | Sniffed::Unreadable { .. } => {}
            Sniffed::Unknown => panic!("{} is unknown", path.display()),
        }
    }
}

#[tokio::test]
async fn the_broken_samples_harm_nobody() {
    let world = World::new();
    for path in samples("broken") {
        let bytes = std::fs::read(&path).unwrap();
        match world.examine(&bytes).await {
            Ok(examined) => {
                for pass in Presets::built_in().passes(&examined.facts) {
                    world.render(&bytes, &examined.facts, &pass).await;
                }
            }
            Err(error) => assert!(is_reason(&error), "{}: {error}", path.display()),
        }
    }
}
