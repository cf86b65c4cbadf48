//! `jarchi import`: a folder walks in, through the server that holds the data folder or without one, and never twice.

use std::{fs, path::Path};

use serde_json::json;

use crate::world::{World, answer::ids, media};

/// Three that are taken, one below another folder, and what is left out.
fn card(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    };
    write("DCIM/Брифинг 1.jpg", &media::photo(1).bytes);
    write("DCIM/100/IMG_2.JPG", &media::photo(2).bytes);
    write(
        "statement.txt",
        "A statement of the press service.".as_bytes(),
    );
    write(
        "again/the same.txt",
        "A statement of the press service.".as_bytes(),
    );
    write("DCIM/.hidden.jpg", &media::photo(3).bytes);
}

async fn names(world: &World) -> Vec<String> {
    let mut names = Vec::new();
    for id in ids(&world
        .admin
        .get("/v1/materials?limit=200")
        .await
        .expect(200)
        .json())
    {
        let material = world.ready(&id).await;
        names.push(
            material["original"]["filename"]
                .as_str()
                .expect("a name")
                .to_owned(),
        );
    }
    names.sort();
    names
}

const TAKEN: [&str; 3] = ["IMG_2.JPG", "statement.txt", "Брифинг 1.jpg"];

#[tokio::test]
async fn a_folder_walks_in_through_the_server_and_only_once() {
    let world = World::start().await;
    let event =
        json!({"name": {"en": "A visit"}, "kind": "visit", "starts_at": "2026-11-20T10:00:00Z"});
    let event = world
        .admin
        .post("/v1/events", &event)
        .await
        .expect(201)
        .id();
    let folder = world.server.folder().join("card");
    card(&folder);
    let path = folder.to_str().expect("UTF-8");
    let first = world.server.command(&["import", path, "--event", &event]);
    assert!(first.status.success(), "{first:?}");
    crate::world::until("the import to be listed", async || {
        (names(&world).await.len() == 3).then_some(())
    })
    .await;
    let mut found = names(&world).await;
    found.retain(|name| name != "the same.txt" && name != "statement.txt");
    assert_eq!(found, ["IMG_2.JPG", "Брифинг 1.jpg"]);
    let of_the_event = world.admin.materials(&[("event", &event)]).await;
    assert_eq!(of_the_event["total"], 3);
    let second = world.server.command(&["import", path, "--event", &event]);
    assert!(second.status.success(), "{second:?}");
    assert_eq!(names(&world).await.len(), 3, "added twice");
}

#[tokio::test]
async fn a_folder_walks_in_without_a_server_and_is_processed_when_the_command_ends() {
    let mut world = World::start().await;
    let folder = world.server.folder().join("card");
    card(&folder);
    fs::write(
        folder.join("program.exe"),
        b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0",
    )
    .expect("a file");
    fs::write(
        folder.join("report.doc"),
        [&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], &[0; 1528]].concat(),
    )
    .expect("a file");
    assert!(world.server.stop().await.success());
    let done = world
        .server
        .command(&["import", folder.to_str().expect("UTF-8")]);
    assert_eq!(
        done.status.code(),
        Some(2),
        "something was left out: {done:?}"
    );
    let words =
        String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(words.contains("program.exe"), "{words}");
    assert!(words.contains("save it as .docx"), "{words}");
    world.restart().await;
    let found = names(&world).await;
    assert_eq!(found.len(), TAKEN.len(), "{found:?}");
}
