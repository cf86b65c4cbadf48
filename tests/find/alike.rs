//! More like this: by words across scripts, by looks, and for nobody more than they may see.

use image::{
    RgbImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
};
use serde_json::{Value, json};

use super::{described, known};
use crate::world::{File, World, answer::ids, media, until};

/// As messengers send it on: smaller, brighter, pressed hard.
fn sent_on(picture: &RgbImage) -> File {
    let small = imageops::resize(picture, 250, 188, FilterType::Triangle);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 45)
        .encode_image(&imageops::brighten(&small, 8))
        .expect("a JPEG");
    File::new("IMG-WA0001.jpg", "image/jpeg", bytes)
}

/// A picture unlike all others: stripes of another width and way.
fn striped(number: u32) -> File {
    let picture = RgbImage::from_fn(640, 480, |x, y| {
        let along = if number.is_multiple_of(2) { x } else { y };
        let light = (along / (20 * number)).is_multiple_of(2);
        image::Rgb(if light { [240, 240, 200] } else { [20, 40, 90] })
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90)
        .encode_image(&picture)
        .expect("a JPEG");
    File::new("striped.jpg", "image/jpeg", bytes)
}

async fn similar(world: &World, id: &str, more: &str) -> Value {
    let path = format!("/v1/materials/{id}/similar{more}");
    world.public().get(&path).await.expect(200).json()
}

fn headline(language: &str, text: &str) -> Value {
    json!({"headline": {language: text}, "audiences": ["public"]})
}

#[tokio::test]
async fn texts_about_the_same_are_alike_in_whichever_script() {
    let world = World::start().await;
    let told = headline(
        "uz-Latn",
        "Suv omborlarini ta’mirlash bo‘yicha matbuot anjumani",
    );
    let told = described(&world, "Suv ombori haqida", told).await;
    let same = headline(
        "uz-Cyrl",
        "Сув омборлари таъмирланади, матбуот анжумани бўлди",
    );
    let same = described(&world, "Сув омбори", same).await;
    let half = headline("uz-Latn", "Matbuot anjumani: yangi maktablar");
    let half = described(&world, "Maktab", half).await;
    let other = headline("ru", "Открытие выставки живописи");
    described(&world, "Выставка", other).await;

    let list = similar(&world, &told, "").await;
    assert_eq!(ids(&list), [same.as_str(), half.as_str()], "{list:#}");
    let words = |at: usize| list["items"][at]["likeness"]["words"].as_f64().unwrap();
    assert!(words(0) > words(1) && words(1) > 0.0, "{list:#}");
    assert!(words(0) <= 1.0);
    assert!(list["items"][0]["likeness"].get("looks").is_none());
    assert!(list["items"][0].get("text").is_none(), "lists leave it out");

    let first = similar(&world, &told, "?limit=1").await;
    assert_eq!(ids(&first), [same.as_str()]);
    let next = first["next_cursor"].as_str().expect("there is more");
    let second = similar(&world, &told, &format!("?limit=1&cursor={next}")).await;
    assert_eq!(ids(&second), [half.as_str()]);
    assert_eq!(second["next_cursor"], Value::Null);
}

#[tokio::test]
async fn photos_that_look_alike_are_found_by_their_looks() {
    let world = World::start().await;
    let open = json!({"audiences": ["public"]});
    let first = world.published(&media::photo(1), &open).await;
    let again = sent_on(&media::picture(1, 640, 480));
    let again = world.published(&again, &open).await;
    let other = world.published(&striped(3), &open).await;
    for id in [&first, &again, &other] {
        known(&world, id).await;
    }
    let list = similar(&world, &first, "").await;
    assert_eq!(ids(&list), [again.as_str()], "{list:#}");
    let looks = list["items"][0]["likeness"]["looks"].as_f64().unwrap();
    assert!((0.84..=1.0).contains(&looks), "{looks}");

    // The uploader is told of it, and readers are not.
    let path = format!("/v1/materials/{again}");
    let mine = world.admin.get(&path).await.expect(200).json();
    assert_eq!(mine["looks_like"], json!([first]));
    let public = world.public().get(&path).await.expect(200).json();
    assert!(public.get("looks_like").is_none(), "{public:#}");
    let alone = world.admin.get(&format!("/v1/materials/{other}")).await;
    assert!(alone.json().get("looks_like").is_none());
}

#[tokio::test]
async fn nobody_learns_of_what_they_may_not_see() {
    let world = World::start().await;
    let open = headline("en", "Reservoirs of the mountain valley");
    let open = described(&world, "Water", open).await;
    let draft = json!({"headline": {"en": "Reservoirs of the mountain valley, secretly"}});
    let draft = world.upload(&media::text("Water"), &draft).await;
    let press =
        json!({"headline": {"en": "Reservoirs and the mountain valley"}, "audiences": ["press"]});
    let press = described(&world, "More water", press).await;
    until("the index to know all", async || {
        let all = world.admin.materials(&[("q", "reservoirs")]).await;
        (all["total"] == 3).then_some(())
    })
    .await;

    assert_eq!(ids(&similar(&world, &open, "").await), [""; 0]);
    let path = format!("/v1/materials/{open}/similar");
    let reader = world.person("reader", None, &["press"]).await;
    let seen = reader.get(&path).await.expect(200).json();
    assert_eq!(ids(&seen), [press.as_str()]);
    let staff = world.admin.get(&path).await.expect(200).json();
    assert_eq!(ids(&staff).len(), 2);

    // What is hidden is not there, and says nothing of what is like it.
    for id in [&draft, &press] {
        let path = format!("/v1/materials/{id}/similar");
        world.public().get(&path).await.problem(404, "not-found");
    }
    let unknown = "/v1/materials/01930000-0000-7000-8000-000000000000/similar";
    world.public().get(unknown).await.problem(404, "not-found");
    for wrong in ["?limit=0", "?q=x", "?cursor=x"] {
        let answer = world.public().get(&format!("{path}{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}
