//! Descriptions in files: what `ExifTool` and Exiv2 read in what Jarchi wrote, what is never in it, and that a new
//! description reaches the files that are there while readers notice nothing but the new words.

use std::{collections::HashSet, fs, path::Path, process::Command};

use base64::prelude::{BASE64_STANDARD, Engine};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::{Client, World, archive, media, until};

const HEADLINE: &str = "Oʻzbekiston — Ҳоким жавоб берди 🇺🇿 <&>";

fn description() -> Value {
    json!({
        "language": "uz-Latn",
        "headline": {"uz-Latn": HEADLINE, "ru": "Ответ хокима"},
        "caption": {"uz-Latn": "Toshkent shahrida matbuot anjumani", "ky": "Ташкенттеги жыйын", "en": "A briefing"},
        "alt_text": {"en": "A man at a table"},
        "keywords": ["матбуот", "oʻqish"],
        "persons": [{"name": {"uz-Latn": "Gʻayrat Toʻraev"}, "title": {"en": "Mayor"}}],
        "place": {"name": {"uz-Latn": "Toshkent"}, "country": "UZ", "latitude": 41.31, "longitude": 69.28},
        "creator": "Ғайрат Ҳамидов", "credit": "Матбуот хизмати", "source": "Jarchi",
        "copyright": {"ru": "© Пресс-служба"}, "usage_terms": {"en": "Editorial use only"},
        "license": "CC-BY-4.0", "taken_at": "2026-11-20T10:00:00+05:00", "audiences": ["public"],
    })
}

/// What `ExifTool` reads in the bytes, under `group:Tag`.
fn exiftool(bytes: &[u8], arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("picture");
    fs::write(&path, bytes).expect("a file");
    let told = Command::new("exiftool")
        .args(["-j", "-a", "-G1", "-struct", "-charset", "iptc=utf8"])
        .args(arguments)
        .arg(&path)
        .output()
        .expect("the exiftool command");
    let told: Value = serde_json::from_slice(&told.stdout).expect("JSON of ExifTool");
    told[0].clone()
}

/// The photo with what a phone writes into it, and what an agency wrote there before.
fn from_a_phone(number: u32) -> media::File {
    let file = media::photo(number);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("photo.jpg");
    fs::write(&path, &file.bytes).expect("a file");
    let thumbnail = folder.path().join("thumbnail.jpg");
    fs::write(&thumbnail, &media::photo(number + 1).bytes).expect("a file");
    let written = Command::new("exiftool")
        .args([
            "-q",
            "-overwrite_original",
            "-n",
            "-Orientation=6",
            "-Make=Maker",
            "-SerialNumber=SECRET1",
            "-LensSerialNumber=SECRET2",
            "-OwnerName=SECRET3",
            "-GPSLatitude=41.31",
            "-GPSLatitudeRef=N",
            "-GPSLongitude=69.28",
            "-GPSLongitudeRef=E",
            "-ExposureTime=0.008",
            "-Comment=SECRET4",
            "-XMP-photoshop:Instructions=SECRET5",
            "-IPTC:SpecialInstructions=SECRET6",
        ])
        .arg(format!("-ThumbnailImage<={}", thumbnail.display()))
        .arg(&path)
        .status()
        .expect("the exiftool command");
    assert!(written.success());
    let tail = b"a video of the moment before: SECRET7";
    let bytes = [fs::read(&path).expect("the photo"), tail.to_vec()].concat();
    media::File { bytes, ..file }
}

async fn bytes(client: &Client, id: &str, name: &str) -> Vec<u8> {
    let path = format!("/v1/materials/{id}/renditions/{name}");
    client.get(&path).await.expect(200).bytes.to_vec()
}

fn rendition<'a>(material: &'a Value, name: &str) -> &'a Value {
    let all = material["renditions"].as_array().expect("renditions");
    let found = all.iter().find(|rendition| rendition["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {material:#}"))
}

/// From the first table of a JPEG to its end: the picture as it was compressed.
fn pixels(jpeg: &[u8]) -> &[u8] {
    let start = jpeg.windows(2).position(|pair| pair == [0xFF, 0xDB]);
    let end = jpeg.windows(2).rposition(|pair| pair == [0xFF, 0xD9]);
    &jpeg[start.expect("a table")..end.expect("an end") + 2]
}

fn nothing_is_given_away(bytes: &[u8]) {
    let words = String::from_utf8_lossy(bytes);
    assert!(!words.contains("SECRET"), "{words}");
    let told = exiftool(bytes, &[]);
    for (tag, value) in told.as_object().expect("tags") {
        let hidden = ["GPS", "Serial", "Owner", "Thumbnail", "MakerNote"];
        assert!(
            !hidden.iter().any(|word| tag.contains(word)),
            "{tag}: {value}"
        );
    }
}

