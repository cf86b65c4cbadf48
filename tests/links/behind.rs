//! The page, the archive and the bytes behind a link; and nothing behind one that does not hold.

use reqwest::Method;
use serde_json::{Value, json};

use super::Office;
use crate::world::{Answer, World, archive, until};

fn html(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    String::from_utf8(answer.bytes.to_vec()).expect("UTF-8")
}

/// Everything behind a link.
fn traces(office: &Office, link: &str) -> Vec<String> {
    let photo = &office.items[2];
    vec![
        link.to_owned(),
        format!("{link}/archive"),
        format!("{link}/materials/{photo}/renditions/thumb"),
        format!("{link}/materials/{photo}/renditions/press"),
        format!("{link}/materials/{}/original", office.items[0]),
    ]
}

#[tokio::test]
async fn whoever_has_the_link_has_the_kit_and_nothing_else() {
    let office = Office::open().await;
    let public = office.public();
    let kit = format!("/v1/kits/{}", office.kit);
    public.get(&kit).await.problem(404, "not-found");
    let link = office.secret(&json!({})).await;
    let page = public.get(&link).await.expect(200);
    let words = html(&page);
    assert!(
        words.contains("A briefing") && words.contains("The mayor answers"),
        "{words}"
    );
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "private, no-store");
    assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!words.contains("<script"), "{words}");

    let zip = public
        .get(&format!("{link}/archive?utm_source=mail"))
        .await
        .expect(200);
    assert_eq!(zip.header("cache-control"), "private, no-cache");
    assert_eq!(archive::files(&zip.bytes).len(), 6);
    let etag = zip.header("etag");
    let part = [("range", "bytes=100-"), ("if-range", etag)];
    let part = public
        .get_with(&format!("{link}/archive"), &part)
        .await
        .expect(206);
    assert_eq!(part.bytes, zip.bytes.slice(100..));
    for path in &traces(&office, &link)[2..] {
        let whole = public.get(path).await.expect(200);
        assert_eq!(whole.header("cache-control"), "private, no-cache", "{path}");
        assert_eq!(whole.header("referrer-policy"), "no-referrer");
        let part = public
            .get_with(path, &[("range", "bytes=1-2")])
            .await
            .expect(206);
        assert_eq!(part.bytes, whole.bytes.slice(1..3));
        let tag = [("if-none-match", whole.header("etag"))];
        public.get_with(path, &tag).await.expect(304);
    }
    // Every address that the page names leads somewhere.
    for address in addresses(&words) {
        let answer = public.get(&address).await;
        assert_eq!(answer.status, 200, "{address}");
    }
    // What does not lie in the kit is not there, be it public.
    let open = json!({"audiences": ["public"]});
    let other = office
        .world
        .published(&crate::world::media::text("other"), &open)
        .await;
    let other = format!("{link}/materials/{other}/original");
    public.get(&other).await.problem(404, "not-found");
    uses(&office, 2).await;
}

fn addresses(page: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for mark in [" src=\"", " href=\"", " poster=\""] {
        let all = page
            .split(mark)
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        let own = all.filter(|address| address.starts_with('/'));
        found.extend(own.map(|address| address.replace("&amp;", "&").replace("&#38;", "&")));
    }
    assert!(found.len() > 8, "{found:?}");
    found
}

