//! What files say about themselves: where `ExifTool` reads a field of the IPTC core, Jarchi reads the same, in real photos
//! and in ones that are written on the spot in each of the encodings that agencies used.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::world::{File, World, media};

/// The field, and where `ExifTool` finds it: XMP before IPTC before EXIF.
const CORE: [(&str, &[&str]); 12] = [
    (
        "/headline",
        &["XMP-photoshop:Headline", "IPTC:Headline", "IPTC2:Headline"],
    ),
    (
        "/caption",
        &[
            "XMP-dc:Description",
            "IPTC:Caption-Abstract",
            "IPTC2:Caption-Abstract",
            "IFD0:ImageDescription",
        ],
    ),
    (
        "/creator",
        &[
            "XMP-dc:Creator",
            "IPTC:By-line",
            "IPTC2:By-line",
            "IFD0:Artist",
        ],
    ),
    (
        "/credit",
        &["XMP-photoshop:Credit", "IPTC:Credit", "IPTC2:Credit"],
    ),
    (
        "/source",
        &["XMP-photoshop:Source", "IPTC:Source", "IPTC2:Source"],
    ),
    (
        "/copyright",
        &[
            "XMP-dc:Rights",
            "IPTC:CopyrightNotice",
            "IPTC2:CopyrightNotice",
            "IFD0:Copyright",
        ],
    ),
    (
        "/keywords",
        &["XMP-dc:Subject", "IPTC:Keywords", "IPTC2:Keywords"],
    ),
    (
        "/place/name",
        &[
            "XMP-iptcCore:Location",
            "IPTC:Sub-location",
            "IPTC2:Sub-location",
        ],
    ),
    (
        "/place/city",
        &["XMP-photoshop:City", "IPTC:City", "IPTC2:City"],
    ),
    (
        "/place/region",
        &[
            "XMP-photoshop:State",
            "IPTC:Province-State",
            "IPTC2:Province-State",
        ],
    ),
    (
        "/place/country",
        &[
            "XMP-photoshop:Country",
            "IPTC:Country-PrimaryLocationName",
            "IPTC2:Country-PrimaryLocationName",
        ],
    ),
    (
        "/place/country_code",
        &[
            "XMP-iptcCore:CountryCode",
            "IPTC:Country-PrimaryLocationCode",
            "IPTC2:Country-PrimaryLocationCode",
        ],
    ),
];

fn exiftool(path: &Path) -> Value {
    let told = Command::new("exiftool")
        .args(["-j", "-a", "-G1", "-struct"])
        .arg(path)
        .output()
        .expect("the exiftool command");
    let told: Value = serde_json::from_slice(&told.stdout).expect("JSON of ExifTool");
    told[0].clone()
}

/// The words of a value, whatever its sort; empty where it says nothing.
fn words(value: &Value) -> Vec<String> {
    let each = match value {
        Value::Array(list) => list.iter().flat_map(words).collect(),
        Value::Object(map) => map.values().flat_map(words).collect(),
        Value::String(text) => vec![text.trim().to_owned()],
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    };
    each.into_iter().filter(|word| !word.is_empty()).collect()
}

/// What Jarchi reads otherwise than `ExifTool`.
fn differences(told: &Value, embedded: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (pointer, tags) in CORE {
        let Some(expected) = tags
            .iter()
            .map(|tag| words(&told[*tag]))
            .find(|words| !words.is_empty())
        else {
            continue;
        };
        let read = words(embedded.pointer(pointer).unwrap_or(&Value::Null));
        let holds = match pointer {
            "/creator" => read == [expected.join(", ")],
            "/keywords" => read == expected,
            _ => expected.iter().all(|word| read.contains(word)),
        };
        if !holds {
            found.push(format!("{pointer}: {read:?} instead of {expected:?}"));
        }
    }
    found
}

async fn embedded(world: &World, file: &File) -> Option<Value> {
    let answer = world.admin.upload(file, &json!({})).await;
    if answer.status != 201 {
        return None;
    }
    let material = world.settled(&answer.id()).await;
    material["embedded"]
        .is_object()
        .then(|| material["embedded"].clone())
}

#[tokio::test]
async fn real_photos_say_what_another_reader_hears() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/photo");
    if !samples.is_dir() {
        eprintln!("no ../shared/samples beside the checkout: real photos were left out");
        return;
    }
    let (world, mut broken) = (World::start().await, Vec::new());
    for entry in fs::read_dir(&samples).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let file = File::new(
            name,
            "application/octet-stream",
            fs::read(&path).expect("a sample"),
        );
        // A format that is not taken says nothing.
        if let Some(embedded) = embedded(&world, &file).await {
            let found = differences(&exiftool(&path), &embedded);
            broken.extend(
                found
                    .into_iter()
                    .map(|difference| format!("{name}: {difference}")),
            );
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[tokio::test]
async fn old_encodings_are_told_apart() {
    let world = World::start().await;
    let cyrillic = [
        "Мэр открыл школу",
        "Президент Кыргызстана в Бишкеке",
        "Иванов",
        "ТАСС",
        "Бишкек",
    ];
    let latin = [
        "Le maire à l’école",
        "Château près de Besançon",
        "Françoise Müller",
        "AFP",
        "Orléans",
    ];
    let uzbek = [
        "Oʻzbekiston 🇺🇿",
        "Ҳоким Тошкентда жавоб берди",
        "Ғайрат",
        "ЎзА",
        "Қўқон",
    ];
    for (number, (charset, texts)) in [("cp1251", cyrillic), ("cp1252", latin), ("UTF8", uzbek)]
        .into_iter()
        .enumerate()
    {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("photo.jpg");
        let file = media::photo(u32::try_from(number).expect("few"));
        fs::write(&path, &file.bytes).expect("a file");
        let mark = if charset == "UTF8" {
            "-IPTC:CodedCharacterSet=UTF8"
        } else {
            "-q"
        };
        let fields = ["Headline", "Caption-Abstract", "By-line", "Credit", "City"];
        let written = Command::new("exiftool")
            .args([
                "-q",
                "-overwrite_original",
                "-charset",
                &format!("iptc={charset}"),
                mark,
            ])
            .args(
                fields
                    .iter()
                    .zip(texts)
                    .map(|(field, text)| format!("-IPTC:{field}={text}")),
            )
            .arg(format!("-IPTC:Keywords={}", texts[4]))
            .arg(&path)
            .status();
        assert!(written.expect("the exiftool command").success());
        let file = File {
            bytes: fs::read(&path).expect("the photo"),
            ..file
        };
        let embedded = embedded(&world, &file).await.expect("what it says");
        let read = [
            "/headline",
            "/caption",
            "/creator",
            "/credit",
            "/place/city",
            "/keywords",
        ]
        .map(|pointer| words(embedded.pointer(pointer).unwrap_or(&Value::Null)).join(" "));
        let expected = [texts[0], texts[1], texts[2], texts[3], texts[4], texts[4]];
        assert_eq!(read, expected, "{charset}");
    }
}
