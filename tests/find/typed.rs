//! What people type: words in any order, one too many, phrases, what is not wanted, beginnings, slips, years, names of
//! files, numbers, ids; and what nobody means, which is answered all the same, and soon.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{described, found, known, texts};
use crate::world::{World, answer::ids, media, until};

#[tokio::test]
async fn words_are_found_in_any_order_and_fewest_missing_come_first() {
    let world = World::start().await;
    let made = texts(
        &world,
        &[
            "Toshkent shahar hokimligi matbuot anjumani",
            "Matbuot anjumani Toshkentda",
            "Toshkent metrosi",
            "Hokimlik binosi",
        ],
    )
    .await;
    let first = |query| found_one(&world, query);
    assert_eq!(
        first("anjumani matbuot hokimligi").await,
        Some(made[0].clone())
    );
    let all = found(&world, &[("q", "anjumani toshkent matbuot")]).await;
    assert_eq!(all, [made[0].as_str(), made[1].as_str()]);
    // One word too many does not empty the page.
    let one_too_many = found(&world, &[("q", "toshkent matbuot anjumani bugun")]).await;
    assert_eq!(one_too_many.len(), 2);
    assert_eq!(
        found(&world, &[("q", "\"matbuot anjumani toshkentda\"")]).await,
        [made[1].as_str()]
    );
    assert_eq!(
        found(&world, &[("q", "toshkent -matbuot")]).await,
        [made[2].as_str()]
    );
    assert_eq!(
        found(&world, &[("q", "hokim* -anjumani")]).await,
        [made[3].as_str()]
    );
    assert_eq!(
        found(&world, &[("q", "тошкент метроси")]).await,
        [made[2].as_str()]
    );
    assert_eq!(
        found(&world, &[("q", "тошкент metrosi")]).await,
        [made[2].as_str()]
    );
    assert_eq!(
        first("tohskent metrosi").await,
        Some(made[2].clone()),
        "a slip"
    );
}

async fn found_one(world: &World, q: &str) -> Option<String> {
    found(world, &[("q", q)]).await.into_iter().next()
}

#[tokio::test]
async fn years_numbers_and_ids_are_found() {
    let world = World::start().await;
    let old = json!({
        "headline": {"en": "The old bridge"},
        "taken_at": "1987-05-01T10:00:00+05:00",
        "audiences": ["public"],
    });
    let old = described(&world, "bridge", old).await;
    let numbered = json!({
        "headline": {"en": "A vase"},
        "caption": {"en": "Inventory No. КП-4711/12, from the museum"},
        "audiences": ["public"],
    });
    let numbered = described(&world, "vase", numbered).await;
    for (typed, expected) in [
        ("1987", &old),
        ("bridge 1987", &old),
        ("КП-4711/12", &numbered),
        ("4711/12", &numbered),
        ("№ КП-4711/12", &numbered),
        ("kp-4711", &numbered),
        (numbered.as_str(), &numbered),
        (&numbered.to_uppercase(), &numbered),
        (&format!(" {{{numbered}}} "), &numbered),
    ] {
        assert_eq!(
            found(&world, &[("q", typed)]).await,
            [expected.as_str()],
            "{typed}"
        );
    }
    assert!(found(&world, &[("q", "1988")]).await.is_empty());
    let nobody = "01930000-0000-7000-8000-000000000000";
    assert!(found(&world, &[("q", nobody)]).await.is_empty());
}

#[tokio::test]
async fn names_of_files_are_for_the_staff() {
    let world = World::start().await;
    let open = json!({"audiences": ["public"]});
    let photo = world.published(&media::photo(4), &open).await;
    known(&world, &photo).await;
    for typed in [
        "IMG_0004.JPG",
        "img_0004",
        "IMG 0004",
        "\"IMG 0004\"",
        "img_00*",
    ] {
        let list = world.admin.materials(&[("q", typed)]).await;
        assert_eq!(ids(&list), [photo.as_str()], "{typed}");
        let public = world.public().materials(&[("q", typed)]).await;
        assert_eq!(public["total"], 0, "{typed}");
        assert_eq!(public.get("did_you_mean"), None, "{typed}");
    }
}

