//! Who asks, and what there is: a material, a kit and an event in each state, all of one unit, each with words of its own
//! that stand nowhere else. Every kit holds every material.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::{Client, World, media, until};

/// The states, and the audiences that each was opened to.
pub const STATES: [(&str, &[&str]); 9] = [
    ("draft", &["public"]),
    ("in_review", &["public"]),
    ("embargoed", &["public", "press"]),
    ("public", &["public"]),
    ("press", &["press"]),
    ("partners", &["partners"]),
    ("expired", &["public"]),
    ("withdrawn", &["public"]),
    ("withdrawn_from_press", &["press"]),
];

pub struct Viewer {
    pub who: &'static str,
    pub client: Client,
    pub role: &'static str,
    pub audiences: &'static [&'static str],
    /// Staff of the unit to which everything belongs.
    pub inside: bool,
}

/// Something that may be closed, and all by which it could be known.
pub struct Thing {
    pub sort: &'static str,
    pub state: &'static str,
    pub audiences: &'static [&'static str],
    pub id: String,
    pub traces: Vec<String>,
}

pub struct Cast {
    pub world: World,
    pub viewers: Vec<Viewer>,
    pub things: Vec<Thing>,
    pub unit: String,
}

impl Viewer {
    pub fn sees(&self, thing: &Thing) -> bool {
        let is_open = ["public", "press", "partners"].contains(&thing.state);
        match thing.sort {
            // What somebody keeps or sends is nobody else's.
            "search" => self.who == "the editor",
            "upload" => self.who == "the contributor",
            // By its address it is for everybody; with a token for its owner.
            "feed" => ["the public", "the editor"].contains(&self.who),
            _ if thing.state == "embargoed" && self.who == "a guest before the time" => true,
            _ => self.inside || is_open && self.is_meant(thing),
        }
    }

    /// Whether it had been open to this one, and was taken back.
    pub fn had(&self, thing: &Thing) -> bool {
        thing.state.starts_with("withdrawn") && self.is_meant(thing)
    }

    /// Whether it was no secret to this one.
    pub fn was_told(&self, thing: &Thing) -> bool {
        self.had(thing) || thing.state == "expired" && self.is_meant(thing)
    }

    fn is_meant(&self, thing: &Thing) -> bool {
        let mut meant = thing.audiences.iter();
        meant.any(|audience| self.audiences.contains(audience))
    }
}

impl Cast {
    pub async fn gather() -> Self {
        let world = World::start().await;
        let unit = unit(&world, "The district").await;
        let other = unit_beside(&world).await;
        let viewers = viewers(&world, &unit, &other).await;
        let contributor = named(&viewers, "the contributor");
        let mut things = Vec::new();
        for (state, audiences) in STATES {
            things.push(material(&world, contributor, state, audiences).await);
        }
        let items: Vec<Value> = things
            .iter()
            .map(|thing| json!({"material": thing.id}))
            .collect();
        for (state, audiences) in STATES {
            things.push(kit(&world, &unit, state, audiences, &items).await);
        }
        for (state, audiences) in &STATES[3..6] {
            things.push(event(&world, &unit, state, audiences).await);
        }
        things.push(event(&world, &unit, "draft", &[]).await);
        live(&world, &things).await;
        let search = search(&viewers).await;
        things.push(Thing {
            sort: "feed",
            id: search.id.clone(),
            traces: Vec::new(),
            ..search
        });
        things.push(search);
        things.push(upload(&viewers).await);
        Self {
            world,
            viewers,
            things,
            unit,
        }
    }

    pub fn of(&self, sort: &str) -> impl Iterator<Item = &Thing> {
        self.things.iter().filter(move |thing| thing.sort == sort)
    }

    pub fn one(&self, sort: &str, state: &str) -> &Thing {
        let found = self.of(sort).find(|thing| thing.state == state);
        found.unwrap_or_else(|| panic!("no {sort} that is {state}"))
    }
}

fn word(sort: &str, state: &str) -> String {
    format!("{sort}{}zumrad", state.replace('_', ""))
}

async fn material(
    world: &World,
    owner: &Client,
    state: &'static str,
    audiences: &'static [&'static str],
) -> Thing {
    let word = word("material", state);
    let file = media::text(&format!("The text of {word}."));
    let digest = Sha256::digest(&file.bytes);
    let about = json!({"headline": {"en": format!("About {word}")}, "caption": {"ky": format!("{word} жөнүндө")}, "keywords": [word], "audiences": audiences});
    let id = owner.upload(&file, &about).await.expect(201).id();
    world.ready(&id).await;
    let traces = vec![word, hex::encode(digest), STANDARD.encode(digest)];
    Thing {
        sort: "material",
        state,
        audiences,
        id,
        traces,
    }
}

async fn kit(
    world: &World,
    unit: &str,
    state: &'static str,
    audiences: &'static [&'static str],
    items: &[Value],
) -> Thing {
    let word = word("kit", state);
    let about = json!({"unit": unit, "title": {"en": format!("About {word}")}, "summary": {"en": format!("All of {word}")}, "audiences": audiences, "items": items});
    let id = world.admin.post("/v1/kits", &about).await.expect(201).id();
    Thing {
        sort: "kit",
        state,
        audiences,
        id,
        traces: vec![word],
    }
}