#[tokio::test]
async fn others_read_in_the_press_copy_what_was_written() {
    let world = World::start().await;
    let file = from_a_phone(1);
    let id = world.published(&file, &description()).await;
    let public = world.public();
    let material = public
        .get(&format!("/v1/materials/{id}"))
        .await
        .expect(200)
        .json();
    assert_eq!(material["main"], "press");
    let shown = rendition(&material, "press");
    assert_eq!(
        (&shown["width"], &shown["height"]),
        (&json!(480), &json!(640))
    );
    let press = bytes(&public, &id, "press").await;
    assert!(
        pixels(&press) == pixels(&media::photo(1).bytes),
        "the pixels are those that came"
    );
    assert_eq!(shown["size"], press.len());
    nothing_is_given_away(&press);
    let told = exiftool(&press, &["-n"]);
    for (tag, value) in [
        ("IPTC:Headline", json!(HEADLINE)),
        (
            "IPTC:Caption-Abstract",
            json!("Toshkent shahrida matbuot anjumani"),
        ),
        ("IPTC:Keywords", json!(["матбуот", "oʻqish"])),
        ("IPTC:By-line", json!("Ғайрат Ҳамидов")),
        ("IPTC:Credit", json!("Матбуот хизмати")),
        ("IPTC:CopyrightNotice", json!("© Пресс-служба")),
        ("IPTC:Country-PrimaryLocationCode", json!("UZB")),
        ("IPTC:CodedCharacterSet", json!("\u{1b}%G")),
        ("IPTC:DateCreated", json!("2026:11:20")),
        ("IPTC:TimeCreated", json!("10:00:00+05:00")),
        ("XMP-photoshop:Headline", json!(HEADLINE)),
        ("XMP-photoshop:Credit", json!("Матбуот хизмати")),
        (
            "XMP-photoshop:DateCreated",
            json!("2026:11:20 10:00:00+05:00"),
        ),
        ("XMP-dc:Creator", json!(["Ғайрат Ҳамидов"])),
        ("XMP-dc:Subject", json!(["матбуот", "oʻqish"])),
        ("XMP-dc:Identifier", json!(format!("urn:uuid:{id}"))),
        (
            "XMP-iptcExt:DigitalImageGUID",
            json!(format!("urn:uuid:{id}")),
        ),
        ("XMP-iptcExt:PersonInImage", json!(["Gʻayrat Toʻraev"])),
        (
            "XMP-iptcExt:LocationCreated",
            json!([{"CountryCode": "UZ", "LocationName": "Toshkent", "LocationName-uz-latn": "Toshkent", "Sublocation": "Toshkent"}]),
        ),
        ("XMP-xmpRights:UsageTerms", json!("Editorial use only")),
        ("IFD0:Orientation", json!(6)),
        ("IFD0:Artist", json!("Ғайрат Ҳамидов")),
        (
            "IFD0:ImageDescription",
            json!("Toshkent shahrida matbuot anjumani"),
        ),
        ("ExifIFD:DateTimeOriginal", json!("2026:11:20 10:00:00")),
        ("ExifIFD:OffsetTimeOriginal", json!("+05:00")),
        ("ExifIFD:ExposureTime", json!(0.008)),
    ] {
        assert_eq!(told[tag], value, "{tag}: {told:#}");
    }
    let faults = exiftool(&press, &["-validate", "-warning", "-error"]);
    assert_eq!(faults["ExifTool:Validate"], "OK", "{faults:#}");
    languages_are_side_by_side(&press);
}

/// By another reader still.
fn languages_are_side_by_side(press: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("press.jpg");
    fs::write(&path, press).expect("a file");
    let told = Command::new("exiv2")
        .args(["-q", "-PEIXkt"])
        .arg(&path)
        .output();
    let told = told.expect("the exiv2 command");
    let told = String::from_utf8(told.stdout).expect("UTF-8");
    for words in [
        HEADLINE,
        "lang=\"ky\" Ташкенттеги жыйын",
        "lang=\"en\" A briefing",
        "© Пресс-служба",
    ] {
        assert!(told.contains(words), "no {words} in\n{told}");
    }
}

