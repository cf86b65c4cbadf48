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
    let nobody = step("published").await.problem(422, "invalid");
    assert_eq!(nobody["errors"][0]["pointer"], "/patch/audiences");
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

#[tokio::test]
async fn what_is_published_keeps_an_audience() {
    let world = World::start().await;
    let open = json!({"audiences": ["public"]});
    let id = world.published(&media::text("A text"), &open).await;
    let kit = world.kit(&[&id], &json!({})).await;
    world.publish("kits", &kit).await;
    let empty = json!({"audiences": []});
    for path in [format!("/v1/materials/{id}"), format!("/v1/kits/{kit}")] {
        let refused = world.admin.patch(&path, &empty).await;
        let refused = refused.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/audiences", "{refused}");
        assert!(
            refused["detail"].to_string().contains("withdraw"),
            "{refused}"
        );
        world.public().get(&path).await.expect(200);
    }
    let removed = json!({"items": [{"id": id, "remove": {"audiences": ["public"]}}]});
    let removed = world.admin.post("/v1/materials/batch", &removed).await;
    assert_eq!(removed.expect(200).json()["items"][0]["status"], 422);
    let step = json!({"to": "published", "patch": empty});
    for (things, id) in [("materials", &id), ("kits", &kit)] {
        let refused = world.admin.step(things, id, &step).await;
        let refused = refused.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/patch/audiences");
    }
}

#[tokio::test]
async fn a_version_is_named_by_a_strong_tag() {
    let world = World::start().await;
    let id = world.upload(&media::text("A text"), &json!({})).await;
    let path = format!("/v1/materials/{id}");
    let answer = world.admin.get(&path).await;
    // A proxy that compressed it would make its tag a weak one.
    assert!(answer.header("cache-control").contains("no-transform"));
    let etag = answer.header("etag").to_owned();
    let patch = json!({"credit": "somebody"}).to_string();
    let weak = format!("W/{etag}");
    let bare = etag.trim_matches('"');
    for (tag, status, slug) in [
        (weak.as_str(), 412, "precondition-failed"),
        (bare, 400, "bad-request"),
    ] {
        let headers = [JSON, ("if-match", tag)];
        let answer = world
            .admin
            .send(Method::PATCH, &path, &headers, patch.clone())
            .await;
        answer.problem(status, slug);
    }
}

#[tokio::test]
async fn nothing_is_moved_to_where_nobody_works() {
    let world = World::start().await;
    let material = world.upload(&media::text("a note"), &json!({})).await;
    world.ready(&material).await;
    let path = format!("/v1/materials/{material}");
    let nowhere = json!({"unit": "91717770-dd4b-445d-b0ae-a761010fc6a5"});
    let answer = world.admin.patch(&path, &nowhere).await;
    let problem = answer.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/unit");
    let batch = json!({"items": [{"id": material, "patch": nowhere}]});
    let answers = world.admin.post("/v1/materials/batch", &batch).await;
    assert_eq!(answers.expect(200).json()["items"][0]["status"], 422);
    world.admin.get(&path).await.expect(200);
}
