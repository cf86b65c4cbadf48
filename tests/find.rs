//! Find it, whichever way it was written: what is like a material, filters, what was meant, suggestions, saved searches,
//! and whatever people type.

mod alike;
mod filters;
mod meant;
mod searches;
mod shown;
mod suggestions;
mod typed;

use serde_json::{Value, json};

use crate::world::{World, answer::ids, media, until};

/// Published texts of these headlines, each known to search when it is over.
async fn texts(world: &World, headlines: &[&str]) -> Vec<String> {
    let mut made = Vec::new();
    for (number, headline) in headlines.iter().enumerate() {
        let metadata = json!({"headline": {"und": headline}, "audiences": ["public"]});
        made.push(described(world, &format!("{number}"), metadata).await);
    }
    made
}

/// A published text, known to search.
async fn described(world: &World, words: &str, metadata: Value) -> String {
    let id = world.published(&media::text(words), &metadata).await;
    known(world, &id).await;
    id
}

/// Waits until search knows that the material is published.
async fn known(world: &World, id: &str) {
    until("the index to follow", async || {
        let query = [("id", id), ("status", "published"), ("processing", "ready")];
        (world.admin.materials(&query).await["total"] == 1).then_some(())
    })
    .await;
}

/// What the query finds for the public, in its order.
async fn found(world: &World, query: &[(&str, &str)]) -> Vec<String> {
    ids(&world.public().materials(query).await)
}

/// The page of examples in the API document: each typed, and found first among all.
#[tokio::test]
async fn the_examples_of_the_document_find_what_they_say() {
    let world = World::start().await;
    let document = world.public().get("/openapi.json").await.expect(200).json();
    let page = document["info"]["description"].as_str().unwrap().to_owned();
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let typed = cells.next()?.strip_suffix('`')?;
        let (words, language) = cells.next()?.strip_suffix(')')?.rsplit_once(" (")?;
        Some((typed.to_owned(), words.to_owned(), language.to_owned()))
    });
    let rows: Vec<(String, String, String)> = rows.collect();
    assert!(rows.len() > 10, "{page}");
    let mut ids = Vec::new();
    for (number, (_, words, language)) in rows.iter().enumerate() {
        let caption = json!({language: words});
        let metadata = json!({"headline": {language: "-"}, "caption": caption, "language": language, "audiences": ["public"]});
        ids.push(described(&world, &format!("{number}"), metadata).await);
    }
    for ((typed, words, _), id) in rows.iter().zip(&ids) {
        let found = found(&world, &[("q", typed)]).await;
        assert_eq!(found.first(), Some(id), "{typed}: {words}");
    }
}