#[tokio::test]
async fn whatever_is_typed_has_an_answer_soon() {
    let world = World::start().await;
    texts(&world, &["Matbuot anjumani", "שלום עולם", "مرحبا بالعالم"]).await;
    let long = "я".repeat(10_000);
    let many = "so‘z ".repeat(2_000);
    let quoted = format!("\"{}", "a \" ".repeat(2_000));
    let questions = [
        "",
        "   ",
        long.as_str(),
        &many,
        &quoted,
        "!?.,;:()[]{}<>/\\|@#$%^&*_+=~`",
        "\"\"",
        "\"matbuot anjumani",
        "«matbuot anjumani",
        "👩‍👩‍👧 🇺🇿",
        "\u{202e}abc\u{202c}",
        "^(a+)+$",
        ".*",
        "[a-z]{1,1000}",
        "title:matbuot AND (x OR y) NOT z",
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "-",
        "--matbuot",
        "-matbuot",
        "* * *",
        "\u{0}\u{1f}\u{7f}",
        "a\u{301}\u{301}\u{301}\u{301}",
    ];
    let public = world.public();
    for q in questions {
        let query = [("q", q), ("highlight", "true"), ("facets", "kind,year")];
        for path in ["/v1/materials", "/v1/suggestions"] {
            let query = if path.ends_with("materials") {
                &query[..]
            } else {
                &query[..1]
            };
            let begun = Instant::now();
            let answer = public.list(path, query).await;
            // Longer than what a head may have is the server's to refuse.
            assert!(
                matches!(answer.status, 200 | 414 | 431 | 400),
                "{q:.40}: {answer:?}"
            );
            assert!(begun.elapsed() < Duration::from_secs(5), "{q:.40}");
        }
    }
    for (q, hits) in [
        ("שלום", 1),
        ("مرحبا", 1),
        ("\"matbuot anjumani", 1),
        ("--matbuot", 1),
    ] {
        let list = public.materials(&[("q", q)]).await;
        assert_eq!(list["total"], hits, "{q}");
    }
}

#[tokio::test]
async fn two_hundred_filters_narrow_as_one() {
    let world = World::start().await;
    let kept = json!({"keywords": ["kept"], "audiences": ["public"]});
    let kept = described(&world, "kept", kept).await;
    texts(&world, &["Another"]).await;
    let words: Vec<String> = (0..200).map(|number| format!("word {number}")).collect();
    let mut query: Vec<(&str, &str)> = words
        .iter()
        .map(|word| ("keyword", word.as_str()))
        .collect();
    assert!(found(&world, &query).await.is_empty());
    query.push(("keyword", "kept"));
    assert_eq!(found(&world, &query).await, [kept.as_str()]);
    let id = "01930000-0000-7000-8000-000000000000";
    let ids: Vec<(&str, &str)> = (0..201).map(|_| ("id", id)).collect();
    let refused = world.public().list("/v1/materials", &ids).await;
    refused.problem(400, "bad-request");
}

#[tokio::test]
async fn a_cursor_leads_on_after_the_index_was_made_again() {
    let mut world = World::start().await;
    let made = texts(&world, &["Suv bir", "Suv ikki", "Suv uch"]).await;
    let page = world
        .public()
        .materials(&[("q", "suv"), ("limit", "2")])
        .await;
    assert_eq!(ids(&page), [made[2].as_str(), made[1].as_str()]);
    let cursor = page["next_cursor"]
        .as_str()
        .expect("there is more")
        .to_owned();
    world.server.stop().await;
    std::fs::remove_dir_all(world.server.data().join("index")).expect("the index was there");
    world.restart().await;
    until("the index to be made again", async || {
        let all = world.public().materials(&[("q", "suv")]).await;
        (all["total"] == 3).then_some(())
    })
    .await;
    let query = [("q", "suv"), ("limit", "2"), ("cursor", cursor.as_str())];
    let rest = world.public().materials(&query).await;
    assert_eq!(ids(&rest), [made[0].as_str()]);
}
