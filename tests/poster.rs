//! An editor chooses the moment that stands for a film.

use std::{fs, process::Command};

use serde_json::json;

use crate::world::{File, World, media, until};

/// Two seconds each of red, green and blue, with key pictures as far apart as encoders like.
fn colours() -> File {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    let colour = |name: &str| format!("color={name}:size=320x180:rate=25:duration=2");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error"]);
    for name in ["red", "lime", "blue"] {
        command.args(["-f", "lavfi", "-i", &colour(name)]);
    }
    let joined = "concat=n=3,format=yuv420p";
    command.args([
        "-filter_complex",
        joined,
        "-g",
        "1000",
        "-sc_threshold",
        "0",
    ]);
    let made = command.arg(&path).output().expect("the ffmpeg command");
    assert!(made.status.success(), "{made:?}");
    File::new(
        "colours.mp4",
        "video/mp4",
        fs::read(path).expect("the film"),
    )
}

/// Which of red, green and blue the poster has most of, once it is another than it was.
async fn poster(world: &World, id: &str, former: &str) -> (usize, String) {
    let path = format!("/v1/materials/{id}/renditions/poster");
    let answer = until("another poster", async || {
        let answer = world.admin.get(&path).await.expect(200);
        (answer.header("etag") != former).then_some(answer)
    })
    .await;
    let picture = image::load_from_memory(&answer.bytes)
        .expect("a picture")
        .into_rgb8();
    let pixel = picture
        .get_pixel(picture.width() / 2, picture.height() / 2)
        .0;
    let most = (0..3)
        .max_by_key(|channel| pixel[*channel])
        .expect("a channel");
    (most, answer.header("etag").to_owned())
}

#[tokio::test]
async fn an_editor_chooses_the_moment_that_stands_for_a_film() {
    let world = World::start().await;
    let id = world
        .published(&colours(), &json!({"audiences": ["public"]}))
        .await;
    let path = format!("/v1/materials/{id}");
    let (_, mut former) = poster(&world, &id, "").await;
    for (ms, wanted) in [(5_900, 2), (2_000, 1), (1_960, 0), (6_000, 2)] {
        let changed = world.admin.patch(&path, &json!({"poster_at_ms": ms})).await;
        let changed = changed.expect(200).json();
        assert_eq!(changed["poster_at_ms"], ms);
        assert_eq!(
            changed["processing"]["state"], "ready",
            "it never leaves it"
        );
        let (most, latter) = poster(&world, &id, &former).await;
        assert_eq!(most, wanted, "at {ms} ms");
        former = latter;
    }
    world.ready(&id).await;
    let public = world.public().get(&path).await.expect(200).json();
    assert!(public.get("poster_at_ms").is_none());

    for wrong in [-1, 6_500] {
        let refused = world
            .admin
            .patch(&path, &json!({"poster_at_ms": wrong}))
            .await;
        let problem = refused.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/poster_at_ms");
    }
    let photo = world.upload(&media::photo(1), &json!({})).await;
    world.ready(&photo).await;
    let path = format!("/v1/materials/{photo}");
    let refused = world.admin.patch(&path, &json!({"poster_at_ms": 0})).await;
    refused.problem(422, "invalid");
}
