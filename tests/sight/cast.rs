//! Who asks, and what there is: eight viewers and one material for each life, all in one unit, in one kit and of one
//! event, each with its own word in headline, keywords, persons and text.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::LIVES;
use crate::world::{Client, World, media, until};

pub struct Viewer {
    pub who: &'static str,
    pub client: Client,
    /// Staff of the unit, or above it.
    pub inside: bool,
    /// What is open to the press is open to this one.
    pub press: bool,
}

pub struct Cast {
    pub world: World,
    pub viewers: Vec<Viewer>,
    /// Life and id.
    pub materials: Vec<(&'static str, String)>,
    pub kit: String,
}

impl Cast {
    pub async fn gather() -> Self {
        let world = World::start().await;
        let unit = unit(&world, "The district", None).await;
        let other = unit_beside(&world).await;
        let contributor = world.person("contributor", Some(&unit), &[]).await;
        let mut materials = Vec::new();
        for (life, word) in LIVES {
            materials.push((life, uploaded(&world, &contributor, word).await));
        }
        let items: Vec<&str> = materials.iter().map(|(_, id)| id.as_str()).collect();
        let everybody = json!({"audiences": ["public", "press", "partners"], "unit": unit});
        let kit = world.kit(&items, &everybody).await;
        let mut cast = Self {
            viewers: viewers(&world, contributor, &unit, &other).await,
            world,
            materials,
            kit,
        };
        cast.live().await;
        cast.world.publish("kits", &cast.kit).await;
        cast.known_to_search().await;
        cast
    }

    pub fn id(&self, life: &str) -> &str {
        let found = self.materials.iter().find(|(name, _)| *name == life);
        &found.expect("a life of the list").1
    }

    /// Brings each material where its name says.
    async fn live(&mut self) {
        let admin = &self.world.admin;
        let soon = Timestamp::now() + SignedDuration::from_secs(2);
        for (life, id) in &self.materials {
            let patch = match *life {
                "press" => json!({"audiences": ["press"]}),
                "embargoed" => {
                    json!({"audiences": ["public", "press"], "embargo_until": "2099-01-01T00:00:00Z"})
                }
                "expired" => {
                    json!({"audiences": ["public", "press"], "available_until": soon.to_string()})
                }
                _ => json!({"audiences": ["public", "press", "partners"]}),
            };
            admin
                .patch(&format!("/v1/materials/{id}"), &patch)
                .await
                .expect(200);
            match *life {
                "draft" => {}
                "in_review" => {
                    admin
                        .step("materials", id, &json!({"to": "in_review"}))
                        .await
                        .expect(200);
                }
                _ => self.world.publish("materials", id).await,
            }
        }
        let withdrawn =
            json!({"to": "withdrawn", "reason": "A mistake", "notice": {"en": "Taken back"}});
        admin
            .step("materials", self.id("withdrawn"), &withdrawn)
            .await
            .expect(200);
        let public = self.world.public();
        until("the time of one to be over", async || {
            let answer = public
                .get(&format!("/v1/materials/{}", self.id("expired")))
                .await;
            (answer.status == 404).then_some(())
        })
        .await;
    }

    /// A change is found within a second: the matrix is about sight, not about speed.
    async fn known_to_search(&self) {
        for (query, count) in [
            ("", LIVES.len()),
            ("published", 4),
            ("withdrawn", 1),
            ("in_review", 1),
        ] {
            until("the index to follow", async || {
                let filter = if query.is_empty() {
                    vec![]
                } else {
                    vec![("status", query)]
                };
                (self.world.admin.materials(&filter).await["total"] == count).then_some(())
            })
            .await;
        }
    }
}

async fn uploaded(world: &World, contributor: &Client, word: &str) -> String {
    let file = media::text(&format!("A text about {word}, and what {word} is."));
    let metadata = json!({
        "headline": {"en": format!("About {word}")},
        "caption": {"uz-Latn": format!("Bu {word} haqida")},
        "keywords": [word],
        "persons": [{"name": {"en": format!("{word} Karimov")}}],
        "rating": 4,
        "pick": "selected",
    });
    let id = contributor.upload(&file, &metadata).await.expect(201).id();
    world.ready(&id).await;
    id
}

async fn unit(world: &World, name: &str, parent: Option<&str>) -> String {
    let mut unit = json!({"name": {"en": name}});
    if let Some(parent) = parent {
        unit["parent"] = json!(parent);
    }
    world.admin.post("/v1/units", &unit).await.expect(201).id()
}

async fn unit_beside(world: &World) -> String {
    unit(world, "Another district", None).await
}

async fn viewers(world: &World, contributor: Client, unit: &str, other: &str) -> Vec<Viewer> {
    let viewer = |who, client, inside, press| Viewer {
        who,
        client,
        inside,
        press,
    };
    vec![
        viewer("the public", world.public(), false, false),
        viewer(
            "a reader of the press",
            world.person("reader", None, &["press"]).await,
            false,
            true,
        ),
        viewer(
            "a reader of the partners",
            world.person("reader", None, &["partners"]).await,
            false,
            false,
        ),
        viewer("the contributor of the unit", contributor, true, true),
        viewer(
            "a contributor of another unit",
            world.person("contributor", Some(other), &[]).await,
            false,
            true,
        ),
        viewer(
            "an editor of another unit",
            world.person("editor", Some(other), &[]).await,
            false,
            true,
        ),
        viewer(
            "an editor of the unit",
            world.person("editor", Some(unit), &[]).await,
            true,
            true,
        ),
        viewer(
            "an editor of the unit above",
            world.person("editor", None, &[]).await,
            true,
            true,
        ),
        viewer("the administrator", world.admin.clone(), true, true),
    ]
}
