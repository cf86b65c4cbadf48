//! Archives under bad input: names that no system takes, kits of nothing, ranges of all sorts, lines that break.

use std::{collections::BTreeSet, process::Command};

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, archive, media};

/// Headlines that make bad names of files.
const NAMES: [&str; 12] = [
    "CON",
    "con.txt",
    "Lpt1",
    "Йод",
    "и\u{306}ОД",
    "STRASSE",
    "straße",
    ".hidden",
    "../../etc/passwd",
    "a:b|c?d*e<f>g\"h\\i/j",
    "gpj.\u{202e}exe",
    "  ... ",
];

async fn published(world: &World, headlines: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for (number, headline) in headlines.iter().enumerate() {
        let said = json!({"audiences": ["public"], "headline": {"en": headline}});
        let words = format!("text {number}");
        ids.push(world.upload(&media::text(&words), &said).await);
    }
    for id in &ids {
        world.ready(id).await;
        world.publish("materials", id).await;
    }
    ids
}

async fn kit(world: &World, items: &[String], title: &str) -> String {
    let named: Vec<&str> = items.iter().map(String::as_str).collect();
    let kit = world.kit(&named, &json!({"title": {"en": title}})).await;
    world.publish("kits", &kit).await;
    kit
}

async fn pinned(world: &World, kit: &str) -> String {
    let shown = world
        .public()
        .get(&format!("/v1/kits/{kit}"))
        .await
        .expect(200)
        .json();
    let archives = shown["archives"].as_array().expect("archives").iter();
    let press = archives.clone().find(|archive| archive["files"] == "press");
    press.expect("one")["url"]
        .as_str()
        .expect("a url")
        .to_owned()
}

