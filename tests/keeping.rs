//! What an administrator keeps: backups, blobs that move to another store, an archive that is verified and mended.

use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

use crate::world::{Server, World, media, server, stores, until};

fn words(output: &std::process::Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[tokio::test]
async fn a_backup_that_is_taken_under_load_comes_back_whole() {
    if stores::is_scaled() {
        let world = World::start().await;
        let refused = world.server.command(&["backup", "copy"]);
        assert!(words(&refused).contains("pg_dump"), "{}", words(&refused));
        return;
    }
    let world = World::start().await;
    let photo = world
        .published(
            &media::photo(1),
            &json!({"headline": {"ky": "Сүрөт"}, "audiences": ["public"]}),
        )
        .await;
    let first = world.server.command(&["backup", "copy"]);
    assert!(first.status.success(), "{}", words(&first));
    // While it is written to: what was replaced goes, what is new comes.
    let writing = async {
        for number in 2..12 {
            let id = world.upload(&media::photo(number), &json!({})).await;
            let change = json!({"credit": format!("Office {number}")});
            world
                .admin
                .patch(&format!("/v1/materials/{id}"), &change)
                .await
                .expect(200);
        }
    };
    let unfinished = crate::uploads::begin(&world.admin, 5000).await;
    unfinished
        .patch(0, b"Half a sentence, and then")
        .await
        .expect(204);
    writing.await;
    let second = world.server.command(&["backup", "copy"]);
    assert!(second.status.success(), "{}", words(&second));

    let copy = world.server.folder().join("copy");
    let folder = tempfile::tempdir().unwrap();
    let restore = || {
        let mut command = server::command(folder.path(), &[]);
        command.arg("restore").arg(&copy).output().unwrap()
    };
    let restored = restore();
    assert!(restored.status.success(), "{}", words(&restored));
    let verified = server::command(folder.path(), &[])
        .arg("verify")
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", words(&verified));
    let again = restore();
    assert!(words(&again).contains("already"), "{}", words(&again));

    let back = Server::on(folder, &[]).await;
    let there = world.admin.at(back.address());
    let material = there
        .get(&format!("/v1/materials/{photo}"))
        .await
        .expect(200);
    assert_eq!(material.text("/headline/ky"), "Сүрөт");
    there
        .get(&format!("/v1/materials/{photo}/renditions/press"))
        .await
        .expect(200);
    assert_eq!(there.materials(&[("q", "сүрөт")]).await["total"], 1);
    // What had not ended when the copy was taken is over.
    until("the upload to be over", async || {
        (there
            .send(
                reqwest::Method::HEAD,
                &unfinished.path,
                &[("tus-resumable", "1.0.0")],
                "",
            )
            .await
            .status
            == 410)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_office_outgrows_its_disk() {
    let mut world = World::start().await;
    let id = world
        .published(&media::photo(3), &json!({"audiences": ["public"]}))
        .await;
    let path = format!("/v1/materials/{id}/renditions/press");
    let press = world.public().get(&path).await.expect(200).bytes;
    let elsewhere = if stores::is_scaled() {
        world
            .server
            .setting("JARCHI_STORAGE_URL")
            .replace('?', "-moved?")
    } else {
        format!(
            "file://{}",
            world.server.folder().join("elsewhere").display()
        )
    };
    let copied = world.server.command(&["copy-storage", &elsewhere]);
    assert!(copied.status.success(), "{}", words(&copied));
    let late = world.upload(&media::photo(4), &json!({})).await;
    world.ready(&late).await;
    assert!(world.server.stop().await.success());
    let copied = world.server.command(&["copy-storage", &elsewhere]);
    assert!(copied.status.success(), "{}", words(&copied));
    world.server.set("JARCHI_STORAGE_URL", &elsewhere);
    world.restart().await;
    assert_eq!(world.public().get(&path).await.expect(200).bytes, press);
    assert_eq!(world.ready(&late).await["processing"]["state"], "ready");
    let verified = world.server.command(&["verify"]);
    assert!(verified.status.success(), "{}", words(&verified));
}

/// From SQLite to PostgreSQL: its partners' places in the feed, its tokens, its queue and its history come with it.
#[tokio::test]
async fn an_office_outgrows_its_machine() {
    if !stores::is_scaled() {
        return;
    }
    let mut world = World::start().await;
    assert!(world.server.stop().await.success());
    let office = format!("sqlite://{}/office.db", world.server.folder().display());
    world.server.set("JARCHI_DATABASE_URL", &office);
    world.restart().await;
    let open = json!({"audiences": ["public"], "headline": {"uz-Cyrl": "Ўзбекистон янгиликлари"}});
    let id = world.published(&media::photo(6), &open).await;
    let partner = world.person("reader", None, &["public"]).await;
    let feed = "/v1/changes?limit=100";
    let known = partner.get(feed).await.expect(200).json();
    let cursor = known["next_cursor"].as_str().expect("a cursor").to_owned();
    let path = format!("/v1/materials/{id}");
    let before = world.admin.get(&path).await.expect(200).json();
    let to = stores::another_database();
    let refused = world.server.command(&["copy-database", &to]);
    assert!(
        words(&refused).contains("stop it first"),
        "{}",
        words(&refused)
    );
    assert!(world.server.stop().await.success());
    let copied = world.server.command(&["copy-database", &to]);
    assert!(copied.status.success(), "{}", words(&copied));
    let again = world.server.command(&["copy-database", &to]);
    assert!(words(&again).contains("already"), "{}", words(&again));
    world.server.set("JARCHI_DATABASE_URL", &to);
    world.restart().await;
    let after = world.admin.get(&path).await.expect(200).json();
    for field in ["version", "status", "headline", "published_at", "audiences"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    let partner = partner.at(world.server.address());
    let next = partner.get(&format!("{feed}&after={cursor}")).await;
    assert_eq!(next.expect(200).json()["changes"], json!([]));
    world
        .admin
        .patch(&path, &json!({"credit": "After the move"}))
        .await
        .expect(200);
    let next = partner.get(&format!("{feed}&after={cursor}&wait=30")).await;
    assert_eq!(next.expect(200).json()["changes"][0]["id"], json!(id));
    let verified = world.server.command(&["verify"]);
    assert!(verified.status.success(), "{}", words(&verified));
}

#[tokio::test]
async fn verify_mends_what_can_be_mended() {
    let mut world = World::start().await;
    let photo = world.upload(&media::photo(5), &json!({})).await;
    let text = world
        .upload(&media::text("The words themselves."), &json!({}))
        .await;
    world.ready(&photo).await;
    world.ready(&text).await;
    let thumb = format!("/v1/materials/{photo}/renditions/thumb");
    let before = world.admin.get(&thumb).await.expect(200).bytes;
    // Beside the service nothing can be mended, which is said before all is read.
    let refused = world.server.command(&["verify", "--repair"]);
    let said = words(&refused);
    assert!(said.contains("stop it first"), "{said}");
    assert!(!said.contains("verified"), "{said}");
    assert!(world.server.stop().await.success());
    // The picture's own bytes lie between its head and its tail.
    world
        .server
        .change(&before[..12], |bytes| *bytes.last_mut().unwrap() ^= 1)
        .await;
    world
        .server
        .change(b"The words", |bytes| bytes[0] = b't')
        .await;
    let found = world.server.command(&["verify", "--repair"]);
    let said = words(&found);
    assert_eq!(found.status.code(), Some(1), "{said}");
    assert!(
        said.contains("it will be made again") && said.contains("another SHA-256"),
        "{said}"
    );
    world.restart().await;
    world.ready(&photo).await;
    until("the thumbnail to be right again", async || {
        (world.admin.get(&thumb).await.expect(200).bytes == before).then_some(())
    })
    .await;
    assert!(world.server.stop().await.success());
    let found = world.server.command(&["verify", "--resume"]);
    let said = words(&found);
    assert!(
        said.contains(": 1 fault"),
        "only the original is beyond help: {said}"
    );
    // Whoever has the file sends it once more.
    world.restart().await;
    let again = world
        .upload(&media::text("The words themselves."), &json!({}))
        .await;
    world.ready(&again).await;
    let original = format!("/v1/materials/{text}/original");
    let healed = world.admin.get(&original).await.expect(200);
    assert_eq!(healed.bytes, "The words themselves.");
    assert!(world.server.stop().await.success());
    let found = world.server.command(&["verify", "--repair"]);
    assert!(found.status.success(), "{}", words(&found));
}

#[tokio::test]
async fn figures_tell_how_it_is() {
    let world = World::start().await;
    let id = world.upload(&media::photo(6), &json!({})).await;
    world.ready(&id).await;
    world
        .admin
        .get(&format!("/v1/materials/{id}/original"))
        .await
        .expect(200);
    let figures = world.public().get("/metrics").await.expect(200);
    let text = String::from_utf8_lossy(&figures.bytes).into_owned();
    for name in [
        "jarchi_http_requests_total",
        "jarchi_bytes_in_total",
        "jarchi_bytes_out_total",
        "jarchi_jobs{state=\"waiting\"}",
        "jarchi_jobs_oldest_seconds",
        "jarchi_originals_failed 0",
        "jarchi_uploads_open 0",
        "jarchi_index_lag_changes",
        "jarchi_storage_seconds_count{operation=\"seal\"}",
    ] {
        assert!(text.contains(name), "{name} is missing in {text}");
    }
    for line in text.lines().filter(|line| line.starts_with("# TYPE")) {
        let name = line.split(' ').nth(2).unwrap();
        assert!(
            text.contains(&format!("# HELP {name} ")),
            "{name} is not explained"
        );
        let readme = include_str!("../README.md");
        assert!(readme.contains(name), "{name} is not in the README");
    }
}

/// A row that nobody can read keeps nobody from the others, and the index goes on.
#[tokio::test]
async fn a_material_that_is_broken_is_left_out() {
    if stores::is_scaled() {
        return;
    }
    let mut world = World::start().await;
    world
        .server
        .may_complain_of("cannot be read, and is left out");
    world.server.may_complain_of("its unit is not there");
    let upload = async |number| {
        let named = json!({"headline": {"ky": format!("Сөз {number}")}});
        let id = world.upload(&media::photo(number), &named).await;
        world.ready(&id).await;
        id
    };
    let (broken, whole) = (upload(1).await, upload(2).await);
    world.server.stop().await;
    let url = format!(
        "sqlite://{}",
        world.server.data().join("jarchi.db").display()
    );
    let rows = Database::connect(url).await.unwrap();
    let missing = format!(
        "PRAGMA foreign_keys = OFF; UPDATE materials SET unit_id = X'{}' WHERE id = X'{}'",
        "00".repeat(16),
        broken.replace('-', "")
    );
    rows.execute_unprepared(&missing).await.unwrap();
    rows.close().await.unwrap();
    std::fs::remove_dir_all(world.server.data().join("index")).unwrap();
    world.restart().await;

    let found = world.admin.materials(&[("q", "сөз")]).await;
    assert_eq!(found["items"][0]["id"], *whole, "{found:#}");
    assert_eq!(found["total"], 1);
    let newer = world
        .upload(&media::photo(3), &json!({"headline": {"ky": "Сөз 3"}}))
        .await;
    until("the index to go on", async || {
        let found = world.admin.materials(&[("q", "сөз")]).await;
        (found["total"] == 2).then_some(())
    })
    .await;
    world.ready(&newer).await;
    let path = format!("/v1/materials/{broken}");
    world.admin.get(&path).await.expect(500);
}
