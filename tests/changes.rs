//! The feed of changes: what partners who mirror the archive are told, to each what is theirs, once and in order.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::world::{Client, World, media, until};

mod copy;
mod crowd;

/// Somebody who keeps the cursor.
pub struct Mirror {
    pub client: Client,
    pub cursor: Option<String>,
    /// What is asked beside it, such as `&kind=photo`.
    pub more: &'static str,
    /// Things as far as was told: the last type and the version.
    pub known: BTreeMap<String, (String, i64)>,
    /// Whether it knows of everything that it has.
    whole: bool,
}

impl Mirror {
    pub fn of(client: Client) -> Self {
        Self::with(client, "")
    }

    pub fn with(client: Client, more: &'static str) -> Self {
        Self {
            client,
            cursor: None,
            more,
            known: BTreeMap::new(),
            whole: true,
        }
    }

    /// From here on.
    pub async fn from_now(client: Client) -> Self {
        let mut mirror = Self::of(client);
        mirror.cursor = Some("now".to_owned());
        mirror.whole = false;
        assert_eq!(mirror.page(200).await, Vec::<Value>::new());
        mirror
    }

    /// Its cursor was kept by somebody else: what it knows begins here.
    pub fn start_anywhere(&mut self) {
        self.whole = false;
    }

    fn path(&self, limit: usize) -> String {
        let after = self.cursor.as_ref();
        let after = after.map_or_else(String::new, |cursor| format!("&after={cursor}"));
        format!("/v1/changes?limit={limit}{after}{}", self.more)
    }

    /// The next page.
    pub async fn page(&mut self, limit: usize) -> Vec<Value> {
        let page = self.client.get(&self.path(limit)).await.expect(200).json();
        let changes = page["changes"].as_array().expect("changes").clone();
        assert!(changes.len() <= limit, "{page}");
        for change in &changes {
            self.learn(change);
        }
        self.cursor = Some(page["next_cursor"].as_str().expect("a cursor").to_owned());
        changes
    }

    /// Everything that there is, in pages of so many.
    pub async fn all(&mut self, limit: usize) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let page = self.client.get(&self.path(1)).await.expect(200).json();
            let next = self.page(limit).await;
            all.extend(next);
            if page["more"] == false && page["changes"].as_array().is_none_or(Vec::is_empty) {
                return all;
            }
        }
    }

    /// What was told must fit to what was told before.
    fn learn(&mut self, change: &Value) {
        let id = change["id"].as_str().expect("an id").to_owned();
        let kind = change["type"].as_str().expect("a type");
        let turn = kind.split_once('.').expect("two parts").1.to_owned();
        let version = change["version"].as_i64().expect("a version");
        let before = self.known.get(&id);
        if before.is_none() && !self.whole {
            self.known.insert(id, (turn, version));
            return;
        }
        let had = before.is_some_and(|(turn, _)| !matches!(turn.as_str(), "withdrawn" | "removed"));
        let fits = match turn.as_str() {
            "published" => !had,
            "updated" | "corrected" | "removed" => had,
            // What is said of a withdrawal may be put right.
            "withdrawn" => before.is_some(),
            _ => false,
        };
        assert!(fits, "{change} after {before:?}");
        let is_newer = before.is_none_or(|(_, known)| *known <= version);
        assert!(is_newer, "{change} after {before:?}");
        self.known.insert(id, (turn, version));
    }
}

/// The types, in short.
pub fn types(changes: &[Value]) -> Vec<&str> {
    changes
        .iter()
        .map(|change| change["type"].as_str().expect("a type"))
        .collect()
}

async fn patch(world: &World, id: &str, patch: &Value) {
    let path = format!("/v1/materials/{id}");
    world.admin.patch(&path, patch).await.expect(200);
}

