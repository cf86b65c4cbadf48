//! The event that people mean: by its id, or by its name in any language and either script.

use std::collections::BTreeMap;

use serde::Deserialize;
use uuid::Uuid;

use super::client::Client;
use crate::error::{Code, Error, Result};

#[derive(Deserialize)]
struct Event {
    id: Uuid,
    name: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Event>,
    next_cursor: Option<String>,
}

/// The id of the event.
///
/// # Errors
/// Refused where there is none of that name, or several.
pub async fn find(client: &Client, said: &str) -> Result<String> {
    if let Ok(id) = said.parse::<Uuid>() {
        let path = format!("/v1/events/{id}");
        let found = client.get::<Event>(&path, &[]).await;
        return match found {
            Ok(event) => Ok(event.id.to_string()),
            Err(error) if error.code() == Some(Code::NotFound) => Err(none(said)),
            Err(error) => Err(error),
        };
    }
    let mut meant = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut query = vec![("limit", "200")];
        query.extend(cursor.iter().map(|cursor| ("cursor", cursor.as_str())));
        let page: Page = client.get("/v1/events", &query).await?;
        meant.extend(
            page.items
                .into_iter()
                .filter(|event| is_called(event, said)),
        );
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    match meant.as_slice() {
        [] => Err(none(said)),
        [event] => Ok(event.id.to_string()),
        several => {
            let ids: Vec<String> = several.iter().map(|event| event.id.to_string()).collect();
            let words = format!(
                "several events are called “{said}”: name one of {}",
                ids.join(", ")
            );
            Err(Error::refused(Code::Invalid, words))
        }
    }
}

fn is_called(event: &Event, said: &str) -> bool {
    let plain = |name: &str| name.trim().to_lowercase();
    event.name.values().any(|name| plain(name) == plain(said))
}

fn none(said: &str) -> Error {
    Error::refused(Code::NotFound, format!("no event is called “{said}”"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_each_of_its_languages() {
        let name = [("uz-Cyrl", "Брифинг"), ("en", "The briefing")];
        let event = Event {
            id: Uuid::now_v7(),
            name: name.map(|(l, n)| (l.to_owned(), n.to_owned())).into(),
        };
        assert!(is_called(&event, "брифинг ") && is_called(&event, "the briefing"));
        assert!(!is_called(&event, "briefing"));
    }
}