async fn uses(office: &Office, most: i64) {
    let path = format!("/v1/kits/{}/links", office.kit);
    until("the uses to be counted", async || {
        let listed = office.world.admin.get(&path).await.expect(200).json();
        let one = &listed["items"][0];
        (one["uses"].as_i64()? >= most && one["last_used_at"].is_string()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_link_that_does_not_hold_looks_like_one_that_never_was() {
    let office = Office::open().await;
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(1500);
    let (expires, gone) = (
        json!({"expires_at": soon.to_string()}),
        office.link(&json!({})).await.expect(201),
    );
    let expired = office.secret(&expires).await;
    let revoked = gone.text("/url");
    let public = office.public();
    public.get(&revoked).await.expect(200);
    let path = format!("/v1/kits/{}/links/{}", office.kit, gone.id());
    office.world.admin.delete(&path).await.expect(204);
    until("the link to expire", async || {
        (public.get(&expired).await.status != 200).then_some(())
    })
    .await;
    let never = format!("/k/{}", "x".repeat(43));
    let same =
        |answer: &Answer, link: &str| String::from_utf8_lossy(&answer.bytes).replace(link, "");
    for (nothing, one, other) in traces(&office, &never)
        .into_iter()
        .zip(traces(&office, &expired))
        .zip(traces(&office, &revoked))
        .map(|((nothing, one), other)| (nothing, one, other))
    {
        let browser = [
            ("accept", "text/html"),
            ("accept-language", "ru"),
            ("range", "bytes=0-1"),
        ];
        let nothing = public.get_with(&nothing, &browser).await.expect(404);
        assert!(html(&nothing).contains("Здесь ничего нет"));
        for (path, link) in [(&one, &expired), (&other, &revoked)] {
            let answer = public.get_with(path, &browser).await.expect(404);
            assert_eq!(same(&answer, link), same(&nothing, &never), "{path}");
        }
    }
    let form = public.send(Method::POST, &never, &[], "password=x").await;
    form.expect(404);
}

#[tokio::test]
async fn what_leaves_the_kit_s_readers_leaves_the_link_at_once() {
    let office = Office::open().await;
    let public = office.public();
    let link = office.secret(&json!({})).await;
    let bytes = format!("{link}/materials/{}/original", office.items[0]);
    public.get(&bytes).await.expect(200);
    let notice = json!({"to": "withdrawn", "notice": {"en": "The wrong picture"}});
    let admin = &office.world.admin;
    admin
        .step("materials", &office.items[0], &notice)
        .await
        .expect(200);
    let gone = public.get(&bytes).await.problem(410, "withdrawn");
    assert_eq!(gone["notice"]["en"], "The wrong picture");
    let page = html(&public.get(&link).await.expect(200));
    assert!(
        page.contains("The wrong picture") && page.contains(&format!("id {}", office.items[0])),
        "{page}"
    );
    let zip = public.get(&format!("{link}/archive")).await.expect(200);
    let files = archive::files(&zip.bytes);
    assert_eq!(files.len(), 5);
    // The others keep their numbers, and what lacks is told by its own.
    let numbers = |number: &str| {
        let name = format!("A briefing/{number} ");
        files.keys().filter(|path| path.starts_with(&name)).count()
    };
    assert_eq!((numbers("01"), numbers("02"), numbers("03")), (0, 1, 1));
    assert!(page.contains("Withdrawn: 01, "), "{page}");
    let readme = String::from_utf8_lossy(archive::named(&files, "README.txt")).into_owned();
    let (_, told) = readme
        .split_once("Withdrawn, not to be used any longer")
        .expect("a list");
    assert!(
        told.contains("    01  ") && told.contains("The wrong picture"),
        "{readme}"
    );
    let json = String::from_utf8_lossy(archive::named(&files, "captions.json")).into_owned();
    assert!(json.contains(&office.items[0]), "{json}");

    admin.step("kits", &office.kit, &notice).await.expect(200);
    for path in &traces(&office, &link)[..2] {
        let page = public
            .get_with(path, &[("accept", "text/html")])
            .await
            .expect(410);
        assert!(html(&page).contains("The wrong picture"), "{path}");
    }
    admin
        .step("kits", &office.kit, &json!({"to": "draft"}))
        .await
        .expect(200);
    let kit = public.get(&link).await;
    assert!(matches!(kit.status, 404 | 410), "{}", kit.status);
}

#[tokio::test]
async fn a_draft_is_behind_no_link() {
    let office = Office::open().await;
    let draft = office
        .world
        .kit(&[&office.items[0]], &json!({"audiences": ["press"]}))
        .await;
    let path = format!("/v1/kits/{draft}/links");
    let wanted = json!({"shows_embargoed": true});
    let link = office
        .world
        .admin
        .post(&path, &wanted)
        .await
        .expect(201)
        .text("/url");
    let public = office.public();
    public.get(&link).await.expect(404);
    public
        .get(&format!("{link}/archive"))
        .await
        .problem(404, "not-found");
    office.world.publish("kits", &draft).await;
    public.get(&link).await.expect(200);
}

#[tokio::test]
async fn a_password_covers_everything_behind_the_link() {
    let office = Office::open().await;
    let public = office.public();
    let link = office.secret(&json!({"password": "баҳор 2026"})).await;
    for path in traces(&office, &link) {
        for range in [None, Some(("range", "bytes=0-1"))] {
            let headers: Vec<(&str, &str)> = range.into_iter().collect();
            let asked = public.get_with(&path, &headers).await.expect(401);
            assert!(
                asked.header("www-authenticate").starts_with("Basic "),
                "{path}"
            );
            let words = html(&asked);
            assert!(
                !words.contains("briefing") && !words.contains("mayor"),
                "{words}"
            );
        }
    }
    let browser = [("accept", "text/html"), ("accept-language", "uz")];
    let form = public.get_with(&link, &browser).await.expect(401);
    assert!(
        form.header("www-authenticate").starts_with("Form "),
        "{form:?}"
    );
    let page = html(&form);
    assert!(
        page.contains(&format!("action=\"{link}\"")) && page.contains("parol kerak"),
        "{page}"
    );

    let wrong = public
        .send(Method::POST, &link, &[], "password=qish")
        .await
        .expect(401);
    assert!(html(&wrong).contains("That is not the password."));
    let cookie = unlocked(&office, &link).await;
    for path in traces(&office, &link) {
        public
            .get_with(&path, &[("cookie", &cookie)])
            .await
            .expect(200);
    }
    // A cookie of one link opens no other.
    let other = office.secret(&json!({"password": "баҳор 2026"})).await;
    public
        .get_with(&other, &[("cookie", &cookie)])
        .await
        .expect(401);
    for path in traces(&office, &link) {
        let answer = public
            .request(Method::GET, &path)
            .basic_auth("", Some("баҳор 2026"));
        assert_eq!(
            answer.send().await.expect("an answer").status(),
            200,
            "{path}"
        );
        let answer = public
            .request(Method::GET, &path)
            .basic_auth("press", Some("qish"));
        assert_eq!(
            answer.send().await.expect("an answer").status(),
            401,
            "{path}"
        );
    }
}

async fn unlocked(office: &Office, link: &str) -> String {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    let client = client.build().expect("a client");
    let url = format!("{}{link}?lang=ky", office.world.server.address());
    let form = client
        .post(url)
        .body("password=%D0%B1%D0%B0%D2%B3%D0%BE%D1%80+2026");
    let answer = form.send().await.expect("an answer");
    assert_eq!(answer.status(), 303);
    let header = |name: &str| answer.headers()[name].to_str().expect("ASCII").to_owned();
    assert_eq!(header("location"), format!("{link}?lang=ky"));
    let cookie = header("set-cookie");
    assert!(
        cookie.ends_with(&format!("; Path={link}; HttpOnly; SameSite=Lax")),
        "{cookie}"
    );
    cookie.split(';').next().expect("a pair").to_owned()
}

#[tokio::test]
async fn a_download_by_a_link_is_in_the_audit() {
    let office = Office::open().await;
    let made = office.link(&json!({})).await.expect(201);
    let link = made.text("/url");
    office
        .public()
        .get(&format!("{link}/archive"))
        .await
        .expect(200);
    let audit = office
        .world
        .admin
        .get("/v1/audit?action=download")
        .await
        .expect(200)
        .json();
    let details: Vec<&Value> = audit["items"]
        .as_array()
        .expect("deeds")
        .iter()
        .map(|deed| &deed["detail"])
        .collect();
    let found = details
        .iter()
        .any(|detail| detail["link"] == made.id().as_str() && detail["way"] == "archive press");
    assert!(found, "{audit:#}");
}

#[tokio::test]
async fn links_are_whole_and_their_cookies_keep_off_plain_lines_where_the_office_says_where_it_is()
{
    let public_url = ("JARCHI_PUBLIC_URL", "https://press.example.uz/");
    let office = Office::with(World::with(&[public_url]).await).await;
    let url = office.secret(&json!({"password": "bahor"})).await;
    let link = url
        .strip_prefix("https://press.example.uz")
        .expect("a whole link");
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    let client = client.build().expect("a client");
    let form = client.post(format!("{}{link}", office.world.server.address()));
    let answer = form.body("password=bahor").send().await.expect("an answer");
    assert_eq!(answer.status(), 303);
    let cookie = answer.headers()["set-cookie"].to_str().expect("ASCII");
    assert!(cookie.ends_with("; SameSite=Lax; Secure"), "{cookie}");
}
