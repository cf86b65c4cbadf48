//! Links that show what is under embargo: that, and nothing more.

use serde_json::json;

use super::Office;
use crate::world::{archive, media, until};

const EMBARGO: &str = "2199-01-01T00:00:00Z";

/// The office's kit with a third text that is under embargo, and its headline.
async fn held() -> (Office, String) {
    let mut office = Office::open().await;
    let said =
        json!({"audiences": ["press"], "embargo_until": EMBARGO, "headline": {"en": "Tarvuzpolz"}});
    let id = office
        .world
        .published(&media::text("Tarvuzpolz"), &said)
        .await;
    let items = format!("/v1/kits/{}/items", office.kit);
    office
        .world
        .admin
        .post(&items, &json!({"materials": [id]}))
        .await
        .expect(200);
    office.items.push(id.clone());
    (office, id)
}

#[tokio::test]
async fn an_embargo_is_lifted_by_a_link_that_says_so() {
    let (office, id) = held().await;
    let public = office.public();
    let plain = office.secret(&json!({})).await;
    let early = office.secret(&json!({"shows_embargoed": true})).await;
    let page = async |link: &str| {
        let answer = public
            .get_with(link, &[("accept-language", "en")])
            .await
            .expect(200);
        String::from_utf8_lossy(&answer.bytes).into_owned()
    };
    let (closed, open) = (page(&plain).await, page(&early).await);
    assert!(
        !closed.contains("Tarvuzpolz") && !closed.contains(&id) && !closed.contains("Embargo"),
        "{closed}"
    );
    assert!(open.contains("Tarvuzpolz"), "{open}");
    assert!(
        open.contains(
            "Embargo until <time datetime=\"2199-01-01T00:00:00Z\">1 January 2199, 05:00 (UTC+5)"
        ),
        "{open}"
    );
    // A messenger's preview shows neither the title of the kit nor anything of it.
    assert!(
        open.contains("property=\"og:title\" content=\"Press kit\"") && !open.contains("og:image"),
        "{open}"
    );

    let bytes = |link: &str| format!("{link}/materials/{id}/original");
    public.get(&bytes(&plain)).await.problem(404, "not-found");
    public.get(&bytes(&early)).await.expect(200);
    let zip = public.get(&format!("{plain}/archive")).await.expect(200);
    assert_eq!(archive::files(&zip.bytes).len(), 6);
    let zip = public.get(&format!("{early}/archive")).await.expect(200);
    assert!(
        zip.header("content-disposition").contains("EMBARGO"),
        "{zip:?}"
    );
    let files = archive::files(&zip.bytes);
    assert_eq!(files.len(), 7);
    let folder = "EMBARGO until 2199-01-01 05.00 +0500 A briefing/";
    assert!(
        files.keys().all(|path| path.starts_with(folder)),
        "{:?}",
        files.keys()
    );
    let text = |name: &str| String::from_utf8_lossy(archive::named(&files, name)).into_owned();
    assert!(
        text("README.txt")
            .contains("EMBARGO, not for publication before: 2199-01-01 05:00 (UTC+05:00)")
    );
    assert!(text("captions.csv").contains("2199-01-01T05:00:00+05:00"));
    assert!(text("captions.json").contains("2199-01-01T05:00:00+05:00"));
}

#[tokio::test]
async fn a_kit_under_embargo_opens_by_such_a_link_alone() {
    let office = Office::open().await;
    let public = office.public();
    let (plain, early) = (
        office.secret(&json!({})).await,
        office.secret(&json!({"shows_embargoed": true})).await,
    );
    let path = format!("/v1/kits/{}", office.kit);
    office
        .world
        .admin
        .patch(&path, &json!({"embargo_until": EMBARGO}))
        .await
        .expect(200);
    public.get(&plain).await.expect(404);
    public
        .get(&format!("{plain}/archive"))
        .await
        .problem(404, "not-found");
    let page = public.get(&early).await.expect(200);
    assert!(String::from_utf8_lossy(&page.bytes).contains("Embargo until"));
    let zip = public.get(&format!("{early}/archive")).await.expect(200);
    assert!(
        archive::files(&zip.bytes)
            .keys()
            .all(|name| name.starts_with("EMBARGO until 2199"))
    );
    // A draft, what was withdrawn and what is past stay where they are.
    let draft = office
        .world
        .upload(&media::text("draft"), &json!({"audiences": ["press"]}))
        .await;
    office.world.ready(&draft).await;
    let past = json!({"available_until": "2020-01-01T00:00:00Z"});
    let past_path = format!("/v1/materials/{}", office.items[0]);
    office
        .world
        .admin
        .patch(&past_path, &past)
        .await
        .expect(200);
    let gone = json!({"to": "withdrawn"});
    office
        .world
        .admin
        .step("materials", &office.items[1], &gone)
        .await
        .expect(200);
    let items = format!("{path}/items");
    office
        .world
        .admin
        .post(&items, &json!({"materials": [draft]}))
        .await
        .expect(200);
    public
        .get(&format!("{early}/materials/{draft}/original"))
        .await
        .problem(404, "not-found");
    public
        .get(&format!("{early}/materials/{}/original", office.items[0]))
        .await
        .problem(404, "not-found");
    public
        .get(&format!("{early}/materials/{}/original", office.items[1]))
        .await
        .problem(410, "withdrawn");
    let zip = public.get(&format!("{early}/archive")).await.expect(200);
    assert_eq!(
        archive::files(&zip.bytes).len(),
        4,
        "what is generated, and the photo"
    );
}

