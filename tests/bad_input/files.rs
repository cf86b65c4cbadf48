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
async fn half_a_photo_shows_its_half_or_says_why_not_and_its_bytes_are_kept() {
    let world = World::start().await;
    let whole = media::photo(1);
    for length in [whole.bytes.len() / 2, 700] {
        let mut part = whole.clone();
        part.bytes.truncate(length);
        let id = world.upload(&part, &json!({})).await;
        let material = world.settled(&id).await;
        if material["processing"]["state"] == "ready" {
            assert!(length > 700, "there is nothing to show: {material:#}");
            let thumb = world
                .admin
                .get(&format!("/v1/materials/{id}/renditions/thumb"))
                .await;
            thumb.expect(200);
        } else {
            let reason = material["processing"]["problem"]
                .as_str()
                .expect("a reason");
            assert!(
                reason.contains(' ') && !reason.contains("::"),
                "not for an editor: {reason}"
            );
            let path = format!("/v1/materials/{id}/transitions");
            world
                .admin
                .post(&path, &json!({"to": "in_review"}))
                .await
                .expect(200);
            let open = json!({"to": "published", "patch": {"audiences": ["public"]}});
            let refused = world.admin.post(&path, &open).await;
            assert!(matches!(refused.status, 409 | 422), "{refused:?}");
        }
        let original = world
            .admin
            .get(&format!("/v1/materials/{id}/original"))
            .await
            .expect(200);
        assert_eq!(original.bytes, part.bytes);
    }
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
