//! The world of a test: the real binary on a free port, with a folder of its own, spoken to through the public API
//! alone. Nothing here waits for a time: everything waits for a condition, within a bound. A test fails where the
//! server warns of anything.

use std::time::Duration;

use serde_json::{Value, json};

pub mod answer;
pub mod archive;
pub mod chaos;
pub mod client;
pub mod media;
pub mod server;
pub mod stores;

pub use answer::Answer;
pub use client::Client;
pub use media::File;
pub use server::Server;

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Where chance begins: the same each time, unless whoever starts the tests says another.
pub fn chance() -> u64 {
    let said = std::env::var("JARCHI_CHECKS_SEED").ok();
    said.and_then(|said| said.parse().ok())
        .unwrap_or(20_261_127)
}

/// The server, and its administrator.
pub struct World {
    pub server: Server,
    pub admin: Client,
}

impl World {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With these settings beside those that every test has.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let server = Server::start(settings).await;
        let admin = Client::new(server.address(), Some(server::ADMIN));
        Self { server, admin }
    }

    /// With the programs of the system that a full installation has.
    pub async fn with_programs() -> Self {
        Self::with(&[
            ("JARCHI_TESSERACT", "/usr/bin/tesseract"),
            ("JARCHI_LIBREOFFICE", "/usr/bin/soffice"),
        ])
        .await
    }

    pub fn public(&self) -> Client {
        self.admin.with(None)
    }

    /// The server begins again on the same folder; it may have been killed before.
    pub async fn restart(&mut self) {
        self.server.restart().await;
        self.admin = Client::new(self.server.address(), Some(server::ADMIN));
    }

    /// Somebody with a token of the role, in the unit or else in the topmost one.
    pub async fn person(&self, role: &str, unit: Option<&str>, audiences: &[&str]) -> Client {
        let mut wanted = json!({"name": format!("A {role}"), "role": role, "audiences": audiences});
        if let Some(unit) = unit {
            wanted["unit"] = json!(unit);
        }
        let issued = self.admin.post("/v1/tokens", &wanted).await.expect(201);
        self.admin.with(Some(issued.text("/token")))
    }

    /// A material, uploaded by the administrator; its processing goes on.
    pub async fn upload(&self, file: &File, metadata: &Value) -> String {
        self.admin.upload(file, metadata).await.expect(201).id()
    }

    /// The material as it is once its processing is over.
    pub async fn settled(&self, id: &str) -> Value {
        let path = format!("/v1/materials/{id}");
        until(&format!("{path} to be processed"), async || {
            let material = self.admin.get(&path).await.expect(200).json();
            let state = material["processing"]["state"].as_str();
            matches!(state, Some("ready" | "failed")).then_some(material)
        })
        .await
    }

    /// The same, and it must have gone well.
    pub async fn ready(&self, id: &str) -> Value {
        let material = self.settled(id).await;
        assert_eq!(material["processing"]["state"], "ready", "{material:#}");
        material
    }

    /// A material that was uploaded, processed and published.
    pub async fn published(&self, file: &File, metadata: &Value) -> String {
        let id = self.upload(file, metadata).await;
        self.ready(&id).await;
        self.publish("materials", &id).await;
        id
    }

    /// Brings a draft through review to its readers.
    pub async fn publish(&self, things: &str, id: &str) {
        for to in ["in_review", "published"] {
            self.admin
                .step(things, id, &json!({"to": to}))
                .await
                .expect(200);
        }
    }

    /// A kit of these materials, in this order; a draft still.
    pub async fn kit(&self, materials: &[&str], more: &Value) -> String {
        let items: Vec<Value> = materials.iter().map(|id| json!({"material": id})).collect();
        let mut kit = json!({"title": {"en": "A kit"}, "audiences": ["public"], "items": items});
        for (name, value) in more.as_object().expect("members of a kit") {
            kit[name] = value.clone();
        }
        self.admin.post("/v1/kits", &kit).await.expect(201).id()
    }
}

/// Asks again and again until there is something, and gives up after [`PATIENCE`].
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    let asking = async {
        loop {
            beat.tick().await;
            if let Some(found) = ask().await {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(PATIENCE, asking).await;
    found.unwrap_or_else(|_| panic!("waited {} s for {what}", PATIENCE.as_secs()))
}
