//! What a page shows of a material is what its rows say now, however often it was shown before, at whichever node.

use serde_json::{Value, json};

use crate::world::{Client, World, media, stores, until};

#[tokio::test]
async fn a_page_shows_what_was_changed_a_moment_ago() {
    let world = World::start().await;
    let mut servers = vec![&world.server];
    let beside;
    if stores::is_scaled() {
        beside = world.server.beside(&["serve", "--no-worker"]).await;
        servers.push(&beside);
    }
    let named = json!({"name": {"ky": "Жыйын"}, "kind": "briefing", "starts_at": "2026-03-01T10:00:00Z", "audiences": ["public"]});
    let event = world
        .admin
        .post("/v1/events", &named)
        .await
        .expect(201)
        .id();
    let described = json!({"headline": {"ky": "Сүрөт"}, "audiences": ["public"], "event": event});
    let id = world.published(&media::photo(1), &described).await;
    let nodes: Vec<Client> = servers
        .into_iter()
        .map(|server| world.public().at(server.address()))
        .collect();
    let shown = async |node: &Client| -> Value {
        let list = node.materials(&[("id", &id)]).await;
        list.pointer("/items/0").cloned().unwrap_or_default()
    };
    for node in &nodes {
        until("the index to follow", async || {
            (shown(node).await["event"]["name"]["ky"] == "Жыйын").then_some(())
        })
        .await;
    }
    let change = async |path: String, change: Value| {
        world.admin.patch(&path, &change).await.expect(200);
    };
    change(
        format!("/v1/events/{event}"),
        json!({"name": {"ky": "Кеңеш"}}),
    )
    .await;
    for node in &nodes {
        assert_eq!(shown(node).await["event"]["name"]["ky"], "Кеңеш");
    }
    change(
        format!("/v1/materials/{id}"),
        json!({"credit": "Басма сөз"}),
    )
    .await;
    for node in &nodes {
        assert_eq!(shown(node).await["credit"], "Басма сөз");
    }
    change(format!("/v1/events/{event}"), json!({"audiences": []})).await;
    for node in &nodes {
        assert_eq!(shown(node).await["event"], Value::Null);
    }
    let withdrawn = json!({"to": "withdrawn", "reason": "It is another one."});
    world
        .admin
        .step("materials", &id, &withdrawn)
        .await
        .expect(200);
    for node in &nodes {
        assert_eq!(shown(node).await, Value::Null);
    }
}
