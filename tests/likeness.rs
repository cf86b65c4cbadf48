//! What is known of a picture in a few bytes: alike for copies that look alike, other for others, and for whom.

use image::{
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
};
use serde_json::{Value, json};

use crate::world::{File, World, media};

fn hash(material: &Value) -> u64 {
    let hash = material["perceptual_hash"].as_str().expect("a hash");
    u64::from_str_radix(hash, 16).expect("hexadecimal")
}

/// As messengers send it on: smaller, brighter, pressed hard.
fn sent_on(number: u32) -> File {
    let picture = media::picture(number, 640, 480);
    let small = imageops::resize(&picture, 250, 188, FilterType::Triangle);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 45)
        .encode_image(&imageops::brighten(&small, 8))
        .expect("a JPEG");
    File::new("IMG-WA0001.jpg", "image/jpeg", bytes)
}

#[tokio::test]
async fn pictures_that_look_alike_are_near() {
    let world = World::start().await;
    let mut seen = Vec::new();
    for file in [
        media::photo(1),
        sent_on(1),
        media::film(1),
        media::document("A press release"),
    ] {
        let id = world.upload(&file, &json!({"audiences": ["public"]})).await;
        let material = world.ready(&id).await;
        let color = material["dominant_color"].as_str().expect("a colour");
        assert!(color.starts_with('#') && color.len() == 7, "{color}");
        assert!(material["thumbhash"].is_string(), "{}", file.name);
        seen.push(material);
    }
    let apart = |one: usize, other: usize| (hash(&seen[one]) ^ hash(&seen[other])).count_ones();
    assert!(apart(0, 1) <= 8, "{}", apart(0, 1));
    assert!(apart(0, 2) > 14 && apart(0, 3) > 14);
    // A page is mostly paper; scaling may have rounded.
    let paper = seen[3]["dominant_color"].as_str();
    assert!(matches!(paper, Some("#ffffff" | "#fefefe")), "{paper:?}");

    let id = seen[0]["id"].as_str().expect("an id");
    world.publish("materials", id).await;
    let path = format!("/v1/materials/{id}");
    let public = world.public().get(&path).await.expect(200).json();
    assert_eq!(public["thumbhash"], seen[0]["thumbhash"]);
    assert_eq!(public["dominant_color"], seen[0]["dominant_color"]);
    assert!(public.get("perceptual_hash").is_none(), "{public:#}");
}

#[tokio::test]
async fn a_sound_looks_like_nothing() {
    let world = World::start().await;
    let id = world.upload(&media::sound(1), &json!({})).await;
    let material = world.ready(&id).await;
    assert!(material.get("thumbhash").is_none(), "{material:#}");
}