#[tokio::test]
async fn a_download_goes_on_over_the_end_of_an_embargo() {
    let office = Office::open().await;
    let public = office.public();
    let early = office.secret(&json!({"shows_embargoed": true})).await;
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
    let held = json!({"embargo_until": soon.to_string()});
    let path = format!("/v1/kits/{}", office.kit);
    office.world.admin.patch(&path, &held).await.expect(200);
    let button = async || {
        let page = public.get(&early).await.expect(200);
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        let (_, rest) = page
            .split_once("class=\"button\" href=\"")
            .expect("a button");
        let address = rest.split('"').next().expect("an address");
        address.replace("&#38;", "&")
    };
    let address = button().await;
    let whole = public.get(&address).await.expect(200);
    let now = until("the embargo's end", async || {
        let now = button().await;
        (now != address).then_some(now)
    })
    .await;
    let rest = public.get_with(&address, &[("range", "bytes=1000-")]).await;
    assert_eq!(rest.expect(206).bytes, whole.bytes[1000..]);
    // Who begins now gets what holds now.
    let fresh = public.get(&address).await.expect(200);
    assert_eq!(fresh.bytes, public.get(&now).await.expect(200).bytes);
    assert!(fresh.bytes != whole.bytes);
    let plain = office.secret(&json!({})).await;
    let version = address.split_once("version=").expect("a version").1;
    let theirs = format!("{plain}/archive?version={version}");
    let part = public.get_with(&theirs, &[("range", "bytes=1000-")]).await;
    part.problem(410, "archive-changed");
}

#[tokio::test]
async fn the_embargoes_of_a_kit_are_told_from_first_to_last() {
    let office = Office::open().await;
    let public = office.public();
    let early = office.secret(&json!({"shows_embargoed": true})).await;
    let kit = format!("/v1/kits/{}", office.kit);
    let held = |at: &str| json!({"embargo_until": at});
    let admin = &office.world.admin;
    admin
        .patch(&kit, &held("2199-01-01T00:00:17Z"))
        .await
        .expect(200);
    let later = format!("/v1/materials/{}", office.items[0]);
    admin
        .patch(&later, &held("2199-01-02T00:00:00Z"))
        .await
        .expect(200);
    let page = async || {
        let page = public.get(&early).await.expect(200);
        String::from_utf8_lossy(&page.bytes).into_owned()
    };
    let both = page().await;
    let (first, last) = (
        "1 January 2199, 05:00:17 (UTC+5)",
        "2 January 2199, 05:00 (UTC+5)",
    );
    assert!(both.contains(&format!("{first}</time> … <time")), "{both}");
    // The banner and what may not be done, and each of three.
    assert_eq!(
        (both.matches(first).count(), both.matches(last).count()),
        (4, 3)
    );
    let zip = public.get(&format!("{early}/archive")).await.expect(200);
    let folder = "EMBARGO until 2199-01-01 05.00.17 +0500 & 2199-01-02 05.00";
    let files = archive::files(&zip.bytes);
    assert!(
        files.keys().all(|path| path.starts_with(folder)),
        "{:?}",
        files.keys()
    );
    let readme = String::from_utf8_lossy(archive::named(&files, "README.txt")).into_owned();
    let said = "2199-01-01 05:00:17 (UTC+05:00) … 2199-01-02 05:00 (UTC+05:00)";
    assert!(readme.contains(said), "{readme}");
    let one = format!("{early}/materials/{}", office.items[1]);
    let one = public.get_with(&one, &[("accept", "text/html")]).await;
    assert!(String::from_utf8_lossy(&one.expect(200).bytes).contains(first));
    // Where some of it is free, each says its own.
    admin
        .patch(&kit, &json!({"embargo_until": null}))
        .await
        .expect(200);
    let one = page().await;
    assert!(!one.contains("class=\"banner\""), "{one}");
    assert_eq!(
        (one.matches(first).count(), one.matches(last).count()),
        (0, 1)
    );
}

