//! Pages for people: plain HTML, in five languages, of what is open to everybody and of nothing else.

mod browser;

use serde_json::{Value, json};

use crate::world::{Answer, Client, World, media};

const EMBARGO: &str = "2199-01-01T00:00:00Z";
/// In bytes: a page without its pictures.
const LIGHT: usize = 50 << 10;

fn html(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    String::from_utf8(answer.bytes.to_vec()).expect("UTF-8")
}

async fn page(client: &Client, path: &str, language: &str) -> String {
    let asked = [("accept-language", language)];
    html(&client.get_with(path, &asked).await.expect(200))
}

fn title() -> Value {
    json!({
        "uz-Latn": "Yangi bogʻ ochildi", "ky": "Жаңы парк ачылды", "ru": "Открылся новый парк",
        "en": "A new park opens",
    })
}

#[tokio::test]
async fn a_kit_has_a_page_in_the_reader_s_language() {
    let world = World::start().await;
    let said = json!({"audiences": ["public"], "headline": {"ru": "На площади"}, "credit": "Пресс-служба"});
    let photo = world.published(&media::photo(1), &said).await;
    let about =
        json!({"title": title(), "contact": {"name": "N. Yusupova", "phone": "+998 71 200-00-00"}});
    let kit = world.kit(&[&photo], &about).await;
    world.publish("kits", &kit).await;
    let public = world.public();
    let path = format!("/kits/{kit}");
    for (language, tag, words) in [
        (
            "uz-UZ,ru;q=0.5",
            "uz-Latn",
            ["Yangi bogʻ ochildi", "Hammasini yuklab olish"],
        ),
        (
            "uz-Cyrl",
            "uz-Cyrl",
            ["Янги боғ очилди", "Ҳаммасини юклаб олиш"],
        ),
        ("ky", "ky", ["Жаңы парк ачылды", "Баарын жүктөп алуу"]),
        (
            "de, ru;q=0.9, en;q=0.8",
            "ru",
            ["Открылся новый парк", "Скачать всё"],
        ),
        ("en", "en", ["A new park opens", "Download everything"]),
    ] {
        let asked = [("accept-language", language)];
        let answer = public.get_with(&path, &asked).await.expect(200);
        assert_eq!(answer.header("content-language"), tag);
        let vary = answer.headers.get_all("vary").iter();
        assert!(
            vary.into_iter().any(|value| value == "Accept-Language"),
            "{answer:?}"
        );
        let words_of_page = html(&answer);
        assert!(
            words_of_page.contains(&format!("<html lang=\"{tag}\">")),
            "{words_of_page}"
        );
        assert!(
            words.iter().all(|word| words_of_page.contains(word)),
            "{words_of_page}"
        );
        // The headline is there in Russian alone, and says so.
        let lang = if tag == "ru" {
            "<h2>"
        } else {
            "<h2 lang=\"ru\">"
        };
        assert!(words_of_page.contains(lang), "{words_of_page}");
        // A switch that needs no script wins over the browser.
        let switched = public
            .get_with(
                &format!("{path}?lang={tag}&utm=1"),
                &[("accept-language", "ky")],
            )
            .await;
        assert_eq!(switched.expect(200).header("content-language"), tag);
        assert!(
            words_of_page.contains(&format!(
                "href=\"{path}?lang={tag}\" lang=\"{tag}\" hreflang=\"{tag}\" aria-current=\"true\""
            )),
            "{words_of_page}"
        );
        assert!(answer.bytes.len() < LIGHT && !words_of_page.contains("<script"));
        let tag = [
            ("if-none-match", answer.header("etag")),
            ("accept-language", language),
        ];
        public.get_with(&path, &tag).await.expect(304);
    }
    let english = page(&public, &path, "en").await;
    for words in [
        "tel:+998712000000",
        "without the credit line: <b>Пресс-служба</b>",
        " width=\"640\" height=\"480\"",
        "loading=\"lazy\"",
        "renditions/press?download=1",
        "og:title",
    ] {
        assert!(english.contains(words), "{words}: {english}");
    }
    let materials = page(&public, &format!("/materials/{photo}"), "ru").await;
    assert!(
        materials.contains("<h1>На площади</h1>") && materials.contains("renditions/press"),
        "{materials}"
    );
}

