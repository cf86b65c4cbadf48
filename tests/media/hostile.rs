//! Files that are made to do harm, and files that time or a bad line has harmed: whatever comes, the call ends in a
//! rendition or in a reason for an editor, nothing hangs, and nothing is left over. `make torture` does it by the thousand.

use std::{
    fmt::Write,
    io::Cursor,
    net::TcpListener,
    path::Path,
    time::{Duration, Instant},
};

use image::{Delay, Frame, ImageFormat, Rgba, RgbaImage, codecs::gif::GifEncoder};
use jarchi::{
    error::Error,
    media::{HEAD, Presets, Sniffed, sniff},
};

use super::{World, corners, encoded, is_reason, pdf, place, samples, wav};

/// No small file keeps a child longer, on a machine that is busy with other tests.
const LONG: Duration = Duration::from_mins(1);

/// Numbers that look like chance and are the same each time (Marsaglia, Xorshift RNGs, 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }
}

/// Takes `bytes` the way that an upload takes, as far as it leads. Gives the reason where it ends early.
async fn endure(world: &World, what: &str, bytes: &[u8]) -> Option<String> {
    let Sniffed::Known { media_type, .. } = sniff(&bytes[..bytes.len().min(HEAD)]) else {
        return Some("refused".into());
    };
    let began = Instant::now();
    let examined = match world.media.examine(world.file(bytes), media_type).await {
        Ok(examined) => examined,
        Err(error) => {
            assert!(is_reason(&error), "{what}: {error}");
            return Some(error.to_string());
        }
    };
    for pass in Presets::built_in().passes(&examined.facts) {
        for outcome in world.render(bytes, &examined.facts, &pass).await {
            if let Err(reason) = outcome.result {
                let error = Error::Unusable(reason);
                assert!(is_reason(&error), "{what}: {error}");
            }
        }
    }
    assert!(began.elapsed() < LONG, "{what} took {:?}", began.elapsed());
    None
}

/// One small file of each format.
fn one_of_each(world: &World) -> Vec<(&'static str, Vec<u8>)> {
    let picture = corners(97, 61);
    let photos = [
        ("a JPEG", ImageFormat::Jpeg),
        ("a PNG", ImageFormat::Png),
        ("a WebP", ImageFormat::WebP),
        ("a GIF", ImageFormat::Gif),
        ("a TIFF", ImageFormat::Tiff),
        ("a BMP", ImageFormat::Bmp),
    ];
    let films = [
        ("an MP4", "-c:v libx264 -pix_fmt yuv420p -c:a aac -f mp4"),
        ("a Matroska", "-c:v mpeg4 -c:a flac -f matroska"),
        ("a transport stream", "-c:v mpeg2video -c:a mp2 -f mpegts"),
        (
            "an AVI",
            "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le -f avi",
        ),
        ("an MXF", "-c:v mpeg2video -c:a pcm_s16le -ar 48000 -f mxf"),
    ];
    let sounds = [
        ("an MP3", "-c:a libmp3lame -f mp3"),
        ("a FLAC", "-c:a flac -f flac"),
        ("an Ogg", "-c:a libvorbis -f ogg"),
        ("an AIFF", "-f aiff"),
    ];
    let mut each: Vec<_> = photos
        .into_iter()
        .map(|(name, format)| (name, encoded(&picture, format)))
        .collect();
    for (name, how) in films {
        let source = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.4 -f lavfi -i sine=440:duration=0.4";
        each.push((name, world.ffmpeg(&format!("{source} {how}"))));
    }
    for (name, how) in sounds {
        each.push((
            name,
            world.ffmpeg(&format!("-f lavfi -i sine=440:duration=0.4 {how}")),
        ));
    }
    let png = encoded(&picture, ImageFormat::Png);
    let heic = world.encoder("heif-enc", &["-o"], &png, "made.heic");
    each.push(("a HEIC", heic));
    let avif = world.encoder("avifenc", &["-s", "8"], &png, "made.avif");
    each.push(("an AVIF", avif));
    each.push(("a Photoshop document", photoshop(97, 61)));
    each.push(("a WAV", wav(1)));
    each.push(("a PDF", pdf("a line")));
    each
}

