//! The whole walk in one test: what a photographer, an editor, a journalist and the public do on the day of a briefing.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::{Client, World, answer::ids, archive, media, until};

#[tokio::test]
async fn from_a_card_reader_to_a_newspaper_and_back() {
    let world = World::start().await;
    let event = briefing(&world.admin).await;
    let materials = uploaded(&world, &event).await;
    described(&world.admin, &materials[0]).await;
    nobody_outside_knows(&world.public(), &materials).await;
    for id in &materials {
        world.publish("materials", id).await;
    }
    found_in_both_scripts(&world.public(), &materials).await;
    let kit = bundled(&world, &materials).await;
    downloaded_with_a_break(&world.public(), &kit, &materials).await;
    withdrawn(&world, &kit, &materials[0]).await;
}

async fn briefing(admin: &Client) -> String {
    let event = json!({
        "name": {"uz-Cyrl": "Шаҳар ҳокими брифинги", "en": "Briefing of the mayor"},
        "kind": "briefing",
        "starts_at": "2026-11-20T10:00:00+05:00",
        "audiences": ["public"],
    });
    admin.post("/v1/events", &event).await.expect(201).id()
}

/// A photo, a film, a sound, a document, and a text that was written here.
async fn uploaded(world: &World, event: &str) -> Vec<String> {
    let metadata = json!({"event": event, "audiences": ["public"], "language": "uz"});
    let mut ids = Vec::new();
    let files = [
        media::photo(1),
        media::film(1),
        media::sound(1),
        media::document("A press release"),
    ];
    for file in &files {
        ids.push(world.upload(file, &metadata).await);
    }
    let text = json!({"text": "# Bayonot\n\nMatbuot anjumani boʻlib oʻtdi.", "event": event, "audiences": ["public"]});
    ids.push(
        world
            .admin
            .post("/v1/materials", &text)
            .await
            .expect(201)
            .id(),
    );
    for (place, kind) in ["photo", "video", "audio", "text", "text"]
        .into_iter()
        .enumerate()
    {
        let material = world.ready(&ids[place]).await;
        assert_eq!(material["kind"], kind);
        if let Some(file) = files.get(place) {
            let original = &material["original"];
            assert_eq!(original["sha256"], hex::encode(Sha256::digest(&file.bytes)));
            assert_eq!(original["filename"], file.name.as_str());
            let bytes = world
                .admin
                .get(original["url"].as_str().expect("a url"))
                .await
                .expect(200)
                .bytes;
            assert_eq!(bytes, file.bytes);
        }
        renditions_are_what_they_say(&world.admin, &material).await;
    }
    ids
}

