//! Files that are not what they should be.

use serde_json::{Value, json};

use crate::world::{File, World, media};

#[tokio::test]
async fn an_empty_file_is_no_material() {
    let world = World::start().await;
    let empty = File::new("empty.jpg", "image/jpeg", Vec::new());
    world
        .admin
        .upload(&empty, &json!({}))
        .await
        .problem(422, "invalid");
    nothing_was_kept(&world).await;
}

#[tokio::test]
async fn an_unknown_type_is_refused_whatever_its_name_says() {
    let world = World::start().await;
    let noise: Vec<u8> = (0..5000_u32)
        .map(|at| u8::try_from(at * at % 251).expect("below 251"))
        .collect();
    for name in ["photo.jpg", "film.mp4", "program.exe"] {
        let file = File::new(name, "image/jpeg", noise.clone());
        world
            .admin
            .upload(&file, &json!({}))
            .await
            .problem(415, "unsupported-media-type");
    }
    let page = File::new(
        "page.jpg",
        "image/jpeg",
        "<!DOCTYPE html><script>alert(1)</script>",
    );
    world
        .admin
        .upload(&page, &json!({}))
        .await
        .problem(415, "unsupported-media-type");
    nothing_was_kept(&world).await;
}

#[tokio::test]
async fn half_a_photo_fails_with_a_reason_and_its_bytes_are_kept() {
    let world = World::start().await;
    let mut half = media::photo(1);
    half.bytes.truncate(half.bytes.len() / 2);
    let id = world.upload(&half, &json!({})).await;
    let material = world.settled(&id).await;
    assert_eq!(material["processing"]["state"], "failed", "{material:#}");
    let reason = material["processing"]["problem"]
        .as_str()
        .expect("a reason");
    assert!(
        reason.contains(' ') && !reason.contains("::"),
        "not for an editor: {reason}"
    );
    let original = world
        .admin
        .get(&format!("/v1/materials/{id}/original"))
        .await
        .expect(200);
    assert_eq!(original.bytes, half.bytes);
    let step = world
        .admin
        .step("materials", &id, &json!({"to": "in_review"}))
        .await;
    step.expect(200);
    let refused = world
        .admin
        .step("materials", &id, &json!({"to": "published"}))
        .await;
    assert!(matches!(refused.status, 409 | 422), "{refused:?}");
}

#[tokio::test]
async fn a_text_named_like_a_film_is_a_text() {
    let world = World::start().await;
    let secret = world.server.folder().join("secret.txt");
    std::fs::write(&secret, "inner matters").expect("a file");
    let playlists = [
        "A statement of the press service.\n".to_owned(),
        format!(
            "#EXTM3U\n#EXTINF:10,\nfile://{}\n#EXT-X-ENDLIST\n",
            secret.display()
        ),
        format!("ffconcat version 1.0\nfile '{}'\n", secret.display()),
    ];
    for words in playlists {
        let id = world
            .upload(&File::new("statement.mp4", "video/mp4", words), &json!({}))
            .await;
        let material = world.ready(&id).await;
        assert_eq!(material["kind"], "text");
        assert!(
            !material.to_string().contains("inner matters"),
            "{material:#}"
        );
    }
}

async fn nothing_was_kept(world: &World) {
    let list: Value = world.admin.materials(&[]).await;
    assert_eq!(list["items"], json!([]));
    let kept = walk(&world.server.data().join("blobs"));
    assert!(kept.is_empty(), "blobs that nothing needs: {kept:?}");
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let below = |path: std::path::PathBuf| {
        if path.is_dir() {
            walk(&path)
        } else {
            vec![path]
        }
    };
    entries.flat_map(below).collect()
}
