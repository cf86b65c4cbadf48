//! The full copy, and cursors that last, or do not.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Mirror, patch, types};
use crate::world::{Client, Server, World, media, server, stores};

#[tokio::test]
async fn a_copy_leads_into_what_came_meanwhile() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for number in 0..6 {
        let metadata =
            json!({"headline": {"en": format!("Number {number}")}, "audiences": ["public"]});
        ids.push(
            world
                .published(&media::text(&format!("Text {number}")), &metadata)
                .await,
        );
    }
    patch(&world, &ids[0], &json!({"credit": "Before the copy"})).await;
    let hidden = world
        .published(
            &media::text("For the press"),
            &json!({"audiences": ["press"]}),
        )
        .await;
    let gone = world
        .published(&media::text("Gone"), &json!({"audiences": ["public"]}))
        .await;
    let withdrawn = json!({"to": "withdrawn", "notice": {"en": "Not it."}});
    world
        .admin
        .step("materials", &gone, &withdrawn)
        .await
        .expect(200);

    let mut mirror = Mirror::of(world.public());
    let first = mirror.page(2).await;
    assert_eq!(types(&first), ["material.published"; 2]);
    // While it goes on, things come, change and go, some before it reaches them and some after.
    let seen = first[0]["id"].as_str().unwrap().to_owned();
    patch(&world, &seen, &json!({"credit": "Seen"})).await;
    patch(&world, &ids[5], &json!({"credit": "Not seen yet"})).await;
    world
        .admin
        .step("materials", &ids[4], &withdrawn)
        .await
        .expect(200);
    let fresh = world
        .published(&media::text("Fresh"), &json!({"audiences": ["public"]}))
        .await;
    let rest = mirror.all(1).await;
    let of = |id: &str| -> Vec<String> {
        let own = rest.iter().filter(|change| change["id"] == id);
        own.map(|change| change["type"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(of(&seen), ["material.updated"]);
    assert_eq!(of(&ids[5]), ["material.published", "material.updated"]);
    assert_eq!(of(&ids[4]), ["material.published", "material.withdrawn"]);
    assert_eq!(of(&fresh), ["material.published"]);
    assert!(of(&hidden).is_empty() && of(&gone).is_empty());
    assert!(mirror.all(10).await.is_empty());

    // Who comes now has one entry for each thing, as it stands.
    let mut late = Mirror::of(world.public());
    let copy = late.all(3).await;
    let told: BTreeSet<String> = copy
        .iter()
        .map(|change| change["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((copy.len(), told.len()), (6, 6));
    assert!(
        types(&copy)
            .iter()
            .all(|word| *word == "material.published")
    );
    // A reader of two audiences has each thing once.
    world
        .admin
        .patch(
            &format!("/v1/materials/{fresh}"),
            &json!({"audiences": ["public", "press"]}),
        )
        .await
        .expect(200);
    let mut press = Mirror::of(world.person("reader", None, &["press"]).await);
    assert_eq!(press.all(2).await.len(), 7);
}

#[tokio::test]
async fn a_cursor_outlives_a_restart_and_not_a_restore() {
    let mut world = World::start().await;
    let id = world
        .published(&media::text("One"), &json!({"audiences": ["public"]}))
        .await;
    let mut mirror = Mirror::of(world.public());
    assert_eq!(mirror.all(10).await.len(), 1);
    world.restart().await;
    mirror.client = world.public();
    patch(&world, &id, &json!({"credit": "After the restart"})).await;
    assert_eq!(types(&mirror.all(10).await), ["material.updated"]);
    if stores::is_scaled() {
        return;
    }
    assert!(world.server.command(&["backup", "copy"]).status.success());
    let copy = world.server.folder().join("copy");
    let folder = tempfile::tempdir().unwrap();
    let restored = server::command(folder.path(), &[])
        .arg("restore")
        .arg(&copy)
        .output()
        .unwrap();
    assert!(restored.status.success(), "{restored:?}");
    let back = Server::on(folder, &[]).await;
    let public = Client::new(back.address(), None);
    let cursor = mirror.cursor.unwrap();
    let answer = public.get(&format!("/v1/changes?after={cursor}")).await;
    answer.problem(410, "cursor-expired");
    assert_eq!(Mirror::of(public).all(10).await.len(), 1);
}
