//! The pages of office files, printed by `LibreOffice` in its box; and what is written in pictures that no camera took.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::world::{File, World, until};

const WORDS: &str = "Матбуот анжумани бўлиб ўтди";

/// Another format of a file, as the program itself writes it.
fn converted(name: &str, bytes: &[u8], to: &str) -> File {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join(name);
    fs::write(&source, bytes).expect("a file");
    let made = Command::new("soffice")
        .arg(format!(
            "-env:UserInstallation=file://{}/profile",
            folder.path().display()
        ))
        .args(["--headless", "--norestore", "--convert-to", to])
        // Tables come in UTF-8.
        .args(name.ends_with("csv").then_some("--infilter=CSV:44,34,76"))
        .arg("--outdir")
        .arg(folder.path())
        .arg(&source)
        .output()
        .expect("LibreOffice, which `make test` brings");
    let path = source.with_extension(to);
    let bytes = fs::read(&path).unwrap_or_else(|_| panic!("{made:?}"));
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name");
    File::new(name, "application/octet-stream", bytes)
}

fn rtf() -> Vec<u8> {
    let escape = |text: String, letter: char| text + &format!("\\u{}?", u32::from(letter));
    let escaped = WORDS.chars().fold(String::new(), escape);
    format!("{{\\rtf1\\ansi\\fs48 {escaped}\\par}}").into_bytes()
}

/// Slides, of which the second is empty.
fn slides() -> Vec<u8> {
    let names = [
        "office",
        "drawing",
        "text",
        "svg-compatible",
        "presentation",
    ];
    let spaces = names.map(|name| {
        let prefix = match name {
            "drawing" => "draw",
            "svg-compatible" => "svg",
            other => other,
        };
        format!("xmlns:{prefix}=\"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0\"")
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document {} office:version=\"1.3\" \
         office:mimetype=\"application/vnd.oasis.opendocument.presentation\"><office:body><office:presentation>\
         <draw:page draw:name=\"a\"><draw:frame svg:x=\"2cm\" svg:y=\"3cm\" svg:width=\"20cm\" svg:height=\"5cm\">\
         <draw:text-box><text:p>{WORDS}</text:p></draw:text-box></draw:frame></draw:page><draw:page draw:name=\"b\"/>\
         </office:presentation></office:body></office:document>",
        spaces.join(" ")
    )
    .into_bytes()
}

fn rendition<'a>(material: &'a Value, name: &str) -> Option<&'a Value> {
    let mut made = material["renditions"].as_array()?.iter();
    made.find(|made| made["name"] == name)
}

/// A picture of white paper with some ink on it; how much of a million is dark.
async fn ink(world: &World, id: &str) -> (u32, u32, usize) {
    let url = format!("/v1/materials/{id}/renditions/page");
    let page = world.admin.get(&url).await.expect(200);
    let page = image::load_from_memory(&page.bytes)
        .expect("a picture")
        .into_luma8();
    let dark = page.as_raw().iter().filter(|level| **level < 100).count();
    let (width, height) = page.dimensions();
    (width, height, dark * 1_000_000 / page.as_raw().len())
}

#[tokio::test]
async fn office_files_are_seen_as_they_are_printed() {
    let world = World::with_programs().await;
    let table = format!("{WORDS},2\n3,4\n");
    for (name, bytes, to) in [
        ("letter.rtf", rtf(), "rtf"),
        ("letter.rtf", rtf(), "docx"),
        ("letter.rtf", rtf(), "odt"),
        ("slides.fodp", slides(), "pptx"),
        ("slides.fodp", slides(), "odp"),
        ("table.csv", table.clone().into_bytes(), "xlsx"),
        ("table.csv", table.clone().into_bytes(), "ods"),
    ] {
        let file = if to == "rtf" {
            File::new(name, "application/rtf", bytes)
        } else {
            converted(name, &bytes, to)
        };
        let id = world.upload(&file, &json!({"audiences": ["public"]})).await;
        let material = world.ready(&id).await;
        assert!(
            material["processing"]["problem"].is_null(),
            "{to}: {material:#}"
        );
        let (width, height, dark) = ink(&world, &id).await;
        let is_slide = ["pptx", "odp"].contains(&to);
        assert_eq!(width > height, is_slide, "{to}: {width} × {height}");
        assert!(
            (200..200_000).contains(&dark),
            "{to}: {dark} in a million are dark"
        );
        assert!(rendition(&material, "thumb").is_some() && material["thumbhash"].is_string());
        let whole = world.admin.get(&format!("/v1/materials/{id}")).await.json();
        let text = whole["text"].as_str().unwrap_or_default();
        assert!(text.contains("анжумани"), "{to}: {text}");
        world.publish("materials", &id).await;
    }
    let left = fs::read_dir(world.server.data().join("scratch")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "folders are left over");
}

#[tokio::test]
async fn what_cannot_be_printed_is_read_all_the_same() {
    for printer in ["/nonexistent", "/bin/false"] {
        let world = World::with(&[("JARCHI_LIBREOFFICE", printer)]).await;
        let file = File::new("letter.rtf", "application/rtf", rtf());
        let id = world.upload(&file, &json!({"audiences": ["public"]})).await;
        let material = world.settled(&id).await;
        let is_there = Path::new(printer).is_file();
        assert_eq!(
            material["processing"]["problem"].is_string(),
            is_there,
            "{material:#}"
        );
        assert!(rendition(&material, "thumb").is_none());
        assert!(rendition(&material, "text").is_some());
        world.publish("materials", &id).await;
    }
}

/// An infographic: large letters on a ground, and a bar.
fn drawn(words: &str) -> File {
    let folder = tempfile::tempdir().expect("a folder");
    let (text, picture) = (folder.path().join("words"), folder.path().join("drawn.png"));
    fs::write(&text, words).expect("a file");
    let filters = format!(
        "drawtext=fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf:textfile={}:fontsize=44:fontcolor=0x003366:x=60:y=80,\
         drawbox=x=60:y=400:w=500:h=120:color=orange:t=fill",
        text.display()
    );
    let made = Command::new("ffmpeg")
        .args([
            "-nostdin",
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "color=0xeef4ff:size=1080x720",
        ])
        .args(["-vf", &filters, "-frames:v", "1"])
        .arg(&picture)
        .output()
        .expect("the ffmpeg command");
    assert!(made.status.success(), "{made:?}");
    File::new(
        "drawn.png",
        "image/png",
        fs::read(&picture).expect("a picture"),
    )
}

#[tokio::test]
async fn what_is_written_in_a_picture_is_found() {
    let world = World::with_programs().await;
    let open = json!({"audiences": ["public"]});
    let id = world.published(&drawn(WORDS), &open).await;
    let path = format!("/v1/materials/{id}");
    let text = until("the picture to be read", async || {
        let material = world.public().get(&path).await.expect(200).json();
        let made = rendition(&material, "text")?;
        assert_eq!(
            (&made["recognised"], &made["media_type"]),
            (&json!(true), &json!("text/plain; charset=utf-8"))
        );
        material["text"].as_str().map(str::to_owned)
    })
    .await;
    assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), WORDS);
    until("it to be found", async || {
        let found = world.public().materials(&[("q", "matbuot anjumani")]).await;
        (found["items"][0]["id"] == id.as_str()).then_some(())
    })
    .await;
}
