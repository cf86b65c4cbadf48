//! Whoever watches hears how far a film is, until it is there.

use serde_json::{Value, json};

use crate::world::{World, media};

#[tokio::test]
async fn whoever_watches_hears_how_far_a_film_is() {
    let world = World::start().await;
    let id = world
        .upload(&media::long_film(), &json!({"audiences": ["public"]}))
        .await;
    let path = format!("/v1/materials/{id}/progress");
    let answer = world
        .admin
        .request(reqwest::Method::GET, &path)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert!(answer.headers().get("content-encoding").is_none());
    let said = answer.text().await.expect("events to their end");
    let events: Vec<Value> = said
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("event: processing\ndata: "))
        .map(|data| serde_json::from_str(data).expect("JSON"))
        .collect();
    let parts: Vec<f64> = events
        .iter()
        .map(|event| event["progress"].as_f64().expect("a part"))
        .collect();
    assert!(parts.is_sorted(), "{parts:?}");
    // Between the steps of four renditions in two passes the long one is seen to move.
    let between = parts.iter().filter(|part| (*part * 4.0).fract() > 0.001);
    assert!(between.count() > 0, "{parts:?}");
    let last = events.last().expect("an event");
    assert_eq!(
        (&last["state"], &last["progress"]),
        (&json!("ready"), &json!(1.0))
    );

    world.publish("materials", &id).await;
    world
        .public()
        .get(&path)
        .await
        .problem(401, "unauthenticated");
    let reader = world.person("reader", None, &["press"]).await;
    reader.get(&path).await.problem(403, "forbidden");
}
