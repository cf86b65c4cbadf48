//! A link at many nodes: what one of them is told, all of them know.

use reqwest::Method;
use serde_json::json;

use super::Office;
use crate::world::{Client, stores};

#[tokio::test]
async fn a_link_is_the_same_at_every_node() {
    if !stores::is_scaled() {
        return;
    }
    let office = Office::open().await;
    let node = office.world.server.beside(&["serve", "--no-worker"]).await;
    let (here, there) = (office.public(), Client::new(node.address(), None));
    let made = office.link(&json!({"password": "bahor"})).await.expect(201);
    let link = made.text("/url");

    // Whom one node let in, the other knows by the cookie.
    let form = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client")
        .post(format!("{}{link}", office.world.server.address()))
        .body("password=bahor");
    let answer = form.send().await.expect("an answer");
    let cookie = answer.headers()["set-cookie"].to_str().expect("ASCII");
    let cookie = [("cookie", cookie.split(';').next().expect("a pair"))];
    there.get_with(&link, &cookie).await.expect(200);

    // Wrong passwords at one are counted at the other.
    let guess = async |client: &Client| {
        let answer = client.send(Method::POST, &link, &[], "password=kuz").await;
        answer.status
    };
    for number in 0..10 {
        let client = if number % 2 == 0 { &here } else { &there };
        assert_eq!(guess(client).await, 401, "{number}");
    }
    assert_eq!((guess(&here).await, guess(&there).await), (429, 429));

    let path = format!("/v1/kits/{}/links/{}", office.kit, made.id());
    office.world.admin.delete(&path).await.expect(204);
    there.get_with(&link, &cookie).await.expect(404);
}
