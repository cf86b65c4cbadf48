//! A storm: the process that serves, or the one that works, is killed at random moments under a load of uploads, edits,
//! publishing and withdrawals. What was acknowledged is there afterwards; what was not is there whole or not at all.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    uploads::{RESUMABLE_BYTES, digest, file},
    world::{Client, Server, World, chance, client::JSON, server::ADMIN, stores},
};

/// A few in the suite; `make storm` asks for a hundred.
const KILLS: u32 = 8;

/// What a material may be by now: more than one thing where a request was cut.
#[derive(Debug, Clone)]
struct Known {
    digest: String,
    credits: Vec<Value>,
    statuses: Vec<String>,
}

type Ledger = Arc<Mutex<BTreeMap<String, Known>>>;

/// Where the server listens just now.
type Now = Arc<Mutex<Client>>;

fn kills() -> u32 {
    let said = std::env::var("JARCHI_CHECKS_KILLS").ok();
    said.and_then(|said| said.parse().ok()).unwrap_or(KILLS)
}

/// The next of a row of numbers that look like chance (xorshift64).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_acknowledged_is_lost_in_a_storm() {
    let mut world = World::start().await;
    let mut nodes = if stores::is_scaled() {
        vec![
            world.server.beside(&["serve", "--no-worker"]).await,
            world.server.beside(&["work"]).await,
        ]
    } else {
        Vec::new()
    };
    // What a killed process had not committed may be in the way of a merge of the index, which is left out then.
    world.server.may_complain_of("FileAlreadyExists");
    let (ledger, stop) = (Ledger::default(), Arc::new(AtomicBool::new(false)));
    let now: Now = Arc::new(Mutex::new(world.admin.clone()));
    let load: Vec<_> = (0..3)
        .map(|who| {
            tokio::spawn(act(
                who,
                Arc::clone(&now),
                Arc::clone(&ledger),
                Arc::clone(&stop),
            ))
        })
        .collect();
    let mut dice = chance();
    for _ in 0..kills() {
        tokio::time::sleep(Duration::from_millis(200 + next(&mut dice) % 700)).await;
        let whom = usize::try_from(next(&mut dice)).unwrap_or(0) % (nodes.len() + 1);
        if let Some(node) = nodes.get_mut(whom) {
            restart(node, &now).await;
        } else {
            world.restart().await;
            *now.lock().unwrap() = world.admin.clone();
        }
    }
    stop.store(true, Ordering::Relaxed);
    for one in load {
        one.await.expect("an actor to end");
    }
    drop(nodes);
    let known = ledger.lock().unwrap().clone();
    eprintln!(
        "{} materials through {} kills, seed {}",
        known.len(),
        kills(),
        chance()
    );
    assert!(known.len() >= 10, "{}", known.len());
    for (id, known) in &known {
        is_as_known(&world, id, known).await;
    }
    assert!(world.server.stop().await.success());
    let verified = world.server.command(&["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

async fn restart(node: &mut Server, now: &Now) {
    node.restart().await;
    if !node.address().is_empty() {
        *now.lock().unwrap() = Client::new(node.address(), Some(ADMIN));
    }
}

async fn is_as_known(world: &World, id: &str, known: &Known) {
    let material = world.settled(id).await;
    assert_eq!(material["processing"]["state"], "ready", "{material:#}");
    assert!(
        known.credits.contains(&material["credit"]),
        "{known:?}: {material:#}"
    );
    let status = material["status"].as_str().unwrap().to_owned();
    assert!(known.statuses.contains(&status), "{known:?}: {status}");
    let original = world
        .admin
        .get(&format!("/v1/materials/{id}/original"))
        .await;
    assert_eq!(digest(&original.expect(200).bytes), known.digest);
}

/// Somebody at work, who asks again where nobody answered.
async fn act(who: u32, now: Now, ledger: Ledger, stop: Arc<AtomicBool>) {
    let mut number = who;
    while !stop.load(Ordering::Relaxed) {
        number += 3;
        let bytes = file(number, 40_000 + (number as usize * 7919) % 300_000);
        let id = if number.is_multiple_of(2) {
            by_form(&now, &bytes).await
        } else {
            in_parts(&now, &bytes, &stop).await
        };
        let Some(id) = id else { continue };
        let known = Known {
            digest: digest(&bytes),
            credits: vec![Value::Null],
            statuses: vec!["draft".to_owned()],
        };
        ledger.lock().unwrap().insert(id.clone(), known);
        edit(&now, &ledger, &id, number).await;
        for to in ["in_review", "published", "withdrawn"] {
            if !step(&now, &ledger, &id, to).await {
                break;
            }
        }
    }
}

/// An answer's status and body; none where nobody answered.
async fn ask(now: &Now, method: Method, path: &str, body: &Value) -> Option<(u16, Value)> {
    let request = now.lock().unwrap().request(method, path);
    let request = request.header(JSON.0, JSON.1).body(body.to_string());
    let answer = request.timeout(Duration::from_secs(20)).send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.json().await.unwrap_or(Value::Null)))
}