#[tokio::test]
async fn a_new_description_reaches_the_files_and_nobody_waits() {
    let world = World::start().await;
    let (file, public) = (from_a_phone(2), world.public());
    let id = world.published(&file, &description()).await;
    let path = format!("/v1/materials/{id}");
    let before = bytes(&public, &id, "press").await;
    let said = json!({"caption": {"uz-Latn": "Янги сўзлар"}, "credit": "Another office"});
    let changed = world.admin.patch(&path, &said).await.expect(200).json();
    assert_eq!(changed["processing"]["state"], "ready");
    let after = until("the new words in every file", async || {
        let material = world.admin.get(&path).await.expect(200).json();
        assert_eq!(material["processing"]["state"], "ready", "{material:#}");
        let all = material["renditions"]
            .as_array()
            .expect("renditions")
            .clone();
        let done = |rendition: &Value| {
            rendition["of_version"] == changed["version"] && rendition["sha256"].is_string()
        };
        all.iter().all(done).then_some(all)
    })
    .await;
    for rendition in after {
        let name = rendition["name"].as_str().expect("a name");
        let file = bytes(&public, &id, name).await;
        assert_eq!(
            rendition["sha256"],
            hex::encode(Sha256::digest(&file)),
            "{name}"
        );
        assert_eq!(rendition["size"], file.len(), "{name}");
        let told = exiftool(&file, &[]);
        assert_eq!(
            told["XMP-dc:Description"], "Янги сўзлар",
            "{name}: {told:#}"
        );
        assert_eq!(told["XMP-photoshop:Credit"], "Another office", "{name}");
        assert!(image::load_from_memory(&file).is_ok(), "{name}");
        nothing_is_given_away(&file);
    }
    let press = bytes(&public, &id, "press").await;
    assert!(
        pixels(&press) == pixels(&before),
        "the pixels are those that were there"
    );
    let verified = world.server.command(&["verify"]);
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
}

#[tokio::test]
async fn what_is_described_anew_is_of_one_piece_at_every_moment() {
    let world = World::start().await;
    let public = world.public();
    let mut ids = Vec::new();
    for number in 3..8 {
        let file = media::photo(number);
        ids.push(world.published(&file, &description()).await);
    }
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    let kit = world.kit(&all, &json!({"audiences": ["public"]})).await;
    world.publish("kits", &kit).await;
    let describing = async {
        for time in 1..=30 {
            let said = json!({"caption": {"en": "A briefing. ".repeat(time)}});
            for id in &ids {
                let path = format!("/v1/materials/{id}");
                world.admin.patch(&path, &said).await.expect(200);
            }
        }
    };
    let taking = async |id: &String| {
        let mut taken = HashSet::new();
        while taken.len() < 5 {
            public.get(&format!("/v1/kits/{kit}")).await.expect(200);
            let whole = public.get(&format!("/v1/kits/{kit}/archive")).await;
            archive::files(&whole.expect(200).bytes);
            let press = format!("/v1/materials/{id}/renditions/press");
            let press = public.get(&press).await.expect(200);
            let digest = Sha256::digest(&press.bytes);
            if let Some(told) = press.headers.get("repr-digest") {
                let digest = BASE64_STANDARD.encode(digest);
                assert_eq!(told, &format!("sha-256=:{digest}:"));
            }
            taken.insert(digest);
        }
    };
    futures_util::join!(describing, join_all(ids.iter().map(taking)));
}

#[tokio::test]
async fn a_kit_holds_press_copies_and_a_name_of_an_event_that_is_not_public_is_in_none() {
    let world = World::start().await;
    let event = json!({"name": {"en": "A closed briefing"}, "kind": "briefing", "starts_at": "2026-11-20T10:00:00Z", "audiences": ["press"]});
    let event = world
        .admin
        .post("/v1/events", &event)
        .await
        .expect(201)
        .id();
    let mut said = description();
    said["event"] = json!(event);
    let id = world.published(&media::photo(3), &said).await;
    let kit = world.kit(&[&id], &json!({})).await;
    world.publish("kits", &kit).await;
    let public = world.public();
    let zip = public
        .get(&format!("/v1/kits/{kit}/archive"))
        .await
        .expect(200);
    let files = archive::files(&zip.bytes);
    let photo = archive::named(&files, ".jpg");
    assert_eq!(photo, bytes(&public, &id, "press").await);
    let says = |file: &[u8], words: &str| String::from_utf8_lossy(file).contains(words);
    assert!(!says(photo, "A closed briefing"));

    let open = json!({"audiences": ["public"], "name": {"en": "An open briefing"}});
    world
        .admin
        .patch(&format!("/v1/events/{event}"), &open)
        .await
        .expect(200);
    until("the event's name in the file", async || {
        let press = bytes(&public, &id, "press").await;
        says(&press, "An open briefing").then_some(())
    })
    .await;
}

