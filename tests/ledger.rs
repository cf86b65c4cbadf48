//! Who took what, and who is told when it is taken back.

use serde_json::{Value, json};

use crate::world::{Client, World, media, until};

/// What stands in the ledger of a material once it has so many bytes.
async fn ledger(world: &World, id: &str, fits: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let path = format!("/v1/materials/{id}/deliveries");
    until("the ledger", async || {
        let page = world.admin.get(&path).await.expect(200).json();
        let items = page["items"].as_array().expect("items").clone();
        fits(&items).then_some(items)
    })
    .await
}

async fn account(client: &Client) -> Value {
    let me = client.get("/v1/me").await.expect(200).json();
    me["account"].clone()
}

#[tokio::test]
#[allow(
    clippy::too_many_lines,
    reason = "one walk, of which each step needs the one before"
)]
async fn the_ledger_says_who_took_which_version_by_which_way() {
    let world = World::start().await;
    let press = world.person("reader", None, &["press"]).await;
    let text = media::text("What everybody may read, and keep.");
    let id = world
        .published(&text, &json!({"audiences": ["public", "press"]}))
        .await;
    let path = format!("/v1/materials/{id}/original");
    // Neither a look at the head nor one at a thumbnail is a delivery, nor what is known already.
    let head = press
        .send(reqwest::Method::HEAD, &path, &[], "")
        .await
        .expect(200);
    let etag = head.header("etag").to_owned();
    press
        .get_with(&path, &[("if-none-match", &etag)])
        .await
        .expect(304);
    let page = world
        .admin
        .get(&format!("/v1/materials/{id}/deliveries"))
        .await;
    assert_eq!(page.expect(200).json()["items"], json!([]));

    press.get(&path).await.expect(200);
    // It is there with the answer; how much it was, a moment later.
    let at_once = ledger(&world, &id, |items| items.len() == 1).await;
    assert_eq!(
        (&at_once[0]["via"], &at_once[0]["account"]),
        (&json!("token"), &account(&press).await)
    );
    press
        .get_with(&path, &[("range", "bytes=5-9")])
        .await
        .expect(206);
    let size = text.bytes.len() as u64;
    let full = ledger(&world, &id, |items| items[0]["bytes"] == size + 5).await;
    let line = &full[0];
    assert_eq!(
        (full.len(), &line["count"], &line["way"], &line["version"]),
        (1, &json!(1), &json!("original"), &json!(3))
    );
    world.public().get(&path).await.expect(200);
    let two = ledger(&world, &id, |items| items.len() == 2).await;
    assert_eq!(
        (&two[0]["via"], &two[0]["account"]),
        (&json!("public"), &json!(null))
    );

    // By an archive, too.
    let kit = world
        .kit(&[&id], &json!({"audiences": ["public", "press"]}))
        .await;
    world.publish("kits", &kit).await;
    for _ in 0..2 {
        press.get(&format!("/v1/kits/{kit}")).await.expect(200);
    }
    world
        .public()
        .get(&format!("/v1/kits/{kit}/archive"))
        .await
        .expect(200);
    let archive = press
        .get(&format!("/v1/kits/{kit}/archive?files=original"))
        .await
        .expect(200);
    let three = ledger(&world, &id, |items| items.len() == 4).await;
    assert_eq!(
        (&three[0]["kit"], &three[0]["way"]),
        (&json!(kit), &json!("archive original"))
    );
    assert_eq!(three[0]["version"], 3);
    let statistics = until("the figures", async || {
        let path = format!("/v1/kits/{kit}/statistics");
        let found = world.admin.get(&path).await.expect(200).json();
        (found["downloads"] == 2).then_some(found)
    })
    .await;
    assert_eq!(statistics["views"], 2);
    assert!(statistics["bytes"].as_u64() > Some(archive.bytes.len() as u64));
    assert_eq!(statistics["days"][0]["downloads"], 2);
    assert_eq!(statistics["links"][0]["link"], json!(null));
    // None of it is anybody else's to know.
    for (path, client) in [("deliveries", &press), ("notices", &press)] {
        client
            .get(&format!("/v1/materials/{id}/{path}"))
            .await
            .problem(403, "forbidden");
    }
    let elsewhere = world
        .admin
        .post("/v1/units", &json!({"name": {"en": "Elsewhere"}}))
        .await
        .expect(201)
        .id();
    let editor = world.person("editor", Some(&elsewhere), &[]).await;
    editor
        .get(&format!("/v1/materials/{id}/deliveries"))
        .await
        .problem(404, "not-found");
    editor
        .get(&format!("/v1/kits/{kit}/statistics"))
        .await
        .problem(404, "not-found");
    // The audit has the same.
    let audit = world
        .admin
        .list("/v1/audit", &[("action", "download"), ("thing", &kit)])
        .await
        .expect(200)
        .json();
    assert_eq!(audit["items"].as_array().map(Vec::len), Some(2), "{audit}");
    assert_eq!(audit["items"][0]["address"], "127.0.0.1");
}

