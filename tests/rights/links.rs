//! The same behind links, which are no part of the document: every address under `/k/{secret}`, for links in each state,
//! over materials in each state. All of it stands in one kit for the press.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    NOBODY,
    cast::{Cast, STATES, Thing, Viewer},
    leaked,
};
use crate::world::until;

/// A row for each link: the page, the archive, then the bytes of a material in each state.
const TABLE: &str = "
link             page archive public press partners draft in_review embargoed expired withdrawn withdrawn_from_press
open             200  200     200    200   404      404   404       404       404     410       410
shows_embargoed  200  200     200    200   404      404   404       200       404     410       410
password         401  401     401    401   401      401   401       401       401     401       401
revoked          404  404     404    404   404      404   404       404       404     404       404
expired          404  404     404    404   404      404   404       404       404     404       404
guessed          404  404     404    404   404      404   404       404       404     404       404
";

async fn secret(cast: &Cast, link: &str) -> String {
    let path = format!("/v1/kits/{}/links", cast.one("kit", "press").id);
    let soon = Timestamp::now() + SignedDuration::from_secs(1);
    let wanted = match link {
        "shows_embargoed" => json!({"shows_embargoed": true}),
        "password" => json!({"password": "a word that nobody knows"}),
        "expired" => json!({"expires_at": soon.to_string()}),
        "guessed" => return format!("/k/{}", "A".repeat(43)),
        _ => json!({}),
    };
    let made = cast.world.admin.post(&path, &wanted).await.expect(201);
    let url = made.text("/url");
    let public = cast.world.public();
    match link {
        "revoked" => {
            let path = format!("{path}/{}", made.id());
            cast.world.admin.delete(&path).await.expect(204);
        }
        "expired" => {
            until("the link to end", async || {
                (public.get(&url).await.status != 200).then_some(())
            })
            .await;
        }
        _ => {}
    }
    url
}

/// Who comes by the link, as one who reads.
fn guest(cast: &Cast, shows_embargoed: bool, lets_in: bool) -> Viewer {
    Viewer {
        who: if shows_embargoed {
            "a guest before the time"
        } else {
            "a guest"
        },
        client: cast.world.public(),
        role: "anyone",
        audiences: if lets_in { &["public", "press"] } else { &[] },
        inside: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_behind_a_link_answers_as_the_table_has_it() {
    let cast = Cast::gather().await;
    let mut rows = TABLE.lines().filter(|line| !line.is_empty());
    let columns: Vec<&str> = rows
        .next()
        .expect("a head")
        .split_whitespace()
        .skip(1)
        .collect();
    assert_eq!(columns.len(), STATES.len() + 2, "a column for each state");
    let mut wrong = Vec::new();
    for row in rows {
        let (link, statuses) = row.split_once(' ').expect("a row");
        let url = secret(&cast, link).await;
        let expected: Vec<u16> = statuses
            .split_whitespace()
            .map(|word| word.parse().expect("a status"))
            .collect();
        let guest = guest(&cast, link == "shows_embargoed", expected[0] == 200);
        for (column, expected) in columns.iter().zip(expected) {
            let paths = match *column {
                "page" => vec![String::new()],
                "archive" => ["", "?files=web", "?files=original&names=ascii"]
                    .map(|query| format!("/archive{query}"))
                    .into(),
                state => {
                    let id = &cast.one("material", state).id;
                    vec![
                        format!("/materials/{id}"),
                        format!("/materials/{id}/original"),
                        format!("/materials/{id}/renditions/text"),
                    ]
                }
            };
            for path in paths {
                for accept in ["text/html", "*/*"] {
                    let answer = guest
                        .client
                        .get_with(&format!("{url}{path}"), &[("accept", accept)])
                        .await;
                    if answer.status != expected {
                        wrong.push(format!(
                            "{link}: {column} {path} ({accept}): {}, not {expected}",
                            answer.status
                        ));
                    }
                    let asked = if columns[..2].contains(column) {
                        ""
                    } else {
                        &cast.one("material", column).id
                    };
                    wrong.extend(leaked(&cast, &guest, &answer, asked));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Pages that are open to everybody, by what is behind them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_show_what_is_public_and_nothing_else() {
    let cast = Cast::gather().await;
    let mut wrong = Vec::new();
    for viewer in &cast.viewers {
        // Pages know nobody: whoever asks is the public there.
        let public = Viewer {
            who: viewer.who,
            client: viewer.client.clone(),
            role: "anyone",
            audiences: &["public"],
            inside: false,
        };
        let things = cast
            .things
            .iter()
            .filter(|thing| ["material", "kit"].contains(&thing.sort));
        let pages = things.map(|thing| (format!("/{}s/{}", thing.sort, thing.id), Some(thing)));
        let others = [("/".to_owned(), None), (format!("/kits/{NOBODY}"), None)];
        for (path, thing) in pages.chain(others) {
            let answer = public.client.get(&path).await;
            let expected = match thing {
                Some(thing) if public.sees(thing) => 200,
                Some(thing) if public.had(thing) => 410,
                None if path == "/" => 200,
                _ => 404,
            };
            if answer.status != expected {
                wrong.push(format!(
                    "{path} {:?}, {}: {}, not {expected}",
                    thing.map(state),
                    viewer.who,
                    answer.status
                ));
            }
            wrong.extend(leaked(
                &cast,
                &public,
                &answer,
                thing.map_or("", |thing| thing.id.as_str()),
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn state(thing: &Thing) -> String {
    format!("{} {}", thing.sort, thing.state)
}
