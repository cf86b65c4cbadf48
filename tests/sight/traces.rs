//! Every trace by which somebody could learn that a material is there: which lives show up in it, in their order.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    LIVES,
    cast::{Cast, Viewer},
};
use crate::world::{answer::ids, archive};

type Lives = Vec<&'static str>;

pub async fn all(cast: &Cast, viewer: &Viewer) -> BTreeMap<&'static str, Lives> {
    let mut seen = BTreeMap::new();
    seen.insert("list", listed(cast, viewer, &[]).await);
    seen.insert(
        "list, oldest first",
        listed(cast, viewer, &[("sort", "oldest"), ("date", "updated")]).await,
    );
    seen.insert("list by ids", by_ids(cast, viewer).await);
    seen.insert(
        "list of the kit",
        listed(cast, viewer, &[("kit", &cast.kit)]).await,
    );
    seen.insert("pages of one", paged(cast, viewer).await);
    seen.insert("search", searched(cast, viewer).await);
    seen.insert("search by prefix and person", filtered(cast, viewer).await);
    seen.insert("totals", counted(viewer).await);
    seen.insert("facets", facets(viewer).await);
    seen.insert("suggestions", suggested(viewer).await);
    seen.insert("what is alike", alike(cast, viewer).await);
    seen.insert("what was meant", meant(viewer).await);
    seen.insert("the kit", kit_items(cast, viewer).await);
    seen.insert("the kit's archive", archived(cast, viewer).await);
    seen
}

/// The lives for which it holds.
fn lives(holds: impl Fn(&str, &str) -> bool) -> Lives {
    LIVES
        .iter()
        .filter(|(life, word)| holds(life, word))
        .map(|(life, _)| *life)
        .collect()
}

fn of_ids(cast: &Cast, ids: &[String]) -> Lives {
    lives(|life, _| ids.iter().any(|id| id == cast.id(life)))
}

async fn listed(cast: &Cast, viewer: &Viewer, query: &[(&str, &str)]) -> Lives {
    let list = viewer.client.materials(query).await;
    let found = ids(&list);
    assert_eq!(list["total"], found.len(), "{}: {query:?}", viewer.who);
    of_ids(cast, &found)
}

async fn by_ids(cast: &Cast, viewer: &Viewer) -> Lives {
    let query: Vec<(&str, &str)> = cast
        .materials
        .iter()
        .map(|(_, id)| ("id", id.as_str()))
        .collect();
    listed(cast, viewer, &query).await
}

async fn paged(cast: &Cast, viewer: &Viewer) -> Lives {
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    for _ in 0..=LIVES.len() {
        let mut query = vec![("limit", "1")];
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = viewer.client.materials(&query).await;
        found.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return of_ids(cast, &found),
        }
    }
    panic!("{}: more pages than materials", viewer.who)
}

async fn searched(cast: &Cast, viewer: &Viewer) -> Lives {
    let mut found = Vec::new();
    for (_, word) in LIVES {
        let list = viewer
            .client
            .materials(&[("q", word), ("highlight", "true")])
            .await;
        found.extend(ids(&list));
    }
    of_ids(cast, &found)
}

async fn filtered(cast: &Cast, viewer: &Viewer) -> Lives {
    let mut found = Vec::new();
    for (_, word) in LIVES {
        let prefix = format!("{}*", &word[..5]);
        let person = format!("{word} Karimov");
        let list = viewer
            .client
            .materials(&[("q", prefix.as_str()), ("person", person.as_str())])
            .await;
        found.extend(ids(&list));
    }
    of_ids(cast, &found)
}

async fn counted(viewer: &Viewer) -> Lives {
    let mut seen = Vec::new();
    for (life, word) in LIVES {
        if viewer.client.materials(&[("keyword", word)]).await["total"] == 1 {
            seen.push(life);
        }
    }
    seen
}

async fn facets(viewer: &Viewer) -> Lives {
    let list = viewer
        .client
        .materials(&[
            ("facets", "keyword,kind,status,audience,year,person"),
            ("limit", "1"),
        ])
        .await;
    let buckets = |name: &str| list["facets"][name].as_array().cloned().unwrap_or_default();
    let seen = lives(|_, word| {
        buckets("keyword")
            .iter()
            .any(|bucket| bucket["value"] == word)
    });
    let total: u64 = buckets("kind")
        .iter()
        .filter_map(|bucket| bucket["count"].as_u64())
        .sum();
    assert_eq!(total, seen.len() as u64, "{}: {list:#}", viewer.who);
    let people = lives(|_, word| list["facets"]["person"].to_string().contains(word));
    assert_eq!(people, seen, "{}", viewer.who);
    seen
}

async fn suggested(viewer: &Viewer) -> Lives {
    let mut seen = Vec::new();
    for (life, word) in LIVES {
        let list = viewer
            .client
            .list("/v1/suggestions", &[("q", &word[..4])])
            .await
            .expect(200)
            .json();
        if list.to_string().contains(word) {
            seen.push(life);
        }
    }
    seen
}

/// Every material of the cast says nearly the same; the public one is like itself.
async fn alike(cast: &Cast, viewer: &Viewer) -> Lives {
    let path = format!("/v1/materials/{}/similar", cast.id("public"));
    let found = ids(&viewer.client.get(&path).await.expect(200).json());
    lives(|life, _| life == "public" || found.iter().any(|id| id == cast.id(life)))
}

/// A word with two letters missing stands for the one that was meant.
async fn meant(viewer: &Viewer) -> Lives {
    let mut seen = Vec::new();
    for (life, word) in LIVES {
        let typed = format!("{}{}", &word[..3], &word[5..]);
        let list = viewer.client.materials(&[("q", &typed)]).await;
        if list["did_you_mean"].to_string().contains(word) {
            seen.push(life);
        }
    }
    seen
}

async fn kit_items(cast: &Cast, viewer: &Viewer) -> Lives {
    let kit = viewer
        .client
        .get(&format!("/v1/kits/{}", cast.kit))
        .await
        .expect(200)
        .json();
    let text = kit["items"].to_string();
    let seen = lives(|life, word| text.contains(cast.id(life)) || text.contains(word));
    let total = kit["items"].as_array().map(Vec::len);
    assert_eq!(total, Some(seen.len()), "{}: {kit:#}", viewer.who);
    seen
}

/// The archive, its list of entries, and the sizes that the kit says of it.
async fn archived(cast: &Cast, viewer: &Viewer) -> Lives {
    let path = format!("/v1/kits/{}/archive", cast.kit);
    let zip = viewer
        .client
        .get(&format!("{path}?files=web"))
        .await
        .expect(200);
    let content = archive::files(&zip.bytes);
    let words: Vec<String> = content
        .iter()
        .map(|(name, bytes)| format!("{name}\n{}", String::from_utf8_lossy(bytes)))
        .collect();
    let seen = lives(|_, word| words.iter().any(|file| file.contains(word)));
    let entries = viewer
        .client
        .get(&format!("{path}/entries?files=web"))
        .await
        .expect(200)
        .json();
    let listed: Value = entries;
    let of_materials = lives(|life, _| listed.to_string().contains(cast.id(life)));
    assert_eq!(
        of_materials, seen,
        "{}: entries and archive differ",
        viewer.who
    );
    seen
}