#[tokio::test]
async fn what_is_closed_is_on_no_page() {
    let world = World::with(&[("JARCHI_PUBLIC_URL", "https://press.example.uz")]).await;
    let open = world
        .published(
            &media::photo(1),
            &json!({"audiences": ["public"], "headline": {"en": "Shaftoli"}}),
        )
        .await;
    let held = json!({"audiences": ["public"], "embargo_until": EMBARGO, "headline": {"en": "Tarvuzpolz"}});
    let held = world.published(&media::photo(2), &held).await;
    let press = world
        .published(
            &media::photo(3),
            &json!({"audiences": ["press"], "headline": {"en": "Gilosmeva"}}),
        )
        .await;
    let kit = world
        .kit(
            &[&held, &press, &open],
            &json!({"summary": {"en": "What it is about"}}),
        )
        .await;
    world.publish("kits", &kit).await;
    let closed = [
        json!({"audiences": ["press"], "title": {"en": "Anorchilik"}}),
        json!({"audiences": ["public"], "embargo_until": EMBARGO, "title": {"en": "Uzumfurush"}}),
    ];
    let public = world.public();
    let nothing = page_of_nothing(&public).await;
    for about in closed {
        let other = world.kit(&[&open], &about).await;
        world.publish("kits", &other).await;
        let answer = public.get(&format!("/kits/{other}")).await.expect(404);
        assert_eq!(html(&answer).replace(&other, ""), nothing);
    }
    let words = [
        "Tarvuzpolz",
        "Gilosmeva",
        "Anorchilik",
        "Uzumfurush",
        &held,
        &press,
    ];
    for path in [
        "/".to_owned(),
        format!("/kits/{kit}"),
        format!("/materials/{open}"),
    ] {
        let page = page(&public, &path, "en").await;
        assert!(
            words.iter().all(|word| !page.contains(word)),
            "{path}: {page}"
        );
        assert!(page.contains("og:title"), "{path}");
    }
    for id in [&held, &press] {
        let answer = public.get(&format!("/materials/{id}")).await.expect(404);
        assert_eq!(
            html(&answer)
                .replace(id.as_str(), "")
                .replace("materials", "kits"),
            nothing
        );
    }
    let kit_page = page(&public, &format!("/kits/{kit}"), "en").await;
    let image = format!(
        "property=\"og:image\" content=\"https://press.example.uz/v1/materials/{open}/renditions/"
    );
    assert!(
        kit_page.contains(&image) && kit_page.contains("Files: 1"),
        "{kit_page}"
    );
    let readme = public
        .get(&format!("/v1/kits/{kit}/archive"))
        .await
        .expect(200);
    let readme = crate::world::archive::files(&readme.bytes);
    let readme =
        String::from_utf8_lossy(crate::world::archive::named(&readme, "README.txt")).into_owned();
    assert!(
        readme.contains(&format!("Page: https://press.example.uz/kits/{kit}")),
        "{readme}"
    );
}

async fn page_of_nothing(public: &Client) -> String {
    let id = "01930000-0000-7000-8000-000000000000";
    let answer = public.get(&format!("/kits/{id}")).await.expect(404);
    assert_eq!(answer.header("cache-control"), "no-cache");
    html(&answer).replace(id, "")
}

#[tokio::test]
async fn what_was_withdrawn_says_so() {
    let world = World::start().await;
    let open = json!({"audiences": ["public"]});
    let wrong = world.published(&media::text("wrong"), &open).await;
    let right = world.published(&media::text("right"), &open).await;
    let step = json!({"to": "withdrawn", "replaced_by": right, "notice": {"ru": "Не тот снимок", "en": "The wrong one"}});
    world
        .admin
        .step("materials", &wrong, &step)
        .await
        .expect(200);
    let path = format!("/materials/{wrong}");
    let answer = world
        .public()
        .get_with(&path, &[("accept-language", "ru")])
        .await
        .expect(410);
    let page = html(&answer);
    assert!(
        page.contains("Не тот снимок") && page.contains(&format!("href=\"/materials/{right}\"")),
        "{page}"
    );
    for path in ["/kits/nonsense", "/materials/1", "/k/short"] {
        let answer = world.public().get(path).await.expect(404);
        assert!(html(&answer).contains("There is nothing here"));
    }
}

