//! The contact sheet: every rendition that can be seen, of files of every format and of the samples beside the checkout,
//! on one sheet for people to look at. A wrong turning, a colour cast, a frame of black is seen there at once.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::{
    media::films::{FILMS, RECORDINGS},
    samples,
    world::{File, World, media},
};

/// Photos by `ImageMagick` and others: a name, and the words that make it of `scene.png`.
const PHOTOS: &[(&str, &str)] = &[
    (
        "progressive.jpg",
        "convert scene.png -interlace JPEG progressive.jpg",
    ),
    ("inks.jpg", "convert scene.png -colorspace CMYK inks.jpg"),
    (
        "lying.jpg",
        "convert scene.png -rotate 270 turned.jpg && exiftool -q -n -Orientation=6 -o lying.jpg turned.jpg",
    ),
    ("deep.png", "convert scene.png -depth 16 PNG48:deep.png"),
    (
        "palette.png",
        "convert scene.png -colors 32 PNG8:palette.png",
    ),
    (
        "clear.png",
        "convert scene.png -alpha set -channel A -evaluate multiply 0.5 clear.png",
    ),
    ("scene.webp", "convert scene.png scene.webp"),
    (
        "scene.gif",
        "convert scene.png ( +clone -negate ) -set delay 50 scene.gif",
    ),
    ("scene.tiff", "convert scene.png -depth 16 scene.tiff"),
    ("inks.tiff", "convert scene.png -colorspace CMYK inks.tiff"),
    ("scene.bmp", "convert scene.png scene.bmp"),
    ("scene.psd", "convert scene.png scene.psd"),
    ("scene.heic", "heif-enc scene.png -o scene.heic"),
    ("scene.avif", "avifenc -s 8 scene.png scene.avif"),
];

/// What films are made of.
const SCENE: &str = "-f lavfi -i testsrc2=size=640x360 -f lavfi -i sine";

struct Sheet {
    world: World,
    folder: tempfile::TempDir,
    /// What is on it: the picture, and the words under it.
    tiles: Vec<(PathBuf, String)>,
}

impl Sheet {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs programs in the folder, one after another; their words are divided by spaces.
    fn run(&self, lines: &str) {
        for line in lines.split(" && ") {
            self.run_one(line);
        }
    }

    fn run_one(&self, line: &str) {
        let mut words = line.split_whitespace();
        let done = Command::new(words.next().unwrap())
            .args(words)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    async fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let file = File::new(name, "application/octet-stream", bytes);
        let answer = self.world.admin.upload(&file, &json!({})).await;
        if answer.status != 201 {
            println!("{name}: {}", answer.json()["detail"]);
            return;
        }
        let material = self.world.settled(&answer.id()).await;
        println!("{name}: {}", material["processing"]["state"]);
        for rendition in material["renditions"].as_array().unwrap() {
            self.show(name, rendition).await;
        }
    }

    async fn show(&mut self, name: &str, rendition: &Value) {
        let text = |field: &str| rendition[field].as_str().unwrap().to_owned();
        let (made, sort) = (text("name"), text("media_type"));
        let number = self.tiles.len();
        let bytes = self.world.admin.get(&text("url")).await.expect(200).bytes;
        let tile = match sort.split_once('/').unwrap() {
            ("image", _) => format!("{number}.picture"),
            ("video", _) => format!("{number}.png"),
            _ => return,
        };
        if sort.starts_with("video/") {
            fs::write(self.path("film"), bytes).unwrap();
            self.run(&format!(
                "ffmpeg -v error -ss 0.5 -i film -frames:v 1 {tile}"
            ));
        } else {
            fs::write(self.path(&tile), bytes).unwrap();
        }
        let (width, height) = (&rendition["width"], &rendition["height"]);
        let words = format!("{name} · {made} {width}x{height}");
        self.tiles.push((self.path(&tile), words));
    }

    fn write(&self, path: &Path) {
        let mut montage = Command::new("montage");
        for (tile, words) in &self.tiles {
            montage.arg("-label").arg(words).arg(tile);
        }
        montage.args(
            "-auto-orient -colorspace sRGB -font DejaVu-Sans -background #d8d4cc -pointsize 9 -geometry 200x150>+4+4 -tile 10x"
                .split(' '),
        );
        let done = montage.arg(path).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }
}

#[tokio::test]
#[ignore = "writes a picture for people: `make contact-sheet`"]
async fn everything_that_can_be_seen_on_one_sheet() {
    let mut sheet = Sheet {
        world: World::start().await,
        folder: tempfile::tempdir().unwrap(),
        tiles: Vec::new(),
    };
    sheet.run("ffmpeg -v error -f lavfi -i testsrc2=size=1200x800 -frames:v 1 scene.png");
    for (name, words) in PHOTOS {
        sheet.run(words);
        let bytes = fs::read(sheet.path(name)).unwrap();
        sheet.add(name, bytes).await;
    }
    let films = FILMS.iter().map(|row| (SCENE, row.0, row.1));
    let recordings = RECORDINGS
        .iter()
        .map(|row| ("-f lavfi -i sine", row.0, row.1));
    for (inputs, name, options) in films.chain(recordings) {
        sheet.run(&format!(
            "ffmpeg -v error -y {inputs} -t 1.6 {options} made"
        ));
        let bytes = fs::read(sheet.path("made")).unwrap();
        sheet.add(name, bytes).await;
    }
    let page = media::document("A press release");
    sheet.add(&page.name, page.bytes).await;
    for path in samples::all() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        sheet.add(&name, fs::read(path).unwrap()).await;
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/contact-sheet.jpg");
    sheet.write(&target);
    println!("{} pictures on {}", sheet.tiles.len(), target.display());
}