#[tokio::test]
#[allow(
    clippy::too_many_lines,
    reason = "one walk, of which each step needs the one before"
)]
async fn every_way_of_appearing_and_of_leaving_is_told() {
    let world = World::start().await;
    let mut public = Mirror::from_now(world.public()).await;
    let mut press = Mirror::from_now(world.person("reader", None, &["press"]).await).await;
    let metadata = json!({"headline": {"en": "A statement"}, "audiences": ["public"]});
    let id = world.published(&media::text("A text"), &metadata).await;
    let told = public.page(10).await;
    assert_eq!(types(&told), ["material.published"]);
    assert_eq!(told[0]["id"], id.as_str());

    patch(
        &world,
        &id,
        &json!({"caption": {"en": "One", "ru": "Два"}, "rating": 5}),
    )
    .await;
    let told = public.page(10).await;
    assert_eq!(types(&told), ["material.updated"]);
    assert_eq!(told[0]["changed"], json!(["caption.en", "caption.ru"]));
    // What is the staff's own is no news.
    patch(&world, &id, &json!({"rating": 4, "pick": "selected"})).await;
    assert!(public.page(10).await.is_empty());

    let correction =
        json!({"credit": "The office", "correction_note": {"en": "The credit was wrong."}});
    patch(&world, &id, &correction).await;
    let told = public.page(10).await;
    assert_eq!(types(&told), ["material.corrected"]);
    assert_eq!(told[0]["notice"]["en"], "The credit was wrong.");
    assert_eq!(told[0]["changed"], json!(["credit"]));

    // To a reader of both audiences nothing happens while one of them has it.
    patch(&world, &id, &json!({"audiences": ["public", "press"]})).await;
    assert!(public.page(10).await.is_empty());
    patch(&world, &id, &json!({"audiences": ["press"]})).await;
    assert_eq!(types(&public.page(10).await), ["material.removed"]);
    let of_press = press.page(10).await;
    let types_of_press = types(&of_press);
    let expected = [
        "material.published",
        "material.updated",
        "material.corrected",
    ];
    assert_eq!(types_of_press, expected);
    patch(&world, &id, &json!({"headline": {"en": "Another"}})).await;
    assert!(public.page(10).await.is_empty());
    assert_eq!(types(&press.page(10).await), ["material.updated"]);
    patch(&world, &id, &json!({"audiences": ["press", "public"]})).await;
    assert_eq!(types(&public.page(10).await), ["material.published"]);
    assert!(press.page(10).await.is_empty());

    let withdrawn =
        json!({"to": "withdrawn", "reason": "secret reason", "notice": {"en": "Not it."}});
    world
        .admin
        .step("materials", &id, &withdrawn)
        .await
        .expect(200);
    let told = public.page(10).await;
    assert_eq!(types(&told), ["material.withdrawn"]);
    assert_eq!(told[0]["notice"]["en"], "Not it.");
    assert!(!json!(told).to_string().contains("secret"));
    let anew = json!({"to": "withdrawn", "notice": {"en": "Never it."}});
    world.admin.step("materials", &id, &anew).await.expect(200);
    let told = public.page(10).await;
    assert_eq!(types(&told), ["material.withdrawn"]);
    assert_eq!(told[0]["notice"]["en"], "Never it.");
    world
        .admin
        .step("materials", &id, &json!({"to": "draft"}))
        .await
        .expect(200);
    patch(&world, &id, &json!({"headline": {"en": "A draft again"}})).await;
    assert!(public.page(10).await.is_empty());
    world.publish("materials", &id).await;
    assert_eq!(types(&public.page(10).await), ["material.published"]);

    let later = Timestamp::now() + SignedDuration::from_hours(1);
    patch(&world, &id, &json!({"embargo_until": later.to_string()})).await;
    assert_eq!(types(&public.page(10).await), ["material.removed"]);
    patch(&world, &id, &json!({"embargo_until": null})).await;
    assert_eq!(types(&public.page(10).await), ["material.published"]);
    assert!(
        world
            .person("editor", None, &[])
            .await
            .get("/v1/changes")
            .await
            .expect(200)
            .json()["changes"]
            .as_array()
            .is_some_and(|all| all.len() == 1)
    );
}

