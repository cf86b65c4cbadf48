//! Time opens and closes by itself: no job has to run for it, and no cache remembers the other side of the moment.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::world::{Client, World, answer::ids, media, until};

#[tokio::test]
async fn an_embargo_ends_by_itself() {
    let world = World::start().await;
    let moment = Timestamp::now() + SignedDuration::from_secs(3);
    let metadata = json!({
        "headline": {"en": "Opened by time"},
        "audiences": ["public"],
        "embargo_until": moment.to_string(),
    });
    let id = world
        .published(&media::text("A text under embargo"), &metadata)
        .await;
    let public = world.public();
    let path = format!("/v1/materials/{id}");
    assert!(
        Timestamp::now() < moment,
        "too slow a machine for this test"
    );
    public.get(&path).await.problem(404, "not-found");
    assert_eq!(public.materials(&[("q", "opened")]).await["total"], 0);
    until("the embargo to end", async || {
        (public.get(&path).await.status == 200).then_some(())
    })
    .await;
    assert!(Timestamp::now() >= moment, "it was open before its time");
    let list = until("the search to show it", async || {
        let list = public.materials(&[("q", "opened")]).await;
        (list["total"] == 1).then_some(list)
    })
    .await;
    assert_eq!(ids(&list), [id]);
}

#[tokio::test]
async fn a_withdrawal_and_a_return() {
    let world = World::start().await;
    let open = json!({"headline": {"en": "Here and gone"}, "audiences": ["press"]});
    let id = world
        .published(&media::text("A text for the press"), &open)
        .await;
    let (public, press) = (
        world.public(),
        world.person("reader", None, &["press"]).await,
    );
    let path = format!("/v1/materials/{id}");
    press.get(&path).await.expect(200);
    let withdrawn =
        json!({"to": "withdrawn", "reason": "A mistake", "notice": {"en": "Do not print it."}});
    world
        .admin
        .step("materials", &id, &withdrawn)
        .await
        .expect(200);
    assert_eq!(
        press.get(&path).await.problem(410, "withdrawn")["notice"]["en"],
        "Do not print it."
    );
    public.get(&path).await.problem(404, "not-found");
    let anew = json!({"to": "withdrawn", "notice": {"en": "Do not use it."}});
    world.admin.step("materials", &id, &anew).await.expect(200);
    for to in ["draft", "in_review"] {
        world
            .admin
            .step("materials", &id, &json!({"to": to}))
            .await
            .expect(200);
        let gone = press.get(&path).await.problem(410, "withdrawn");
        assert_eq!(
            gone["notice"]["en"], "Do not use it.",
            "the notice stays in {to}"
        );
    }
    world
        .admin
        .step("materials", &id, &json!({"to": "published"}))
        .await
        .expect(200);
    press.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_notice_names_what_its_reader_may_see() {
    let world = World::start().await;
    let open = json!({"audiences": ["public", "press"]});
    let id = world.published(&media::text("The former"), &open).await;
    let later = json!({"audiences": ["press"]});
    let other = world.published(&media::text("For the press"), &later).await;
    let withdrawn = json!({"to": "withdrawn", "reason": "wrong", "replaced_by": other});
    let step = world.admin.step("materials", &id, &withdrawn).await;
    step.expect(200);
    let press = world.person("reader", None, &["press"]).await;
    let path = format!("/v1/materials/{id}");
    let told = async |client: &Client| client.get(&path).await.problem(410, "withdrawn");
    assert_eq!(told(&press).await["replaced_by"], other.as_str());
    assert_eq!(told(&world.public()).await["replaced_by"], json!(null));
}

#[tokio::test]
async fn an_embargo_s_end_is_the_date_of_its_publication() {
    let world = World::start().await;
    let end = Timestamp::now() + SignedDuration::from_millis(2500);
    let said = json!({"audiences": ["public"], "embargo_until": end.to_string()});
    let held = world.published(&media::text("Under embargo"), &said).await;
    let open = json!({"audiences": ["public"]});
    let early = world.published(&media::text("At once"), &open).await;
    let public = world.public();
    let list = until("the embargo to end", async || {
        let list = public.materials(&[("sort", "newest")]).await;
        (list["total"] == 2).then_some(list)
    })
    .await;
    assert_eq!(ids(&list), [held.clone(), early]);
    let shown = list["items"][0]["published_at"].as_str().expect("a date");
    let shown: Timestamp = shown.parse().expect("an instant");
    assert_eq!(shown.as_millisecond(), end.as_millisecond());
    let from = [("from", shown.to_string())];
    let from = from.each_ref().map(|(name, text)| (*name, text.as_str()));
    assert_eq!(ids(&public.materials(&from).await), [held]);
}

#[tokio::test]
async fn what_was_asked_for_again_and_again_is_closed_at_once() {
    let world = World::start().await;
    let open = json!({"headline": {"en": "Asked for often"}, "audiences": ["public", "press"]});
    let id = world.published(&media::text("A text"), &open).await;
    let press = world.person("reader", None, &["press"]).await;
    let path = format!("/v1/materials/{id}/renditions/text");
    let often = async |client: &Client, status: u16| {
        for _ in 0..5 {
            let answer = client.get(&path).await;
            assert_eq!(answer.status, status, "{answer:?}");
        }
    };
    let public = world.public();
    often(&public, 200).await;
    let closed = Timestamp::now() + SignedDuration::from_secs(3);
    let patch = json!({"audiences": ["press"], "available_until": closed.to_string()});
    let material = format!("/v1/materials/{id}");
    world.admin.patch(&material, &patch).await.expect(200);
    often(&public, 404).await;
    often(&press, 200).await;
    until("its time to be out", async || {
        (press.get(&path).await.status != 200).then_some(())
    })
    .await;
    assert!(Timestamp::now() >= closed, "it was closed before its time");
    often(&world.admin, 200).await;
    let open = json!({"audiences": ["press"], "available_until": null});
    world.admin.patch(&material, &open).await.expect(200);
    often(&press, 200).await;
    let withdrawn = json!({"to": "withdrawn", "reason": "A mistake"});
    world
        .admin
        .step("materials", &id, &withdrawn)
        .await
        .expect(200);
    often(&press, 410).await;
}
