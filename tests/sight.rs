//! THE RULE of who sees what, as a matrix: everybody who may ask, everything that there may be, and every trace by which
//! it could be known. What the matrix says is written down once, in [`open`]; each trace is held against it.

mod cast;
mod time;
mod traces;

use std::collections::{BTreeMap, BTreeSet};

use cast::{Cast, Viewer};
use serde_json::Value;

use crate::world::answer::ids;

/// The lives of a material, each with a word that stands in it alone.
const LIVES: [(&str, &str); 7] = [
    ("draft", "kalampir"),
    ("in_review", "bodomzor"),
    ("public", "shaftoli"),
    ("press", "gilosmeva"),
    ("embargoed", "tarvuzpolz"),
    ("expired", "anorchilik"),
    ("withdrawn", "uzumfurush"),
];

/// Whether the viewer may know that the thing is there.
fn open(viewer: &Viewer, life: &str) -> bool {
    viewer.inside
        || match life {
            "public" => true,
            "press" => viewer.press,
            _ => false,
        }
}

fn should(viewer: &Viewer) -> Vec<&'static str> {
    LIVES
        .iter()
        .map(|(life, _)| *life)
        .filter(|life| open(viewer, life))
        .collect()
}

#[tokio::test]
async fn nobody_learns_of_more_than_they_may_see() {
    let cast = Cast::gather().await;
    let mut leaks = Vec::new();
    for viewer in &cast.viewers {
        let seen: BTreeMap<&str, Vec<&str>> = traces::all(&cast, viewer).await;
        for (trace, lives) in seen {
            let mut should = should(viewer);
            // What was withdrawn is handed to nobody, not even to those who still see it in the kit.
            should.retain(|life| !(trace == "the kit's archive" && *life == "withdrawn"));
            if lives != should {
                leaks.push(format!(
                    "{} by {trace}: {lives:?}, should be {should:?}",
                    viewer.who
                ));
            }
        }
    }
    assert!(leaks.is_empty(), "\n{}", leaks.join("\n"));
}

#[tokio::test]
async fn one_by_one_the_answer_says_no_more_than_the_rule() {
    let cast = Cast::gather().await;
    let nothing = cast
        .world
        .public()
        .get("/v1/materials/01930000-0000-7000-8000-000000000000")
        .await;
    for viewer in &cast.viewers {
        for (life, id) in &cast.materials {
            for path in [
                "",
                "/original",
                "/renditions/text",
                "/renditions/none",
                "/history",
                "/similar",
            ] {
                let answer = viewer
                    .client
                    .get(&format!("/v1/materials/{id}{path}"))
                    .await;
                let who = format!("{} asks for {life}{path}", viewer.who);
                match (open(viewer, life), *life) {
                    (true, _) if path == "/renditions/none" => {
                        assert_eq!(answer.status, 404, "{who}");
                    }
                    (true, _) if path == "/history" && !viewer.inside => {
                        assert!(
                            matches!(answer.status, 401 | 403 | 404),
                            "{who}: {}",
                            answer.status
                        );
                    }
                    // The right that a route needs is asked before the thing: it tells nothing of it.
                    (false, _) if path == "/history" && matches!(answer.status, 401 | 403) => {}
                    (true, _) => assert_eq!(answer.status, 200, "{who}: {answer:?}"),
                    // It had been open to the public when it was withdrawn.
                    (false, "withdrawn") if path.is_empty() => {
                        assert_eq!(answer.status, 410, "{who}");
                    }
                    (false, "withdrawn") => assert!(
                        matches!(answer.status, 404 | 410),
                        "{who}: {}",
                        answer.status
                    ),
                    (false, _) => same_as_nothing(&answer, &nothing, &who),
                }
            }
        }
    }
}

/// The same body, but for the request's own name, and the same headers, but for names and times.
fn same_as_nothing(answer: &crate::world::Answer, nothing: &crate::world::Answer, who: &str) {
    let words = |answer: &crate::world::Answer| {
        let mut problem = answer.json();
        problem["request_id"] = Value::Null;
        problem
    };
    let headers = |answer: &crate::world::Answer| {
        let own = ["date", "x-request-id", "content-length"];
        let names = answer
            .headers
            .iter()
            .filter(|(name, _)| !own.contains(&name.as_str()));
        names
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(answer.status, 404, "{who}");
    assert_eq!(words(answer), words(nothing), "{who}");
    assert_eq!(headers(answer), headers(nothing), "{who}");
}

#[tokio::test]
async fn what_is_for_the_staff_is_in_no_readers_answer() {
    let cast = Cast::gather().await;
    for viewer in &cast.viewers {
        let material = viewer
            .client
            .get(&format!("/v1/materials/{}", cast.id("public")))
            .await
            .expect(200)
            .json();
        for field in [
            "/embedded",
            "/processing",
            "/original/filename",
            "/rating",
            "/pick",
        ] {
            let shown = material
                .pointer(field)
                .is_some_and(|value| !value.is_null());
            assert!(
                viewer.inside || !shown,
                "{} is shown {field}: {material:#}",
                viewer.who
            );
        }
        assert_eq!(
            material.pointer("/rating").and_then(Value::as_i64),
            viewer.inside.then_some(4),
            "{}",
            viewer.who
        );
    }
}

#[tokio::test]
async fn nobody_changes_what_is_not_theirs() {
    let cast = Cast::gather().await;
    let patch = serde_json::json!({"credit": "somebody else"});
    for viewer in &cast.viewers {
        for (life, id) in &cast.materials {
            let answer = viewer
                .client
                .patch(&format!("/v1/materials/{id}"), &patch)
                .await;
            let expected: &[u16] = match (viewer.inside, open(viewer, life), viewer.who) {
                (true, _, "the contributor of the unit")
                    if !matches!(*life, "draft" | "in_review") =>
                {
                    &[403]
                }
                (true, _, _) => &[200],
                (false, true, "the public") => &[401],
                (false, false, "the public") => &[401, 404, 410],
                (false, true, _) => &[403],
                (false, false, _) => &[404, 410],
            };
            assert!(
                expected.contains(&answer.status),
                "{} changes {life}: {answer:?}",
                viewer.who
            );
        }
    }
    let list = cast.world.admin.materials(&[]).await;
    assert_eq!(ids(&list).len(), LIVES.len());
}