/// Three planes of packed rows, each of one colour.
fn photoshop(width: u8, height: u8) -> Vec<u8> {
    let mut bytes = b"8BPS\0\x01\0\0\0\0\0\0\0\x03".to_vec();
    bytes.extend([0, 0, 0, height, 0, 0, 0, width, 0, 8, 0, 3]);
    // No palette, no resources, no layers; packed.
    bytes.extend([0; 12]);
    bytes.extend([0, 1]);
    let rows = 3 * usize::from(height);
    bytes.extend([0, 2].repeat(rows));
    for row in 0..rows {
        let shade = u8::try_from(row % 251).unwrap();
        bytes.extend([(1_u8).wrapping_sub(width), shade]);
    }
    bytes
}

/// Cuts `whole` and turns bits of it, and endures each; as many at once as there are worlds.
async fn harm(worlds: &[World], name: &str, whole: &[u8], cuts: usize, flips: usize) {
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15 ^ whole.len() as u64);
    let cut = |chance: &mut Chance| (chance.below(whole.len()), None);
    let mut cases: Vec<_> = (0..cuts).map(|_| cut(&mut chance)).collect();
    cases.extend((0..flips).map(|_| (chance.below(whole.len()), Some(chance.below(8)))));
    let lanes = worlds.iter().enumerate().map(|(lane, world)| {
        let cases = cases.iter().skip(lane).step_by(worlds.len());
        async move {
            for &(at, bit) in cases {
                if let Some(bit) = bit {
                    let mut flipped = whole.to_vec();
                    flipped[at] ^= 1 << bit;
                    let what = format!("{name}, bit {bit} of byte {at} turned");
                    endure(world, &what, &flipped).await;
                } else {
                    let what = format!("{name}, cut at {at}");
                    endure(world, &what, &whole[..at]).await;
                }
            }
        }
    });
    futures_util::future::join_all(lanes).await;
}

#[tokio::test]
async fn what_was_cut_or_turned_is_endured() {
    let worlds = [World::new()];
    for (name, whole) in one_of_each(&worlds[0]) {
        let reason = endure(&worlds[0], name, &whole).await;
        assert_eq!(reason, None, "{name}, whole");
        harm(&worlds, name, &whole, 6, 12).await;
    }
}

#[tokio::test]
#[ignore = "make torture: takes an hour"]
async fn torture() {
    let processors = std::thread::available_parallelism().unwrap().get();
    let worlds: Vec<_> = (0..processors).map(|_| World::new()).collect();
    for (name, whole) in one_of_each(&worlds[0]) {
        harm(&worlds, name, &whole, 200, 2000).await;
        eprintln!("{name} was endured");
    }
    for folder in ["photo", "audio", "text", "broken", "video"] {
        for path in samples(folder) {
            let whole = std::fs::read(&path).unwrap();
            harm(&worlds, &path.display().to_string(), &whole, 200, 0).await;
        }
        eprintln!("the samples in {folder} were endured");
    }
}

#[tokio::test]
#[ignore = "make torture: wants the files of other projects"]
async fn the_test_files_of_others_are_endured() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/torture");
    let (world, mut folders, mut files) = (World::new(), vec![folder], 0_usize);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                endure(&world, &path.display().to_string(), &bytes).await;
                files += 1;
            }
        }
    }
    eprintln!("{files} files of others were endured");
}

