//! Steps that are not allowed, versions that have passed, and kits of what cannot be in them.

use reqwest::Method;
use serde_json::json;

use crate::world::{World, client::JSON, media};

#[tokio::test]
async fn an_old_version_changes_nothing() {
    let world = World::start().await;
    let id = world.upload(&media::text("A text"), &json!({})).await;
    let path = format!("/v1/materials/{id}");
    let version = world.admin.get(&path).await.expect(200).json()["version"].clone();
    let expected = format!("\"v{version}\"");
    let patch = |words: &str| json!({"credit": words}).to_string();
    let headers = [JSON, ("if-match", expected.as_str())];
    world.ready(&id).await;
    world
        .admin
        .send(Method::PATCH, &path, &headers, patch("first"))
        .await
        .expect(200);
    world
        .admin
        .send(Method::PATCH, &path, &headers, patch("second"))
        .await
        .problem(412, "precondition-failed");
    world
        .admin
        .send(Method::DELETE, &path, &headers, "")
        .await
        .problem(412, "precondition-failed");
    assert_eq!(world.admin.get(&path).await.json()["credit"], "first");
}

#[tokio::test]
async fn only_the_steps_of_the_life_are_allowed() {
    let world = World::start().await;
    let id = world.upload(&media::photo(1), &json!({})).await;
    world.ready(&id).await;
    let step = async |to: &str| world.admin.step("materials", &id, &json!({"to": to})).await;
    let refused = step("published")
        .await
        .problem(409, "transition-not-allowed");
    assert_eq!(refused["allowed"], json!(["in_review"]));
    step("withdrawn")
        .await
        .problem(409, "transition-not-allowed");
    step("in_review").await.expect(200);
    let again = step("in_review").await.expect(200).json();
    step("published").await.problem(422, "invalid");
    assert_eq!(
        world.admin.get(&format!("/v1/materials/{id}")).await.json()["version"],
        again["version"]
    );
    let open = json!({"to": "published", "patch": {"audiences": ["public"]}});
    world.admin.step("materials", &id, &open).await.expect(200);
    world
        .admin
        .delete(&format!("/v1/materials/{id}"))
        .await
        .problem(409, "conflict");
    step("draft").await.problem(409, "transition-not-allowed");
    step("nowhere").await.problem(422, "invalid");
}

#[tokio::test]
async fn a_kit_holds_what_is_there_once() {
    let world = World::start().await;
    let open = json!({"audiences": ["public"]});
    let one = world.published(&media::photo(1), &open).await;
    let gone = world.published(&media::photo(2), &open).await;
    world
        .admin
        .step(
            "materials",
            &gone,
            &json!({"to": "withdrawn", "reason": "wrong"}),
        )
        .await
        .expect(200);
    let nobody = "01930000-0000-7000-8000-000000000000";
    for (materials, pointer) in [
        (vec![nobody], "/items/0/material"),
        (vec![&one, &one], "/items/1/material"),
        (vec![&one, &gone], "/items/1/material"),
    ] {
        let items: Vec<_> = materials.iter().map(|id| json!({"material": id})).collect();
        let kit = json!({"title": {"en": "A kit"}, "items": items});
        let refused = world
            .admin
            .post("/v1/kits", &kit)
            .await
            .problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    assert_eq!(
        world.admin.get("/v1/kits").await.expect(200).json()["items"],
        json!([])
    );
}
