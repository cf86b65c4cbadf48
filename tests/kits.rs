//! Press kits over HTTP: what each reader has of one, in which order, and an archive that goes on at any byte.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::{Client, File, World, archive, media};

const EMBARGO: &str = "2199-01-01T00:00:00Z";

async fn texts(world: &World, headlines: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for headline in headlines {
        let said = json!({"headline": {"en": headline}, "audiences": ["public"]});
        let id = world.upload(&media::text(headline), &said).await;
        world.ready(&id).await;
        ids.push(id);
    }
    ids
}

async fn shown(client: &Client, kit: &str) -> Value {
    let path = format!("/v1/kits/{kit}");
    client.get(&path).await.expect(200).json()
}

fn order(kit: &Value) -> Vec<&str> {
    let items = kit["items"].as_array().expect("items").iter();
    items
        .map(|item| item["material"]["id"].as_str().expect("an id"))
        .collect()
}

fn archive_url<'a>(kit: &'a Value, files: &str) -> &'a str {
    let archives = kit["archives"].as_array().expect("archives");
    let found = archives.iter().find(|archive| archive["files"] == files);
    found.expect("such an archive")["url"]
        .as_str()
        .expect("a url")
}

#[tokio::test]
async fn readers_notice_no_gap_where_something_is_hidden() {
    let world = World::start().await;
    let ids = texts(&world, &["First", "Second", "Third"]).await;
    let named: Vec<&str> = ids.iter().map(String::as_str).collect();
    let kit = world.kit(&named, &json!({})).await;
    world.publish("materials", &ids[0]).await;
    world.publish("materials", &ids[2]).await;
    let asked = format!("/v1/kits/{kit}/readiness?audience=press");
    let missing = world.admin.get(&asked).await.expect(200).json();
    assert_eq!(missing["items"][0]["material"]["id"], ids[1].as_str());
    assert_eq!(missing["items"][0]["reasons"], json!(["draft"]));
    assert_eq!(missing["items"].as_array().map(Vec::len), Some(1));
    world.publish("kits", &kit).await;

    let editors = shown(&world.admin, &kit).await;
    assert_eq!(order(&editors), named);
    assert_eq!(editors["items"][1]["hidden"], true);
    assert!(editors["items"][0].get("hidden").is_none());

    let public = world.public();
    let readers = shown(&public, &kit).await;
    assert_eq!(order(&readers), [named[0], named[2]]);
    assert!(!readers.to_string().contains("hidden"), "{readers}");
    let zip = public.get(archive_url(&readers, "web")).await.expect(200);
    let files = archive::files(&zip.bytes);
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    let expected = [
        "01 First.txt",
        "02 Third.txt",
        "README.txt",
        "captions.csv",
        "captions.json",
    ];
    assert_eq!(paths, expected.map(|name| format!("A kit/{name}")));
    let words: Vec<_> = files
        .values()
        .map(|file| String::from_utf8_lossy(file))
        .collect();
    assert!(!words.concat().contains("Second"));

    let nested = format!("/v1/kits/{kit}?include=material");
    let nested = public.get(&nested).await.expect(200).json();
    assert_eq!(nested["items"][1]["material"]["headline"]["en"], "Third");
    assert_eq!(nested["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_kit_is_put_together_and_taken_apart() {
    let world = World::start().await;
    let ids = texts(&world, &["a", "b", "c"]).await;
    let [a, b, c] = [&ids[0], &ids[1], &ids[2]].map(String::as_str);
    let kit = world.kit(&[a], &json!({})).await;
    let (items, path) = (format!("/v1/kits/{kit}/items"), format!("/v1/kits/{kit}"));
    let put = json!({"materials": [b, c], "before": a});
    let put = world.admin.post(&items, &put).await.expect(200).json();
    assert_eq!((order(&put), &put["version"]), (vec![b, c, a], &json!(2)));

    for (body, pointer) in [
        (json!({"materials": [a]}), "/materials/0"),
        (json!({"materials": [], "before": kit}), "/before"),
    ] {
        let refused = world
            .admin
            .post(&items, &body)
            .await
            .problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let turned = json!({"items": [{"material": a, "note": {"ky": "Биринчи"}}, {"material": b}]});
    let turned = world.admin.patch(&path, &turned).await.expect(200).json();
    assert_eq!(
        (order(&turned), &turned["version"]),
        (vec![a, b], &json!(3))
    );
    assert_eq!(turned["items"][0]["note"]["ky"], "Биринчи");
    world
        .admin
        .delete(&format!("{items}/{a}"))
        .await
        .expect(204);
    world
        .admin
        .delete(&format!("{items}/{a}"))
        .await
        .problem(404, "not-found");
    assert_eq!(order(&shown(&world.admin, &kit).await), [b]);

    let holding = format!("/v1/kits?material={b}&q=kits");
    let holding = world.admin.get(&holding).await.expect(200).json();
    assert_eq!(holding["items"][0]["id"], kit.as_str());
    let without = world
        .admin
        .get(&format!("/v1/kits?material={a}"))
        .await
        .expect(200);
    assert_eq!(without.json()["items"], json!([]));
    let found = [("kit", kit.as_str())];
    crate::world::until("the index to know", async || {
        let hits = crate::world::answer::ids(&world.admin.materials(&found).await);
        (hits == [b]).then_some(())
    })
    .await;
    world.admin.delete(&path).await.expect(204);
    world.admin.get(&path).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_kit_takes_its_drafts_along_or_stays() {
    let world = World::start().await;
    let ids = texts(&world, &["one", "two"]).await;
    let named: Vec<&str> = ids.iter().map(String::as_str).collect();
    let held = json!({"embargo_until": EMBARGO});
    let path = format!("/v1/materials/{}", ids[1]);
    world.admin.patch(&path, &held).await.expect(200);
    let kit = world.kit(&named, &json!({"audiences": ["press"]})).await;
    let step = async |to: Value| world.admin.step("kits", &kit, &to).await;
    let refused = step(json!({"to": "published"}))
        .await
        .problem(409, "transition-not-allowed");
    assert_eq!(refused["allowed"], json!(["in_review"]));
    step(json!({"to": "in_review"})).await.expect(200);
    let out = json!({"to": "published", "items": "publish"});
    let version = step(out.clone()).await.expect(200).json()["version"].clone();
    assert_eq!(
        step(out).await.expect(200).json()["version"],
        version,
        "nothing changes"
    );
    let kept = world.admin.get(&format!("/v1/materials/{}", ids[1])).await;
    assert_eq!(kept.expect(200).json()["embargo_until"], EMBARGO);
    let lift = json!({"embargo_until": null});
    let path = format!("/v1/materials/{}", ids[1]);
    world.admin.patch(&path, &lift).await.expect(200);
    let said = json!({"to": "published", "patch": {"summary": {"en": "Both"}}});
    let said = step(said).await.expect(200).json();
    assert_eq!(
        said["summary"]["en"], "Both",
        "what a patch says is not lost"
    );
    let press = world.person("reader", None, &["press"]).await;
    assert_eq!(order(&shown(&press, &kit).await), named);
    world
        .public()
        .get(&format!("/v1/kits/{kit}"))
        .await
        .problem(404, "not-found");
    let material = press
        .get(&format!("/v1/materials/{}", ids[0]))
        .await
        .expect(200)
        .json();
    assert_eq!(material["audiences"], json!(["press"]));

    world
        .admin
        .delete(&format!("/v1/kits/{kit}"))
        .await
        .problem(409, "conflict");
    step(json!({"to": "withdrawn", "notice": {"en": "Not now"}}))
        .await
        .expect(200);
    let gone = press
        .get(&format!("/v1/kits/{kit}/archive"))
        .await
        .problem(410, "withdrawn");
    assert_eq!(gone["notice"]["en"], "Not now");
    world
        .public()
        .get(&format!("/v1/kits/{kit}"))
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn a_download_goes_on_at_any_byte_while_the_layout_stays() {
    let world = World::start().await;
    let mut ids = texts(&world, &["Ҳоким жавоб берди", "Second"]).await;
    let photo = world
        .upload(&media::photo(1), &json!({"audiences": ["public"]}))
        .await;
    world.ready(&photo).await;
    ids.push(photo);
    let named: Vec<&str> = ids.iter().map(String::as_str).collect();
    let kit = world.kit(&named, &json!({})).await;
    world
        .admin
        .step("kits", &kit, &json!({"to": "in_review"}))
        .await
        .expect(200);
    let out = json!({"to": "published", "items": "publish"});
    world.admin.step("kits", &kit, &out).await.expect(200);

    let public = world.public();
    let before = shown(&public, &kit).await;
    let pinned = archive_url(&before, "web").to_owned();
    let free = format!("/v1/kits/{kit}/archive?files=web");
    let whole = public.get(&free).await.expect(200);
    let size = whole.bytes.len();
    assert_eq!(whole.header("content-length"), size.to_string());
    let etag = whole.header("etag").to_owned();
    entries_are_where_they_should_be(&public, &free, &whole.bytes).await;

    for at in [0, 1, size / 3, size - 1] {
        let range = format!("bytes={at}-");
        let part = public
            .get_with(&pinned, &[("range", &range)])
            .await
            .expect(206);
        assert_eq!(part.bytes, whole.bytes.slice(at..));
        public
            .get_with(&free, &[("range", &range)])
            .await
            .expect(200);
        for guard in ["if-range", "if-match"] {
            let part = public
                .get_with(&free, &[("range", &range), (guard, &etag)])
                .await;
            assert_eq!(part.expect(206).bytes, whole.bytes.slice(at..));
        }
    }
    let part = format!("{free}&names=ascii&materials={}", ids[0]);
    let part = public.get(&part).await.expect(200);
    let files = archive::files(&part.bytes);
    assert!(
        files.contains_key("A kit/01 Hokim javob berdi.txt"),
        "{:?}",
        files.keys()
    );
    assert_eq!(files.len(), 4);

    let said = json!({"caption": {"en": "Something else"}});
    world
        .admin
        .patch(&format!("/v1/materials/{}", ids[1]), &said)
        .await
        .expect(200);
    let gone = public
        .get_with(&pinned, &[("range", "bytes=5-")])
        .await
        .problem(410, "archive-changed");
    public
        .get(gone["url"].as_str().expect("the new url"))
        .await
        .expect(200);
    public
        .get_with(&free, &[("range", "bytes=5-"), ("if-range", &etag)])
        .await
        .expect(200);
}

/// Each entry's bytes, cut out of the archive by its offset, have the digest that is said of them.
async fn entries_are_where_they_should_be(public: &Client, archive: &str, bytes: &[u8]) {
    let list = archive.replace("/archive?", "/archive/entries?");
    let list = public.get(&list).await.expect(200).json();
    let entries = list["items"].as_array().expect("entries");
    assert_eq!(entries.len(), 6, "{list:#}");
    for entry in entries {
        let number =
            |name: &str| usize::try_from(entry[name].as_u64().expect("a number")).expect("it fits");
        let data = &bytes[number("offset")..][..number("size")];
        if let Some(sha256) = entry["sha256"].as_str() {
            assert_eq!(hex::encode(Sha256::digest(data)), sha256, "{entry}");
        }
    }
    assert!(
        entries.iter().all(|entry| entry["sha256"].is_string()),
        "{list:#}"
    );
}

#[tokio::test]
async fn files_without_a_headline_are_named_after_their_event_and_uzbek_is_turned() {
    let world = World::start().await;
    let event = json!({
        "name": {"uz-Latn": "Shahar brifingi"},
        "kind": "briefing",
        "starts_at": "2026-11-20T10:00:00+05:00",
        "audiences": ["public"],
    });
    let event = world
        .admin
        .post("/v1/events", &event)
        .await
        .expect(201)
        .id();
    let said = json!({
        "event": event,
        "audiences": ["public"],
        "caption": {"uz-Latn": "Toshkent shahri", "en": "The city"},
        "persons": [{"name": {"uz-Latn": "Karimov"}, "title": {"uz-Latn": "hokim"}}],
    });
    let id = world.published(&media::text("Words"), &said).await;
    let title = json!({"title": {"uz-Cyrl": "Брифинг", "en": "Briefing"}});
    let kit = world.kit(&[&id], &title).await;
    world.publish("kits", &kit).await;
    let public = world.public();
    let kit = shown(&public, &kit).await;
    let page = kit["page_url"].as_str().expect("a page");
    public.get(page).await.expect(200);
    let zip = public.get(archive_url(&kit, "web")).await.expect(200);
    let files = archive::files(&zip.bytes);
    assert!(
        files.keys().any(|name| name.contains("01 Shahar brifingi")),
        "{:?}",
        files.keys()
    );
    let readme = String::from_utf8_lossy(archive::named(&files, "README.txt")).into_owned();
    assert!(readme.contains("Тошкент шаҳри"), "{readme}");
    assert!(readme.contains("Каримов, ҳоким"), "{readme}");
}

#[tokio::test]
async fn what_moves_is_seen_moving() {
    let world = World::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("moving.gif");
    let made = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i"])
        .arg("testsrc2=size=160x120:rate=5:duration=1")
        .arg(&path)
        .status()
        .expect("the ffmpeg command");
    assert!(made.success());
    let gif = File::new(
        "moving.gif",
        "image/gif",
        std::fs::read(&path).expect("a GIF"),
    );
    let id = world
        .published(&gif, &json!({"audiences": ["public"]}))
        .await;
    let kit = world.kit(&[&id], &json!({})).await;
    world.publish("kits", &kit).await;
    for (files, end, first) in [
        ("web", ".mp4", &b"ftyp"[..]),
        ("press", ".jpg", b"\xFF\xD8"),
    ] {
        let path = format!("/v1/kits/{kit}/archive?files={files}");
        let zip = world.public().get(&path).await.expect(200);
        let names = archive::files(&zip.bytes);
        let file = archive::named(&names, end);
        assert!(
            file[..16].windows(first.len()).any(|part| part == first),
            "{files}"
        );
    }
}
