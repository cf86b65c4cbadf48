//! Presets of the office: added, changed and taken out again, in the settings alone. The archive follows by and by, and
//! readers never miss what they had.

use std::fs;

use serde_json::{Value, json};

use crate::world::{World, media, server, until};

async fn restart_with(world: &mut World, settings: &str) {
    fs::write(world.server.folder().join("jarchi.toml"), settings).unwrap();
    world.restart().await;
}

fn rendition<'a>(material: &'a Value, name: &str) -> Option<&'a Value> {
    let mut made = material["renditions"].as_array().unwrap().iter();
    made.find(|made| made["name"] == name)
}

/// The rendition, once it is there in this width.
async fn made(world: &World, id: &str, name: &str, width: u32) -> Value {
    let path = format!("/v1/materials/{id}");
    until(&format!("{name} of {width} pixels"), async || {
        let material = world.public().get(&path).await.expect(200).json();
        assert!(
            rendition(&material, "thumb").is_some(),
            "readers keep what they had"
        );
        let made = rendition(&material, name).cloned();
        made.filter(|made| made["width"] == width)
    })
    .await
}

#[tokio::test]
async fn a_preset_of_the_office_is_made_of_what_is_there_and_of_what_comes() {
    let mut world = World::start().await;
    let photo = world
        .published(&media::photo(1), &json!({"audiences": ["public"]}))
        .await;
    let film = world
        .published(&media::film(2), &json!({"audiences": ["public"]}))
        .await;
    restart_with(
        &mut world,
        "[[presets]]\nname = 'square'\nkinds = ['photo']\nwidth = 200\nheight = 200\nfit = 'cover'\n\
         [[presets]]\nname = 'billboard'\nkinds = ['video']\nwidth = 64\nheight = 64\nfit = 'cover'\nsound = false\n\
         [[presets]]\nname = 'small'\nwidth = 100\nheight = 100\n",
    )
    .await;
    let square = made(&world, &photo, "square", 200).await;
    assert_eq!(
        (&square["height"], &square["media_type"]),
        (&json!(200), &json!("image/jpeg"))
    );
    let bytes = world
        .public()
        .get(square["url"].as_str().unwrap())
        .await
        .expect(200);
    let picture = image::load_from_memory(&bytes.bytes).unwrap();
    assert_eq!((picture.width(), picture.height()), (200, 200));
    assert_eq!(made(&world, &photo, "small", 100).await["height"], 75);
    let billboard = made(&world, &film, "billboard", 64).await;
    assert_eq!(billboard["height"], 64);
    assert_eq!(world.ready(&photo).await["processing"]["progress"], 1.0);

    let later = world
        .published(&media::photo(3), &json!({"audiences": ["public"]}))
        .await;
    made(&world, &later, "square", 200).await;

    restart_with(&mut world, "").await;
    let url = format!("/v1/materials/{photo}/renditions/square");
    world.public().get(&url).await.expect(404);
    assert_eq!(made(&world, &photo, "small", 640).await["height"], 480);
    until("the square to be removed", async || {
        let material = world
            .admin
            .get(&format!("/v1/materials/{photo}"))
            .await
            .json();
        let steps = material["processing"]["renditions"].as_array()?.clone();
        (!steps.iter().any(|step| step["name"] == "square")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_wrong_preset_stops_the_start_with_a_line_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    for (settings, words) in [
        (
            "[[presets]]\nname = 'Billboard'\nkinds = ['video']\nwidth = 64",
            "“Billboard”",
        ),
        (
            "[[presets]]\nname = 'led'\nkinds = ['video']\nwidht = 64",
            "widht",
        ),
        (
            "[[presets]]\nname = 'led'\nkinds = ['video']\nwidth = 64\nquality = 3",
            "quality",
        ),
    ] {
        fs::write(folder.path().join("jarchi.toml"), settings).unwrap();
        let stopped = server::command(folder.path(), &[])
            .arg("serve")
            .output()
            .unwrap();
        assert!(!stopped.status.success(), "{settings}");
        let said = String::from_utf8_lossy(&stopped.stderr).into_owned();
        assert!(
            said.contains(words) && said.trim().lines().count() == 1,
            "{said}"
        );
    }
}
