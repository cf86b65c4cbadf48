//! What is alike and what is near: found by those who may know of it, and moved by nothing that is hidden.

use super::{Search, Units, Viewer, ask, id, photo, public, unit, world};
use crate::index::{Alike, By, Document, Near, Point};

fn staff() -> Viewer {
    Viewer {
        units: Units::Some(vec![unit(1)]),
        ..public()
    }
}

fn hidden(number: u128, headline: &str) -> Document {
    Document {
        visible: Vec::new(),
        ..photo(number, "uz-Latn", headline)
    }
}

#[tokio::test]
async fn what_is_hidden_moves_nothing() {
    let world = world();
    let like = photo(1, "uz-Latn", "Toshkent suv omborlari ta’mirlandi");
    world
        .add(vec![
            like.clone(),
            photo(2, "uz-Cyrl", "Сув омборларини таъмирлаш"),
            photo(3, "uz-Latn", "Toshkent ko‘chalari"),
        ])
        .await;
    let alike = async |viewer: &Viewer| {
        let found = world
            .index
            .alike(like.clone(), By::WordsAndLooks, viewer, 10, None);
        found.await.unwrap()
    };
    let before = alike(&public()).await;
    let ids: Vec<_> = before.iter().map(|alike| alike.id).collect();
    assert_eq!(ids, [id(2), id(3)]);
    // Words that are rare among what the public sees become common among what it does not.
    let many = (10..40).map(|number| hidden(number, "Suv omborlari ta’mirlandi"));
    world.add(many.collect()).await;
    assert_eq!(alike(&public()).await, before);
    assert_eq!(alike(&staff()).await.len(), 10);
}

#[tokio::test]
async fn pictures_are_alike_by_all_but_a_few_bits() {
    let world = world();
    let hash = 0x0f1e_2d3c_4b5a_6978_u64;
    let looking = |number, looks| {
        let mut document = photo(number, "uz-Latn", "");
        document.measures.looks = Some(looks);
        document
    };
    world
        .add(vec![
            looking(1, hash),
            looking(2, hash ^ 0x8001_0200_1008_0001),
            looking(3, hash),
            looking(4, hash ^ 0x07ff),
            looking(5, !hash),
        ])
        .await;
    let found = world
        .index
        .alike(looking(1, hash), By::Looks, &public(), 10, None)
        .await
        .unwrap();
    let alike = |number, looks| Alike {
        id: id(number),
        words: 0,
        looks: Some(looks),
    };
    assert_eq!(found, [alike(3, 1000), alike(2, 1000 - 6 * 1000 / 64)]);
    let after = found.first().map(Alike::nearness);
    let next = world
        .index
        .alike(looking(1, hash), By::Looks, &public(), 10, after)
        .await
        .unwrap();
    assert_eq!(next, found[1..]);
}

#[tokio::test]
async fn a_position_that_only_the_file_tells_is_for_the_staff() {
    let world = world();
    let point = |latitude, longitude| Point {
        latitude,
        longitude,
    };
    let (tashkent, bishkek) = (point(41.31, 69.24), point(42.87, 74.61));
    let mut told = photo(1, "ru", "Файл знает");
    told.measures.told_by_file = Some(tashkent);
    let mut said = photo(2, "ru", "Сказано");
    said.measures.position = Some(tashkent);
    said.measures.told_by_file = Some(bishkek);
    world.add(vec![told, said, photo(3, "ru", "Нигде")]).await;
    let near = async |point, viewer: &Viewer| {
        let search = Search {
            near: Some(Near {
                point,
                meters: 5000.0,
            }),
            limit: 10,
            ..Search::default()
        };
        let hits = world.index.search(search, viewer).await.unwrap();
        let mut found: Vec<_> = hits.items.into_iter().map(|hit| hit.id).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(near(tashkent, &public()).await, [id(2)]);
    assert_eq!(near(tashkent, &staff()).await, [id(1), id(2)]);
    assert!(
        near(bishkek, &staff()).await.is_empty(),
        "people said where"
    );
}

#[tokio::test]
async fn a_year_finds_what_was_made_or_published_in_it() {
    let world = world();
    let mut old = photo(1, "uz-Latn", "Kurultoy");
    old.taken_at = Some(760_000_000_000);
    world
        .add(vec![
            old,
            photo(2, "uz-Latn", "Kurultoy"),
            photo(3, "uz-Latn", "1994-yilgi kurultoy"),
        ])
        .await;
    assert_eq!(world.find("kurultoy 1994").await, [id(3), id(1)]);
    assert_eq!(world.find("1994").await, [id(3), id(1)]);
    assert_eq!(world.search(ask("2025")).await.total, 3);
    assert_eq!(world.find("kurultoy -1994").await, [id(2)]);
}
