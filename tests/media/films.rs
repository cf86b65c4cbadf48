//! Films and recordings in every format of the trade, made on the spot by `FFmpeg`'s own encoders and held against its own
//! word: size as seen, length, sound, colours; and what comes out plays everywhere.

use std::process::Command;

use super::{World, bytes, corners, named, only, picture, place};
use jarchi::terms::Kind;

/// A format: its name, `FFmpeg`'s options, what it is, and its size as people see it.
pub struct Row(pub &'static str, pub &'static str, &'static str, (u32, u32));

pub const FILMS: &[Row] = &[
    Row(
        "MP4, H.264",
        "-c:v libx264 -pix_fmt yuv420p -c:a aac -f mp4",
        "video/mp4",
        (320, 180),
    ),
    Row(
        "MOV, ProRes",
        "-c:v prores_ks -c:a pcm_s16le -f mov",
        "video/quicktime",
        (320, 180),
    ),
    Row(
        "MOV, MJPEG, full range",
        "-c:v mjpeg -pix_fmt yuvj422p -c:a pcm_s16be -f mov",
        "video/quicktime",
        (320, 180),
    ),
    Row(
        "MOV, DNxHR",
        "-c:v dnxhd -profile:v dnxhr_lb -pix_fmt yuv422p -c:a pcm_s16le -f mov",
        "video/quicktime",
        (320, 180),
    ),
    Row(
        "3GP, H.263",
        "-s 352x288 -c:v h263 -c:a aac -f 3gp",
        "video/3gpp",
        (384, 288),
    ),
    Row(
        "M4V, HEVC in ten bits",
        "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p10le -tag:v hvc1 -c:a aac -f mp4",
        "video/mp4",
        (320, 180),
    ),
    Row(
        "Matroska, FFV1, 4:4:4",
        "-c:v ffv1 -pix_fmt yuv444p -c:a flac -f matroska",
        "video/matroska",
        (320, 180),
    ),
    Row(
        "WebM, VP8",
        "-c:v libvpx -c:a libvorbis -f webm",
        "video/webm",
        (320, 180),
    ),
    Row(
        "WebM, VP9",
        "-c:v libvpx-vp9 -deadline realtime -c:a libopus -f webm",
        "video/webm",
        (320, 180),
    ),
    Row(
        "MP4, AV1",
        "-c:v libaom-av1 -cpu-used 8 -c:a aac -f mp4",
        "video/mp4",
        (320, 180),
    ),
    Row(
        "AVI, MPEG-4",
        "-c:v mpeg4 -q:v 2 -c:a libmp3lame -f avi",
        "video/x-msvideo",
        (320, 180),
    ),
    Row(
        "AVI, no compression",
        "-c:v rawvideo -pix_fmt yuv420p -c:a pcm_s16le -f avi",
        "video/x-msvideo",
        (320, 180),
    ),
    Row(
        "MPEG-TS, H.264",
        "-c:v libx264 -pix_fmt yuv420p -c:a ac3 -f mpegts",
        "video/mp2t",
        (320, 180),
    ),
    Row(
        "MTS of a camcorder",
        "-c:v libx264 -pix_fmt yuv420p -flags +ilme+ildct -c:a ac3 -f mpegts -mpegts_m2ts_mode 1",
        "video/mp2t",
        (320, 180),
    ),
    Row(
        "MPEG-PS, wide pixels, fields",
        "-s 720x576 -aspect 16:9 -c:v mpeg2video -flags +ilme+ildct -q:v 2 -c:a mp2 -f mpeg",
        "video/mpeg",
        (1024, 576),
    ),
    Row(
        "MXF, MPEG-2",
        "-c:v mpeg2video -q:v 2 -c:a pcm_s16le -ar 48000 -f mxf",
        "application/mxf",
        (320, 180),
    ),
    Row(
        "WMV",
        "-c:v wmv2 -q:v 2 -c:a wmav2 -f asf",
        "video/x-ms-asf",
        (320, 180),
    ),
    Row(
        "FLV",
        "-c:v flv -q:v 2 -c:a libmp3lame -ar 44100 -f flv",
        "video/x-flv",
        (320, 180),
    ),
    Row(
        "DV",
        "-s 720x576 -aspect 16:9 -pix_fmt yuv420p -c:v dvvideo -c:a pcm_s16le -ar 48000 -ac 2 -f dv",
        "video/dv",
        (1024, 576),
    ),
    Row(
        "odd sizes",
        "-s 321x181 -c:v ffv1 -pix_fmt yuv444p -c:a flac -f matroska",
        "video/matroska",
        (321, 181),
    ),
];

/// Recordings: name, options, media type.
pub const RECORDINGS: &[(&str, &str, &str)] = &[
    ("WAV", "-c:a pcm_s24le -f wav", "audio/wav"),
    ("RF64", "-c:a pcm_s16le -rf64 always -f wav", "audio/wav"),
    ("MP3", "-c:a libmp3lame -f mp3", "audio/mpeg"),
    (
        "MP3 without tags",
        "-c:a libmp3lame -id3v2_version 0 -write_xing 0 -f mp3",
        "audio/mpeg",
    ),
    ("AAC", "-c:a aac -f adts", "audio/aac"),
    ("M4A", "-c:a aac -f ipod", "audio/mp4"),
    ("Ogg Vorbis", "-c:a libvorbis -f ogg", "audio/ogg"),
    ("Opus", "-c:a libopus -f ogg", "audio/ogg"),
    ("FLAC", "-c:a flac -f flac", "audio/flac"),
    ("WMA", "-c:a wmav2 -f asf", "audio/x-ms-wma"),
    ("AIFF", "-c:a pcm_s16be -f aiff", "audio/aiff"),
    ("CAF", "-c:a pcm_s16le -f caf", "audio/x-caf"),
    ("5.1", "-c:a flac -ac 6 -f flac", "audio/flac"),
];

impl World {
    /// A second and a half of the picture with its colours in the corners, with a tone.
    fn film(&self, options: &str) -> Vec<u8> {
        let png = self.folder.path().join("corners.png");
        corners(640, 360).save(&png).unwrap();
        let (input, size) = (
            png.display(),
            if options.contains("-s ") {
                ""
            } else {
                "-s 320x180"
            },
        );
        self.ffmpeg(&format!(
            "-loop 1 -framerate 25 -i {input} -f lavfi -i sine=440:sample_rate=48000 -t 1.6 {size} {options}"
        ))
    }

    pub(super) fn probe(&self, film: &[u8], arguments: &str) -> String {
        let path = self.folder.path().join("probed");
        std::fs::write(&path, film).unwrap();
        let out = Command::new("ffprobe")
            .args(["-v", "error", "-of", "csv=p=0"])
            .args(arguments.split_whitespace())
            .arg(&path)
            .output()
            .unwrap();
        assert!(
            out.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    /// Decodes all of it: whoever plays it meets no fault.
    pub(super) fn plays(&self, film: &[u8], name: &str) {
        let path = self.folder.path().join("played");
        std::fs::write(&path, film).unwrap();
        let out = Command::new("ffmpeg")
            .args(["-v", "error", "-xerror", "-i"])
            .arg(&path)
            .args(["-f", "null", "-"])
            .output()
            .unwrap();
        assert!(
            out.status.success() && out.stderr.is_empty(),
            "{name}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
    }
}

/// The colours in the corners, each within `most` of what they were.
fn assert_corners(shown: &image::RgbImage, most: i32, name: &str) {
    let (width, height) = shown.dimensions();
    let wanted = corners(8, 8);
    for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let found = shown.get_pixel(width / 4 + x * width / 2, height / 4 + y * height / 2);
        let wanted = wanted.get_pixel(2 + x * 4, 2 + y * 4);
        let apart = (0..3).map(|part| (i32::from(found[part]) - i32::from(wanted[part])).abs());
        assert!(
            apart.max() <= Some(most),
            "{name}: {found:?} instead of {wanted:?}"
        );
    }
}

#[tokio::test]
async fn every_format_of_films_is_shown_as_it_is_meant() {
    let world = World::new();
    for Row(name, options, media_type, size) in FILMS {
        println!("{name}");
        let (examined, made) = world.walk(&world.film(options)).await;
        let facts = examined.facts;
        assert_eq!(
            (facts.kind, facts.media_type.as_str()),
            (Kind::Video, *media_type),
            "{name}"
        );
        let seen = (facts.width.unwrap(), facts.height.unwrap());
        // 12:11, the pixels of PAL, do not come out even.
        assert!(
            seen.0.abs_diff(size.0) <= 2 && seen.1 == size.1,
            "{name}: {seen:?}"
        );
        assert!(facts.has_audio, "{name}");
        let length = facts.duration_ms.unwrap();
        assert!((1450..1800).contains(&length), "{name}: {length} ms");
        for (preset, mut one) in made {
            match preset.name.as_str() {
                "poster" => assert_corners(&picture(&mut one), 30, name),
                "web" => check_film(&world, &bytes(&mut one), one.copied, name),
                _ => {}
            }
        }
    }
}

fn check_film(world: &World, film: &[u8], copied: bool, name: &str) {
    world.plays(film, name);
    assert!(
        place(film, b"moov") < place(film, b"mdat"),
        "{name}: the index is not at the front"
    );
    let video = world.probe(
        film,
        "-select_streams v -show_entries stream=codec_name,profile,pix_fmt,color_space,field_order",
    );
    let colours = if copied { "unknown" } else { "bt709" };
    let wanted = format!("h264,High,yuv420p,{colours},progressive");
    assert_eq!(video, wanted, "{name}");
    let frames = world.probe(
        film,
        "-select_streams v -count_frames -show_entries stream=nb_read_frames",
    );
    assert!(
        (36..=44).contains(&frames.parse().unwrap_or(0)),
        "{name}: {frames} frames"
    );
    let sound = world.probe(
        film,
        "-select_streams a -show_entries stream=codec_name,channels,sample_rate",
    );
    assert_eq!(sound, "aac,48000,2", "{name}");
}

#[tokio::test]
async fn every_format_of_recordings_is_heard() {
    let world = World::new();
    for (name, options, media_type) in RECORDINGS {
        let made = world.ffmpeg(&format!(
            "-f lavfi -i sine=440:sample_rate=48000:duration=2 {options}"
        ));
        let (examined, made) = world.walk(&made).await;
        let facts = examined.facts;
        assert_eq!(
            (facts.kind, facts.media_type.as_str()),
            (Kind::Audio, *media_type),
            "{name}"
        );
        let length = facts.duration_ms.unwrap();
        assert!((1900..2200).contains(&length), "{name}: {length} ms");
        assert!(!facts.has_video && made.len() == 3, "{name}");
        let preview = bytes(&mut only(made, "preview"));
        world.plays(&preview, name);
        assert!(
            place(&preview, b"moov") < place(&preview, b"mdat"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_light_of_hdr_is_brought_to_a_usual_screen() {
    let world = World::new();
    for (name, transfer) in [("PQ", "smpte2084"), ("HLG", "arib-std-b67")] {
        let film = world.film(&format!(
            "-vf format=gbrp,zscale=pin=bt709:tin=bt709:min=gbr:rin=full:p=bt2020:t=linear:npl=203,zscale=p=bt2020:t={transfer}:m=bt2020nc:r=limited:npl=203,format=yuv420p10le \
             -c:v libx265 -x265-params log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc -f mp4"
        ));
        let (_, made) = world.walk(&film).await;
        let (mut poster, mut web) = (None, None);
        for (preset, one) in made {
            match preset.name.as_str() {
                "poster" => poster = Some(one),
                "web" => web = Some(one),
                _ => {}
            }
        }
        assert_corners(&picture(&mut poster.unwrap()), 60, name);
        let web = bytes(&mut web.unwrap());
        let colours = "-select_streams v -show_entries stream=pix_fmt,color_space,color_transfer,color_primaries";
        assert_eq!(
            world.probe(&web, colours),
            "yuv420p,bt709,bt709,bt709",
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_film_is_as_loud_as_all_others_and_can_be_jumped_in() {
    let world = World::new();
    for volume in ["-30dB", "18dB"] {
        let film = world.ffmpeg(&format!(
            "-f lavfi -i testsrc2=size=320x180:rate=25:duration=9 -f lavfi -i anoisesrc=c=pink:a=0.5:d=9 \
             -af volume={volume} -c:v libx264 -preset ultrafast -g 250 -pix_fmt yuv420p -c:a flac -strict -2 -f matroska"
        ));
        let examined = world.examine(&film).await.unwrap();
        let outcomes = world
            .render(
                &film,
                &examined.facts,
                &named(&examined.facts, &["preview"]),
            )
            .await;
        let [made] = <[_; 1]>::try_from(outcomes).unwrap();
        let mut made = made.result.unwrap();
        let own = made.loudness.unwrap();
        let film = bytes(&mut made);
        let again = world.examine(&film).await.unwrap();
        let outcomes = world
            .render(&film, &again.facts, &named(&again.facts, &["preview"]))
            .await;
        let brought = outcomes[0].result.as_ref().unwrap().loudness.unwrap();
        assert!(
            (brought.lufs.unwrap() + 23.0).abs() <= 1.0,
            "{own:?} became {brought:?}"
        );
        assert!(brought.peak.unwrap() <= -1.0, "{own:?} became {brought:?}");
        let keys = world.probe(
            &film,
            "-select_streams v -skip_frame nokey -show_entries frame=pts_time",
        );
        let keys: Vec<f64> = keys
            .lines()
            .filter_map(|line| line.split(',').next()?.parse().ok())
            .collect();
        assert!(
            keys.len() >= 5 && keys.windows(2).all(|two| two[1] - two[0] <= 2.05),
            "{keys:?}"
        );
    }
}

#[tokio::test]
async fn a_storyboard_says_which_tile_shows_which_time() {
    let world = World::new();
    // A grey that gets lighter from second to second.
    let film = world.ffmpeg(
        "-f lavfi -i color=gray:size=320x180:rate=10:duration=12,geq=lum=18*floor(T)+20:cb=128:cr=128 -c:v libx264 -pix_fmt yuv420p -f mp4",
    );
    let examined = world.examine(&film).await.unwrap();
    let wanted = named(&examined.facts, &["storyboard", "storyboard_track"]);
    let outcomes = world.render(&film, &examined.facts, &wanted).await;
    let [sheet, track] = <[_; 2]>::try_from(outcomes).unwrap();
    let sheet = picture(&mut sheet.result.unwrap());
    assert_eq!(sheet.dimensions(), (1600, 180));
    let track = String::from_utf8(bytes(&mut track.result.unwrap())).unwrap();
    let cues: Vec<&str> = track.split("\n\n").skip(1).collect();
    assert_eq!(cues.len(), 12, "{track}");
    let mut before = 0;
    for cue in cues {
        let part: Vec<u32> = cue
            .split_once("#xywh=")
            .unwrap()
            .1
            .trim()
            .split(',')
            .map(|number| number.parse().unwrap())
            .collect();
        let light = sheet.get_pixel(part[0] + part[2] / 2, part[1] + part[3] / 2)[0];
        assert!(
            light > before || before == 255,
            "{cue}: {light} after {before}"
        );
        before = light;
    }
}

#[tokio::test]
async fn the_cover_of_a_record_is_no_film_and_old_tags_are_read() {
    let world = World::new();
    let png = world.folder.path().join("cover.png");
    corners(64, 64).save(&png).unwrap();
    let meant = "Пресс-конференция мэра";
    let (old, _, _) = encoding_rs::WINDOWS_1251.encode(meant);
    let mojibake: String = old.iter().map(|byte| char::from(*byte)).collect();
    let out = world.folder.path().join("record.mp3");
    let status = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "sine=440:duration=2",
            "-i",
        ])
        .arg(&png)
        .args([
            "-map",
            "0",
            "-map",
            "1",
            "-c:v",
            "copy",
            "-disposition:v",
            "attached_pic",
            "-metadata",
        ])
        .arg(format!("title={mojibake}"))
        .args(["-metadata", "artist=Matbuot xizmati"])
        .arg(&out)
        .status()
        .unwrap();
    assert!(status.success());
    let (examined, made) = world.walk(&std::fs::read(out).unwrap()).await;
    assert_eq!((examined.facts.kind, made.len()), (Kind::Audio, 3));
    assert_eq!(examined.embedded.headline.plain.as_deref(), Some(meant));
    assert_eq!(
        examined.embedded.creator.as_deref(),
        Some("Matbuot xizmati")
    );
}

#[tokio::test]
async fn what_a_broadcast_and_a_phone_write_is_read() {
    let world = World::new();
    let wav = world.ffmpeg(
        "-f lavfi -i sine=440:duration=1 -write_bext 1 -metadata description=Brifing -metadata originator=Radio -metadata origination_date=2024-03-01 -metadata origination_time=10:00:00 -f wav",
    );
    let said = world.examine(&wav).await.unwrap().embedded;
    assert_eq!(said.caption.plain.as_deref(), Some("Brifing"));
    assert_eq!(said.creator.as_deref(), Some("Radio"));
    assert_eq!(said.taken_at.unwrap().to_string(), "2024-03-01T05:00:00Z");
    let mov = world.film(
        "-c:v libx264 -pix_fmt yuv420p -c:a aac -movflags use_metadata_tags -timecode 10:00:00:00 \
         -metadata com.apple.quicktime.creationdate=2024-03-01T15:00:00+0600 -metadata creation_time=2024-03-01T09:00:01Z \
         -metadata com.apple.quicktime.location.ISO6709=+42.8746+074.5698/ -metadata:s:a language=kir -f mov",
    );
    let said = world.examine(&mov).await.unwrap().embedded;
    assert_eq!(said.taken_at.unwrap().to_string(), "2024-03-01T09:00:00Z");
    assert_eq!(
        said.place.latitude.zip(said.place.longitude),
        Some((42.8746, 74.5698))
    );
    assert_eq!(said.language.unwrap().to_string(), "ky");
    assert!(
        said.raw["tracks"].to_string().contains("10:00:00:00"),
        "{:?}",
        said.raw
    );
}

#[tokio::test]
async fn a_picture_that_moves_becomes_a_silent_film() {
    let world = World::new();
    let gif = world.ffmpeg("-f lavfi -i testsrc2=size=321x181:rate=10:duration=3 -f gif");
    let (examined, made) = world.walk(&gif).await;
    assert_eq!(examined.facts.kind, Kind::Photo);
    assert_eq!(examined.facts.duration_ms, Some(3000));
    let film = bytes(&mut only(made, "animation"));
    world.plays(&film, "a GIF");
    let streams = world.probe(
        &film,
        "-show_entries stream=codec_name,width,height,pix_fmt",
    );
    assert_eq!(streams, "h264,320,180,yuv420p");
    let frames = "-select_streams v -count_frames -show_entries stream=nb_read_frames";
    assert_eq!(world.probe(&film, frames), "30");

    let still = world.ffmpeg("-f lavfi -i testsrc2=size=320x180 -frames:v 1 -f gif");
    let (_, made) = world.walk(&still).await;
    assert!(made.iter().all(|(preset, _)| preset.name != "animation"));
}
