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

/// A run that is short, and one of full size, which takes its time.
const FEW: usize = 900;
const ALL: usize = 100_000;

/// So many rounds of each writer tell of that many changes: seven rounds tell of five, of two, and of one of each thing.
fn rounds(changes: usize) -> usize {
    changes.div_ceil((7 + THINGS) * WRITERS) * 7
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

/// What somebody was told, and the cursors that they had on the way, each with how much had been told until then.
struct Told {
    changes: Vec<String>,
    cursors: Vec<(usize, String)>,
}

/// Follows until the writers are done and nothing is new.
async fn follow(mut mirror: Mirror, limit: usize, done: Arc<AtomicBool>) -> Told {
    let (mut changes, mut cursors) = (Vec::new(), Vec::new());
    loop {
        let was_done = done.load(Ordering::SeqCst);
        let page = mirror.page(limit).await;
        changes
            .extend(page.iter().map(|change| {
                format!("{} {} {}", change["id"], change["type"], change["version"])
            }));
        cursors.extend(mirror.cursor.clone().map(|cursor| (changes.len(), cursor)));
        if page.is_empty() {
            if was_done {
                return Told { changes, cursors };
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

/// What each writer changes: texts of its own.
async fn furnished(world: &World) -> Vec<Vec<String>> {
    let mut own = Vec::new();
    for writer in 0..WRITERS {
        let mut ids = Vec::new();
        for thing in 0..THINGS {
            let text = media::text(&format!("Text {thing} of {writer}"));
            let open = json!({"audiences": ["public"]});
            ids.push(world.published(&text, &open).await);
        }
        own.push(ids);
    }
    own
}

/// Everybody who starts from a cursor that was kept is told the rest, as it was told the first time.
async fn again(client: &Client, first: &Told) {
    let done = Arc::new(AtomicBool::new(true));
    for place in 0..8 {
        let (told, cursor) = &first.cursors[place * first.cursors.len() / 8];
        let mut mirror = Mirror::of(client.clone());
        mirror.cursor = Some(cursor.clone());
        mirror.start_anywhere();
        let rest = follow(mirror, 200, Arc::clone(&done)).await;
        assert!(rest.changes == first.changes[*told..], "from {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missed_or_told_twice_under_concurrent_writers() {
    crowd(FEW).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes most of an hour: see `make crowd`"]
async fn nothing_is_missed_or_told_twice_in_a_hundred_thousand_changes() {
    crowd(ALL).await;
}

async fn crowd(changes: usize) {
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
    let own = furnished(&world).await;
    let done = Arc::new(AtomicBool::new(false));
    let at = |node: usize| Client::new(&nodes[node % 2], None);
    let from_now = Mirror::from_now(at(0)).await;
    let first = tokio::spawn(follow(from_now, 200, Arc::clone(&done)));
    let writers: Vec<_> = own
        .into_iter()
        .enumerate()
        .map(|(number, ids)| {
            let client = Client::new(&nodes[number % 2], Some(ADMIN));
            tokio::spawn(write(client, ids, rounds(changes)))
        })
        .collect();
    // Some start in the middle, with a copy.
    let mut late = Vec::new();
    for (number, limit) in [11_usize, 50, 150].into_iter().enumerate() {
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
    let first = first.await.unwrap();
    assert!(expected >= changes, "{expected} changes");
    assert_eq!(first.changes.len(), expected, "told from the beginning");
    for reader in late {
        let told = reader.await.unwrap().changes;
        // After the copy comes what the first one was told, to the end, in the same order.
        let copied = WRITERS * THINGS;
        let tail = &told[copied.min(told.len())..];
        let whole = first.changes.ends_with(tail);
        assert!(whole, "{} of {}", tail.len(), first.changes.len());
    }
    again(&at(1), &first).await;
    println!("{expected} changes");
}
