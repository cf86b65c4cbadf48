//! Scanned pages: pictures of text in a PDF are read by Tesseract, in its box, in the language that they are in; what was
//! read so is marked, and where the program is not there the file is ready all the same.

use std::{fmt::Write, process::Command};

use serde_json::json;

use crate::world::{File, World};

const UZBEK: &str = "Вилоят ҳокимлигида матбуот анжумани\nбўлиб ўтди. Ёшлар билан учрашувда\nянги лойиҳалар муҳокама қилинди.";
const LATIN: &str = "Viloyat hokimligida matbuot anjumani\nboʻlib oʻtdi. Yoshlar bilan uchrashuvda\nyangi loyihalar muhokama qilindi.";
const KYRGYZ: &str = "Облустук акимчиликте маалымат жыйыны\nөттү. Жаштар менен жолугушууда жаңы\nдолбоорлор талкууланды.";

/// A page as a scanner makes it: a photograph of black letters, a little noisy.
fn scan(text: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (words, picture) = (
        folder.path().join("words.txt"),
        folder.path().join("scan.jpg"),
    );
    std::fs::write(&words, text).unwrap();
    let letters = format!(
        "drawtext=fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf:textfile={}:fontsize=52:x=120:y=160:line_spacing=24,noise=alls=6",
        words.display()
    );
    let status = Command::new("ffmpeg")
        .args([
            "-nostdin",
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            "color=white:size=1654x1100",
        ])
        .args([
            "-vf",
            &letters,
            "-frames:v",
            "1",
            "-q:v",
            "4",
            "-pix_fmt",
            "yuvj420p",
        ])
        .arg(&picture)
        .status();
    assert!(status.unwrap().success(), "ffmpeg draws letters");
    std::fs::read(picture).unwrap()
}

/// A PDF with a page for each picture, and after them one that is empty.
fn bound(pictures: &[Vec<u8>]) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = vec![b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), Vec::new()];
    let (mut kids, width, height) = (String::new(), 1654, 1100);
    for picture in pictures {
        let first = objects.len() + 1;
        let mut image = format!(
            "<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceRGB/BitsPerComponent 8\
             /Filter/DCTDecode/Length {}>>stream\n",
            picture.len()
        )
        .into_bytes();
        image.extend(picture);
        image.extend(b"\nendstream");
        let drawn = "595 0 0 396 0 0 cm /P Do";
        objects.push(image);
        objects.push(format!("<</Length {}>>stream\n{drawn}\nendstream", drawn.len()).into_bytes());
        objects.push(
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 396]/Contents {} 0 R/Resources<</XObject<</P {first} 0 R>>>>>>",
                first + 1
            )
            .into_bytes(),
        );
        write!(kids, "{} 0 R ", first + 2).unwrap();
    }
    objects.push(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 396]>>".to_vec());
    write!(kids, "{} 0 R", objects.len()).unwrap();
    objects[1] = format!("<</Type/Pages/Kids[{kids}]/Count {}>>", pictures.len() + 1).into_bytes();
    let (mut pdf, mut places) = (b"%PDF-1.4\n".to_vec(), Vec::new());
    for (number, object) in (1..).zip(objects) {
        places.push(pdf.len());
        pdf.extend(format!("{number} 0 obj").into_bytes());
        pdf.extend(object);
        pdf.extend(b"endobj\n");
    }
    let start = pdf.len();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
    for place in &places {
        writeln!(table, "{place:010} 00000 n ").unwrap();
    }
    let size = places.len() + 1;
    write!(
        table,
        "trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF"
    )
    .unwrap();
    pdf.extend(table.into_bytes());
    pdf
}

/// How many of a hundred signs are not as they were written, blanks aside.
fn wrong(read: &str, written: &str) -> usize {
    let plain = |text: &str| -> Vec<char> {
        let same = text.replace(['ʻ', 'ʼ', '‘', '’', '`'], "'");
        same.chars().filter(|sign| !sign.is_whitespace()).collect()
    };
    let (read, written) = (plain(read), plain(written));
    let mut row: Vec<usize> = (0..=written.len()).collect();
    for (line, sign) in read.iter().enumerate() {
        let mut last = std::mem::replace(&mut row[0], line + 1);
        for at in 0..written.len() {
            let changed = last + usize::from(*sign != written[at]);
            last = row[at + 1];
            row[at + 1] = changed.min(last + 1).min(row[at] + 1);
        }
    }
    row[written.len()] * 100 / written.len()
}

#[tokio::test]
async fn scanned_pages_are_read_in_their_language() {
    let world = World::with_programs().await;
    for (language, text) in [("uz-Cyrl", UZBEK), ("uz-Latn", LATIN), ("ky", KYRGYZ)] {
        let pdf = bound(&[scan(text)]);
        let file = File::new("scan.pdf", "application/pdf", pdf);
        let id = world.upload(&file, &json!({})).await;
        world.ready(&id).await;
        let material = world.admin.get(&format!("/v1/materials/{id}")).await.json();
        let read = material["text"].as_str().unwrap();
        assert!(wrong(read, text) <= 3, "{language}: {read}");
        assert_eq!(material["language"], language, "{read}");
        let made = material["renditions"].as_array().unwrap();
        let made = made.iter().find(|made| made["name"] == "text").unwrap();
        assert_eq!(made["recognised"], true);
    }
}

#[tokio::test]
async fn without_the_program_a_scan_is_ready_and_has_no_text() {
    let world = World::start().await;
    let pdf = bound(&[scan(UZBEK)]);
    let file = File::new("scan.pdf", "application/pdf", pdf);
    let id = world.upload(&file, &json!({})).await;
    let material = world.ready(&id).await;
    assert_eq!(material["processing"]["problem"], serde_json::Value::Null);
    assert_eq!(material["text"].as_str().unwrap_or_default().trim(), "");
}