#[tokio::test]
async fn time_itself_is_told_within_two_seconds_to_who_waits() {
    let world = World::start().await;
    let mut public = Mirror::from_now(world.public()).await;
    let start = Timestamp::now() + SignedDuration::from_millis(3500);
    let end = start + SignedDuration::from_millis(2000);
    let metadata = json!({"audiences": ["public"], "embargo_until": start.to_string(), "available_until": end.to_string()});
    let id = world
        .published(&media::text("Under embargo"), &metadata)
        .await;
    assert!(public.page(10).await.is_empty());
    public.more = "&wait=30";
    let told = public.page(10).await;
    let late = Timestamp::now().duration_since(start);
    assert_eq!(types(&told), ["material.published"]);
    assert_eq!(told[0]["id"], id.as_str());
    let at: Timestamp = told[0]["at"].as_str().unwrap().parse().unwrap();
    assert_eq!(at.as_millisecond(), start.as_millisecond());
    assert!(late >= SignedDuration::ZERO, "before its time: {late}");
    assert!(late < SignedDuration::from_secs(2), "late: {late}");
    assert_eq!(types(&public.page(10).await), ["material.removed"]);
    let late = Timestamp::now().duration_since(end);
    assert!(
        late >= SignedDuration::ZERO && late < SignedDuration::from_secs(2),
        "{late}"
    );
}

