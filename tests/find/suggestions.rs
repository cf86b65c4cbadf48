//! Suggestions while somebody types: in both scripts, from the first letters on, and of what the caller may see.

use serde_json::{Value, json};

use super::described;
use crate::world::{Client, World, media, until};

async fn suggested(client: &Client, q: &str) -> Vec<(String, String)> {
    let list = client.list("/v1/suggestions", &[("q", q)]).await;
    let list = list.expect(200).json();
    let text = |item: &Value, name: &str| item[name].as_str().expect("a text").to_owned();
    let items = list["items"].as_array().expect("items").iter();
    items
        .map(|item| (text(item, "kind"), text(item, "text")))
        .collect()
}

#[tokio::test]
async fn the_first_letters_are_enough_in_either_script() {
    let world = World::start().await;
    let event = json!({
        "name": {"uz-Latn": "Matbuot anjumani"}, "kind": "briefing", "starts_at": "2026-05-01T10:00:00Z",
        "audiences": ["public"],
    });
    let event = world
        .admin
        .post("/v1/events", &event)
        .await
        .expect(201)
        .id();
    let told = json!({
        "headline": {"uz-Cyrl": "Матбуот хизмати хабари"},
        "keywords": ["matbuot", "сув омбори"],
        "persons": [{"name": {"uz-Latn": "Matluba O‘rinova"}}],
        "event": event,
        "audiences": ["public"],
    });
    described(&world, "one", told).await;
    let public = world.public();
    let pair = |kind: &str, text: &str| (kind.to_owned(), text.to_owned());
    let latin = [
        pair("keyword", "matbuot"),
        pair("person", "Matluba O‘rinova"),
        pair("event", "Matbuot anjumani"),
        pair("headline", "Matbuot xizmati xabari"),
    ];
    let cyrillic = [
        pair("keyword", "матбуот"),
        pair("person", "Матлуба Ўринова"),
        pair("event", "Матбуот анжумани"),
        pair("headline", "Матбуот хизмати хабари"),
    ];
    // What is Uzbek comes in the script in which somebody types.
    for (typed, all) in [
        ("mat", &latin),
        ("мат", &cyrillic),
        ("MAT", &latin),
        ("m", &latin),
    ] {
        let found = suggested(&public, typed).await;
        for expected in all.iter().cloned() {
            // One letter begins too many headlines.
            let is_asked = typed.len() > 1 || expected.0 != "headline";
            assert!(found.contains(&expected) == is_asked, "{typed}: {found:?}");
        }
    }
    assert_eq!(
        suggested(&public, "suv om").await,
        [pair("keyword", "suv ombori")]
    );
    assert_eq!(
        suggested(&public, "urinova mat").await,
        [pair("person", "Matluba O‘rinova")]
    );
    assert!(suggested(&public, "matxyz").await.is_empty());
    let one = [("q", "mat"), ("limit", "1")];
    let one = public
        .list("/v1/suggestions", &one)
        .await
        .expect(200)
        .json();
    assert_eq!(one["items"].as_array().map(Vec::len), Some(1));
    for wrong in [
        &[("limit", "5")][..],
        &[("q", "x"), ("limit", "0")],
        &[("q", "x"), ("limit", "51")],
        &[("q", "x"), ("kind", "photo")],
    ] {
        let refused = public.list("/v1/suggestions", wrong).await;
        refused.problem(400, "bad-request");
    }
}

#[tokio::test]
async fn nothing_hidden_is_suggested() {
    let world = World::start().await;
    let hidden = json!({
        "headline": {"en": "Quorum of secrets"},
        "keywords": ["quorum"],
        "persons": [{"name": {"en": "Quorum Karimov"}}],
    });
    world.upload(&media::text("one"), &hidden).await;
    let press = json!({"keywords": ["quota"], "audiences": ["press"]});
    described(&world, "two", press).await;
    until("the index to know all", async || {
        (suggested(&world.admin, "quo").await.len() == 4).then_some(())
    })
    .await;
    assert!(suggested(&world.public(), "quo").await.is_empty());
    let reader = world.person("reader", None, &["press"]).await;
    let seen = suggested(&reader, "quo").await;
    assert_eq!(seen, [("keyword".to_owned(), "quota".to_owned())]);
}