async fn renditions_are_what_they_say(client: &Client, material: &Value) {
    let renditions = material["renditions"].as_array().expect("renditions");
    assert!(!renditions.is_empty(), "{material:#}");
    for rendition in renditions {
        let answer = client
            .get(rendition["url"].as_str().expect("a url"))
            .await
            .expect(200);
        assert_eq!(rendition["size"], answer.bytes.len());
        assert_eq!(
            rendition["sha256"],
            hex::encode(Sha256::digest(&answer.bytes))
        );
        assert_eq!(rendition["media_type"], answer.header("content-type"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

async fn described(editor: &Client, photo: &str) {
    let path = format!("/v1/materials/{photo}");
    let version = editor
        .get(&path)
        .await
        .expect(200)
        .header("etag")
        .to_owned();
    let patch = json!({
        "headline": {"uz-Cyrl": "Ахборот хизмати раҳбари брифинг ўтказди", "en": "The head of the press service speaks"},
        "caption": {"uz-Latn": "Toshkent shahrida matbuot anjumani"},
        "keywords": ["брифинг", "Тошкент"],
    });
    let headers = [
        ("if-match", version.as_str()),
        ("content-type", "application/merge-patch+json"),
    ];
    let described = editor
        .send(reqwest::Method::PATCH, &path, &headers, patch.to_string())
        .await
        .expect(200);
    assert_eq!(
        described.json()["headline"],
        patch["headline"],
        "kept as it was written"
    );
    editor
        .send(reqwest::Method::PATCH, &path, &headers, patch.to_string())
        .await
        .problem(412, "precondition-failed");
}

async fn nobody_outside_knows(public: &Client, materials: &[String]) {
    for id in materials {
        public
            .get(&format!("/v1/materials/{id}"))
            .await
            .problem(404, "not-found");
        public
            .get(&format!("/v1/materials/{id}/renditions/thumb"))
            .await
            .problem(404, "not-found");
    }
    assert_eq!(public.materials(&[]).await["total"], 0);
}

async fn found_in_both_scripts(public: &Client, materials: &[String]) {
    for words in [
        "axborot xizmati",
        "Ахборот хизмати",
        "tashkent matbuot",
        "матбуот анжумани",
        "press service",
    ] {
        let found = until(&format!("“{words}” to be found"), async || {
            let found = public
                .materials(&[("q", words), ("highlight", "true")])
                .await;
            ids(&found).contains(&materials[0]).then_some(found)
        })
        .await;
        let hit = found["items"]
            .as_array()
            .expect("items")
            .iter()
            .find(|item| item["id"] == materials[0].as_str());
        let marks = hit.expect("the photo")["highlights"].to_string();
        assert!(marks.contains("<mark>"), "{words}: {marks}");
    }
    let all = until("everything to be listed", async || {
        let all = public.materials(&[("facets", "kind")]).await;
        (all["total"] == materials.len()).then_some(all)
    })
    .await;
    let listed: BTreeSet<String> = ids(&all).into_iter().collect();
    assert_eq!(listed, materials.iter().cloned().collect());
    let texts = all["facets"]["kind"]
        .as_array()
        .expect("kinds")
        .iter()
        .find(|bucket| bucket["value"] == "text");
    assert_eq!(texts.expect("texts")["count"], 2);
}

async fn bundled(world: &World, materials: &[String]) -> String {
    let items: Vec<&str> = materials.iter().map(String::as_str).collect();
    let title = json!({"title": {"uz-Cyrl": "Матбуот тўплами", "en": "Press kit"}});
    let kit = world.kit(&items, &title).await;
    world
        .public()
        .get(&format!("/v1/kits/{kit}"))
        .await
        .problem(404, "not-found");
    world.publish("kits", &kit).await;
    kit
}

/// A line that breaks in the middle, and a client that goes on where it broke.
async fn downloaded_with_a_break(public: &Client, kit: &str, materials: &[String]) {
    let shown = public
        .get(&format!("/v1/kits/{kit}"))
        .await
        .expect(200)
        .json();
    let archives = shown["archives"].as_array().expect("archives");
    let offered = archives
        .iter()
        .find(|archive| archive["files"] == "web")
        .expect("an archive for the web");
    let url = offered["url"].as_str().expect("a url");
    let mut line = public
        .request(reqwest::Method::GET, url)
        .send()
        .await
        .expect("an answer");
    assert_eq!(line.content_length(), offered["size"].as_u64());
    let mut bytes = line
        .chunk()
        .await
        .expect("a first piece")
        .expect("some bytes")
        .to_vec();
    let etag = line.headers()["etag"].to_str().expect("an etag").to_owned();
    drop(line);
    bytes.truncate(bytes.len() / 2);
    let range = format!("bytes={}-", bytes.len());
    let rest = public
        .get_with(url, &[("range", &range), ("if-range", &etag)])
        .await
        .expect(206);
    bytes.extend_from_slice(&rest.bytes);
    let files = archive::files(&bytes);
    assert_eq!(files.len(), materials.len() + 3, "{:?}", files.keys());
    let captions: Value =
        serde_json::from_slice(archive::named(&files, "captions.json")).expect("JSON");
    assert!(
        captions.to_string().contains("Ахборот хизмати раҳбари"),
        "{captions:#}"
    );
    let table = String::from_utf8_lossy(archive::named(&files, "captions.csv")).into_owned();
    assert!(
        table.contains("Toshkent shahrida matbuot anjumani"),
        "{table}"
    );
    assert!(!archive::named(&files, "README.txt").is_empty());
}

async fn withdrawn(world: &World, kit: &str, photo: &str) {
    let public = world.public();
    let before = public
        .get(&format!("/v1/kits/{kit}"))
        .await
        .expect(200)
        .json();
    let notice = json!({"to": "withdrawn", "reason": "The wrong person", "notice": {"en": "Please do not use it."}});
    world
        .admin
        .step("materials", photo, &notice)
        .await
        .expect(200);
    let gone = public
        .get(&format!("/v1/materials/{photo}"))
        .await
        .problem(410, "withdrawn");
    assert_eq!(gone["notice"], json!({"en": "Please do not use it."}));
    assert!(
        !gone.to_string().contains("wrong person"),
        "the reason is for the staff: {gone}"
    );
    for trace in ["original", "renditions/thumb"] {
        let path = format!("/v1/materials/{photo}/{trace}");
        let status = public.get(&path).await.status;
        assert!(matches!(status, 404 | 410), "{path}: {status}");
    }
    assert!(!ids(&public.materials(&[("q", "axborot xizmati")]).await).contains(&photo.to_owned()));
    let after = public
        .get(&format!("/v1/kits/{kit}"))
        .await
        .expect(200)
        .json();
    let members = |kit: &Value| kit["items"].as_array().map(Vec::len);
    assert_eq!(members(&after), members(&before).map(|items| items - 1));
    let pinned = before["archives"][0]["url"].as_str().expect("a url");
    public.get(pinned).await.problem(410, "archive-changed");
}