#[tokio::test]
async fn who_waits_is_woken_and_who_waits_in_vain_is_told_so() {
    let world = World::start().await;
    let id = world
        .upload(&media::text("A text"), &json!({"audiences": ["press"]}))
        .await;
    world.ready(&id).await;
    let mut press = Mirror::from_now(world.person("reader", None, &["press"]).await).await;
    let mut public = Mirror::from_now(world.public()).await;
    (press.more, public.more) = ("&wait=20", "&wait=2");
    let began = std::time::Instant::now();
    let waiting = tokio::spawn(async move { (press.page(10).await, began.elapsed()) });
    let in_vain = tokio::spawn(async move { (public.page(10).await, began.elapsed()) });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    world.publish("materials", &id).await;
    let (told, after) = waiting.await.unwrap();
    assert_eq!(types(&told), ["material.published"]);
    assert!(after.as_secs() < 5, "{after:?}");
    let (told, after) = in_vain.await.unwrap();
    assert!(told.is_empty() && after.as_millis() >= 2000, "{after:?}");
    let wrong = [
        "wait=31",
        "limit=0",
        "limit=201",
        "include=all",
        "after=x",
        "colour=red",
        "audience=press",
    ];
    for query in wrong {
        let answer = world.public().get(&format!("/v1/changes?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[tokio::test]
async fn an_update_comes_with_the_press_copy_that_says_it() {
    let world = World::start().await;
    let metadata = json!({"headline": {"en": "Before"}, "audiences": ["public"]});
    let id = world.published(&media::photo(1), &metadata).await;
    let mut public = Mirror::from_now(world.public()).await;
    public.more = "&include=material";
    for number in 0..3 {
        patch(
            &world,
            &id,
            &json!({"headline": {"en": format!("After {number}")}}),
        )
        .await;
        let told = until("the update", async || {
            let told = public.page(10).await;
            (!told.is_empty()).then_some(told)
        })
        .await;
        assert_eq!(types(&told), ["material.updated"]);
        let material = &told[0]["material"];
        let mut press = material["renditions"].as_array().unwrap().iter();
        let press = press.find(|made| made["name"] == "press").unwrap();
        assert_eq!(press["of_version"], told[0]["version"], "{material}");
        assert_eq!(material["headline"]["en"], format!("After {number}"));
    }
    world.admin.replace(&id, &media::photo(2)).await.expect(200);
    let told = until("the new original", async || {
        let told = public.page(10).await;
        (!told.is_empty()).then_some(told)
    })
    .await;
    assert_eq!(types(&told), ["material.corrected"]);
    assert_eq!(told[0]["changed"], json!(["original"]));
    world.ready(&id).await;
    assert!(public.page(10).await.is_empty());
}

#[tokio::test]
async fn a_filter_is_a_view_of_its_own() {
    let world = World::start().await;
    let metadata = json!({"headline": {"ru": "Слово"}, "language": "ru", "keywords": ["budget"], "audiences": ["public"]});
    let id = world.published(&media::text("Текст"), &metadata).await;
    let kit = world.kit(&[&id], &json!({})).await;
    world.publish("kits", &kit).await;
    let mut by_word = Mirror::with(world.public(), "&keyword=budget&keyword=water&kind=text");
    let mut by_kind = Mirror::with(world.public(), "&kind=photo&kind=video");
    let mut by_language = Mirror::with(world.public(), "&described_in=uz-Latn&described_in=ky");
    assert_eq!(types(&by_word.all(10).await), ["material.published"]);
    assert!(by_kind.all(10).await.is_empty() && by_language.all(10).await.is_empty());
    patch(
        &world,
        &id,
        &json!({"keywords": ["roads"], "headline": {"ky": "Сөз"}}),
    )
    .await;
    assert_eq!(types(&by_word.all(10).await), ["material.removed"]);
    assert_eq!(types(&by_language.all(10).await), ["material.published"]);
    patch(&world, &id, &json!({"keywords": ["water"]})).await;
    assert_eq!(types(&by_word.all(10).await), ["material.published"]);
    assert_eq!(types(&by_language.all(10).await), ["material.updated"]);
    assert!(by_kind.all(10).await.is_empty());
    // A cursor is that of its filters.
    let cursor = by_word.cursor.unwrap();
    let other = world
        .public()
        .get(&format!("/v1/changes?after={cursor}&kind=text"))
        .await;
    other.problem(400, "invalid-cursor");
}

#[tokio::test]
async fn a_kit_changes_where_its_readers_have_something_else_in_it() {
    let world = World::start().await;
    let open = json!({"audiences": ["public"]});
    let one = world.published(&media::text("One"), &open).await;
    let of_press = json!({"audiences": ["press"]});
    let other = world
        .published(&media::text("For the press"), &of_press)
        .await;
    let kit = world
        .kit(&[&one], &json!({"audiences": ["public", "press"]}))
        .await;
    world.publish("kits", &kit).await;
    let mut public = Mirror::from_now(world.public()).await;
    let mut press = Mirror::from_now(world.person("reader", None, &["press"]).await).await;
    let items = format!("/v1/kits/{kit}/items");
    world
        .admin
        .post(&items, &json!({"materials": [other]}))
        .await
        .expect(200);
    assert!(
        public.page(10).await.is_empty(),
        "a kit tells of what is closed"
    );
    let told = press.page(10).await;
    assert_eq!(types(&told), ["kit.updated"]);
    assert_eq!(told[0]["changed"], json!(["items"]));
    let path = format!("/v1/kits/{kit}");
    world
        .admin
        .patch(&path, &json!({"title": {"en": "Another"}}))
        .await
        .expect(200);
    let told = public.page(10).await;
    assert_eq!(types(&told), ["kit.updated"]);
    assert_eq!(told[0]["changed"], json!(["title.en"]));
    assert_eq!(types(&press.page(10).await), ["kit.updated"]);
    let withdrawn = json!({"to": "withdrawn", "notice": {"en": "Not it."}});
    world
        .admin
        .step("materials", &other, &withdrawn)
        .await
        .expect(200);
    let told = until("the kit to be told", async || {
        let more = press.page(10).await;
        (!more.is_empty()).then_some(more)
    })
    .await;
    let mut told = types(&told)
        .iter()
        .map(|word| (*word).to_owned())
        .collect::<Vec<_>>();
    if told.len() == 1 {
        let more = press.page(10).await;
        told.extend(types(&more).iter().map(|word| (*word).to_owned()));
    }
    assert_eq!(told, ["material.withdrawn", "kit.updated"]);
    assert!(public.page(10).await.is_empty());
    world.admin.step("kits", &kit, &withdrawn).await.expect(200);
    assert_eq!(types(&public.page(10).await), ["kit.withdrawn"]);
}