#[tokio::test]
#[allow(
    clippy::too_many_lines,
    reason = "one walk, of which each step needs the one before"
)]
async fn who_took_it_is_sent_a_notice_and_answers() {
    let mut world = World::start().await;
    let id = world
        .published(
            &media::text("The wrong one."),
            &json!({"audiences": ["press"]}),
        )
        .await;
    let kit = world.kit(&[&id], &json!({"audiences": ["press"]})).await;
    world.publish("kits", &kit).await;
    let one = world.person("reader", None, &["press"]).await;
    let other = world.person("reader", None, &["press"]).await;
    let nobody = world.person("reader", None, &["press"]).await;
    one.get(&format!("/v1/materials/{id}/original"))
        .await
        .expect(200);
    other
        .get(&format!("/v1/kits/{kit}/archive"))
        .await
        .expect(200);
    // A kill right after the answer loses nothing of who has it.
    world.server.kill();
    world.restart().await;
    let at = |client: &Client| client.at(world.server.address());
    let (one, other, nobody) = (at(&one), at(&other), at(&nobody));
    let no_language = json!({"credit": "The office", "correction_note": {"kg": "Кредит."}});
    let refused = world
        .admin
        .patch(&format!("/v1/materials/{id}"), &no_language)
        .await
        .problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/correction_note/kg");
    let correction =
        json!({"credit": "The office", "correction_note": {"en": "The credit was wrong."}});
    world
        .admin
        .patch(&format!("/v1/materials/{id}"), &correction)
        .await
        .expect(200);
    let withdrawn = json!({"to": "withdrawn", "reason": "wrong", "notice": {"en": "Not it."}});
    world
        .admin
        .step("materials", &id, &withdrawn)
        .await
        .expect(200);

    for client in [&one, &other] {
        let page = client.get("/v1/notices").await.expect(200).json();
        let items = page["items"].as_array().expect("items");
        assert_eq!(items.len(), 2, "{page}");
        assert_eq!(
            (&items[0]["type"], &items[0]["notice"]["en"]),
            (&json!("withdrawn"), &json!("Not it."))
        );
        assert_eq!(
            (&items[1]["type"], &items[1]["thing"]["id"]),
            (&json!("corrected"), &json!(id))
        );
    }
    assert_eq!(
        nobody.get("/v1/notices").await.expect(200).json()["items"],
        json!([])
    );
    world
        .public()
        .get("/v1/notices")
        .await
        .problem(401, "unauthenticated");
    let notice = one
        .get("/v1/notices?acknowledged=false&limit=1")
        .await
        .expect(200)
        .text("/items/0/id");
    let path = format!("/v1/notices/{notice}/acknowledgement");
    nobody
        .post(&path, &json!({}))
        .await
        .problem(404, "not-found");
    let first = one
        .post(&path, &json!({"note": "Taken off our page."}))
        .await
        .expect(200)
        .json();
    // Nothing needs to be said beside it.
    let bare = one
        .send(reqwest::Method::POST, &path, &[], "")
        .await
        .expect(200)
        .json();
    assert_eq!(first, bare);
    let null = one.post(&path, &json!(null)).await.expect(200).json();
    assert_eq!(first, null);
    let again = one
        .post(&path, &json!({"note": "Another"}))
        .await
        .expect(200)
        .json();
    assert_eq!(first, again);
    assert_eq!(
        one.get("/v1/notices?acknowledged=false")
            .await
            .expect(200)
            .json()["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let told = world
        .admin
        .get(&format!("/v1/materials/{id}/notices"))
        .await
        .expect(200)
        .json();
    let told = &told["items"][0];
    assert_eq!(
        (&told["sent"], &told["acknowledged"]),
        (&json!(2), &json!(1))
    );
    let waits = told["recipients"].as_array().unwrap().iter();
    let waits: Vec<_> = waits
        .filter(|one| one["acknowledged_at"].is_null())
        .collect();
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0]["account"], account(&other).await);
}

