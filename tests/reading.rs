//! What a reader gets, who has nothing but the specification.

use serde_json::json;

use crate::world::{World, media, until};

#[tokio::test]
async fn a_person_is_marked_and_a_text_says_its_encoding() {
    let world = World::start().await;
    let said = json!({
        "audiences": ["public"],
        "persons": [{"name": {"ru": "Рахмонов"}}],
        "keywords": ["водоснабжение"],
    });
    let id = world.published(&media::text("Words"), &said).await;
    let public = world.public();
    let answer = until("the index to know", async || {
        let answer = public
            .materials(&[("q", "рахмонов"), ("highlight", "true")])
            .await;
        (answer["total"] == 1).then_some(answer)
    })
    .await;
    let item = &answer["items"][0];
    assert_eq!(item["highlights"]["persons"], "<mark>Рахмонов</mark>");
    assert_eq!(item["page_url"], format!("/materials/{id}"));
    let original = format!("/v1/materials/{id}/original");
    let original = public.get(&original).await.expect(200);
    assert_eq!(original.header("content-type"), "text/plain; charset=utf-8");
}

/// What is written around a picture is replaced at each change. A reader who was told where it lies, and opens it only
/// then, must find it.
#[tokio::test]
async fn what_was_replaced_is_removed_when_nobody_can_be_about_to_read_it() {
    let world = World::start().await;
    let id = world
        .published(&media::photo(9), &json!({"audiences": ["public"]}))
        .await;
    let path = format!("/v1/materials/{id}");
    let before = world.server.blobs().await;
    let words = json!({"caption": {"en": "Other words"}});
    let changed = world.admin.patch(&path, &words).await.expect(200).json()["version"].clone();
    until("the words to be in the file", async || {
        let material = world.admin.get(&path).await.expect(200).json();
        let made = material["renditions"].as_array()?.iter();
        let mut thumb = made.filter(|made| made["name"] == "thumb");
        (thumb.next()?["of_version"] == changed).then_some(())
    })
    .await;
    let after = world.server.blobs().await;
    assert!(before.is_subset(&after), "{before:?}, then {after:?}");
    assert!(world.server.command(&["verify"]).status.success());
    until("what was replaced to be removed", async || {
        (!before.is_subset(&world.server.blobs().await)).then_some(())
    })
    .await;
    assert!(world.server.command(&["verify"]).status.success());
}