/// The header of a PNG of 60,000 by 60,000 pixels: 10 GiB of them.
fn huge_png() -> Vec<u8> {
    let mut png = encoded(&corners(4, 4), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let checksum = crc32fast::hash(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&checksum);
    png
}

fn patched(mut bytes: Vec<u8>, at: usize, with: &[u8]) -> Vec<u8> {
    bytes[at..at + with.len()].copy_from_slice(with);
    bytes
}

fn long_gif(frames: usize) -> Vec<u8> {
    let mut gif = Cursor::new(Vec::new());
    let mut encoder = GifEncoder::new_with_speed(&mut gif, 30);
    let frame = Frame::from_parts(
        RgbaImage::from_pixel(1, 1, Rgba([9, 9, 9, 255])),
        0,
        0,
        Delay::from_numer_denom_ms(10, 1),
    );
    encoder
        .encode_frames(std::iter::repeat_n(frame, frames))
        .unwrap();
    drop(encoder);
    gif.into_inner()
}

/// A page whose parent, kids, contents and fonts all are the page itself.
fn pdf_of_itself() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R 3 0 R 2 0 R]/Count 9999999\
      /Parent 2 0 R>>endobj\n3 0 obj<</Type/Page/Parent 3 0 R/MediaBox[0 0 9 9]/Contents[3 0 R 4 0 R]/Resources 3 0 R\
      /XObject<</X 4 0 R>>/Font<</F 3 0 R>>>>endobj\n4 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject\
      <</X 4 0 R>>>>/Length 5>>stream\n/X Do\nendstream endobj\ntrailer<</Root 1 0 R/Prev 0/Size 5>>\n%%EOF".to_vec()
}

/// Entities that stand for ten of the entity before, nine deep: a billion laughs.
fn laughing_jpeg() -> Vec<u8> {
    let mut entities = "<!ENTITY a0 'ha'>".to_owned();
    for depth in 1..10 {
        let ten = format!("&a{};", depth - 1).repeat(10);
        write!(entities, "<!ENTITY a{depth} '{ten}'>").unwrap();
    }
    let packet = format!(
        "http://ns.adobe.com/xap/1.0/\0<!DOCTYPE x [{entities}<!ENTITY f SYSTEM 'file:///etc/passwd'>]><x:xmpmeta \
         xmlns:x='adobe:ns:meta/'><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description \
         xmlns:p='http://ns.adobe.com/photoshop/1.0/'><p:Headline>&a9;&f;</p:Headline></r:Description></r:RDF></x:xmpmeta>"
    );
    let length = u16::try_from(packet.len() + 2).unwrap().to_be_bytes();
    let jpeg = encoded(&corners(16, 16), ImageFormat::Jpeg);
    [
        &jpeg[..2],
        &[0xFF, 0xE1],
        &length,
        packet.as_bytes(),
        &jpeg[2..],
    ]
    .concat()
}

#[tokio::test]
async fn bombs_and_lies_about_size_end_in_a_picture_or_a_reason() {
    let world = World::new();
    let [bmp, tiff, webp, jpeg] = [
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::WebP,
        ImageFormat::Jpeg,
    ]
    .map(|format| encoded(&corners(64, 48), format));
    let zip_in_pdf_in_jpeg = [
        jpeg.clone(),
        pdf("inside"),
        b"PK\x03\x04 word/ [Content_Types].xml".to_vec(),
    ]
    .concat();
    let frame = place(&jpeg, b"\xFF\xC0") + 5;
    let width = place(&tiff, b"\x00\x01\x04\x00\x01\x00\x00\x00") + 8;
    let bombs = [
        ("a PNG of 60,000 by 60,000", huge_png(), true),
        (
            "a JPEG of 65,500 by 65,500",
            patched(jpeg.clone(), frame, &[0xFF, 0xDC, 0xFF, 0xDC]),
            true,
        ),
        (
            "a BMP of two billion lines",
            patched(bmp, 18, &[0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F]),
            true,
        ),
        (
            "a TIFF of four billion columns",
            patched(tiff, width, &[0xFF; 4]),
            true,
        ),
        (
            "a WebP that is longer than it is",
            patched(webp, 4, &[0xFF, 0xFF, 0xFF, 0x7F]),
            false,
        ),
        ("a GIF of 100,000 frames", long_gif(100_000), false),
        ("a PDF that refers to itself", pdf_of_itself(), false),
        (
            "a JPEG whose XMP has a billion laughs",
            laughing_jpeg(),
            false,
        ),
        (
            "a WAV with a million channels",
            patched(wav(1), 22, &[0xFF; 10]),
            true,
        ),
        (
            "a WAV longer than any disk",
            patched(wav(1), 40, &[0xFF; 4]),
            false,
        ),
        (
            "a JPEG that is a PDF that is a ZIP",
            zip_in_pdf_in_jpeg,
            false,
        ),
    ];
    for (what, bytes, must_fail) in bombs {
        let reason = endure(&world, what, &bytes).await;
        assert!(!must_fail || reason.is_some(), "{what} passed");
    }
}

