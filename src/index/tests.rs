//! The index from outside: what goes in is found, by those who may see it, in the order asked for.

mod alike;
mod order;
mod press;
mod recall;
mod sight;
mod typed;
mod walk;

use jiff::tz::{Offset, TimeZone};
use tempfile::TempDir;
use uuid::Uuid;

use super::{Document, Hits, Index, Mark, Measures, Search, Sort, Units, Viewer, Window};
use crate::{
    language::{Language, Texts},
    terms::{Kind, Status},
};

const NOW: i64 = 1_760_000_000_000;
const DAY: i64 = 86_400_000;

struct World {
    index: Index,
    folder: TempDir,
}

fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(5))
}

fn world() -> World {
    let folder = TempDir::new().unwrap();
    World {
        index: Index::open(folder.path(), zone(), "").unwrap(),
        folder,
    }
}

impl World {
    async fn add(&self, documents: Vec<Document>) {
        self.index
            .apply(documents, Vec::new(), mark(1))
            .await
            .unwrap();
    }

    async fn search(&self, search: Search) -> Hits {
        self.index.search(search, &public()).await.unwrap()
    }

    async fn find(&self, q: &str) -> Vec<Uuid> {
        let hits = self.search(ask(q)).await;
        hits.items.into_iter().map(|hit| hit.id).collect()
    }
}

fn mark(number: i64) -> Mark {
    Mark {
        epoch: Uuid::from_u128(7),
        number,
    }
}

fn public() -> Viewer {
    Viewer::new(vec!["public".to_owned()], Units::None, NOW)
}

