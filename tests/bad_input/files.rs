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
    let drawing = File::new(
        "drawing.jpg",
        "image/jpeg",
        "<svg><script>alert(1)</script></svg>",
    );
    world
        .admin
        .upload(&drawing, &json!({}))
        .await
        .problem(415, "unsupported-media-type");
    nothing_was_kept(&world).await;
}

#[tokio::test]
async fn half_a_photo_is_shown_and_its_editor_is_told() {
    let world = World::start().await;
    let mut half = media::photo(1);
    half.bytes.truncate(half.bytes.len() / 2);
    let id = world.upload(&half, &json!({})).await;
    let problem = failed(&world, &id).await;
    assert_eq!(
        problem,
        "The file is damaged: what could be read of it is shown. It can be published so, or replaced by a whole one."
    );
    let thumb = format!("/v1/materials/{id}/renditions/thumb");
    world.admin.get(&thumb).await.expect(200);
    assert_eq!(original(&world, &id).await, half.bytes);
    let open = json!({"audiences": ["public"]});
    let path = format!("/v1/materials/{id}");
    world.admin.patch(&path, &open).await.expect(200);
    world.publish("materials", &id).await;
    world.public().get(&path).await.expect(200);
}

#[tokio::test]
async fn a_photo_of_which_hardly_anything_is_left_says_so_and_its_bytes_are_kept() {
    let world = World::start().await;
    let mut rest = media::photo(1);
    rest.bytes.truncate(700);
    let id = world.upload(&rest, &json!({})).await;
    let problem = failed(&world, &id).await;
    assert!(
        problem.contains(' ') && !problem.contains("::"),
        "{problem}"
    );
    assert_eq!(original(&world, &id).await, rest.bytes);
}

/// Why the material failed, as its editor reads it.
async fn failed(world: &World, id: &str) -> String {
    let material = world.settled(id).await;
    assert_eq!(material["processing"]["state"], "failed", "{material:#}");
    let problem = material["processing"]["problem"].as_str();
    problem.expect("a reason").to_owned()
}

async fn original(world: &World, id: &str) -> Vec<u8> {
    let path = format!("/v1/materials/{id}/original");
    world.admin.get(&path).await.expect(200).bytes.to_vec()
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
    let kept = world.server.blobs().await;
    assert!(kept.is_empty(), "blobs that nothing needs: {kept:?}");
}