#[tokio::test]
async fn a_text_is_read_on_its_page() {
    let world = World::start().await;
    let said = json!({"audiences": ["public"], "language": "ru", "headline": {"ru": "Заявление"}});
    let long = "Слово за словом. ".repeat(1000);
    let words = format!("Первая строка <b>\n\n{long}");
    let id = world.published(&media::text(&words), &said).await;
    let path = format!("/materials/{id}");
    let english = page(&world.public(), &path, "en").await;
    assert!(
        english.contains("<div class=\"text\" lang=\"ru\">Первая строка &#60;b&#62;\n"),
        "{english}"
    );
    assert!(english.contains("…</div>") && english.len() < LIGHT);
    let russian = page(&world.public(), &path, "ru").await;
    assert!(russian.contains("<div class=\"text\">Первая"), "{russian}");
}

#[tokio::test]
async fn kits_are_found_by_words_in_any_script() {
    let world = World::start().await;
    let open = json!({"audiences": ["public"]});
    let text = world.published(&media::text("words"), &open).await;
    for number in 0..22 {
        let about = json!({"title": {"uz-Latn": format!("Bogʻ ochildi {number:02}")}});
        let kit = world.kit(&[&text], &about).await;
        world.publish("kits", &kit).await;
    }
    let about = json!({"title": {"uz-Latn": "Yoʻl qurildi"}});
    let other = world.kit(&[&text], &about).await;
    world.publish("kits", &other).await;
    let public = world.public();
    let found = page(&public, "/?q=%D0%B9%D1%9E%D0%BB&lang=uz-Latn", "ru").await;
    assert!(
        found.contains("Yoʻl qurildi") && !found.contains("Bogʻ ochildi"),
        "{found}"
    );
    assert!(found.contains("name=\"lang\" value=\"uz-Latn\""), "{found}");
    let many = page(&public, "/?q=bog%27+%22", "en").await;
    assert!(many.contains("Bogʻ ochildi 21") && many.contains("value=\"bog&#39; &#34;\""));
    let rest = page(&public, &address(&many, "rel=\"next\" href=\"/?q="), "en").await;
    assert!(
        rest.contains("Bogʻ ochildi 00") && !rest.contains("Yoʻl"),
        "{rest}"
    );
    let nothing = page(&public, "/?q=zzzz", "en").await;
    assert!(nothing.contains("Nothing was found") && !nothing.contains("Bogʻ"));
}

#[tokio::test]
async fn a_file_that_changes_is_never_mixed_with_what_it_was() {
    let world = World::start().await;
    let said = json!({"audiences": ["public"], "headline": {"en": "A hall"}});
    let photo = world.published(&media::photo(1), &said).await;
    let kit = world.kit(&[&photo], &json!({})).await;
    world.publish("kits", &kit).await;
    let link = world
        .admin
        .post(&format!("/v1/kits/{kit}/links"), &json!({}))
        .await
        .expect(201)
        .text("/url");
    let public = world.public();
    let mark = "<p class=\"get\"><a class=\"button quiet\" href=\"/";
    let mut buttons = Vec::new();
    for path in [format!("/kits/{kit}"), format!("/materials/{photo}"), link] {
        let button = address(&page(&public, &path, "en").await, mark);
        let whole = public.get(&button).await.expect(200);
        let rest = public.get_with(&button, &[("range", "bytes=100-")]).await;
        assert_eq!(rest.expect(206).bytes, whole.bytes[100..]);
        buttons.push((button, whole));
    }
    let path = format!("/v1/materials/{photo}");
    let words = "A hall, seen from the door";
    let other = json!({"headline": {"en": "A hall"}, "caption": {"en": words}});
    world.admin.patch(&path, &other).await.expect(200);
    let shown = page(&public, &format!("/kits/{kit}"), "en").await;
    assert_eq!(shown.matches(words).count(), 1, "a caption is read once");
    assert!(shown.contains("alt=\"A hall\""), "{shown}");
    let press = format!("{path}/renditions/press");
    crate::world::until("the new words to be in the file", async || {
        let now = public.get(&press).await.expect(200);
        (now.bytes != buttons[0].1.bytes).then_some(())
    })
    .await;
    for (button, former) in buttons {
        let part = public.get_with(&button, &[("range", "bytes=100-")]).await;
        part.problem(412, "precondition-failed");
        let others = public
            .get_with(&button, &[("if-match", "\"others\"")])
            .await;
        others.problem(412, "precondition-failed");
        // The client follows to what is there now.
        let now = public.get(&button).await.expect(200);
        assert_ne!(now.bytes, former.bytes);
        assert!(now.header("content-disposition").starts_with("attachment"));
    }
}

