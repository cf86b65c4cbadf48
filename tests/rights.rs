//! The matrix of rights, walked from the `OpenAPI` document: every operation, for everybody who may ask, over things in
//! each state. What is expected stands in [`table`]; an operation without a row fails. No answer, header or line of the
//! log holds a trace of what is closed to who asks.

pub mod cast;
mod links;
pub mod table;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, client::JSON};
use cast::{Cast, Thing, Viewer};
use table::Rule;

/// A thing that never was.
const NOBODY: &str = "01930000-0000-7000-8000-000000000000";
/// A condition that never holds: who may act is let through to it, and nothing is changed.
const NEVER: (&str, &str) = ("if-match", "\"v999\"");
/// The same questions with words of what may be closed in them.
const MORE: [&str; 7] = [
    "/v1/materials?q=zumrad*&highlight=true&facets=keyword,kind,status,audience,year,person",
    "/v1/materials?q=materialembargoedzumrad",
    "/v1/materials?keyword=materialdraftzumrad&sort=oldest&date=updated",
    "/v1/suggestions?q=material",
    "/v1/suggestions?q=event",
    "/v1/kits?q=zumrad",
    "/v1/changes?include=material&limit=200",
];

const RANKS: [&str; 5] = ["anyone", "reader", "contributor", "editor", "admin"];

fn rank(role: &str) -> usize {
    let found = RANKS.iter().position(|known| *known == role);
    found.unwrap_or_else(|| panic!("no role {role}"))
}