async fn by_form(now: &Now, bytes: &[u8]) -> Option<String> {
    let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name("a.txt");
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = now.lock().unwrap().request(Method::POST, "/v1/materials");
    let answer = request
        .multipart(form)
        .timeout(Duration::from_secs(20))
        .send()
        .await
        .ok()?;
    if answer.status() != 201 {
        return None;
    }
    let made: Value = answer.json().await.ok()?;
    made["id"].as_str().map(str::to_owned)
}

/// Goes on through every kill, until the server says that it has everything.
async fn in_parts(now: &Now, bytes: &[u8], stop: &AtomicBool) -> Option<String> {
    let ask = async |method: Method, path: &str, headers: &[(&str, String)], body: Vec<u8>| {
        let mut request = now.lock().unwrap().request(method, path).body(body);
        for (name, value) in RESUMABLE_BYTES {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.timeout(Duration::from_secs(30)).send().await.ok()
    };
    let length = [("upload-length", bytes.len().to_string())];
    let made = ask(Method::POST, "/v1/uploads", &length, Vec::new()).await?;
    let header = |answer: &reqwest::Response, name: &str| {
        let value = answer.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let (path, id) = (
        header(&made, "location")?,
        header(&made, "jarchi-material")?,
    );
    loop {
        let head = ask(Method::HEAD, &path, &[], Vec::new()).await;
        let at = head.and_then(|head| header(&head, "upload-offset")?.parse::<usize>().ok());
        let Some(at) = at else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        if at == bytes.len() {
            return Some(id);
        }
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let end = bytes.len().min(at + 100_000);
        let offset = [("upload-offset", at.to_string())];
        ask(Method::PATCH, &path, &offset, bytes[at..end].to_vec()).await;
    }
}

async fn edit(now: &Now, ledger: &Ledger, id: &str, number: u32) {
    let credit = json!(format!("Office {number}"));
    let change = json!({"credit": credit, "audiences": ["public"]});
    let answer = ask(now, Method::PATCH, &format!("/v1/materials/{id}"), &change).await;
    let mut ledger = ledger.lock().unwrap();
    let known = ledger.get_mut(id).unwrap();
    match answer {
        Some((200, _)) => known.credits = vec![credit],
        Some((status, words)) if status < 500 => panic!("{status} {words}"),
        _ => known.credits.push(credit),
    }
}

/// Whether it was taken, as far as anybody knows.
async fn step(now: &Now, ledger: &Ledger, id: &str, to: &str) -> bool {
    let path = format!("/v1/materials/{id}/transitions");
    for _ in 0..40 {
        match ask(now, Method::POST, &path, &json!({"to": to})).await {
            Some((200, _)) => {
                ledger.lock().unwrap().get_mut(id).unwrap().statuses = vec![to.to_owned()];
                return true;
            }
            // It was not looked into yet.
            Some((status, _)) if status < 500 => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            _ => {
                ledger
                    .lock()
                    .unwrap()
                    .get_mut(id)
                    .unwrap()
                    .statuses
                    .push(to.to_owned());
                return false;
            }
        }
    }
    false
}

/// Between two steps: in the store, not in the rows; in the rows, not in the index; and each the other way.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_between_two_steps_loses_nothing() {
    // What a dead node held is taken over when its leases end, for which the suite does not wait sixteen times.
    let is_short = stores::is_scaled() && kills() <= KILLS;
    let short = [
        "blob-written",
        "part-stored",
        "upload-sealed",
        "rows-committed",
    ];
    for place in jarchi::crash::PLACES {
        for passes in [1, 6] {
            if !is_short || (short.contains(&place) && passes == 6) {
                dies(place, passes).await;
            }
        }
    }
}

async fn dies(place: &str, passes: u32) {
    let at = format!("{place}={passes}*off->return");
    let mut world = World::with(&[("FAILPOINTS", &at)]).await;
    let (ledger, stop) = (Ledger::default(), Arc::new(AtomicBool::new(false)));
    let now: Now = Arc::new(Mutex::new(world.admin.clone()));
    let acting = tokio::spawn(act(
        0,
        Arc::clone(&now),
        Arc::clone(&ledger),
        Arc::clone(&stop),
    ));
    let other = tokio::spawn(act(
        1,
        Arc::clone(&now),
        Arc::clone(&ledger),
        Arc::clone(&stop),
    ));
    let died = crate::world::until(&format!("the death at {place}"), async || {
        // What was replaced goes a minute later: nothing waits for that here.
        let is_sweep = place == "blob-removed";
        let enough = is_sweep && ledger.lock().unwrap().len() > 3;
        (!world.server.lives() || enough).then_some(!enough)
    })
    .await;
    assert!(died || place == "blob-removed");
    world.server.set("FAILPOINTS", "");
    world.restart().await;
    *now.lock().unwrap() = world.admin.clone();
    stop.store(true, Ordering::Relaxed);
    for one in [acting, other] {
        one.await.expect("an actor to end");
    }
    let known = ledger.lock().unwrap().clone();
    for (id, known) in &known {
        is_as_known(&world, id, known).await;
    }
    assert!(world.server.stop().await.success());
    let verified = world.server.command(&["verify"]);
    assert!(
        verified.status.success(),
        "{place} after {passes}: {verified:?}"
    );
}