#[tokio::test]
async fn a_button_s_archive_goes_on_and_is_never_of_two() {
    let world = World::start().await;
    let open = json!({"audiences": ["public"]});
    let one = world.published(&media::text("one"), &open).await;
    let other = world.published(&media::text("other"), &open).await;
    let kit = world.kit(&[&one], &json!({})).await;
    world.publish("kits", &kit).await;
    let link = world
        .admin
        .post(&format!("/v1/kits/{kit}/links"), &json!({}))
        .await
        .expect(201)
        .text("/url");
    let public = world.public();
    let mut buttons = Vec::new();
    for path in [format!("/kits/{kit}"), link] {
        let shown = page(&public, &path, "en").await;
        let button = address(&shown, "class=\"button\" href=\"/");
        let whole = public.get(&button).await.expect(200);
        let rest = public.get_with(&button, &[("range", "bytes=100-")]).await;
        assert_eq!(rest.expect(206).bytes, whole.bytes[100..]);
        buttons.push((button, whole));
    }
    let more = json!({"materials": [other]});
    let path = format!("/v1/kits/{kit}/items");
    world.admin.post(&path, &more).await.expect(200);
    for (button, former) in buttons {
        let part = public.get_with(&button, &[("range", "bytes=100-")]).await;
        part.problem(410, "archive-changed");
        // The client follows to what is there now.
        let now = public.get(&button).await.expect(200);
        assert_ne!(now.bytes, former.bytes);
        assert_eq!(crate::world::archive::files(&now.bytes).len(), 5);
    }
}

#[tokio::test]
async fn lists_and_large_kits_come_a_page_at_a_time() {
    let world = World::start().await;
    let public = world.public();
    assert!(
        page(&public, "/", "en")
            .await
            .contains("There is nothing here yet.")
    );
    let mut items = Vec::new();
    for number in 0..26 {
        let said =
            json!({"audiences": ["public"], "headline": {"en": format!("Number {number:02}")}});
        items.push(
            world
                .upload(&media::text(&format!("text {number}")), &said)
                .await,
        );
    }
    for id in &items {
        world.ready(id).await;
        world.publish("materials", id).await;
    }
    let named: Vec<&str> = items.iter().map(String::as_str).collect();
    for number in 0..21 {
        let few = if number == 20 {
            &named[..]
        } else {
            &named[..1]
        };
        let about = json!({"title": {"en": format!("Kit {number:02} <script>")}});
        let kit = world.kit(few, &about).await;
        world.publish("kits", &kit).await;
    }
    let first = page(&public, "/?fbclid=1", "en").await;
    assert!(
        first.contains("Kit 20 &#60;script&#62;")
            && first.contains("Kit 01")
            && !first.contains("Kit 00"),
        "{first}"
    );
    assert!(first.len() < LIGHT, "{} bytes", first.len());
    let next = address(&first, "href=\"/?after=");
    let second = page(&public, &next, "en").await;
    assert!(
        second.contains("Kit 00") && !second.contains("Kit 01"),
        "{second}"
    );

    let large = page(&public, &address(&first, "href=\"/kits/"), "en").await;
    assert!(
        large.contains("Number 17") && !large.contains("Number 18") && large.contains("Files: 26"),
        "{large}"
    );
    assert!(large.len() < LIGHT, "{} bytes", large.len());
    let rest = page(&public, &address(&large, "rel=\"next\" href=\""), "en").await;
    assert!(
        rest.contains("Number 25") && !rest.contains("Number 17"),
        "{rest}"
    );
    let path = address(&first, "href=\"/kits/");
    public.get(&format!("{path}?page=3")).await.expect(404);
    public
        .get(&format!("{path}?page=x&lang=tlh&after=1"))
        .await
        .expect(200);
}

/// The first address that begins so.
fn address(page: &str, mark: &str) -> String {
    let (_, rest) = page
        .split_once(mark)
        .unwrap_or_else(|| panic!("no {mark} in {page}"));
    let begun = mark.split_once("href=\"").map_or("", |(_, begun)| begun);
    let rest = rest.split('"').next().unwrap_or_default();
    format!("{begun}{rest}").replace("&#38;", "&")
}
