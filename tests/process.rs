//! The process as an administrator meets it: how it starts, what it says, who holds the folder, how it stops.

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio};

use serde_json::json;

use crate::world::{Client, Server, World, media, server};

#[tokio::test]
async fn a_second_server_is_refused_the_folder() {
    let world = World::start().await;
    let second = world.server.command(&["serve"]);
    assert!(!second.status.success());
    let words = String::from_utf8_lossy(&second.stderr);
    assert!(words.contains("holds") && words.contains("data"), "{words}");
    world.public().get("/readyz").await.expect(200);
}

#[tokio::test]
async fn the_first_start_makes_a_token_and_shows_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said");
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let mut process = server::command(folder.path(), &[])
        .env_remove("JARCHI_ADMIN_TOKEN")
        .arg("serve")
        .stdout(fs::File::create(&said).unwrap())
        .stderr(log)
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let kept = folder.path().join("data/admin-token");
    let address = crate::world::until("the address", async || {
        let said = fs::read_to_string(&said).unwrap();
        let address = said
            .split_whitespace()
            .find(|word| word.starts_with("http://127.0.0.1:"))?
            .trim_end_matches('/')
            .to_owned();
        let ready = reqwest::get(format!("{address}/readyz")).await.ok()?;
        ready.status().is_success().then_some(address)
    })
    .await;
    let token = fs::read_to_string(&kept).unwrap().trim().to_owned();
    let mode = fs::metadata(&kept).unwrap().permissions().mode() & 0o777;
    let me = Client::new(&address, Some(&token)).get("/v1/me").await;
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(me.expect(200).json()["role"], "admin");
    assert_eq!(mode, 0o600);
    assert_eq!(fs::read_to_string(said).unwrap().matches(&token).count(), 1);
    assert!(
        !fs::read_to_string(folder.path().join("log"))
            .unwrap()
            .contains(&token)
    );
}

#[tokio::test]
async fn a_wrong_setting_stops_the_start_with_a_line_that_names_it() {
    let world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in [
        ("JARCHI_LISTNE", "x"),
        ("JARCHI_TIME_ZONE", "Asia/Nowhere"),
        ("JARCHI_ADMIN_TOKEN", "short"),
    ] {
        let settings = [(name.to_owned(), value.to_owned())];
        let stopped = server::command(folder.path(), &settings)
            .arg("serve")
            .output()
            .unwrap();
        assert!(!stopped.status.success(), "{name}");
        let words = String::from_utf8_lossy(&stopped.stderr).into_owned();
        assert!(
            words.contains(name) && words.trim().lines().count() == 1,
            "{words}"
        );
    }
    world.public().get("/healthz").await.expect(200);
}

#[tokio::test]
async fn it_stops_when_it_is_told_and_goes_on_where_it_was() {
    let mut world = World::start().await;
    let id = world
        .upload(&media::photo(1), &json!({"credit": "kept"}))
        .await;
    let ended = world.server.stop().await;
    assert!(ended.success(), "{ended}");
    world.restart().await;
    assert_eq!(world.ready(&id).await["credit"], "kept");
}

#[tokio::test]
async fn it_tells_how_it_is() {
    let world = World::start().await;
    let public = world.public();
    assert_eq!(
        public.get("/healthz").await.expect(200).json()["status"],
        "ok"
    );
    let figures = public.get("/metrics").await.expect(200);
    assert!(
        String::from_utf8_lossy(&figures.bytes).contains("# TYPE"),
        "{figures:?}"
    );
    assert!(
        !public
            .get("/healthz")
            .await
            .header("x-request-id")
            .is_empty()
    );
}

#[tokio::test]
async fn the_same_request_twice_makes_one_material() {
    let world = World::start().await;
    let text = json!({"text": "Said once."}).to_string();
    let post = async |key: &str, body: &str| {
        let headers = [
            ("idempotency-key", key),
            ("content-type", "application/json"),
        ];
        world
            .admin
            .send(
                reqwest::Method::POST,
                "/v1/materials",
                &headers,
                body.to_owned(),
            )
            .await
    };
    let first = post("a", &text).await.expect(201).id();
    assert_eq!(post("a", &text).await.expect(201).id(), first);
    post("a", &json!({"text": "Said otherwise."}).to_string())
        .await
        .problem(422, "invalid");
    assert_ne!(post("b", &text).await.expect(201).id(), first);
}

#[tokio::test]
async fn a_server_of_its_own_settings_says_absolute_addresses() {
    let server = Server::start(&[("JARCHI_PUBLIC_URL", "https://press.example")]).await;
    let admin = Client::new(server.address(), Some(server::ADMIN));
    let material = admin
        .upload(&media::text("A text"), &json!({}))
        .await
        .expect(201)
        .json();
    let url = material["original"]["url"].as_str().expect("a url");
    assert!(
        url.starts_with("https://press.example/v1/materials/"),
        "{url}"
    );
}

#[tokio::test]
async fn a_log_that_takes_no_more_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said");
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut process = server::command(folder.path(), &[])
        .arg("serve")
        .stdout(fs::File::create(&said).unwrap())
        .stderr(full)
        .spawn()
        .unwrap();
    let address = crate::world::until("the address", async || {
        let said = fs::read_to_string(&said).unwrap();
        let mut words = said.split_whitespace();
        let address = words.find(|word| word.starts_with("http://127.0.0.1:"))?;
        let address = address.trim_end_matches('/').to_owned();
        let ready = reqwest::get(format!("{address}/readyz")).await.ok()?;
        ready.status().is_success().then_some(address)
    })
    .await;
    let admin = Client::new(&address, Some(server::ADMIN));
    let made = admin
        .upload(&media::text("Kabutar uchdi"), &json!({}))
        .await;
    let id = made.expect(201).id();
    crate::world::until("it to be found", async || {
        let found = admin.materials(&[("q", "kabutar")]).await;
        (found["items"][0]["id"] == id.as_str()).then_some(())
    })
    .await;
    process.kill().unwrap();
    process.wait().unwrap();
}
