//! Many writers, and readers who start anywhere: no change is missed or told twice, whatever the order of commits.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};

use super::Mirror;
use crate::world::{Client, World, media, server::ADMIN, stores};

const WRITERS: usize = 6;
const THINGS: usize = 4;

/// So many changes of each writer.
fn rounds() -> usize {
    let asked = std::env::var("JARCHI_CHECKS_CHANGES").ok();
    asked.and_then(|number| number.parse().ok()).unwrap_or(600) / WRITERS
}

/// Changes things that are its own by batches and steps; gives how often its readers' view changed.
async fn write(client: Client, ids: Vec<String>, rounds: usize) -> usize {
    let mut told = 0;
    for round in 0..rounds {
        let id = &ids[round % ids.len()];
        match round % 7 {
            5 => {
                let narrowed = json!({"audiences": ["press"]});
                client
                    .patch(&format!("/v1/materials/{id}"), &narrowed)
                    .await
                    .expect(200);
                let widened = json!({"audiences": ["public"]});
                client
                    .patch(&format!("/v1/materials/{id}"), &widened)
                    .await
                    .expect(200);
                told += 2;
            }
            6 => {
                let items: Vec<Value> = ids
                    .iter()
                    .map(|id| json!({"id": id, "patch": {"source": format!("Batch {round}")}}))
                    .collect();
                let done = client
                    .post("/v1/materials/batch", &json!({"items": items}))
                    .await;
                assert_eq!(done.expect(200).json()["failed"], 0);
                told += ids.len();
            }
            _ => {
                let change = json!({"credit": format!("Round {round}")});
                client
                    .patch(&format!("/v1/materials/{id}"), &change)
                    .await
                    .expect(200);
                told += 1;
            }
        }
    }
    told
}

/// Follows until the writers are done and nothing is new; gives what it was told.
async fn follow(mut mirror: Mirror, limit: usize, done: Arc<AtomicBool>) -> Vec<String> {
    let mut cursors = Vec::new();
    loop {
        let was_done = done.load(Ordering::SeqCst);
        let page = mirror.page(limit).await;
        cursors
            .extend(page.iter().map(|change| {
                format!("{} {} {}", change["id"], change["type"], change["version"])
            }));
        if page.is_empty() && was_done {
            return cursors;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missed_or_told_twice_under_concurrent_writers() {
    let world = World::start().await;
    let other = if stores::is_scaled() {
        Some(world.server.beside(&["serve", "--no-worker"]).await)
    } else {
        None
    };
    let nodes = [
        world.server.address().to_owned(),
        other
            .as_ref()
            .map_or(world.server.address(), |node| node.address())
            .to_owned(),
    ];
    let mut own = Vec::new();
    for writer in 0..WRITERS {
        let mut ids = Vec::new();
        for thing in 0..THINGS {
            let text = media::text(&format!("Text {thing} of {writer}"));
            ids.push(
                world
                    .published(&text, &json!({"audiences": ["public"]}))
                    .await,
            );
        }
        own.push(ids);
    }
    let done = Arc::new(AtomicBool::new(false));
    let at = |node: usize| Client::new(&nodes[node % 2], None);
    let from_now = Mirror::from_now(at(0)).await;
    let mut readers = vec![tokio::spawn(follow(from_now, 200, Arc::clone(&done)))];
    let writers: Vec<_> = own
        .into_iter()
        .enumerate()
        .map(|(number, ids)| {
            let client = Client::new(&nodes[number % 2], Some(ADMIN));
            tokio::spawn(write(client, ids, rounds()))
        })
        .collect();
    // Some start in the middle, with a copy.
    let mut late = Vec::new();
    for (number, limit) in [1_usize, 7, 50].into_iter().enumerate() {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        late.push(tokio::spawn(follow(
            Mirror::of(at(number)),
            limit,
            Arc::clone(&done),
        )));
    }
    let mut expected = 0;
    for writer in writers {
        expected += writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let first = readers.remove(0).await.unwrap();
    assert_eq!(first.len(), expected, "what was told from the beginning");
    for reader in late {
        let told = reader.await.unwrap();
        // After the copy comes what the first one was told, to the end, in the same order.
        let copied = WRITERS * THINGS;
        let tail = &told[copied.min(told.len())..];
        assert!(first.ends_with(tail), "{} of {}", tail.len(), first.len());
    }
}
