//! Two worlds: an archive, and the same without what is closed to somebody. Whatever that one asks, the answers are equal to
//! the byte, but for the date and the request's own name.
//!
//! The second world is the first one's folder, copied while nothing ran, less the rows of what is closed: so ids, times,
//! secrets and numbers are the same in both, and nothing has to be made equal afterwards. Numbers that the closed things
//! used up are not given back; cursors, in which they could be read, are sealed. The index is made anew from the rows.

use std::{fs, path::Path};

use reqwest::Method;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use crate::{
    rights::{
        cast::{Cast, STATES, Thing, Viewer},
        table,
    },
    world::{Answer, Client, Server, answer::ids, media, stores, until},
};

/// Who is outside, and what stays out of sight for whom.
const OUTSIDE: [&str; 4] = [
    "the public",
    "a journalist",
    "a partner",
    "an editor elsewhere",
];

/// Questions beside those of the document; `zumrad` is the end of each word that is looked for.
const QUESTIONS: [&str; 24] = [
    "/v1/materials?q=zumrad",
    "/v1/materials?q=zumrad*&highlight=true&facets=kind,genre,language,keyword,person,event,unit,audience,status,processing,year",
    "/v1/materials?q=about&sort=relevance&highlight=true",
    "/v1/materials?q=text&limit=2",
    "/v1/materials?q=materialembargoedzumrad",
    "/v1/materials?q=materialembargoedzumrat",
    "/v1/materials?q=materialembargoed*",
    "/v1/materials?q=%22About%20materialpresszumrad%22",
    "/v1/materials?q=about%20-materialpubliczumrad",
    "/v1/materials?keyword=materialdraftzumrad",
    "/v1/materials?keyword=materialpublicyumrad&keyword=materialpublicorzumrad",
    "/v1/materials?sort=oldest&date=created&limit=200",
    "/v1/materials?sort=title",
    "/v1/materials?status=draft",
    "/v1/materials?status=withdrawn",
    "/v1/materials?missing=caption",
    "/v1/materials?from=2098-01-01",
    "/v1/suggestions?q=material",
    "/v1/suggestions?q=ab",
    "/v1/suggestions?q=event",
    "/v1/kits?q=kit",
    "/v1/changes?include=material&limit=200",
    "/v1/changes?keyword=materialembargoedzumrad",
    "/v1/changes?audience=press",
];
/// Lists whose pages are turned one by one.
const LISTS: [&str; 6] = [
    "/v1/materials?limit=1",
    "/v1/materials?q=about&limit=1",
    "/v1/kits?limit=1",
    "/v1/events?limit=1",
    "/v1/units?limit=1",
    "/v1/changes?limit=1",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_closed_makes_no_difference() {
    if stores::is_scaled() {
        println!("The two worlds are folders: with PostgreSQL they are left out.");
        return;
    }
    let mut cast = Cast::gather().await;
    photos(&mut cast).await;
    let links = links(&cast).await;
    assert!(cast.world.server.stop().await.success());
    let data = cast.world.server.data();
    let mut wrong = Vec::new();
    let mut copies = Vec::new();
    for who in OUTSIDE {
        let viewer = cast.viewers.iter().find(|viewer| viewer.who == who);
        let viewer = viewer.expect("a viewer");
        let folder = tempfile::tempdir().expect("a folder");
        copy(&data, &folder.path().join("data"));
        without(&folder.path().join("data"), closed(&cast, viewer)).await;
        copies.push((who, Server::on(folder, &[]).await));
    }
    cast.world.server.restart().await;
    for (who, copy) in &copies {
        let viewer = cast.viewers.iter().find(|viewer| viewer.who == *who);
        let viewer = viewer.expect("a viewer");
        let with = viewer.client.at(cast.world.server.address());
        let without = viewer.client.at(copy.address());
        known_to_search(&cast, [&with, &without], viewer).await;
        let mut asked = 0;
        let links = links
            .iter()
            .filter(|(kit, _)| viewer.sees(cast.one("kit", kit)));
        let links: Vec<&str> = links.map(|(_, link)| link.as_str()).collect();
        for path in paths(&cast, &links) {
            asked += compared(&with, &without, &path, &mut wrong).await;
        }
        for list in LISTS {
            asked += turned(&with, &without, list, &mut wrong).await;
        }
        println!("{who}: {asked} answers, {} unlike so far", wrong.len());
    }
    assert!(
        wrong.is_empty(),
        "{} unlike:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What this one may not know of. What had been open, and ended, was no secret.
fn closed<'a>(cast: &'a Cast, viewer: &'a Viewer) -> impl Iterator<Item = &'a Thing> {
    cast.things.iter().filter(move |thing| {
        let is_told = ["material", "kit", "event"].contains(&thing.sort);
        is_told && !viewer.sees(thing) && !viewer.was_told(thing)
    })
}

/// A photo that is open, and one of another colour whose time has not come.
async fn photos(cast: &mut Cast) {
    for (number, state) in [(1, "public"), (2, "embargoed")] {
        let (_, audiences) = STATES
            .into_iter()
            .find(|(known, _)| *known == state)
            .expect("a state");
        let mut about =
            json!({"unit": cast.unit, "headline": {"en": "About a photo"}, "audiences": audiences});
        if state == "embargoed" {
            about["embargo_until"] = json!("2099-01-01T00:00:00Z");
        }
        let id = cast.world.published(&media::photo(number), &about).await;
        cast.things.push(Thing {
            sort: "material",
            state,
            audiences,
            id,
            traces: Vec::new(),
        });
    }
}

/// The addresses of links to the open kits; who has one sees what is open to the kit's readers.
async fn links(cast: &Cast) -> Vec<(&'static str, String)> {
    let mut links = Vec::new();
    for state in ["public", "press", "partners"] {
        let path = format!("/v1/kits/{}/links", cast.one("kit", state).id);
        let made = cast.world.admin.post(&path, &json!({})).await.expect(201);
        links.push((state, made.text("/url")));
    }
    links
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else if path.is_file() {
            fs::copy(&path, &target).expect("a file");
        }
    }
}

/// Takes every row of these things out of the folder, and the index with them.
async fn without(data: &Path, things: impl Iterator<Item = &Thing>) {
    const ROWS: [&str; 18] = [
        "rendition_segments WHERE rendition_id IN (SELECT id FROM renditions WHERE material_id = ?)",
        "renditions WHERE material_id = ?",
        "originals WHERE material_id = ?",
        "material_texts WHERE material_id = ?",
        "material_relations WHERE ? IN (material_id, other_id)",
        "kit_items WHERE ? IN (material_id, kit_id)",
        "links WHERE kit_id = ?",
        "audiences WHERE thing_id = ?",
        "visibility WHERE thing_id = ?",
        "withdrawals WHERE thing_id = ?",
        "announced WHERE thing_id = ?",
        "feed WHERE thing_id = ?",
        "notices WHERE thing_id = ?",
        "log WHERE thing_id = ?",
        "audit WHERE thing_id = ?",
        "materials WHERE id = ?",
        "kits WHERE id = ?",
        "events WHERE id = ?",
    ];
    let url = format!("sqlite://{}", data.join("jarchi.db").display());
    let rows = Database::connect(url).await.expect("the database");
    for thing in things {
        let id = format!("X'{}'", thing.id.replace('-', ""));
        for sort in ROWS {
            let delete = format!("DELETE FROM {}", sort.replace('?', &id));
            rows.execute_unprepared(&delete).await.expect("rows");
        }
    }
    rows.close().await.expect("the end of the database");
    fs::remove_dir_all(data.join("index")).expect("the index");
}

/// Both indexes have followed: what the viewer sees is found.
async fn known_to_search(cast: &Cast, worlds: [&Client; 2], viewer: &Viewer) {
    let seen = cast
        .of("material")
        .filter(|thing| viewer.sees(thing))
        .count();
    for world in worlds {
        until("the index to follow", async || {
            let list = world.materials(&[("limit", "200")]).await;
            (ids(&list).len() == seen).then_some(())
        })
        .await;
    }
}

/// Everything that can be asked by GET: each row of the table over each thing, pages, links, and what else people ask.
fn paths(cast: &Cast, links: &[&str]) -> Vec<String> {
    let mut paths = Vec::new();
    // What the process says of itself is not of the archive, and the audit tells of these questions themselves.
    let of_the_archive = |path: &str| path != "/metrics" && !path.starts_with("/v1/audit");
    let rules = table::rules().into_iter();
    let rules = rules.filter(|rule| rule.verb == "GET" && of_the_archive(rule.path));
    for rule in rules {
        let things: Vec<&str> = match rule.thing {
            "-" | "feed" => vec![&cast.unit],
            sort => cast.of(sort).map(|thing| thing.id.as_str()).collect(),
        };
        for id in things {
            for name in ["thumb", "text", "press", "large", "audiences", "genres"] {
                let path = rule.path.replace("{id}", id).replace("{name}", name);
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
    }
    for kit in cast.of("kit") {
        let asked = |query: &str| format!("/v1/kits/{}/archive?{query}", kit.id);
        paths.extend(["files=web", "files=original", "names=ascii"].map(asked));
        paths.push(format!("/v1/kits/{}?include=material", kit.id));
        paths.push(format!("/v1/kits/{}/archive/entries?files=web", kit.id));
    }
    for thing in &cast.things {
        paths.push(format!("/{}s/{}", thing.sort, thing.id));
        paths.push(format!("/v1/materials?id={}", thing.id));
        paths.push(format!("/v1/materials?kit={}&event={}", thing.id, thing.id));
        paths.push(format!("/v1/kits?material={}", thing.id));
        paths.push(format!(
            "/v1/kits/{}/archive?materials={}",
            cast.one("kit", "public").id,
            thing.id
        ));
    }
    for link in links {
        paths.push((*link).to_owned());
        paths.push(format!("{link}/archive"));
        for thing in cast.of("material") {
            paths.push(format!("{link}/materials/{}/original", thing.id));
            paths.push(format!("{link}/materials/{}/renditions/thumb", thing.id));
        }
    }
    paths.push("/".to_owned());
    paths.extend(QUESTIONS.map(str::to_owned));
    paths
}

/// GET and HEAD of the path, once more under the `ETag` that came, and a range; how many answers were held against each
/// other.
async fn compared(with: &Client, without: &Client, path: &str, wrong: &mut Vec<String>) -> usize {
    let first = with.get(path).await;
    let etag = first.header("etag").to_owned();
    let mut rounds = vec![(Method::GET, vec![]), (Method::HEAD, vec![])];
    if !etag.is_empty() {
        rounds.push((Method::GET, vec![("if-none-match", etag.as_str())]));
        rounds.push((
            Method::GET,
            vec![("range", "bytes=5-40"), ("if-range", &etag)],
        ));
        rounds.push((
            Method::GET,
            vec![("range", "bytes=99999999-"), ("if-match", &etag)],
        ));
    }
    let asked = rounds.len();
    for (method, headers) in rounds {
        let one = with.send(method.clone(), path, &headers, "").await;
        let other = without.send(method, path, &headers, "").await;
        unlike(&one, &other, wrong);
    }
    asked
}

/// All pages of a list.
async fn turned(with: &Client, without: &Client, list: &str, wrong: &mut Vec<String>) -> usize {
    let mut cursors = [String::new(), String::new()];
    for page in 1..60 {
        let one = with.get(&format!("{list}{}", cursors[0])).await.expect(200);
        let other = without
            .get(&format!("{list}{}", cursors[1]))
            .await
            .expect(200);
        unlike(&one, &other, wrong);
        let next = |answer: &Answer| {
            let page = answer.json();
            let name = if list.contains("changes") {
                "after"
            } else {
                "cursor"
            };
            let goes_on = page["more"] != json!(false);
            let next = page["next_cursor"].as_str().filter(|_| goes_on);
            next.map(|next| format!("&{name}={next}"))
        };
        match (next(&one), next(&other)) {
            (Some(one), Some(other)) => cursors = [one, other],
            _ => return page,
        }
    }
    panic!("{list} has no end")
}

fn unlike(one: &Answer, other: &Answer, wrong: &mut Vec<String>) {
    let (one_, other_) = (plain(one), plain(other));
    if one_ == other_ {
        return;
    }
    let differing = one_.iter().zip(&other_).find(|(one, other)| one != other);
    let told = differing.map(|(one, other)| {
        let cut = |line: &str| line.chars().take(600).collect::<String>();
        format!("{}\n   {}", cut(one), cut(other))
    });
    let told = told.unwrap_or_else(|| format!("{} and {} lines", one_.len(), other_.len()));
    wrong.push(format!("{}:\n   {told}", one.request));
}

/// The answer in lines, less the date and the request's own name.
fn plain(answer: &Answer) -> Vec<String> {
    let id = answer.header("x-request-id").to_owned();
    let headers = answer.headers.iter();
    let headers = headers.filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
    let mut lines: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    lines.sort();
    lines.insert(0, answer.status.to_string());
    // Lossy is enough to be shown, not to be compared.
    lines.push(String::from_utf8_lossy(&answer.bytes).replace(&id, "-"));
    lines.push(if serde_json::from_slice::<Value>(&answer.bytes).is_ok() {
        String::new()
    } else {
        hex::encode(&answer.bytes)
    });
    lines
}