#[tokio::test]
async fn positions_go_out_where_the_office_says_so() {
    let world = World::with(&[("JARCHI_PHOTO_POSITIONS", "true")]).await;
    let id = world.published(&from_a_phone(4), &description()).await;
    let told = exiftool(&bytes(&world.public(), &id, "press").await, &["-n"]);
    let north = told["GPS:GPSLatitude"].as_f64().expect("a position");
    assert!((north - 41.31).abs() < 1e-5, "{told:#}");
}

#[tokio::test]
async fn where_a_film_was_taken_is_for_the_staff() {
    let world = World::start().await;
    let id = world.published(&with_a_position(6), &description()).await;
    let path = format!("/v1/materials/{id}");
    let public = world.public();
    let (staff, reader) = (world.admin.get(&path).await, public.get(&path).await);
    assert!(staff.expect(200).json()["original"]["url"].is_string());
    let reader = reader.expect(200).json();
    assert_eq!(
        (&reader["original"]["url"], &reader["main"]),
        (&Value::Null, &json!("web"))
    );
    let original = format!("{path}/original");
    world.admin.get(&original).await.expect(200);
    public.get(&original).await.problem(403, "forbidden");

    let kit = world.kit(&[&id], &json!({})).await;
    world.publish("kits", &kit).await;
    for files in ["press", "original", "web"] {
        let path = format!("/v1/kits/{kit}/archive?files={files}");
        let zip = public.get(&path).await.expect(200);
        let web = bytes(&public, &id, "web").await;
        assert_eq!(
            archive::named(&archive::files(&zip.bytes), ".mp4"),
            web,
            "{files}"
        );
        assert!(!exiftool(&web, &[]).to_string().contains("GPS"));
    }
}

/// As a phone writes it.
fn with_a_position(number: u32) -> media::File {
    let folder = tempfile::tempdir().expect("a folder");
    let [plain, positioned] = ["plain.mp4", "positioned.mp4"].map(|name| folder.path().join(name));
    fs::write(&plain, media::film(number).bytes).expect("a film");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&plain)
        .args(["-c", "copy", "-metadata", "location=+41.3111+069.2797/"])
        .arg(&positioned)
        .status()
        .expect("the ffmpeg command");
    assert!(made.success());
    let bytes = fs::read(&positioned).expect("a film");
    assert!(exiftool(&bytes, &[]).to_string().contains("GPS"));
    media::File::new("walk.mp4", "video/mp4", bytes)
}

#[tokio::test]
async fn newsrooms_get_a_jpeg_of_what_they_cannot_open() {
    let world = World::start().await;
    let picture = media::picture(5, 300, 200);
    for (name, format) in [
        ("a.png", image::ImageFormat::Png),
        ("a.tif", image::ImageFormat::Tiff),
        ("a.webp", image::ImageFormat::WebP),
    ] {
        let mut bytes_of = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes_of, format).expect("a picture");
        let file = media::File::new(name, "application/octet-stream", bytes_of.into_inner());
        let id = world.published(&file, &description()).await;
        let press = bytes(&world.public(), &id, "press").await;
        let told = exiftool(&press, &[]);
        assert_eq!(
            (&told["File:FileType"], &told["IPTC:Headline"]),
            (&json!("JPEG"), &json!(HEADLINE)),
            "{name}"
        );
        let seen = image::load_from_memory(&press)
            .expect("a picture")
            .into_rgb8();
        assert_eq!(seen.dimensions(), (300, 200));
        let far = seen
            .as_raw()
            .iter()
            .zip(picture.as_raw())
            .map(|(one, other)| u64::from(one.abs_diff(*other)))
            .sum::<u64>();
        assert!(far / (300 * 200 * 3) <= 2, "{name}: {far}");
    }
}

#[tokio::test]
async fn nothing_is_given_away_by_the_press_copies_of_real_photos() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/photo");
    if !samples.is_dir() {
        eprintln!("no ../shared/samples beside the checkout: real photos were left out");
        return;
    }
    let world = World::start().await;
    for entry in fs::read_dir(&samples).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let sample = fs::read(&path).expect("a sample");
        let file = media::File::new(name, "application/octet-stream", sample);
        let answer = world
            .admin
            .upload(&file, &json!({"audiences": ["public"]}))
            .await;
        if answer.status != 201
            || world.settled(&answer.id()).await["processing"]["state"] != "ready"
        {
            continue;
        }
        let press = bytes(&world.admin, &answer.id(), "press").await;
        nothing_is_given_away(&press);
        image::load_from_memory(&press).unwrap_or_else(|error| panic!("{name}: {error}"));
        let faults = exiftool(&press, &["-validate"]);
        assert_eq!(faults["ExifTool:Validate"], "OK", "{name}: {faults:#}");
    }
}