#[tokio::test]
async fn whatever_things_are_called_every_system_unpacks_them() {
    let world = World::start().await;
    let long = "ҳокимият ".repeat(40);
    let mut headlines = NAMES.to_vec();
    headlines.push(&long);
    let items = published(&world, &headlines).await;
    for (title, ascii) in [
        ("NUL", ""),
        (".. / ..", ""),
        (long.as_str(), "&names=ascii"),
    ] {
        let kit = kit(&world, &items, title).await;
        let path = format!("/v1/kits/{kit}/archive?files=original{ascii}");
        let zip = world.public().get(&path).await.expect(200);
        let files = archive::files(&zip.bytes);
        assert_eq!(files.len(), headlines.len() + 3);
        let folded: BTreeSet<String> = files
            .keys()
            .map(|name| name.to_uppercase().to_lowercase())
            .collect();
        assert_eq!(folded.len(), files.len(), "{:?}", files.keys());
        for name in files.keys() {
            assert!(ascii.is_empty() || name.is_ascii(), "{name}");
            for part in name.split('/') {
                let stem = part.split('.').next().unwrap_or_default().to_uppercase();
                assert!(
                    !["CON", "NUL", "LPT1", ""].contains(&stem.as_str()),
                    "{name}"
                );
                assert!(
                    !part.starts_with('.') && !part.ends_with(['.', ' ']) && !part.contains(".."),
                    "{name}"
                );
                assert!(
                    !part.contains([':', '|', '?', '*', '<', '>', '"', '\\', '\u{202e}']),
                    "{name}"
                );
                assert!(
                    part.len() <= 200 && part.encode_utf16().count() <= 120,
                    "{name}"
                );
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kit.zip");
        std::fs::write(&path, &zip.bytes).expect("a file");
        for (program, arguments) in [
            ("unzip", &["-tqq"][..]),
            ("python3", &["-m", "zipfile", "-t"]),
        ] {
            let made = Command::new(program)
                .args(arguments)
                .arg(&path)
                .output()
                .expect(program);
            assert!(made.status.success(), "{program}: {made:?}");
        }
    }
}

#[tokio::test]
async fn kits_of_nothing_are_archives_too() {
    let world = World::start().await;
    let gone = published(&world, &["Gone"]).await;
    let kits = [
        kit(&world, &[], "Nothing").await,
        kit(&world, &gone, "Taken back").await,
    ];
    world
        .admin
        .step("materials", &gone[0], &json!({"to": "withdrawn"}))
        .await
        .expect(200);
    for kit in kits {
        for path in [
            pinned(&world, &kit).await,
            format!("/v1/kits/{kit}/archive?files=web&names=ascii"),
        ] {
            let zip = world.public().get(&path).await.expect(200);
            assert_eq!(archive::files(&zip.bytes).len(), 3, "{path}");
            let head = world
                .public()
                .send(Method::HEAD, &path, &[], "")
                .await
                .expect(200);
            assert_eq!(head.header("content-length"), zip.bytes.len().to_string());
            assert_eq!(
                (head.header("etag"), head.bytes.len()),
                (zip.header("etag"), 0)
            );
        }
        let page = world
            .public()
            .get(&format!("/kits/{kit}"))
            .await
            .expect(200);
        assert!(!String::from_utf8_lossy(&page.bytes).contains("Gone"));
        // Staff see it in the kit, and not in the archive.
        let zip = world
            .admin
            .get(&format!("/v1/kits/{kit}/archive"))
            .await
            .expect(200);
        assert_eq!(archive::files(&zip.bytes).len(), 3);
    }
}

#[tokio::test]
async fn ranges_of_all_sorts_are_never_mixed() {
    let world = World::start().await;
    let items = published(&world, &["One", "Two"]).await;
    let kit = kit(&world, &items, "Ranges").await;
    let public = world.public();
    let (pinned, free) = (
        pinned(&world, &kit).await,
        format!("/v1/kits/{kit}/archive"),
    );
    let whole = public.get(&free).await.expect(200);
    let (size, etag) = (whole.bytes.len(), whole.header("etag").to_owned());
    for (range, from, to) in [
        ("bytes=0-0".to_owned(), 0, 1),
        (format!("bytes={}-", size - 1), size - 1, size),
        ("bytes=-5".to_owned(), size - 5, size),
        (format!("bytes=5-{}", size * 2), 5, size),
        ("bytes=-99999999999".to_owned(), 0, size),
    ] {
        let part = public
            .get_with(&pinned, &[("range", &range)])
            .await
            .expect(206);
        assert_eq!(part.bytes, whole.bytes.slice(from..to), "{range}");
        let head = public
            .send(Method::HEAD, &pinned, &[("range", &range)], "")
            .await
            .expect(206);
        assert_eq!(
            head.header("content-length"),
            (to - from).to_string(),
            "{range}"
        );
    }
    for nonsense in ["bytes=5-4", "lines=1-2", "bytes=x-y", "bytes="] {
        let answer = public
            .get_with(&pinned, &[("range", nonsense)])
            .await
            .expect(200);
        assert_eq!(answer.bytes, whole.bytes, "{nonsense}");
    }
    let far = format!("bytes={size}-");
    public
        .get_with(&pinned, &[("range", &far)])
        .await
        .problem(416, "range-not-satisfiable");
    let several = public
        .get_with(&pinned, &[("range", "bytes=0-3,10-19")])
        .await
        .expect(206);
    assert!(
        several
            .header("content-type")
            .starts_with("multipart/byteranges")
    );
    public
        .get_with(&free, &[("if-none-match", &etag)])
        .await
        .expect(304);
    public
        .get(&format!("{free}?materials={kit}"))
        .await
        .problem(400, "bad-request");

    single_file(&world, &kit, &pinned).await;

    let path = format!("/v1/kits/{kit}");
    world
        .admin
        .patch(&path, &json!({"title": {"en": "Changed"}}))
        .await
        .expect(200);
    let range = ("range", "bytes=5-");
    for old in [
        &[range][..],
        &[range, ("if-range", &etag)],
        &[range, ("if-match", &etag)],
    ] {
        public
            .get_with(&pinned, old)
            .await
            .problem(410, "archive-changed");
    }
    public
        .get_with(&free, &[range, ("if-match", &etag)])
        .await
        .problem(412, "precondition-failed");
    let new = public
        .get_with(&free, &[range, ("if-range", &etag)])
        .await
        .expect(200);
    assert!(new.header("etag") != etag && archive::files(&new.bytes).len() == 5);
}

/// One file, out of the middle of the archive.
async fn single_file(world: &World, kit: &str, pinned: &str) {
    let public = world.public();
    let entries = public
        .get(&format!("/v1/kits/{kit}/archive/entries"))
        .await
        .expect(200)
        .json();
    let last: &Value = entries["items"]
        .as_array()
        .and_then(|all| all.last())
        .expect("an entry");
    let (offset, length) = (
        last["offset"].as_u64().expect("a number"),
        last["size"].as_u64().expect("a number"),
    );
    let range = format!("bytes={offset}-{}", offset + length - 1);
    let file = public
        .get_with(pinned, &[("range", &range)])
        .await
        .expect(206);
    assert_eq!(&file.bytes[..], b"text 1");
}

#[tokio::test]
async fn a_download_over_a_bad_line_is_whole_while_other_kits_change() {
    let world = World::start().await;
    let items = published(&world, &["One", "Two", "Three"]).await;
    let (ours, theirs) = (
        kit(&world, &items[..2], "Ours").await,
        kit(&world, &items[2..], "Theirs").await,
    );
    let public = world.public();
    let path = pinned(&world, &ours).await;
    let whole = public.get(&path).await.expect(200).bytes;
    let mut got: Vec<u8> = Vec::new();
    let (mut seed, mut number) = (7_u32, 0);
    while got.len() < whole.len() {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let most = whole.len() / 60;
        let length = 1 + usize::try_from(seed >> 8).expect("a number") % most;
        let last = (got.len() + length).min(whole.len()) - 1;
        let range = format!("bytes={}-{last}", got.len());
        let part = public
            .get_with(&path, &[("range", &range)])
            .await
            .expect(206);
        got.extend_from_slice(&part.bytes);
        number += 1;
        if number % 8 == 0 {
            let summary = json!({"summary": {"en": format!("Change {number}")}});
            world
                .admin
                .patch(&format!("/v1/kits/{theirs}"), &summary)
                .await
                .expect(200);
        }
    }
    assert!(number > 60 && got == whole, "{number} parts");
}
