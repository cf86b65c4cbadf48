//! Tokens that were never issued, have run out, or were taken back.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::world::{World, until};

#[tokio::test]
async fn a_wrong_token_is_not_the_public() {
    let world = World::start().await;
    world.public().get("/v1/materials").await.expect(200);
    world
        .public()
        .get("/v1/tokens")
        .await
        .problem(401, "unauthenticated");
    for token in [
        "wrong",
        "jarchi_0000000000000000000000000000000000000000000",
        "",
    ] {
        let client = world.admin.with(Some(token.to_owned()));
        let refused = client.get("/v1/materials").await;
        assert_eq!(refused.header("www-authenticate"), "Bearer", "{token:?}");
        refused.problem(401, "unauthenticated");
    }
    let basic = world
        .public()
        .get_with("/v1/materials", &[("authorization", "Basic YTpi")])
        .await;
    basic.problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_expired_token_is_wrong_from_that_moment_on() {
    let world = World::start().await;
    let soon = Timestamp::now() + SignedDuration::from_secs(2);
    let wanted = json!({"name": "A visitor", "role": "reader", "expires_at": soon.to_string()});
    let issued = world.admin.post("/v1/tokens", &wanted).await.expect(201);
    let visitor = world.admin.with(Some(issued.text("/token")));
    visitor.get("/v1/me").await.expect(200);
    let refused = until("the token to run out", async || {
        let answer = visitor.get("/v1/me").await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    assert!(Timestamp::now() >= soon, "it ran out before its time");
    refused.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_revoked_token_is_wrong_at_once() {
    let world = World::start().await;
    let issued = world
        .admin
        .post(
            "/v1/tokens",
            &json!({"name": "A visitor", "role": "reader"}),
        )
        .await
        .expect(201);
    let visitor = world.admin.with(Some(issued.text("/token")));
    visitor.get("/v1/me").await.expect(200);
    world
        .admin
        .delete(&format!("/v1/tokens/{}", issued.id()))
        .await
        .expect(204);
    visitor.get("/v1/me").await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn nobody_gives_away_more_than_they_have() {
    let world = World::start().await;
    let editor = world.person("editor", None, &[]).await;
    let reader = world.person("reader", None, &["press"]).await;
    editor
        .post("/v1/tokens", &json!({"name": "x", "role": "contributor"}))
        .await
        .expect(201);
    for role in ["editor", "admin"] {
        editor
            .post("/v1/tokens", &json!({"name": "x", "role": role}))
            .await
            .problem(403, "forbidden");
    }
    reader
        .post("/v1/tokens", &json!({"name": "x", "role": "reader"}))
        .await
        .problem(403, "forbidden");
    reader
        .post("/v1/events", &json!({"name": {"en": "x"}, "kind": "visit"}))
        .await
        .problem(403, "forbidden");
}
