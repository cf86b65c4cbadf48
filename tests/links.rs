//! Links to kits, for people without a token: made and taken back by editors, and what stands behind them: the page, the
//! archive, every byte, for as long as the link holds and for who knows its password.

mod behind;
mod cut;
mod embargo;
mod guessing;
mod nodes;

use serde_json::{Value, json};

use crate::world::{Answer, Client, World, media};

/// A published kit of two texts and a photo, for the press.
pub struct Office {
    pub world: World,
    pub kit: String,
    /// Two texts and a photo.
    pub items: Vec<String>,
}

impl Office {
    pub async fn open() -> Self {
        Self::with(World::start().await).await
    }

    pub async fn with(world: World) -> Self {
        let press = json!({"audiences": ["press"], "headline": {"en": "The mayor answers"}});
        let files = [media::text("one"), media::text("two"), media::photo(1)];
        let mut items = Vec::new();
        for file in files {
            items.push(world.published(&file, &press).await);
        }
        let named: Vec<&str> = items.iter().map(String::as_str).collect();
        let about = json!({"title": {"en": "A briefing"}, "audiences": ["press"]});
        let kit = world.kit(&named, &about).await;
        world.publish("kits", &kit).await;
        Self { world, kit, items }
    }

    pub async fn link(&self, wanted: &Value) -> Answer {
        let path = format!("/v1/kits/{}/links", self.kit);
        self.world.admin.post(&path, wanted).await
    }

    /// The address of a link, less the host.
    pub async fn secret(&self, wanted: &Value) -> String {
        self.link(wanted).await.expect(201).text("/url")
    }

    pub fn public(&self) -> Client {
        self.world.public()
    }
}

#[tokio::test]
async fn a_link_is_shown_once_and_listed_without_its_secret() {
    let office = Office::open().await;
    let wanted = json!({
        "label": "For the evening news",
        "recipient": {"email": "desk@example.uz", "language": "uz"},
        "password": "bahor",
    });
    let path = format!("/v1/kits/{}/links", office.kit);
    let post_by = async |key: &str| {
        let key = [("idempotency-key", key), crate::world::client::JSON];
        let admin = &office.world.admin;
        admin
            .send(reqwest::Method::POST, &path, &key, wanted.to_string())
            .await
    };
    let post = async || post_by("one").await;
    post_by("o\tne").await.problem(400, "bad-request");
    let made = post().await.expect(201);
    let url = made.text("/url");
    let secret = url.strip_prefix("/k/").expect("a link").to_owned();
    assert!(secret.len() >= 43, "{secret}");
    let id = made.id();
    assert_eq!(made.header("location"), format!("{path}/{id}"));
    assert_eq!(made.json()["recipient"]["language"], "uz-Latn");
    let days = |view: &Value| {
        let at = |name: &str| {
            view[name]
                .as_str()
                .expect("a time")
                .parse::<jiff::Timestamp>()
                .expect("a time")
        };
        (at("expires_at") - at("created_at"))
            .total(jiff::Unit::Hour)
            .expect("hours")
            / 24.0
    };
    assert!((days(&made.json()) - 14.0).abs() < 0.001);
    let again = post().await.problem(409, "conflict");
    assert!(again.to_string().contains(&id) && !again.to_string().contains(&secret));

    let listed = office.world.admin.get(&path).await.expect(200);
    let words = String::from_utf8_lossy(&listed.bytes).into_owned();
    assert!(
        !words.contains(&secret) && !words.contains("bahor") && !words.contains("argon2"),
        "{words}"
    );
    let one = &listed.json()["items"][0];
    assert_eq!(
        (&one["label"], &one["has_password"], &one["uses"]),
        (&wanted["label"], &json!(true), &json!(0))
    );

    let log = office.world.server.log();
    assert!(!log.contains(&secret), "the log shows a secret");
    let audit = office
        .world
        .admin
        .get("/v1/audit?action=created")
        .await
        .expect(200)
        .json()
        .to_string();
    assert!(audit.contains(&id) && !audit.contains(&secret), "{audit}");
}

#[tokio::test]
async fn links_are_for_those_who_may_publish_the_kit() {
    let office = Office::open().await;
    let path = format!("/v1/kits/{}/links", office.kit);
    let reader = office.world.person("reader", None, &["press"]).await;
    let contributor = office.world.person("contributor", None, &[]).await;
    let editor = office.world.person("editor", None, &[]).await;
    office
        .public()
        .post(&path, &json!({}))
        .await
        .problem(401, "unauthenticated");
    for other in [&reader, &contributor] {
        other
            .post(&path, &json!({}))
            .await
            .problem(403, "forbidden");
        other.get(&path).await.problem(403, "forbidden");
    }
    let id = editor.post(&path, &json!({})).await.expect(201).id();
    contributor
        .delete(&format!("{path}/{id}"))
        .await
        .problem(403, "forbidden");
    let other = office.world.kit(&[], &json!({})).await;
    editor
        .delete(&format!("/v1/kits/{other}/links/{id}"))
        .await
        .problem(404, "not-found");
    for _ in 0..2 {
        editor.delete(&format!("{path}/{id}")).await.expect(204);
    }
    let listed = editor.get(&path).await.expect(200).json();
    assert_eq!(listed["items"], json!([]));
    let nowhere = "/v1/kits/01930000-0000-7000-8000-000000000000/links";
    editor
        .post(nowhere, &json!({}))
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn what_is_wrong_with_a_link_is_said() {
    let office = Office::open().await;
    for (wanted, pointer) in [
        (json!({"expires_at": "2020-01-01T00:00:00Z"}), "/expires_at"),
        (json!({"expires_at": "soon"}), "/expires_at"),
        (json!({"password": ""}), "/password"),
        (json!({"password": "p".repeat(1 << 20)}), "/password"),
        (json!({"label": "a\0b"}), "/label"),
        (
            json!({"recipient": {"email": "nobody"}}),
            "/recipient/email",
        ),
        (
            json!({"recipient": {"email": "a@b.uz", "language": "klingon!"}}),
            "/recipient/language",
        ),
        (json!({"colour": "red"}), ""),
    ] {
        let refused = office.link(&wanted).await.problem(422, "invalid");
        assert!(
            refused["errors"][0]["pointer"]
                .as_str()
                .is_some_and(|found| found.starts_with(pointer)),
            "{refused}"
        );
    }
    let long = json!({"password": "p".repeat(3 << 20)});
    office.link(&long).await.problem(413, "too-large");
}