fn ask(q: &str) -> Search {
    Search {
        q: Some(q.to_owned()),
        sort: Sort::Relevance,
        limit: 10,
        ..Search::default()
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn unit(number: u128) -> Uuid {
    Uuid::from_u128(0x99_0000 + number)
}

/// A published photo that everybody sees.
fn photo(number: u128, language: &str, headline: &str) -> Document {
    let language = Language::parse(language).unwrap();
    Document {
        id: id(number),
        unit: unit(1),
        kind: Some(Kind::Photo),
        genre: None,
        status: Status::Published,
        processing: "ready".to_owned(),
        language: Some(language.clone()),
        described_in: vec![language.clone()],
        headline: Texts([(language, headline.to_owned())].into()),
        caption: Texts::default(),
        alt_text: Texts::default(),
        text: None,
        keywords: Vec::new(),
        persons: Vec::new(),
        place: Texts::default(),
        creator: None,
        credit: None,
        source: None,
        filename: None,
        event: None,
        event_audiences: Vec::new(),
        audiences: vec!["public".to_owned()],
        kits: Vec::new(),
        visible: vec![Window {
            audience: "public".to_owned(),
            from: 0,
            until: i64::MAX,
        }],
        published_at: Some(NOW - DAY),
        taken_at: None,
        created_at: NOW - DAY,
        updated_at: NOW - DAY,
        measures: Measures::default(),
    }
}

#[tokio::test]
async fn what_is_taken_in_is_found_and_what_is_given_up_is_not() {
    let world = world();
    world
        .add(vec![
            photo(1, "uz-Cyrl", "Ахборот хизмати"),
            photo(2, "uz-Latn", "Matbuot anjumani"),
        ])
        .await;
    assert_eq!(world.find("axborot").await, [id(1)]);
    assert_eq!(world.find("матбуот анжуманлари").await, [id(2)]);
    world
        .index
        .apply(
            vec![photo(1, "uz-Cyrl", "Янги сарлавҳа")],
            vec![id(2)],
            mark(2),
        )
        .await
        .unwrap();
    assert!(world.find("axborot").await.is_empty() && world.find("matbuot").await.is_empty());
    assert_eq!(world.find("sarlavha").await, [id(1)]);
    world.index.begin_anew(2).await.unwrap();
    world.index.show().await.unwrap();
    assert_eq!(
        (
            world
                .search(Search {
                    limit: 10,
                    ..Search::default()
                })
                .await
                .total,
            world.index.mark()
        ),
        (0, None)
    );
}

#[tokio::test]
async fn the_mark_lasts_and_a_broken_folder_begins_anew() {
    let World { index, folder } = world();
    assert_eq!(index.mark(), None);
    index
        .apply(vec![photo(1, "ky", "Мэрия")], Vec::new(), mark(41))
        .await
        .unwrap();
    drop(index);
    let again = Index::open(folder.path(), zone(), "").unwrap();
    assert_eq!(again.mark(), Some(mark(41)));
    drop(again);
    let elsewhere = Index::open(folder.path(), TimeZone::UTC, "").unwrap();
    assert_eq!(
        elsewhere.mark(),
        None,
        "years of another zone are other years"
    );
    elsewhere
        .apply(vec![photo(1, "ky", "Мэрия")], Vec::new(), mark(42))
        .await
        .unwrap();
    drop(elsewhere);
    let segment = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let largest = segment
        .max_by_key(|path| path.metadata().unwrap().len())
        .unwrap();
    let mut bytes = std::fs::read(&largest).unwrap();
    bytes[10] ^= 0xff;
    std::fs::write(&largest, bytes).unwrap();
    let broken = Index::open(folder.path(), TimeZone::UTC, "").unwrap();
    assert_eq!(broken.mark(), None);
    broken
        .apply(vec![photo(2, "ky", "Мэр")], Vec::new(), mark(1))
        .await
        .unwrap();
    assert_eq!(broken.search(ask("мэр"), &public()).await.unwrap().total, 1);
}

#[tokio::test]
async fn closer_is_higher_and_one_word_too_many_still_finds() {
    let world = world();
    let mut in_text = photo(3, "uz-Latn", "Boshqa");
    in_text.text = Some("axborot xizmati haqida".to_owned());
    world
        .add(vec![
            in_text,
            photo(1, "uz-Latn", "Axborot xizmati"),
            photo(2, "uz-Cyrl", "Ахборот хизматлари"),
            photo(4, "uz-Latn", "Axborot"),
        ])
        .await;
    assert_eq!(world.find("axborot xizmati").await, [id(1), id(2), id(3)]);
    assert_eq!(
        world.find("axborot uchrashuv").await.len(),
        4,
        "no material has both"
    );
    assert_eq!(
        world.find("axborot xizmati uchrashuv").await,
        [id(1), id(2), id(3)]
    );
    assert_eq!(world.find("axborot -xizmati").await, [id(4)]);
    assert_eq!(world.find("\"xizmati haqida\"").await, [id(3)]);
    assert!(world.find("\"haqida xizmati\"").await.is_empty());
    assert_eq!(world.find("xizm*").await.len(), 3);
    assert_eq!(world.find("axbrot").await.len(), 4, "a slip of the finger");
    assert_eq!(world.find(&id(2).to_string()).await, [id(2)]);
}

#[tokio::test]
async fn filters_narrow_and_their_values_are_alternatives() {
    type Narrow<'a> = Box<dyn Fn(&mut Search) + 'a>;
    let world = world();
    let mut video = photo(1, "ky", "Мэрия");
    video.kind = Some(Kind::Video);
    video.keywords = vec!["шаар".to_owned(), "жол".to_owned()];
    video.persons = vec![Texts::from([
        ("ky", "Азиз Суракматов"),
        ("en", "Aziz Surakmatov"),
    ])];
    video.kits = vec![unit(5)];
    let mut other = photo(2, "ru", "Мэрия");
    other.genre = Some("news_photo".to_owned());
    other.published_at = Some(NOW - 400 * DAY);
    world.add(vec![video, other]).await;
    let language = |tag| Language::parse(tag).unwrap();
    let cases: [(Narrow, u64); 12] = [
        (Box::new(|s| s.kinds = vec![Kind::Video]), 1),
        (Box::new(|s| s.kinds = vec![Kind::Video, Kind::Photo]), 2),
        (
            Box::new(|s| s.keywords = vec!["жол".into(), "жок".into()]),
            1,
        ),
        (Box::new(|s| s.persons = vec!["Aziz Surakmatov".into()]), 1),
        (Box::new(|s| s.languages = vec![language("ru")]), 1),
        (Box::new(|s| s.described_in = vec![language("ky")]), 1),
        (Box::new(|s| s.units = vec![unit(1), unit(2)]), 2),
        (Box::new(|s| s.kits = vec![unit(5)]), 1),
        (Box::new(|s| s.ids = Some(vec![id(1), id(9)])), 1),
        (Box::new(|s| s.ids = Some(Vec::new())), 0),
        (Box::new(|s| s.from = Some(NOW - DAY)), 1),
        (Box::new(|s| s.to = Some(NOW - DAY)), 1),
    ];
    for (narrow, total) in cases {
        let mut search = Search {
            limit: 10,
            ..Search::default()
        };
        narrow(&mut search);
        assert_eq!(
            world.search(search.clone()).await.total,
            total,
            "{search:?}"
        );
        search.genres = vec!["speech".into()];
        assert_eq!(world.search(search).await.total, 0);
    }
}

#[tokio::test]
async fn nothing_that_is_typed_is_an_error() {
    let world = world();
    world.add(vec![photo(1, "en", "Press conference")]).await;
    let long = "x".repeat(10_000);
    let dots = "a.".repeat(5_000);
    let hyphens = "a-".repeat(5_000);
    let phrase = format!("\"{}\"", "so‘z ".repeat(3_000));
    for junk in [
        "",
        " ",
        "\"",
        "\"\"\"",
        "()[]{}\\/^~:+!&|",
        "AND OR NOT",
        "*",
        "-*",
        "-",
        "--x",
        "👩‍👩‍👧",
        "\0\u{1f}a",
        "ﷺ",
        "İ",
        "\u{202e}abc",
        "a*b*",
        "title:(x",
        &long,
        &dots,
        &hyphens,
        &phrase,
    ] {
        let search = Search {
            highlight: true,
            ..ask(junk)
        };
        world.search(search).await;
        world.index.suggest(junk, &public(), 10).await.unwrap();
    }
    assert!(world.find("👍 !?").await.is_empty());
    assert_eq!(world.find("  ").await.len(), 1);
}