#[tokio::test]
async fn who_had_it_before_its_time_is_told_that_it_was_taken_back() {
    let (office, id) = held().await;
    let public = office.public();
    let press = office.world.person("reader", None, &["press"]).await;
    let plain = office.secret(&json!({})).await;
    let early = office.secret(&json!({"shows_embargoed": true})).await;
    public.get(&format!("{early}/archive")).await.expect(200);
    let material = format!("{early}/materials/{id}");
    let asked = [("accept", "text/html")];
    let read = public.get_with(&material, &asked).await.expect(200);
    let read = String::from_utf8_lossy(&read.bytes).into_owned();
    assert!(
        read.contains("class=\"text\">Tarvuzpolz") && read.contains(&format!("href=\"{early}\"")),
        "{read}"
    );
    let admin = &office.world.admin;
    let gone = json!({"to": "withdrawn", "notice": {"en": "Not this text"}});
    admin.step("materials", &id, &gone).await.expect(200);
    let page = public.get(&early).await.expect(200);
    let page = String::from_utf8_lossy(&page.bytes).into_owned();
    assert!(
        page.contains("Not this text") && page.contains(&id),
        "{page}"
    );
    let bytes = format!("{material}/original");
    let told = public.get(&bytes).await.problem(410, "withdrawn");
    assert_eq!(told["notice"]["en"], "Not this text");
    public.get_with(&material, &asked).await.expect(410);
    // Nobody else learns of it, then or later.
    let later = office.secret(&json!({"shows_embargoed": true})).await;
    let page = public.get(&later).await.expect(200);
    let page = String::from_utf8_lossy(&page.bytes).into_owned();
    assert!(
        !page.contains("Not this text") && !page.contains(&id),
        "{page}"
    );
    let bytes = format!("{later}/materials/{id}/original");
    public.get(&bytes).await.problem(404, "not-found");
    let page = public.get(&plain).await.expect(200);
    let page = String::from_utf8_lossy(&page.bytes).into_owned();
    assert!(
        !page.contains("Not this text") && !page.contains(&id),
        "{page}"
    );
    let bytes = format!("{plain}/materials/{id}/original");
    public.get(&bytes).await.problem(404, "not-found");
    let own = format!("/v1/materials/{id}");
    press.get(&own).await.problem(404, "not-found");

    let gone = json!({"to": "withdrawn", "notice": {"en": "Nothing of it"}});
    let path = format!("/v1/kits/{}", office.kit);
    admin
        .patch(&path, &json!({"embargo_until": EMBARGO}))
        .await
        .expect(200);
    admin.step("kits", &office.kit, &gone).await.expect(200);
    let page = public.get(&early).await.expect(410);
    assert!(String::from_utf8_lossy(&page.bytes).contains("Nothing of it"));
    public.get(&plain).await.expect(404);
}

#[tokio::test]
async fn nobody_lifts_what_is_not_theirs() {
    let (office, id) = held().await;
    let admin = &office.world.admin;
    let unit = admin
        .post("/v1/units", &json!({"name": {"en": "A district"}}))
        .await
        .expect(201)
        .id();
    let editor = office.world.person("editor", Some(&unit), &[]).await;
    let kit = json!({"title": {"en": "Ours"}, "audiences": ["press"], "items": [{"material": office.items[0]}]});
    let kit = editor.post("/v1/kits", &kit).await.expect(201).id();
    let links = format!("/v1/kits/{kit}/links");
    let wanted = json!({"shows_embargoed": true});
    let early = editor.post(&links, &wanted).await.expect(201).text("/url");
    let items = format!("/v1/kits/{kit}/items");
    admin
        .post(&items, &json!({"materials": [id]}))
        .await
        .expect(200);
    let refused = editor.post(&links, &wanted).await.problem(403, "forbidden");
    assert_eq!(refused["items"], json!([id]));
    editor.post(&links, &json!({})).await.expect(201);
    office.world.publish("kits", &kit).await;
    // What came into the kit later is lifted by no right that the link's maker has not.
    let public = office.public();
    let page = public.get(&early).await.expect(200);
    assert!(!String::from_utf8_lossy(&page.bytes).contains("Tarvuzpolz"));
    public
        .get(&format!("{early}/materials/{id}/original"))
        .await
        .problem(404, "not-found");
    let theirs = admin.post(&links, &wanted).await.expect(201).text("/url");
    public
        .get(&format!("{theirs}/materials/{id}/original"))
        .await
        .expect(200);
}
