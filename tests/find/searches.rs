//! Searches that somebody keeps: each account's own, and a feed that shows nobody more than they may see.

use serde_json::{Value, json};

use super::{described, known, texts};
use crate::world::{Answer, Client, World, media};

async fn saved(client: &Client, query: &str) -> Value {
    let search = json!({"name": {"en": "Water & more"}, "query": query});
    client
        .post("/v1/searches", &search)
        .await
        .expect(201)
        .json()
}

fn path(search: &Value) -> String {
    format!("/v1/searches/{}", search["id"].as_str().expect("an id"))
}

/// The feed as text, once it was read as XML.
#[track_caller]
fn feed(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let media_type = answer.header("content-type");
    assert!(
        media_type.starts_with("application/atom+xml"),
        "{media_type}"
    );
    let text = String::from_utf8(answer.bytes.to_vec()).expect("UTF-8");
    let document = roxmltree::Document::parse(&text).expect("XML");
    let root = document.root_element();
    let named = |name: &str| {
        root.children()
            .filter(|child| child.has_tag_name(("http://www.w3.org/2005/Atom", name)))
            .count()
    };
    for name in ["id", "title", "updated"] {
        assert_eq!(named(name), 1, "{text}");
    }
    text
}

#[tokio::test]
async fn a_search_is_kept_changed_and_forgotten_by_its_owner_alone() {
    let world = World::start().await;
    let mine = world.person("reader", None, &["press"]).await;
    let others = [
        world.person("reader", None, &["press"]).await,
        world.admin.clone(),
    ];
    let search = saved(&mine, "q=suv&kind=text&kind=photo").await;
    let path = path(&search);
    assert_eq!(search["version"], 1);
    assert_eq!(search["url"], "/v1/materials?q=suv&kind=text&kind=photo");
    assert_eq!(search["feed_url"], format!("{path}/feed"));

    let patch = json!({"name": {"ky": "Суу", "en": null}, "query": "q=suu"});
    let changed = mine.patch(&path, &patch).await.expect(200).json();
    assert_eq!(changed["name"], json!({"ky": "Суу"}));
    assert_eq!(
        (&changed["query"], &changed["version"]),
        (&json!("q=suu"), &json!(2))
    );
    let stale = mine.send(
        reqwest::Method::DELETE,
        &path,
        &[("if-match", "\"v1\"")],
        "",
    );
    stale.await.problem(412, "precondition-failed");
    let list = mine.get("/v1/searches").await.expect(200).json();
    assert_eq!(list["items"], json!([changed]));

    for other in &others {
        let list = other.get("/v1/searches").await.expect(200).json();
        assert_eq!(list["items"], json!([]));
        other.get(&path).await.problem(404, "not-found");
        other.patch(&path, &patch).await.problem(404, "not-found");
        other.delete(&path).await.problem(404, "not-found");
        other
            .get(&format!("{path}/feed"))
            .await
            .problem(404, "not-found");
    }
    let public = world.public();
    public
        .get("/v1/searches")
        .await
        .problem(401, "unauthenticated");
    public.get(&path).await.problem(401, "unauthenticated");
    public.delete(&path).await.problem(401, "unauthenticated");

    mine.delete(&path).await.expect(204);
    mine.get(&path).await.problem(404, "not-found");
    public
        .get(&format!("{path}/feed"))
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn what_could_not_be_asked_is_not_kept() {
    let world = World::start().await;
    let reader = world.person("reader", None, &["press"]).await;
    for query in [
        "colour=red",
        "kind=film",
        "near=nowhere",
        "cursor=x",
        "limit=5",
        "from=yesterday",
        "q=%ff",
        "q=x&lang=gibberish-1",
        "?q=x",
    ] {
        let search = json!({"name": {"en": "Wrong"}, "query": query});
        let refused = reader.post("/v1/searches", &search).await;
        let problem = refused.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/query", "{problem}");
    }
    for body in [
        json!({"query": "q=x"}),
        json!({"name": {}, "query": "q=x"}),
        json!({"name": {"en": "x"}}),
        json!({"name": {"en": "x"}, "query": "q=x", "public": true}),
        json!({"name": {"en": "x"}, "query": "a".repeat(9000)}),
    ] {
        reader
            .post("/v1/searches", &body)
            .await
            .problem(422, "invalid");
    }
    let of_staff = json!({"name": {"en": "x"}, "query": "missing=credit"});
    reader
        .post("/v1/searches", &of_staff)
        .await
        .problem(403, "forbidden");
    world
        .admin
        .post("/v1/searches", &of_staff)
        .await
        .expect(201);
}

#[tokio::test]
async fn a_feed_shows_what_its_reader_may_see() {
    let world = World::start().await;
    texts(&world, &["Suv <ombori> & kanal"]).await;
    let press = json!({"headline": {"und": "Suv tarmog‘i"}, "audiences": ["press"]});
    described(&world, "press", press).await;
    let reader = world.person("reader", None, &["press"]).await;
    let search = saved(&reader, "q=suv").await;
    let address = format!("{}/feed", path(&search));

    let public = world.public().get(&address).await;
    assert_eq!(public.header("cache-control"), "no-cache");
    let text = feed(&public);
    assert!(text.contains("Suv &lt;ombori&gt; &amp; kanal"), "{text}");
    assert!(!text.contains("tarmog"), "{text}");
    assert!(text.contains("Water &amp; more"), "{text}");
    let own = reader.get(&address).await;
    assert_eq!(own.header("cache-control"), "private, no-cache");
    assert_eq!(feed(&own).matches("<entry>").count(), 2);

    let etag = public.header("etag");
    let again = world
        .public()
        .get_with(&address, &[("if-none-match", etag)])
        .await;
    assert_eq!(again.expect(304).header("etag"), etag);
    let fresh = json!({"headline": {"und": "Yangi suv"}, "audiences": ["public"]});
    let fresh = world.published(&media::text("fresh"), &fresh).await;
    known(&world, &fresh).await;
    let newer = world
        .public()
        .get_with(&address, &[("if-none-match", etag)])
        .await;
    let text = feed(&newer);
    assert!(text.find("Yangi suv") < text.find("kanal"), "{text}");
    world
        .public()
        .get(&format!("{address}?q=x"))
        .await
        .problem(400, "bad-request");
}
