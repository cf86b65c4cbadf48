//! What it leans on lets it down: the store, the database, the disk, the clients. Whatever was acknowledged is there
//! afterwards, and the archive is in order.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;

use crate::{
    uploads::{Session, begin, digest, file},
    world::{
        Client, World, chance,
        chaos::{Chaos, Mood},
        media, stores, until,
    },
};

const MIB: usize = 1 << 20;

/// What was acknowledged: materials with the digests of their bytes.
type Accepted = Arc<Mutex<BTreeMap<String, String>>>;

/// A server whose store is behind a proxy.
async fn behind(mood: Mood) -> (World, Chaos) {
    let stores = stores::stores();
    let chaos = Chaos::before(stores.s3.port(), chance(), mood).await;
    let prefix = format!("f{}", uuid::Uuid::now_v7().simple());
    let url = stores::S3::url_at(&prefix, chaos.port());
    let mut world = World::with(&[("JARCHI_STORAGE_URL", &url)]).await;
    for words in [
        "the storage does not answer",
        "a job failed",
        "finished later",
        "stays until",
        "lags behind",
    ] {
        world.server.may_complain_of(words);
    }
    (world, chaos)
}

/// Uploads of both sorts; what is refused is asked again, as clients do.
async fn load(client: Client, accepted: Accepted, from: u32, number: u32) {
    for number in from..from + number {
        let bytes = file(number, 300_000 + 77 * number as usize);
        let sum = digest(&bytes);
        for _ in 0..60 {
            let text = media::File::new("a.txt", "text/plain", bytes.clone());
            let answer = client.upload(&text, &json!({})).await;
            if answer.status == 201 {
                accepted.lock().unwrap().insert(answer.id(), sum.clone());
                break;
            }
            assert!(answer.status >= 500, "{answer:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// A longer one, which goes on whenever it is told where it stands.
async fn long(client: Client, accepted: Accepted, number: u32) {
    let bytes = file(number, 11 * MIB);
    let upload = begin(&client, bytes.len()).await;
    for _ in 0..200 {
        let head = upload.head().await;
        let at = head.header("upload-offset").parse::<usize>();
        let Ok(at) = at else {
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        if at == bytes.len() {
            accepted
                .lock()
                .unwrap()
                .insert(upload.material, digest(&bytes));
            return;
        }
        let end = bytes.len().min(at + 3 * MIB);
        let answer = upload.patch(at, &bytes[at..end]).await;
        if answer.status >= 500 {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
    panic!("it never came to its end");
}

/// All of it is there, byte for byte, and the archive is in order.
async fn all_is_there(world: &mut World, accepted: &Accepted) {
    let accepted = accepted.lock().unwrap().clone();
    assert!(!accepted.is_empty());
    for (id, sum) in &accepted {
        let material = world.settled(id).await;
        assert_eq!(material["processing"]["state"], "ready", "{material:#}");
        let original = format!("/v1/materials/{id}/original");
        assert_eq!(
            &digest(&world.admin.get(&original).await.expect(200).bytes),
            sum
        );
    }
    assert!(world.server.stop().await.success());
    // Without the proxy, which lives in this very process.
    let behind = world.server.setting("JARCHI_STORAGE_URL");
    if let Some((place, _)) = behind.split_once("http://127.0.0.1:") {
        let direct = format!("{place}{}", stores::stores().s3.endpoint());
        world.server.set("JARCHI_STORAGE_URL", &direct);
    }
    let verified = world.server.command(&["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

async fn let_down(mood: Mood, lasting: Duration) {
    if !stores::is_scaled() {
        return;
    }
    let (mut world, chaos) = behind(Mood::Fair).await;
    let accepted = Accepted::default();
    load(world.admin.clone(), Arc::clone(&accepted), 100, 2).await;
    chaos.be(mood);
    let sending = [
        tokio::spawn(load(world.admin.clone(), Arc::clone(&accepted), 200, 4)),
        tokio::spawn(load(world.admin.clone(), Arc::clone(&accepted), 300, 4)),
        tokio::spawn(long(world.admin.clone(), Arc::clone(&accepted), 400)),
    ];
    tokio::time::sleep(lasting).await;
    chaos.be(Mood::Fair);
    for one in sending {
        one.await.unwrap();
    }
    all_is_there(&mut world, &accepted).await;
}

#[tokio::test]
async fn a_store_that_is_away_for_half_a_minute() {
    let_down(Mood::Away, Duration::from_secs(30)).await;
}

#[tokio::test]
async fn a_store_that_takes_two_seconds_to_answer() {
    let_down(Mood::Slow(Duration::from_secs(2)), Duration::from_secs(12)).await;
}

#[tokio::test]
async fn a_store_that_sends_a_third_of_its_callers_away() {
    let_down(Mood::Busy, Duration::from_secs(12)).await;
}

#[tokio::test]
async fn a_store_that_breaks_off_a_third_of_its_answers() {
    let_down(Mood::Cut, Duration::from_secs(12)).await;
}

#[tokio::test]
async fn a_store_that_says_yes_and_means_nothing() {
    let_down(Mood::Wrong, Duration::from_secs(12)).await;
}

#[tokio::test]
async fn a_download_goes_on_where_the_store_broke_off() {
    if !stores::is_scaled() {
        return;
    }
    let (world, chaos) = behind(Mood::Fair).await;
    let bytes = file(7, 4 * MIB);
    let id = world
        .upload(
            &media::File::new("a.txt", "text/plain", bytes.clone()),
            &json!({}),
        )
        .await;
    world.ready(&id).await;
    chaos.be(Mood::Cut);
    for _ in 0..6 {
        let original = world
            .admin
            .get(&format!("/v1/materials/{id}/original"))
            .await;
        assert_eq!(original.expect(200).bytes, bytes);
    }
    chaos.be(Mood::Fair);
}

#[tokio::test]
async fn a_store_that_cannot_be_used_is_named_at_the_start() {
    if !stores::is_scaled() {
        return;
    }
    let world = World::start().await;
    let good = world.server.setting("JARCHI_STORAGE_URL");
    let endpoint = stores::stores().s3.endpoint();
    let web = world.server.address();
    let (none, secret) = (stores::free_port(), "a-secret-of-nobody");
    for (url, key, words) in [
        (
            good.replace("s3://tests/", "s3://nobodys/"),
            None,
            "there is no bucket “nobodys”",
        ),
        (
            good.clone(),
            Some(secret),
            "does not take these credentials",
        ),
        (good.replace(&endpoint, web), None, "no S3 store"),
        (
            good.replace(&endpoint, &format!("http://127.0.0.1:{none}")),
            None,
            "does not answer",
        ),
        ("s3://ab".to_owned(), None, "names no bucket"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = vec![("JARCHI_STORAGE_URL".to_owned(), url)];
        for name in [
            "JARCHI_DATABASE_URL",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
        ] {
            settings.push((name.to_owned(), world.server.setting(name)));
        }
        if let Some(key) = key {
            settings.push(("AWS_SECRET_ACCESS_KEY".to_owned(), key.to_owned()));
        }
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut command = crate::world::server::command(folder.path(), &settings);
        let process = command
            .arg("serve")
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        let process = Mutex::new(process.unwrap());
        let said = || std::fs::read_to_string(folder.path().join("log")).unwrap();
        let ended = until("the start to fail", async || {
            if said().contains("Jarchi serves") {
                let _ = process.lock().unwrap().kill();
            }
            process.lock().unwrap().try_wait().unwrap()
        })
        .await;
        assert!(
            !ended.success() && said().contains(words),
            "{words}: {}",
            said()
        );
    }
}

#[tokio::test]
async fn a_database_that_begins_again_under_load() {
    if !stores::is_scaled() {
        return;
    }
    let postgres = stores::Postgres::start();
    postgres.create("jarchi");
    let mut world = World::with(&[("JARCHI_DATABASE_URL", &postgres.url("jarchi"))]).await;
    for words in [
        "database",
        "other nodes are not heard",
        "queue",
        "lease",
        "lags",
        "job",
        "finished later",
        "hold",
    ] {
        world.server.may_complain_of(words);
    }
    let accepted = Accepted::default();
    let sending = tokio::spawn(load(world.admin.clone(), Arc::clone(&accepted), 500, 12));
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        // Every connection is cut, as a failover does.
        postgres.psql(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'jarchi'",
        );
    }
    sending.await.unwrap();
    all_is_there(&mut world, &accepted).await;
}

#[tokio::test]
async fn a_node_that_lost_its_database_keeps_nobody_waiting() {
    if !stores::is_scaled() {
        return;
    }
    let world = World::start().await;
    let url = world.server.setting("JARCHI_DATABASE_URL");
    let chaos = Chaos::before(stores::stores().postgres.port(), chance(), Mood::Raw).await;
    let parted = url.replace(
        &format!(":{}", stores::stores().postgres.port()),
        &format!(":{}", chaos.port()),
    );
    let mut other = world
        .server
        .beside_with(
            &["serve", "--no-worker"],
            &[("JARCHI_DATABASE_URL", &parted)],
        )
        .await;
    for words in [
        "database",
        "other nodes are not heard",
        "queue",
        "lease",
        "lags",
        "hold",
        "session",
    ] {
        other.may_complain_of(words);
    }
    let client = Client::new(other.address(), Some(crate::world::server::ADMIN));
    let bytes = file(61, 2 * MIB);
    let upload = begin(&client, bytes.len()).await;
    upload.patch(0, &bytes[..MIB]).await.expect(204);
    chaos.be(Mood::Parted);
    // Its clients still reach it; the others go on without it.
    let moved = Session {
        client: world.admin.clone(),
        ..upload.clone()
    };
    let at = moved.offset().await;
    assert_eq!(at, MIB);
    moved.patch(at, &bytes[at..]).await.expect(204);
    world.ready(&upload.material).await;
    chaos.be(Mood::Raw);
    until("the node to find its database again", async || {
        let answer = client
            .get(&format!("/v1/materials/{}", upload.material))
            .await;
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_node_whose_database_was_replaced_finds_it_again() {
    if !stores::is_scaled() {
        return;
    }
    let world = World::start().await;
    let url = world.server.setting("JARCHI_DATABASE_URL");
    let own = stores::stores().postgres.port();
    let chaos = Chaos::before(own, chance(), Mood::Raw).await;
    let through = url.replace(&format!(":{own}"), &format!(":{}", chaos.port()));
    let mut other = world
        .server
        .beside_with(
            &["serve", "--no-worker"],
            &[("JARCHI_DATABASE_URL", &through)],
        )
        .await;
    for words in [
        "database",
        "other nodes are not heard",
        "lags",
        "uploads that are over",
        // Whoever asks meanwhile waits for a line.
        "slow threshold",
    ] {
        other.may_complain_of(words);
    }
    let client = Client::new(other.address(), Some(crate::world::server::ADMIN));
    chaos.be(Mood::Replaced);
    let id = world
        .upload(
            &media::text("Сөз эмес."),
            &json!({"headline": {"ky": "Алмашуу"}}),
        )
        .await;
    until("the node to find what is new", async || {
        let asked = client.request(reqwest::Method::GET, "/v1/materials?q=алмашуу");
        let found = asked.timeout(Duration::from_secs(5)).send().await.ok()?;
        let found: serde_json::Value = found.json().await.ok()?;
        (found["total"] == 1).then_some(())
    })
    .await;
    world.ready(&id).await;
}

#[tokio::test]
async fn two_hundred_who_send_a_byte_a_second_hinder_nobody() {
    let world = World::start().await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let upload = begin(&world.admin, 1000).await;
        let stream = futures_util::stream::unfold(0, |sent| async move {
            if sent > 0 {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Some((Ok::<_, std::io::Error>("x"), sent + 1))
        });
        let request = upload.client.request(reqwest::Method::PATCH, &upload.path);
        let request = request
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", "0")
            .header("content-type", "application/offset+octet-stream")
            .body(reqwest::Body::wrap_stream(stream));
        let sending = tokio::spawn(request.send());
        slow.push((upload, sending));
    }
    let begun = std::time::Instant::now();
    for number in 0..10 {
        let id = world.upload(&media::photo(number), &json!({})).await;
        world.ready(&id).await;
    }
    assert!(
        begun.elapsed() < Duration::from_mins(2),
        "{:?}",
        begun.elapsed()
    );
    // One comes back over a better line.
    let (upload, sending) = slow.swap_remove(0);
    sending.abort();
    let at = upload.offset().await;
    assert!((1..1000).contains(&at), "{at}");
    upload.patch(at, &vec![b'x'; 1000 - at]).await.expect(204);
    for (_, sending) in slow {
        sending.abort();
    }
    world.ready(&upload.material).await;
}

#[tokio::test]
async fn a_full_disk_refuses_what_is_new_and_loses_nothing() {
    if stores::is_scaled() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::make(folder.path()) else {
        eprintln!("left out: nobody may make a small disk here");
        return;
    };
    let blobs = format!("file://{}", disk.path.join("blobs").display());
    let mut world = World::with(&[("JARCHI_STORAGE_URL", &blobs)]).await;
    for words in ["no room left", "a job failed", "storage"] {
        world.server.may_complain_of(words);
    }
    let kept = world.upload(&media::photo(1), &json!({})).await;
    world.ready(&kept).await;
    let upload = begin(&world.admin, 30 * MIB).await;
    let bytes = file(71, 30 * MIB);
    let mut at = 0;
    let refused = loop {
        let answer = upload.patch(at, &bytes[at..at + 4 * MIB]).await;
        if answer.status != 204 {
            break answer;
        }
        at += 4 * MIB;
    };
    refused.problem(507, "full");
    let text = media::File::new("a.txt", "text/plain", file(72, 6 * MIB));
    world
        .admin
        .upload(&text, &json!({}))
        .await
        .problem(507, "full");
    // Reads go on.
    world
        .admin
        .get(&format!("/v1/materials/{kept}/renditions/thumb"))
        .await
        .expect(200);
    assert_eq!(
        upload.offset().await,
        at,
        "what was acknowledged is there, and no more"
    );
    disk.grow();
    while at < bytes.len() {
        let end = bytes.len().min(at + 4 * MIB);
        upload.patch(at, &bytes[at..end]).await.expect(204);
        at = end;
    }
    let material = world.ready(&upload.material).await;
    assert_eq!(material["original"]["sha256"], digest(&bytes));
    assert!(world.server.stop().await.success());
    assert!(world.server.command(&["verify"]).status.success());
    drop(world);
}

/// A disk of sixteen mebibytes.
struct Disk {
    path: std::path::PathBuf,
}

impl Disk {
    /// None where this process may not.
    fn make(folder: &std::path::Path) -> Option<Self> {
        let path = folder.join("disk");
        std::fs::create_dir(&path).unwrap();
        mount(&path, "size=16m").then_some(Self { path })
    }

    fn grow(&self) {
        assert!(mount(&self.path, "remount,size=96m"));
    }
}

fn mount(path: &std::path::Path, options: &str) -> bool {
    let mut mount = std::process::Command::new("mount");
    mount
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(path)
        .stderr(std::process::Stdio::null());
    mount.status().is_ok_and(|status| status.success())
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut umount = std::process::Command::new("umount");
        assert!(umount.arg("-l").arg(&self.path).status().unwrap().success());
    }
}