/// The answer that the table promises.
fn expected(rule: &Rule, viewer: &Viewer, thing: Option<&Thing>) -> u16 {
    if rank(viewer.role) < rank(rule.role) {
        return if viewer.role == "anyone" { 401 } else { 403 };
    }
    let Some(thing) = thing else { return rule.then };
    if !viewer.sees(thing) {
        return if viewer.had(thing) { 410 } else { 404 };
    }
    let edits = viewer.inside && rank(viewer.role) >= rank("editor");
    let is_draft = ["draft", "in_review"].contains(&thing.state);
    let may = match rule.right {
        "own" => edits || viewer.inside && is_draft,
        "unit" => edits,
        "inside" => viewer.inside,
        _ => true,
    };
    match rule.right {
        "inner" if !viewer.inside => 404,
        _ if may => rule.then,
        _ => 403,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_answers_everybody_as_the_table_has_it() {
    let cast = Cast::gather().await;
    let document = cast
        .world
        .public()
        .get("/openapi.json")
        .await
        .expect(200)
        .json();
    let rules = table::rules();
    all_have_a_rule(&document, &rules);
    let each = cast.viewers.iter();
    let walks = each.map(|viewer| walked(&cast, &document, &rules, viewer));
    let wrong: Vec<String> = join_all(walks).await.into_iter().flatten().collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    logged(&cast);
}

/// Everything that one may ask, and what was not as it should be.
async fn walked(cast: &Cast, document: &Value, rules: &[Rule], viewer: &Viewer) -> Vec<String> {
    let mut wrong = Vec::new();
    for rule in rules {
        let things: Vec<&Thing> = cast.of(rule.thing).collect();
        if things.is_empty() {
            wrong.extend(tried(cast, document, rule, viewer, None).await);
        }
        for thing in things {
            wrong.extend(tried(cast, document, rule, viewer, Some(thing)).await);
        }
    }
    for path in MORE {
        let answer = viewer.client.get(path).await.expect(200);
        wrong.extend(leaked(cast, viewer, &answer, ""));
    }
    wrong.extend(batch(cast, viewer, rules).await);
    wrong
}

fn all_have_a_rule(document: &Value, rules: &[Rule]) {
    let mut missing = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for verb in item.as_object().expect("verbs").keys() {
            let verb = verb.to_uppercase();
            let has = rules
                .iter()
                .any(|rule| rule.verb == verb && rule.path == path);
            missing.extend((!has).then(|| format!("{verb} {path}")));
        }
    }
    assert!(
        missing.is_empty(),
        "these have no row in the table: {missing:#?}"
    );
}

/// One request, and the same with HEAD where it was GET; what was not as it should be.
async fn tried(
    cast: &Cast,
    document: &Value,
    rule: &Rule,
    viewer: &Viewer,
    thing: Option<&Thing>,
) -> Vec<String> {
    let answer = ask(cast, document, rule, rule.verb, viewer, thing).await;
    let state = thing.map_or("", |thing| thing.state);
    let who = format!(
        "{:7} {:44} {:20} {}",
        rule.verb, rule.path, state, viewer.who
    );
    let expected = expected(rule, viewer, thing);
    let mut wrong = Vec::new();
    if answer.status != expected {
        wrong.push(format!("{who}: {}, not {expected}", answer.status));
    }
    let asked = thing.map_or("", |thing| thing.id.as_str());
    wrong.extend(leaked(cast, viewer, &answer, asked));
    if rule.verb == "GET" {
        let head = ask(cast, document, rule, "HEAD", viewer, thing).await;
        if head.status != answer.status || !head.bytes.is_empty() {
            wrong.push(format!(
                "{who}: HEAD is {}, GET {}",
                head.status, answer.status
            ));
        }
        wrong.extend(leaked(cast, viewer, &head, asked));
    }
    wrong
}

async fn ask(
    cast: &Cast,
    document: &Value,
    rule: &Rule,
    verb: &str,
    viewer: &Viewer,
    thing: Option<&Thing>,
) -> Answer {
    let public = &cast.one("material", "public").id;
    let id = match (thing, rule.path) {
        (Some(thing), _) => &thing.id,
        (None, "/v1/units/{id}") => &cast.unit,
        (None, _) => NOBODY,
    };
    let name = if rule.path.contains("renditions") {
        "text"
    } else {
        "audiences"
    };
    let path = rule
        .path
        .replace("{id}", id)
        .replace("{material}", public)
        .replace("{link}", NOBODY)
        .replace("{name}", name);
    let path = if rule.path == "/v1/suggestions" {
        path + "?q=zu"
    } else {
        path
    };
    let operation = &document["paths"][rule.path][rule.verb.to_lowercase()];
    let mut headers = Vec::new();
    let takes = |name: &str| {
        let mut parameters = operation["parameters"].as_array().into_iter().flatten();
        parameters.any(|parameter| parameter["name"] == name)
    };
    if takes("If-Match") && rule.verb != "GET" {
        headers.push(NEVER);
    }
    let bodies = &operation["requestBody"]["content"];
    let is = |media_type: &str| bodies.get(media_type).is_some();
    let body = match rule.path {
        "/v1/uploads" | "/v1/uploads/{id}" => {
            // Its owner's upload is not to end here.
            if rule.verb != "DELETE" || !thing.is_some_and(|thing| viewer.sees(thing)) {
                headers.extend([("tus-resumable", "1.0.0"), ("upload-offset", "7")]);
            }
            if rule.verb == "PATCH" {
                headers.push(("content-type", "application/offset+octet-stream"));
            }
            String::new()
        }
        "/v1/uploads/check" => json!({"files": []}).to_string(),
        "/v1/materials/batch" => json!({"items": []}).to_string(),
        "/v1/kits/{id}/items" => json!({"materials": [public]}).to_string(),
        path if path.ends_with("/transitions") => json!({"to": "in_review"}).to_string(),
        path if path.ends_with("/acknowledgement") || path.ends_with("/links") => {
            json!({}).to_string()
        }
        _ if rule.verb == "POST" && !bodies.is_null() => json!({"nonsense": 1}).to_string(),
        _ => json!({}).to_string(),
    };
    if is("application/json") {
        headers.push(JSON);
    } else if is("application/merge-patch+json") {
        headers.push(("content-type", "application/merge-patch+json"));
    } else if is("multipart/form-data") {
        headers.push(("content-type", "multipart/form-data; boundary=x"));
    }
    let body = if bodies.is_null() {
        String::new()
    } else {
        body
    };
    let verb: Method = verb.parse().expect("a verb");
    viewer.client.send(verb, &path, &headers, body).await
}

/// Many in one request are each as the same change alone.
async fn batch(cast: &Cast, viewer: &Viewer, rules: &[Rule]) -> Vec<String> {
    if rank(viewer.role) < rank("contributor") {
        return Vec::new();
    }
    let mut rules = rules.iter();
    let rule = rules.find(|rule| rule.verb == "PATCH" && rule.path == "/v1/materials/{id}");
    let rule = rule.expect("a row");
    let mut wrong = Vec::new();
    for thing in cast.of("material") {
        let items = json!({"items": [{"id": thing.id, "version": 999, "patch": {"credit": "x"}}]});
        let answer = viewer
            .client
            .post("/v1/materials/batch", &items)
            .await
            .expect(200);
        let (got, expected) = (
            answer.json()["items"][0]["status"].clone(),
            expected(rule, viewer, Some(thing)),
        );
        if got != expected {
            wrong.push(format!(
                "batch, {}, {}: {got}, not {expected}",
                thing.state, viewer.who
            ));
        }
        wrong.extend(leaked(cast, viewer, &answer, &thing.id));
    }
    wrong
}

/// What the answer holds of things that the viewer may not see. The id that was asked for may come back in words; and by
/// its id whoever had a thing is told that it was taken back.
fn leaked(cast: &Cast, viewer: &Viewer, answer: &Answer, asked: &str) -> Vec<String> {
    let mut said = format!("{:?}\n", answer.headers);
    said.push_str(&String::from_utf8_lossy(&answer.bytes));
    let closed = cast.things.iter().filter(|thing| !viewer.sees(thing));
    let traces = closed.flat_map(|thing| {
        let id = (thing.id != asked && !viewer.had(thing)).then_some(&thing.id);
        thing.traces.iter().chain(id)
    });
    let found = traces.filter(|trace| said.contains(trace.as_str()));
    found
        .map(|trace| format!("{} to {}: {trace} stands in it", answer.request, viewer.who))
        .collect()
}

/// No line of the log holds words, a digest or the id of anything.
fn logged(cast: &Cast) {
    for line in cast.world.server.log().lines() {
        for thing in &cast.things {
            let mut traces = thing.traces.iter().chain([&thing.id]);
            let found = traces.find(|trace| line.contains(trace.as_str()));
            assert!(found.is_none(), "{found:?} stands in the log: {line}");
        }
    }
}
