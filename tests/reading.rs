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
    assert_eq!(item["page_url"], serde_json::Value::Null);
    let original = format!("/v1/materials/{id}/original");
    let original = public.get(&original).await.expect(200);
    assert_eq!(original.header("content-type"), "text/plain; charset=utf-8");
}
