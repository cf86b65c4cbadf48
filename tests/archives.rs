//! Archives under bad input: names that no system takes, kits of nothing, ranges of all sorts, lines that break.

use std::{collections::BTreeSet, process::Command};

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, archive, media, until};

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
async fn kits_of_nothing_and_kits_without_a_name_are_not_published() {
    let world = World::start().await;
    let items = published(&world, &["One"]).await;
    let item = json!({"material": items[0]});
    for (kit, pointers) in [
        (json!({"title": {"en": "Nothing"}}), vec!["/patch/items"]),
        (json!({"items": [item]}), vec!["/patch/title"]),
        (
            json!({"title": {"en": " "}}),
            vec!["/patch/title", "/patch/items"],
        ),
    ] {
        let mut about = kit;
        about["audiences"] = json!(["public"]);
        let id = world.admin.post("/v1/kits", &about).await.expect(201).id();
        let (review, publish) = (json!({"to": "in_review"}), json!({"to": "published"}));
        world.admin.step("kits", &id, &review).await.expect(200);
        let refused = world.admin.step("kits", &id, &publish).await;
        let refused = refused.problem(422, "invalid");
        let errors = refused["errors"].as_array().expect("errors").iter();
        let named: Vec<&str> = errors
            .filter_map(|fault| fault["pointer"].as_str())
            .collect();
        assert_eq!(named, pointers, "{refused}");
    }
    let kit = kit(&world, &items, "One").await;
    let path = format!("/v1/kits/{kit}");
    for (patch, pointer) in [
        (json!({"items": []}), "/items"),
        (json!({"title": {"en": null}}), "/title"),
    ] {
        let refused = world.admin.patch(&path, &patch).await;
        let refused = refused.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let item = format!("{path}/items/{}", items[0]);
    world.admin.delete(&item).await.problem(422, "invalid");
}

#[tokio::test]
async fn kits_of_more_than_any_kit_holds_are_refused() {
    let world = World::start().await;
    let kit = world.kit(&[], &json!({})).await;
    for count in [50_001, 200_000] {
        let ids = (0..count).map(|_| uuid::Uuid::now_v7().to_string());
        let ids: Vec<String> = ids.collect();
        let items: Vec<Value> = ids.iter().map(|id| json!({"material": id})).collect();
        let (path, made) = (
            format!("/v1/kits/{kit}"),
            json!({"title": {"en": "All"}, "items": items}),
        );
        for (answer, pointer) in [
            (world.admin.post("/v1/kits", &made).await, "/items"),
            (
                world.admin.patch(&path, &json!({"items": items})).await,
                "/items",
            ),
            (
                world
                    .admin
                    .post(&format!("{path}/items"), &json!({"materials": ids}))
                    .await,
                "/materials",
            ),
        ] {
            // What is longer than any body may be is not even read.
            if answer.status != 413 {
                let refused = answer.problem(422, "invalid");
                assert_eq!(refused["errors"][0]["pointer"], pointer);
            }
        }
    }
}

#[tokio::test]
async fn kits_of_nothing_are_archives_too() {
    let world = World::start().await;
    let gone = published(&world, &["Gone"]).await;
    let kits = [kit(&world, &gone, "Taken back").await];
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

/// The archive as everybody has it, asked for twice: once as it may have been kept, once as it is kept now.
async fn names(world: &World, kit: &str) -> (String, String) {
    let path = format!("/v1/kits/{kit}/archive?files=original");
    let first = world.public().get(&path).await.expect(200);
    let again = world.public().get(&path).await.expect(200);
    assert_eq!(first.header("etag"), again.header("etag"));
    assert!(first.bytes == again.bytes);
    let files = archive::files(&first.bytes);
    let told = archive::named(&files, "captions.csv");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let said = format!("{} {}", names.join(" "), String::from_utf8_lossy(told));
    (first.header("etag").to_owned(), said)
}

#[tokio::test]
async fn an_archive_is_laid_out_anew_when_anything_in_it_changes() {
    let world = World::start().await;
    let admin = &world.admin;
    let items = published(&world, &["Stays", "Goes", "Alpha"]).await;
    let said = json!({"audiences": ["public"], "headline": {"en": "Comes"}});
    let draft = world.upload(&media::text("a draft"), &said).await;
    world.ready(&draft).await;
    let ahead = |seconds| jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    let closed =
        json!({"audiences": ["public"], "headline": {"en": "Later"}, "embargo_until": ahead(3600)});
    let later = world.upload(&media::text("not yet"), &closed).await;
    world.ready(&later).await;
    world.publish("materials", &later).await;
    let all = [&items[..], &[draft.clone(), later.clone()]].concat();
    let kit = kit(&world, &all, "Kept").await;

    let (tag, said) = names(&world, &kit).await;
    assert!(said.contains("Goes") && !said.contains("Comes") && !said.contains("Later"));
    published(&world, &["Elsewhere"]).await;
    assert_eq!(names(&world, &kit).await, (tag.clone(), said));

    // Time alone opens what was closed, whatever was kept before.
    let path = format!("/v1/kits/{kit}/archive?files=original");
    let soon = json!({"embargo_until": ahead(2)});
    let material = format!("/v1/materials/{later}");
    admin.patch(&material, &soon).await.expect(200);
    until("its time", async || {
        let zip = world.public().get(&path).await.expect(200);
        let files = archive::files(&zip.bytes);
        let told = archive::named(&files, "captions.csv");
        String::from_utf8_lossy(told)
            .contains("Later")
            .then_some(())
    })
    .await;

    let patch = json!({"headline": {"en": "Omega"}});
    let third = format!("/v1/materials/{}", items[2]);
    admin.patch(&third, &patch).await.expect(200);
    let (_, said) = names(&world, &kit).await;
    assert!(said.contains("Omega") && !said.contains("Alpha"));

    world.publish("materials", &draft).await;
    let (_, said) = names(&world, &kit).await;
    assert!(said.contains("Comes"));

    let note = json!({"items": [{"material": items[0], "note": {"en": "A word on it"}}, {"material": items[1]}]});
    let whole = format!("/v1/kits/{kit}");
    admin.patch(&whole, &note).await.expect(200);
    let (_, said) = names(&world, &kit).await;
    assert!(said.contains("A word on it") && !said.contains("Omega"));

    let back = json!({"to": "withdrawn"});
    admin.step("materials", &items[1], &back).await.expect(200);
    let (_, said) = names(&world, &kit).await;
    assert!(said.contains("Stays") && !said.contains("Goes"));
    admin.step("kits", &kit, &back).await.expect(200);
    world.public().get(&path).await.problem(410, "withdrawn");
}

/// How often the line breaks.
const CUTS: usize = 500;

/// What goes on beside a download: another kit is described anew, gets and loses a text, is withdrawn and comes back.
async fn change(world: &World, kit: &str, item: &str, number: usize) {
    let path = format!("/v1/kits/{kit}");
    let admin = &world.admin;
    match number % 4 {
        0 => {
            let summary = json!({"summary": {"en": format!("Change {number}")}});
            admin.patch(&path, &summary).await.expect(200);
        }
        1 => {
            let items = json!({"materials": [item]});
            admin
                .post(&format!("{path}/items"), &items)
                .await
                .expect(200);
        }
        2 => {
            admin
                .delete(&format!("{path}/items/{item}"))
                .await
                .expect(204);
        }
        _ => {
            for to in ["withdrawn", "draft", "in_review", "published"] {
                admin
                    .step("kits", kit, &json!({"to": to}))
                    .await
                    .expect(200);
            }
        }
    }
}

/// Reads on from where the line broke, and breaks it again at that byte; whatever came until then is kept.
async fn read_until(world: &World, path: &str, got: &mut Vec<u8>, cut: usize) {
    let range = format!("bytes={}-", got.len());
    let request = world
        .public()
        .request(Method::GET, path)
        .header("range", range);
    let mut answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 206, "{path} at {}", got.len());
    while got.len() < cut {
        let piece = answer.chunk().await.expect("bytes").expect("more bytes");
        got.extend_from_slice(&piece);
    }
    got.truncate(cut);
}

#[tokio::test]
async fn a_download_over_a_bad_line_is_whole_while_other_kits_change() {
    let world = World::start().await;
    let mut items = published(&world, &["One", "Two", "Three", "Four"]).await;
    let open = json!({"audiences": ["public"], "headline": {"en": "A long one"}});
    for number in 0..3 {
        let words = format!("Баёнот {number}. ").repeat(40_000);
        items.insert(0, world.published(&media::text(&words), &open).await);
    }
    let (ours, theirs) = (
        kit(&world, &items[..5], "Ours").await,
        kit(&world, &items[5..6], "Theirs").await,
    );
    let path = pinned(&world, &ours).await;
    let whole = world.public().get(&path).await.expect(200).bytes;
    let mut seed = 7_u64;
    let mut cuts = BTreeSet::from([whole.len()]);
    while cuts.len() <= CUTS {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let place = usize::try_from(seed >> 33).expect("a number") % whole.len();
        cuts.extend((place > 0).then_some(place));
    }
    let mut got = Vec::new();
    for (number, cut) in cuts.into_iter().enumerate() {
        read_until(&world, &path, &mut got, cut).await;
        if number % 10 == 9 {
            change(&world, &theirs, &items[6], number / 10).await;
        }
    }
    assert!(got == whole, "{} of {} bytes", got.len(), whole.len());
}
