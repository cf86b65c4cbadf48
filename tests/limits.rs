//! How much one may ask for.

use serde_json::json;

use crate::world::{Client, World, media, stores, until};

fn from(address: &str) -> [(&'static str, &str); 1] {
    [("x-forwarded-for", address)]
}

#[tokio::test]
async fn requests_are_counted_and_told_of() {
    let world = World::with(&[
        ("JARCHI_REQUESTS_PER_MINUTE", "20"),
        ("JARCHI_ADDRESS_REQUESTS_PER_MINUTE", "5"),
        ("JARCHI_TRUSTED_PROXIES", "127.0.0.1"),
    ])
    .await;
    let public = world.public();
    let ask = async |address: &str| public.get_with("/v1/kits", &from(address)).await;
    // A minute may end in the middle of it: then it begins anew.
    let refused = until("the limit of an address", async || {
        let answer = ask("203.0.113.5").await;
        (answer.status == 429).then_some(answer)
    })
    .await;
    let left: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&left), "{left}");
    assert!(
        refused
            .header("ratelimit")
            .starts_with("\"requests\";r=0;t="),
        "{refused:?}"
    );
    assert!(
        refused
            .header("ratelimit-policy")
            .starts_with("\"requests\";q=5;w=60"),
        "{refused:?}"
    );
    refused.problem(429, "too-many-requests");
    ask("203.0.113.6").await.expect(200);
    // A household's addresses are one.
    until("the limit of a network", async || {
        (ask("2001:db8::1").await.status == 429).then_some(())
    })
    .await;
    assert_eq!(ask("2001:db8::2").await.status, 429);
    ask("2001:db8:0:1::2").await.expect(200);
    for _ in 0..30 {
        public.get("/healthz").await.expect(200);
    }
    let me = world.admin.get("/v1/me").await.expect(200).json();
    let limits = &me["limits"];
    assert_eq!(limits["requests_per_minute"], 20);
    assert!(limits["requests_left"].as_u64() < Some(20), "{limits}");
    until("the limit of an account", async || {
        (world.admin.get("/v1/me").await.status == 429).then_some(())
    })
    .await;
}

#[tokio::test]
async fn bytes_are_counted_for_a_day() {
    let mut world = World::with(&[("JARCHI_BYTES_PER_DAY", "3000")]).await;
    let text = media::text(&"A long text. ".repeat(80));
    let id = world
        .published(&text, &json!({"audiences": ["public"]}))
        .await;
    let path = format!("/v1/materials/{id}/original");
    for _ in 0..3 {
        world.admin.get(&path).await.expect(200);
    }
    let refused = world.admin.get(&path).await;
    refused.problem(429, "too-many-requests");
    world.admin.get("/v1/me").await.expect(200);
    world.public().get(&path).await.expect(200);
    // It outlives the process.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    world.restart().await;
    until("the day's sum to be known again", async || {
        (world.admin.get(&path).await.status == 429).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_guesses_is_told_nothing() {
    let world = World::with(&[
        ("JARCHI_WRONG_TOKENS_PER_MINUTE", "5"),
        ("JARCHI_TRUSTED_PROXIES", "127.0.0.1"),
    ])
    .await;
    let reader = world.person("reader", None, &[]).await;
    let known = world.person("reader", None, &[]).await;
    let at = from("203.0.113.7");
    known.get_with("/v1/me", &at).await.expect(200);
    let guess = world.admin.with(Some("a-guess".to_owned()));
    until("guessing to be slowed", async || {
        (guess.get_with("/v1/me", &at).await.status == 429).then_some(())
    })
    .await;
    // A hit looks like a miss; who was there before goes on; elsewhere nothing is different.
    let hit = reader.get_with("/v1/me", &at).await;
    assert!(!hit.header("retry-after").is_empty());
    hit.problem(429, "too-many-requests");
    known.get_with("/v1/me", &at).await.expect(200);
    reader
        .get_with("/v1/me", &from("203.0.113.8"))
        .await
        .expect(200);
    world.public().get_with("/v1/kits", &at).await.expect(200);
}

#[tokio::test]
async fn nodes_add_up() {
    if !stores::is_scaled() {
        return;
    }
    let world = World::with(&[("JARCHI_REQUESTS_PER_MINUTE", "60")]).await;
    let other = world.server.beside(&["serve", "--no-worker"]).await;
    let there = Client::new(other.address(), Some(crate::world::server::ADMIN));
    until("both to have counted", async || {
        // Within one minute: forty here, and then as few there as the rest.
        for _ in 0..40 {
            world.admin.get("/v1/me").await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        there.get("/v1/me").await;
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        let me = there.get("/v1/me").await;
        let left = me.header("ratelimit").to_owned();
        (me.status == 429 || left.contains("r=1") && !left.contains("r=59")).then_some(())
    })
    .await;
}
