//! The pages in Chromium, on a phone and on a desk, by day and by night: nothing is wider than the screen, nothing that
//! axe knows of stands in anybody's way (WCAG 2.2 AA), nothing is refused by the page's own policy, and films seek.

use std::{path::Path, process::Command};

use serde_json::json;

use crate::world::{World, media};

fn tools() -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser")
}

#[tokio::test]
async fn everybody_can_use_the_pages() {
    let world = World::start().await;
    let said = json!({
        "audiences": ["public"], "headline": {"en": "On the square", "ru": "На площади"}, "creator": "B. Karimov",
        "caption": {"en": "Someone who has a very-long-word-that-does-not-end-".to_owned() + &"anywhere".repeat(12)},
    });
    let mut items = Vec::new();
    for file in [
        media::photo(1),
        media::film(1),
        media::sound(1),
        media::text("Words"),
    ] {
        items.push(world.published(&file, &said).await);
    }
    let held = json!({"audiences": ["public"], "embargo_until": "2199-01-01T00:00:00Z"});
    items.push(world.published(&media::photo(2), &held).await);
    let named: Vec<&str> = items.iter().map(String::as_str).collect();
    let about = json!({
        "title": {"en": "A new park opens in the capital", "ru": "В столице открылся новый парк"},
        "summary": {"en": "What it is about.\n\nAnd more."}, "contact": {"name": "Press", "email": "press@example.uz"},
    });
    let kit = world.kit(&named, &about).await;
    world.publish("kits", &kit).await;
    let links = format!("/v1/kits/{kit}/links");
    let link = async |wanted: serde_json::Value| {
        let made = world.admin.post(&links, &wanted).await.expect(201);
        made.text("/url")
    };
    let early = link(json!({"shows_embargoed": true})).await;
    let locked = link(json!({"password": "bahor"})).await;
    let film = format!("/materials/{}", items[1]);
    let mut program = Command::new("node");
    program
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/portal/look.js"))
        .arg(world.server.address())
        .arg(tools().join("pictures"))
        .args([
            "/",
            &format!("/kits/{kit}"),
            &film,
            &early,
            &locked,
            "/kits/none",
        ])
        .env("NODE_PATH", tools().join("node_modules"));
    let ended = tokio::task::spawn_blocking(move || program.output()).await;
    let ended = ended
        .expect("a thread")
        .expect("node, which `make test` brings");
    assert!(
        ended.status.success(),
        "{}{}",
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr)
    );
}
