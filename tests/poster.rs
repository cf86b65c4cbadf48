//! An editor chooses the moment that stands for a film.

use std::{fs, process::Command};

use serde_json::json;

use crate::world::{File, World, media, until};

/// Two seconds each of red, green and blue, with key pictures as far apart as encoders like.
fn colours(name: &str) -> File {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
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
        name,
        "application/octet-stream",
        fs::read(path).expect("the film"),
    )
}

/// Which of red, green and blue the poster has most of, once it is another than it was; and its digest.
async fn poster(world: &World, id: &str, former: &str) -> (usize, String) {
    let path = format!("/v1/materials/{id}");
    let digest = until("another poster", async || {
        let material = world.admin.get(&path).await.expect(200).json();
        let mut made = material["renditions"].as_array()?.iter();
        let poster = made.find(|made| made["name"] == "poster")?;
        let digest = poster["sha256"].as_str()?.to_owned();
        (digest != former).then_some(digest)
    })
    .await;
    let answer = world.admin.get(&format!("{path}/renditions/poster")).await;
    let picture = image::load_from_memory(&answer.expect(200).bytes);
    let picture = picture.expect("a picture").into_rgb8();
    let (width, height) = picture.dimensions();
    let pixel = picture.get_pixel(width / 2, height / 2).0;
    let most = (0..3).max_by_key(|channel| pixel[*channel]);
    (most.expect("a channel"), digest)
}

#[tokio::test]
async fn an_editor_chooses_the_moment_that_stands_for_a_film() {
    let world = World::start().await;
    // The second has no index, the third counts from somewhere else than 0.
    for name in ["film.mp4", "film.mkv", "film.ts"] {
        choose(&world, name).await;
    }
}

async fn choose(world: &World, name: &str) {
    let id = world
        .published(&colours(name), &json!({"audiences": ["public"]}))
        .await;
    let path = format!("/v1/materials/{id}");
    let (_, mut former) = poster(world, &id, "").await;
    for (ms, wanted) in [(5_900, 2), (2_000, 1), (1_960, 0), (6_000, 2), (0, 0)] {
        let changed = world.admin.patch(&path, &json!({"poster_at_ms": ms})).await;
        let changed = changed.expect(200).json();
        assert_eq!(changed["poster_at_ms"], ms);
        assert_eq!(
            changed["processing"]["state"], "ready",
            "it never leaves it"
        );
        let (most, latter) = poster(world, &id, &former).await;
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