async fn event(
    world: &World,
    unit: &str,
    state: &'static str,
    audiences: &'static [&'static str],
) -> Thing {
    let word = word("event", state);
    let about = json!({"unit": unit, "name": {"en": format!("About {word}")}, "kind": "briefing", "starts_at": "2026-05-01T09:00:00Z", "audiences": audiences});
    let id = world
        .admin
        .post("/v1/events", &about)
        .await
        .expect(201)
        .id();
    Thing {
        sort: "event",
        state,
        audiences,
        id,
        traces: vec![word],
    }
}

fn named<'a>(viewers: &'a [Viewer], who: &str) -> &'a Client {
    let found = viewers.iter().find(|viewer| viewer.who == who);
    &found.expect("a viewer").client
}

async fn search(viewers: &[Viewer]) -> Thing {
    let about = json!({"name": {"en": "What I look for"}, "query": "kind=text"});
    let answer = named(viewers, "the editor")
        .post("/v1/searches", &about)
        .await;
    Thing {
        sort: "search",
        state: "kept",
        audiences: &[],
        id: answer.expect(201).id(),
        traces: Vec::new(),
    }
}

async fn upload(viewers: &[Viewer]) -> Thing {
    let name = format!("filename {}", STANDARD.encode("begun.txt"));
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("upload-length", "10"),
        ("upload-metadata", name.as_str()),
    ];
    let answer = named(viewers, "the contributor")
        .send(Method::POST, "/v1/uploads", &headers, "")
        .await
        .expect(201);
    let id = answer
        .header("location")
        .rsplit('/')
        .next()
        .expect("an id")
        .to_owned();
    Thing {
        sort: "upload",
        state: "begun",
        audiences: &[],
        id,
        traces: Vec::new(),
    }
}

/// Brings each thing where its state says.
async fn live(world: &World, things: &[Thing]) {
    let soon = Timestamp::now() + SignedDuration::from_secs(6);
    for thing in things.iter().filter(|thing| thing.sort != "event") {
        let things = format!("{}s", thing.sort);
        let time = match thing.state {
            "embargoed" => json!({"embargo_until": "2099-01-01T00:00:00Z"}),
            "expired" => json!({"available_until": soon.to_string()}),
            _ => json!({}),
        };
        let path = format!("/v1/{things}/{}", thing.id);
        world.admin.patch(&path, &time).await.expect(200);
        match thing.state {
            "draft" => {}
            "in_review" => {
                let step = json!({"to": "in_review"});
                world
                    .admin
                    .step(&things, &thing.id, &step)
                    .await
                    .expect(200);
            }
            _ => world.publish(&things, &thing.id).await,
        }
    }
    for thing in things
        .iter()
        .filter(|thing| thing.state.starts_with("withdrawn"))
    {
        let step =
            json!({"to": "withdrawn", "reason": "A mistake", "notice": {"en": "Taken back"}});
        let things = format!("{}s", thing.sort);
        world
            .admin
            .step(&things, &thing.id, &step)
            .await
            .expect(200);
    }
    let public = world.public();
    for thing in things.iter().filter(|thing| thing.state == "expired") {
        let path = format!("/v1/{}s/{}", thing.sort, thing.id);
        until("its time to be over", async || {
            (public.get(&path).await.status == 404).then_some(())
        })
        .await;
    }
}

async fn unit(world: &World, name: &str) -> String {
    let unit = json!({"name": {"en": name}});
    world.admin.post("/v1/units", &unit).await.expect(201).id()
}

async fn unit_beside(world: &World) -> String {
    unit(world, "Another district").await
}

async fn viewers(world: &World, unit: &str, other: &str) -> Vec<Viewer> {
    const ALL: &[&str] = &["public", "press", "partners"];
    let viewer = |who, client, role, audiences, inside| Viewer {
        who,
        client,
        role,
        audiences,
        inside,
    };
    let journalist = world.person("reader", None, &["press"]).await;
    let partner = world.person("reader", None, &["partners"]).await;
    let contributor = world.person("contributor", Some(unit), &[]).await;
    let editor = world.person("editor", Some(unit), &[]).await;
    let stranger = world.person("editor", Some(other), &[]).await;
    vec![
        viewer("the public", world.public(), "anyone", &["public"], false),
        viewer(
            "a journalist",
            journalist,
            "reader",
            &["public", "press"],
            false,
        ),
        viewer(
            "a partner",
            partner,
            "reader",
            &["public", "partners"],
            false,
        ),
        viewer("the contributor", contributor, "contributor", ALL, true),
        viewer("the editor", editor, "editor", ALL, true),
        viewer("an editor elsewhere", stranger, "editor", ALL, false),
        viewer("the administrator", world.admin.clone(), "admin", ALL, true),
    ]
}
