//! Find it, whichever way it was written: what is like a material, filters, what was meant, suggestions, saved searches,
//! and whatever people type.

mod alike;
mod filters;
mod meant;
mod searches;
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
