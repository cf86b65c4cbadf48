//! Kits that are read in portions: at the seams they are as everywhere else.

use serde_json::{Value, json};

use crate::world::{Answer, Client, World};

/// More than two portions, and no multiple of one.
const MANY: usize = 1_030;

async fn texts(world: &World) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..MANY {
        let said = json!({
            "text": format!("Note {number}"),
            "headline": {"en": format!("Number {number:04}")},
            "credit": format!(" Desk {} ", number % 2),
            "usage_terms": {"en": format!("Terms {}", number / 400)},
            "audiences": ["public"],
        });
        let made = world.admin.post("/v1/materials", &said).await;
        ids.push(made.expect(201).id());
    }
    for id in &ids {
        world.ready(id).await;
    }
    ids
}

fn ids(kit: &Value) -> Vec<&str> {
    let items = kit["items"].as_array().expect("items").iter();
    items
        .map(|item| item["material"]["id"].as_str().expect("an id"))
        .collect()
}

async fn page(public: &Client, kit: &str, number: usize) -> Answer {
    public.get(&format!("/kits/{kit}?page={number}")).await
}

#[tokio::test]
async fn a_kit_of_many_portions_has_no_seams() {
    let world = World::start().await;
    let public = world.public();
    let all = texts(&world).await;
    let named: Vec<&str> = all.iter().map(String::as_str).collect();
    let kit = world.kit(&named, &json!({})).await;
    let path = format!("/v1/kits/{kit}");
    let steps = [
        json!({"to": "in_review"}),
        json!({"to": "published", "items": "publish"}),
    ];
    for step in steps {
        world.admin.step("kits", &kit, &step).await.expect(200);
    }
    let gone = [&all[499], &all[500], &all[MANY - 1]];
    for id in gone {
        let step = json!({"to": "withdrawn", "notice": {"en": "Not for use"}});
        world.admin.step("materials", id, &step).await.expect(200);
    }
    let left: Vec<&str> = named
        .iter()
        .copied()
        .filter(|id| !gone.iter().any(|gone| gone == id))
        .collect();

    let shown = public.get(&path).await.expect(200).json();
    assert_eq!(ids(&shown), left);
    assert_eq!(shown["items"][499]["material"]["name"]["en"], "Number 0501");
    assert_eq!(shown["archives"][0]["entries"], left.len() + 3);
    let whole = public.get(&format!("{path}?include=material")).await;
    let whole = whole.expect(200).json();
    assert_eq!(ids(&whole), left);
    let last = &whole["items"][left.len() - 1]["material"];
    assert_eq!(last["headline"]["en"], "Number 1028");
    let staffs = world.admin.get(&path).await.expect(200).json();
    assert_eq!(ids(&staffs), named);
    let hidden = staffs["items"].as_array().expect("items").iter();
    assert_eq!(hidden.filter(|item| item["hidden"] == true).count(), 3);
    let missing = world.admin.get(&format!("{path}/readiness")).await;
    assert_eq!(ids(&missing.expect(200).json()), gone.map(String::as_str));

    let seam =
        String::from_utf8_lossy(&page(&public, &kit, 28).await.expect(200).bytes).into_owned();
    assert!(seam.contains("Number 0498") && seam.contains("Number 0501"));
    assert!(
        !seam.contains("Number 0499") && !seam.contains("Number 0485") && seam.contains("1027")
    );
    // What is said of the whole stands on each of its pages.
    for words in [
        "Terms 0",
        "Terms 1",
        "Terms 2",
        "Desk 0",
        "Desk 1",
        "Not for use",
    ] {
        assert!(seam.contains(words), "{words} in {seam}");
    }
    page(&public, &kit, left.len().div_ceil(18))
        .await
        .expect(200);
    page(&public, &kit, left.len().div_ceil(18) + 1)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_page_of_long_texts_comes_over_a_slow_line() {
    let world = World::start().await;
    let long = |words: &str, times| words.repeat(times).trim_end().to_owned();
    let mut ids = Vec::new();
    for number in 0..20 {
        let said = json!({
            "text": "Note",
            "headline": {"ky": format!("{number}. {}", long("Өлкө башчысы меймандарды тосуп алды. ", 4))},
            "caption": {"ky": long("Салтанаттуу жыйынга депутаттар, элчилер жана журналисттер катышты. ", 30)},
            "usage_terms": {"ky": format!("{number}. {}", long("Автору көрсөтүлсө гана жарыялоого болот. ", 3))},
            "persons": [{"name": {"ky": "Айгүл Асанова"}, "title": {"ky": long("Маданият министри ", 10)}}],
            "credit": "Басма сөз кызматы / Айгүл Асанова",
            "audiences": ["public"],
        });
        let material = world.admin.post("/v1/materials", &said).await;
        ids.push(material.expect(201).id());
    }
    for id in &ids {
        world.ready(id).await;
        world.publish("materials", id).await;
    }
    let note = long("Жыйналыш залында тартылган сүрөттөргө кошумча. ", 2);
    let items = ids
        .iter()
        .map(|id| json!({"material": id, "note": {"ky": note}}));
    let items: Vec<Value> = items.collect();
    let public = world.public();
    let kit = world.kit(&[], &json!({"items": items})).await;
    world.publish("kits", &kit).await;
    let links = format!("/v1/kits/{kit}/links");
    let link = world.admin.post(&links, &json!({})).await;
    let link = link.expect(201).json();
    let behind = link["url"].as_str().expect("its address");
    let behind = &behind[behind.find("/k/").expect("its path")..];
    for path in [format!("/kits/{kit}?lang=ky"), format!("{behind}?lang=ky")] {
        let shown = public.get(&path).await.expect(200);
        let html = String::from_utf8_lossy(&shown.bytes);
        assert!(
            shown.bytes.len() <= 50 * 1024,
            "{} bytes",
            shown.bytes.len()
        );
        assert!(html.contains("Салтанаттуу жыйынга депутаттар") && html.contains('…'));
        assert_eq!(html.matches("class=\"item\"").count(), 18);
        assert!(html.contains(&note), "what the kit says is not cut");
    }
    let own = public
        .get(&format!("/materials/{}?lang=ky", ids[0]))
        .await
        .expect(200);
    let all = long(
        "Салтанаттуу жыйынга депутаттар, элчилер жана журналисттер катышты. ",
        30,
    );
    assert!(String::from_utf8_lossy(&own.bytes).contains(&all));
}

#[tokio::test]
async fn a_page_follows_what_is_changed() {
    let world = World::start().await;
    let public = world.public();
    let said = json!({"text": "Note", "headline": {"en": "First words"}, "credit": "Old desk", "audiences": ["public"]});
    let one = world
        .admin
        .post("/v1/materials", &said)
        .await
        .expect(201)
        .id();
    world.ready(&one).await;
    world.publish("materials", &one).await;
    let kit = world.kit(&[&one], &json!({})).await;
    world.publish("kits", &kit).await;
    let shown = async || {
        let answer = page(&public, &kit, 1).await.expect(200);
        String::from_utf8_lossy(&answer.bytes).into_owned()
    };
    for (patch, words) in [
        (json!({"credit": "New desk"}), "New desk"),
        (json!({"usage_terms": {"en": "With credit"}}), "With credit"),
        (json!({"headline": {"en": "Second words"}}), "Second words"),
    ] {
        let before = shown().await;
        let path = format!("/v1/materials/{one}");
        world.admin.patch(&path, &patch).await.expect(200);
        let after = shown().await;
        assert!(after.contains(words), "{words} in {after}");
        assert!(!before.contains(words));
    }
    assert!(!shown().await.contains("Old desk"));
}