#[tokio::test]
async fn the_audit_is_searched_exported_and_pruned() {
    let mut world = World::start().await;
    let id = world
        .published(&media::text("A text"), &json!({"audiences": ["public"]}))
        .await;
    let deeds = world
        .admin
        .list("/v1/audit", &[("thing", &id)])
        .await
        .expect(200)
        .json();
    let published = &deeds["items"][0];
    assert_eq!(
        (&published["action"], &published["address"]),
        (&json!("published"), &json!("127.0.0.1"))
    );
    assert!(published["token"].is_string(), "{published}");
    let at = published["at"].as_str().unwrap();
    for (query, number) in [
        (vec![("thing", id.as_str()), ("from", at)], 1),
        (vec![("thing", id.as_str()), ("address", "10.0.0.1")], 0),
        (vec![("action", "published"), ("to", at)], 0),
    ] {
        let found = world
            .admin
            .list("/v1/audit", &query)
            .await
            .expect(200)
            .json();
        assert_eq!(
            found["items"].as_array().map(Vec::len),
            Some(number),
            "{query:?}"
        );
    }
    let all = world
        .admin
        .get("/v1/audit?limit=200")
        .await
        .expect(200)
        .json();
    let exported = world.admin.get("/v1/audit/export").await.expect(200);
    assert_eq!(exported.header("content-type"), "application/jsonl");
    let lines = String::from_utf8(exported.bytes.to_vec()).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(json!(lines), all["items"]);
    let reader = world.person("reader", None, &[]).await;
    reader
        .get("/v1/audit/export")
        .await
        .problem(403, "forbidden");

    world.server.set("JARCHI_AUDIT_KEEP", "1s");
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    world.restart().await;
    until("what is old to be gone", async || {
        let found = world
            .admin
            .list("/v1/audit", &[("thing", &id)])
            .await
            .expect(200)
            .json();
        (found["items"] == json!([])).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_taken_by_a_link_is_told_by_link() {
    let world = World::start().await;
    let told = json!({"audiences": ["public"]});
    let id = world.published(&media::photo(3), &told).await;
    let kit = world.kit(&[&id], &json!({})).await;
    world.publish("kits", &kit).await;
    let made = world
        .admin
        .post(
            &format!("/v1/kits/{kit}/links"),
            &json!({"label": "A newspaper"}),
        )
        .await
        .expect(201)
        .json();
    let url = made["url"].as_str().expect("an address");
    let public = world.public();
    public.get(url).await.expect(200);
    public.get(&format!("{url}/archive")).await.expect(200);
    let press = format!("{url}/materials/{id}/renditions/press");
    public.get(&press).await.expect(200);
    let path = format!("/v1/kits/{kit}/statistics");
    let told = until("the figures", async || {
        let found = world.admin.get(&path).await.expect(200).json();
        (found["downloads"] == 2 && found["views"] == 1).then_some(found)
    })
    .await;
    let link = &told["links"][0]["link"];
    assert_eq!(
        (&link["id"], &link["label"]),
        (&made["id"], &json!("A newspaper"))
    );
    let path = format!("/v1/materials/{id}/deliveries");
    let taken = world.admin.get(&path).await.expect(200).json();
    let via = |way: &str| {
        let items = taken["items"].as_array().expect("a list");
        items
            .iter()
            .any(|item| item["way"] == way && item["link"]["id"] == made["id"])
    };
    assert!(via("press"), "{taken}");

    // Whoever took it by the link is told there of what was corrected, and so is who comes to read it anywhere.
    let corrected = json!({"caption": {"en": "The mayor, left"}, "correction_note": {"en": "She stands on the left"}});
    let path = format!("/v1/materials/{id}");
    world.admin.patch(&path, &corrected).await.expect(200);
    let says = async |path: &str| {
        let page = public.get(path).await.expect(200);
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        page.matches("She stands on the left").count()
    };
    assert!(says(url).await > 0);
    until("it to be told to everybody", async || {
        (says(&format!("/kits/{kit}")).await == 1).then_some(())
    })
    .await;
    assert_eq!(says(url).await, 2);
    assert_eq!(says(&format!("/materials/{id}")).await, 1);

    // They say that they have read what they were shown, and nothing else.
    let form = format!("action=\"{url}/acknowledgement\"");
    let mark = "name=\"notice\" value=\"";
    let asks = async || {
        let shown = public.get(url).await.expect(200);
        let shown = String::from_utf8_lossy(&shown.bytes).into_owned();
        let asked = shown.split(mark).skip(1);
        let ids = asked.map(|rest| rest.split('"').next().expect("an id").to_owned());
        (shown.contains(&form), ids.collect::<Vec<_>>())
    };
    let (is_asked, shown) = asks().await;
    assert!(is_asked && shown.len() == 1, "{shown:?}");
    let another =
        json!({"caption": {"en": "The mayor, right"}, "correction_note": {"en": "On the right"}});
    let path = format!("/v1/materials/{id}");
    world.admin.patch(&path, &another).await.expect(200);
    let path = format!("{url}/acknowledgement");
    let read = format!("notice={}&notice=nonsense", shown[0]);
    // The client follows to the page.
    let read = public.send(reqwest::Method::POST, &path, &[], read).await;
    read.expect(200);
    let (is_asked, left) = asks().await;
    assert!(is_asked && left.len() == 1 && left != shown, "{left:?}");
    public.get(&path).await.problem(405, "method-not-allowed");

    // A link that was revoked keeps its name where its editor reads of it.
    let link = format!(
        "/v1/kits/{kit}/links/{}",
        made["id"].as_str().expect("an id")
    );
    world.admin.delete(&link).await.expect(204);
    let told = world
        .admin
        .get(&format!("/v1/materials/{id}/notices"))
        .await;
    let told = told.expect(200).json();
    let recipients = told["items"][1]["recipients"].as_array().expect("a list");
    let by_link = recipients.iter().find(|one| one["via"] == "link");
    let by_link = by_link.expect("the link");
    assert_eq!(by_link["link"]["label"], "A newspaper");
    assert!(by_link["acknowledged_at"].is_string(), "{by_link}");
    let newest = &told["items"][0];
    assert_eq!(
        (&newest["sent"], &newest["acknowledged"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn another_original_of_what_is_published_is_a_correction() {
    let world = World::start().await;
    let press = world.person("reader", None, &["press"]).await;
    let open = json!({"audiences": ["press"]});
    let id = world.published(&media::photo(3), &open).await;
    let taken = format!("/v1/materials/{id}/renditions/press");
    press.get(&taken).await.expect(200);
    let feed = press.get("/v1/changes?after=now").await.expect(200);
    let after = feed.text("/next_cursor");
    let draft = world.upload(&media::photo(4), &json!({})).await;
    world.ready(&draft).await;
    // What nobody could have is put right without a word.
    for material in [&draft, &id] {
        let note = json!({"correction_note": {"en": "It was mirrored."}});
        let other = media::photo(5);
        let wrong = json!({"note": 1});
        let wrong = world.admin.correct(material, &other, &wrong).await;
        wrong.expect(422);
        let done = world.admin.correct(material, &other, &note).await;
        done.expect(200);
        until("the new one to be there", async || {
            let path = format!("/v1/materials/{material}");
            let shown = world.admin.get(&path).await.expect(200).json();
            shown["pending_original"].is_null().then_some(())
        })
        .await;
    }
    let told = press.get("/v1/notices").await.expect(200).json();
    let told = told["items"].as_array().expect("items");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["type"], &told[0]["notice"]["en"]),
        (&json!("corrected"), &json!("It was mirrored."))
    );
    let change = until("the feed to tell it", async || {
        let page = press.get(&format!("/v1/changes?after={after}")).await;
        let page = page.expect(200).json();
        page["changes"]
            .as_array()
            .and_then(|all| all.first().cloned())
    })
    .await;
    assert_eq!(
        (&change["type"], &change["changed"], &change["notice"]["en"]),
        (
            &json!("material.corrected"),
            &json!(["original"]),
            &json!("It was mirrored.")
        )
    );
    let path = format!("/v1/materials/{draft}/notices");
    let told = world.admin.get(&path).await.expect(200).json();
    assert_eq!(told["items"], json!([]));
}

#[tokio::test]
async fn what_was_corrected_before_somebody_had_it_is_not_told_them() {
    let world = World::start().await;
    let public = world.public();
    let own = world
        .published(&media::text("Words"), &json!({"audiences": ["press"]}))
        .await;
    let path = format!("/v1/materials/{own}");
    let note = json!({"credit": "A desk", "correction_note": {"en": "An inner matter"}});
    world.admin.patch(&path, &note).await.expect(200);
    let open = json!({"audiences": ["press", "public"]});
    world.admin.patch(&path, &open).await.expect(200);
    let shown = public.get(&format!("/materials/{own}")).await.expect(200);
    assert!(!String::from_utf8_lossy(&shown.bytes).contains("An inner matter"));
}