#[tokio::test]
async fn ten_hours_of_one_picture_do_not_take_ten_hours() {
    let world = World::new();
    let film = world.ffmpeg(
        "-f lavfi -i color=c=red:size=64x48:rate=1/18000 -frames:v 2 -c:v libx264 -pix_fmt yuv420p -f mp4",
    );
    endure(&world, "ten hours of one picture", &film).await;
}

#[tokio::test]
async fn scripts_and_pictures_with_scripts_are_refused() {
    for bytes in [
        &b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"[..],
        b"\xEF\xBB\xBF<?xml version='1.0'?><svg onload='x'/>",
        b"<!DOCTYPE svg><svg onload='x'/>",
        b"PK\x03\x04 anything",
    ] {
        assert_eq!(sniff(bytes), Sniffed::Unknown);
    }
}

/// Lists of other files, each in the words of one of libav's demuxers that follow such lists.
fn playlists(file: &str, url: &str) -> Vec<(&'static str, String)> {
    let hls = |what: &str| {
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{what}\n#EXT-X-ENDLIST\n")
    };
    let dash = |what: &str| {
        format!(
            "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" mediaPresentationDuration=\"PT1S\">\
             <Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" bandwidth=\"1\"><BaseURL>{what}</BaseURL>\
             </Representation></AdaptationSet></Period></MPD>"
        )
    };
    let sdp = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n";
    vec![
        ("HLS of a file", hls(file)),
        ("HLS of a URL", hls(url)),
        (
            "concat of a file",
            format!("ffconcat version 1.0\nfile '{file}'\n"),
        ),
        (
            "concat of a URL",
            format!("ffconcat version 1.0\nfile '{url}'\n"),
        ),
        ("DASH of a file", dash(file)),
        ("DASH of a URL", dash(url)),
        ("SDP", sdp.to_owned()),
        (
            "a list of WebVTT",
            format!("WEBVTT\n\n00:00.000 --> 00:01.000\n{url}\n"),
        ),
        ("an RTSP redirection", format!("[Reference]\nRef1={url}\n")),
        (
            "an IMF asset map",
            format!(
                "<AssetMap xmlns=\"http://www.smpte-ra.org/schemas/429-9/2007/AM\"><Path>{url}</Path></AssetMap>"
            ),
        ),
    ]
}

#[tokio::test]
async fn no_list_opens_a_file_or_a_connection() {
    let world = World::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/secret.mp4", listener.local_addr().unwrap());
    for (what, list) in playlists("file:///etc/passwd", &url) {
        for media_type in [
            "video/mp4",
            "video/quicktime",
            "video/mp2t",
            "video/matroska",
            "video/x-msvideo",
            "video/mpeg",
            "video/x-flv",
            "video/x-ms-asf",
            "video/ogg",
            "application/mxf",
            "audio/mpeg",
            "audio/wav",
            "audio/flac",
            "audio/aac",
            "audio/aiff",
            "audio/amr",
            "audio/mp4",
            "audio/ogg",
        ] {
            let error = world
                .media
                .examine(world.file(list.as_bytes()), media_type)
                .await
                .unwrap_err();
            assert!(is_reason(&error), "{what} as {media_type}: {error}");
        }
    }
    let nobody = listener.accept().map_err(|error| error.kind());
    assert_eq!(
        nobody.err(),
        Some(std::io::ErrorKind::WouldBlock),
        "a list was followed"
    );
}
