//! Power cuts: the process is killed in the middle of uploads and renderings, begins again on its folder, and nothing
//! that was accepted is missing or broken.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::world::{Client, File, World, media, until};

const CUTS: usize = 4;
/// Between two cuts at least so many uploads are accepted.
const BETWEEN: usize = 6;

/// What was answered 201: the digest by the id.
type Accepted = Arc<Mutex<BTreeMap<String, String>>>;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_accepted_is_missing_after_power_cuts() {
    let mut world = World::start().await;
    let accepted = Accepted::default();
    for _ in 0..CUTS {
        let stop = Arc::new(AtomicBool::new(false));
        let load = [0, 1].map(|who| {
            tokio::spawn(upload_until(
                stop.clone(),
                world.admin.clone(),
                who,
                accepted.clone(),
            ))
        });
        let before = accepted.lock().unwrap().len();
        until("some uploads", async || {
            (accepted.lock().unwrap().len() >= before + BETWEEN).then_some(())
        })
        .await;
        world.server.kill();
        stop.store(true, Ordering::Relaxed);
        for one in load {
            one.await.expect("the uploads to end");
        }
        world.restart().await;
    }
    let accepted = accepted.lock().unwrap().clone();
    assert!(accepted.len() >= CUTS * BETWEEN);
    for (id, digest) in &accepted {
        let material = world.ready(id).await;
        assert_eq!(material["original"]["sha256"], digest.as_str());
        let bytes = world
            .admin
            .get(&format!("/v1/materials/{id}/original"))
            .await
            .expect(200)
            .bytes;
        assert_eq!(&hex::encode(Sha256::digest(bytes)), digest);
    }
    let ended = world.server.stop().await;
    assert!(ended.success(), "{ended}");
    let verified = world.server.command(&["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

/// Uploads photos and texts, one after the other, until it is told to stop; those that break off do not count.
async fn upload_until(stop: Arc<AtomicBool>, admin: Client, who: u32, accepted: Accepted) {
    let mut number = who;
    while !stop.load(Ordering::Relaxed) {
        number += 2;
        let file = if number.is_multiple_of(3) {
            media::photo(number)
        } else {
            media::text(&"words ".repeat(200_000))
        };
        let file = File {
            bytes: [
                file.bytes,
                format!("\n{}", uuid::Uuid::now_v7()).into_bytes(),
            ]
            .concat(),
            ..file
        };
        let bytes =
            reqwest::multipart::Part::bytes(file.bytes.clone()).file_name(file.name.clone());
        let form = reqwest::multipart::Form::new().part("file", bytes);
        let sent = admin
            .request(reqwest::Method::POST, "/v1/materials")
            .multipart(form)
            .send()
            .await;
        let Ok(response) = sent else { continue };
        if response.status() != 201 {
            continue;
        }
        let Ok(material) = response.json::<serde_json::Value>().await else {
            continue;
        };
        let id = material["id"].as_str().expect("an id").to_owned();
        accepted
            .lock()
            .unwrap()
            .insert(id, hex::encode(Sha256::digest(&file.bytes)));
    }
}

#[tokio::test]
async fn a_rendering_that_was_cut_is_done_again() {
    let mut world = World::start().await;
    let id = world.upload(&media::film(1), &json!({})).await;
    let path = format!("/v1/materials/{id}");
    until("the work to begin", async || {
        let material = world.admin.get(&path).await.expect(200).json();
        (material["processing"]["state"] != "queued").then_some(())
    })
    .await;
    world.restart().await;
    let material = world.ready(&id).await;
    let names: Vec<&str> = material["renditions"]
        .as_array()
        .expect("renditions")
        .iter()
        .filter_map(|r| r["name"].as_str())
        .collect();
    for name in ["thumb", "poster", "preview", "web"] {
        assert!(names.contains(&name), "{names:?}");
    }
}

#[tokio::test]
async fn verify_finds_a_byte_that_turned() {
    let mut world = World::start().await;
    let id = world
        .upload(
            &media::text("What was said stays as it was said."),
            &json!({}),
        )
        .await;
    world.ready(&id).await;
    assert!(world.server.stop().await.success());
    assert!(world.server.command(&["verify"]).status.success());
    world
        .server
        .change(b"What was said", |bytes| bytes[0] ^= 1)
        .await;
    let found = world.server.command(&["verify"]);
    assert_eq!(found.status.code(), Some(1), "{found:?}");
    let said = String::from_utf8_lossy(&found.stdout);
    assert!(said.contains("another SHA-256"), "{said}");
    world.server.change(b"Vhat was said", Vec::clear).await;
    let found = world.server.command(&["verify"]);
    assert_eq!(found.status.code(), Some(1), "{found:?}");
}
