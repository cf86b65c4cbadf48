//! Downloads that are under way when what they bring is taken back.

use reqwest::Method;
use serde_json::json;

use crate::world::{World, media};

/// In bytes: more than the buffers between two programs hold.
const LARGE: usize = 64 << 20;

#[tokio::test]
async fn bytes_under_way_end_when_they_are_taken_back() {
    let world = World::start().await;
    let words = "Ахборот хизмати баёноти. ".repeat(LARGE / 46);
    let open = json!({"audiences": ["public"]});
    let large = world.published(&media::text(&words), &open).await;
    let kit = world.kit(&[&large], &json!({})).await;
    world.publish("kits", &kit).await;
    let links = format!("/v1/kits/{kit}/links");
    let link = world.admin.post(&links, &json!({})).await.expect(201);
    let (url, revoke) = (link.text("/url"), format!("{links}/{}", link.id()));
    let public = world.public();
    let begin = async |path: String| {
        let answer = public
            .request(Method::GET, &path)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        (path, answer)
    };
    let behind = [
        begin(format!("{url}/archive")).await,
        begin(format!("{url}/materials/{large}/original")).await,
    ];
    let mut open = vec![
        begin(format!("/v1/kits/{kit}/archive")).await,
        begin(format!("/v1/materials/{large}/original")).await,
    ];
    world.admin.delete(&revoke).await.expect(204);
    for (path, answer) in behind {
        cut_off(&path, answer).await;
    }
    let (path, whole) = begin(format!("/v1/kits/{kit}/archive")).await;
    let size = whole.content_length().expect("a length");
    let bytes = whole
        .bytes()
        .await
        .unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(bytes.len() as u64, size, "what is open comes whole");
    let gone = json!({"to": "withdrawn"});
    world
        .admin
        .step("materials", &large, &gone)
        .await
        .expect(200);
    for (path, answer) in open.drain(..) {
        cut_off(&path, answer).await;
    }
}

/// Reads the rest of an answer as a slow line does, and finds that it is not all of it.
async fn cut_off(path: &str, mut answer: reqwest::Response) {
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(50));
    let mut got = 0;
    loop {
        beat.tick().await;
        match answer.chunk().await {
            Ok(Some(piece)) => got += piece.len(),
            Ok(None) => panic!("{path} came whole: {got} bytes"),
            Err(_) => return,
        }
    }
}
