//! The wait for what came in, where this process is the service: until each of it is ready, or has failed.

use std::{collections::HashMap, time::Duration};

use serde::Deserialize;
use uuid::Uuid;

use super::{client::Client, display::Display};
use crate::{error::Result, terms::Processing};

const BETWEEN: Duration = Duration::from_millis(300);
/// The API takes so many ids in one question.
const AT_ONCE: usize = 50;

#[derive(Deserialize)]
struct Page {
    items: Vec<Material>,
}

#[derive(Deserialize)]
struct Material {
    id: Uuid,
    processing: State,
}

#[derive(Deserialize)]
struct State {
    state: Processing,
    problem: Option<String>,
}

pub async fn wait(
    client: &Client,
    materials: Vec<(Uuid, String)>,
    display: &mut Display,
) -> Result<()> {
    let mut waiting: HashMap<Uuid, String> = materials.into_iter().collect();
    display.processing(waiting.len());
    while !waiting.is_empty() {
        let next: Vec<String> = waiting.keys().take(AT_ONCE).map(Uuid::to_string).collect();
        let mut query = vec![("limit", "200")];
        query.extend(next.iter().map(|id| ("id", id.as_str())));
        let page: Page = client.get("/v1/materials", &query).await?;
        for material in page.items {
            let is_failed = match material.processing.state {
                Processing::Ready => false,
                Processing::Failed => true,
                _ => continue,
            };
            let Some(name) = waiting.remove(&material.id) else {
                continue;
            };
            display.processed();
            if is_failed {
                let why = material.processing.problem.unwrap_or_default();
                display.failed(&name, &why)?;
            }
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(())
}
