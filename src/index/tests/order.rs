//! Pages in every order: complete, without repeats, and right while materials come and go between them.

use uuid::Uuid;

use super::{DAY, NOW, World, ask, id, mark, photo, public, world};
use crate::{
    error::Code,
    index::{DateField, Document, Facet, Position, Search, Sort, folder::FORMAT},
    language::{Language, Texts},
    terms::Kind,
};

/// Every page to the end, a cursor written and read between them.
async fn walk(world: &World, mut search: Search) -> Vec<Uuid> {
    let mut ids = Vec::new();
    loop {
        let hits = world.search(search.clone()).await;
        assert!(hits.items.len() <= search.limit);
        ids.extend(hits.items.into_iter().map(|hit| hit.id));
        let Some(next) = hits.next else { return ids };
        let sealed = serde_json::to_string(&next).unwrap();
        search.after = Some(serde_json::from_str::<Position>(&sealed).unwrap());
    }
}

/// Sixty photos over several segments, with ties in date and title.
async fn sixty() -> (World, Vec<Document>) {
    let world = world();
    let mut documents = Vec::new();
    for number in 0..60 {
        let mut document = photo(
            number,
            "en",
            ["Meeting", "briefing", "Visit"][number as usize % 3],
        );
        document.published_at = Some(NOW - DAY * i64::try_from(number % 7).unwrap());
        document.taken_at = (number % 2 == 0).then_some(NOW - i64::try_from(number).unwrap());
        document.keywords = vec![format!("k{}", number % 4), "all".to_owned()];
        documents.push(document);
    }
    for chunk in documents.chunks(13) {
        world.add(chunk.to_vec()).await;
    }
    (world, documents)
}

fn sorted<K: Ord>(documents: &[Document], key: impl Fn(&Document) -> K) -> Vec<Uuid> {
    let mut documents: Vec<&Document> = documents.iter().collect();
    documents.sort_by_key(|document| key(document));
    documents.into_iter().map(|document| document.id).collect()
}

#[tokio::test]
async fn pages_follow_the_order_to_the_end() {
    use std::cmp::Reverse;
    let (world, documents) = sixty().await;
    for limit in [1, 7, 60, 200] {
        let by = |sort, date| Search {
            date,
            sort,
            limit,
            ..Search::default()
        };
        let newest = walk(&world, by(Sort::Newest, DateField::Published)).await;
        assert_eq!(
            newest,
            sorted(&documents, |one| (
                Reverse(one.published_at),
                Reverse(one.id)
            ))
        );
        let oldest = walk(&world, by(Sort::Oldest, DateField::Taken)).await;
        assert_eq!(
            oldest,
            sorted(&documents, |one| (
                one.taken_at.is_none(),
                one.taken_at,
                one.id
            ))
        );
        let titles = walk(&world, by(Sort::Title, DateField::Published)).await;
        let title = |one: &Document| one.headline.iter().next().unwrap().1.to_lowercase();
        assert_eq!(titles, sorted(&documents, |one| (title(one), one.id)));
        let relevant = walk(
            &world,
            Search {
                limit,
                ..ask("briefing")
            },
        )
        .await;
        assert_eq!(relevant.len(), 20);
        assert!(
            relevant.is_sorted_by(|a, b| a > b),
            "equal scores: the newest id first"
        );
    }
}

#[tokio::test]
async fn what_comes_and_goes_neither_repeats_nor_hides_the_rest() {
    let (world, documents) = sixty().await;
    for sort in [Sort::Newest, Sort::Oldest, Sort::Title, Sort::Relevance] {
        let q = (sort == Sort::Relevance).then(|| "all".to_owned());
        let search = Search {
            sort,
            q,
            limit: 25,
            ..Search::default()
        };
        let first = world.search(search.clone()).await;
        let seen: Vec<Uuid> = first.items.iter().map(|hit| hit.id).collect();
        let mut newcomer = photo(1000, "en", "Meeting");
        newcomer.keywords = vec!["all".to_owned()];
        world
            .index
            .apply(vec![newcomer], seen.clone(), mark(2))
            .await
            .unwrap();
        let mut rest = walk(
            &world,
            Search {
                after: first.next,
                ..search
            },
        )
        .await;
        rest.retain(|one| *one != id(1000));
        let mut whole = [seen, rest].concat();
        whole.sort();
        assert_eq!(whole, sorted(&documents, |one| one.id), "{sort:?}");
        world
            .index
            .apply(documents.clone(), vec![id(1000)], mark(3))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_position_of_another_order_is_refused() {
    let (world, _) = sixty().await;
    let first = world
        .search(Search {
            limit: 5,
            ..Search::default()
        })
        .await;
    for sort in [Sort::Oldest, Sort::Title, Sort::Relevance] {
        let search = Search {
            sort,
            limit: 5,
            after: first.next.clone(),
            ..Search::default()
        };
        let refused = world.index.search(search, &public()).await.unwrap_err();
        assert_eq!(refused.code(), Some(Code::InvalidCursor));
    }
    // Of a version that ranked otherwise.
    let sealed = serde_json::to_string(&first.next).unwrap();
    let of_today = format!("\"format\":{FORMAT}");
    assert!(sealed.contains(&of_today), "{sealed}");
    let former = sealed.replace(&of_today, "\"format\":0");
    let search = Search {
        limit: 5,
        after: serde_json::from_str(&former).unwrap(),
        ..Search::default()
    };
    let refused = world.index.search(search, &public()).await.unwrap_err();
    assert_eq!(refused.code(), Some(Code::InvalidCursor));
}

#[tokio::test]
async fn titles_sort_by_the_alphabet_of_their_language() {
    let world = world();
    // Kyrgyz: н before ң, о before ө, ө before п. Uzbek: oʻ and sh after z. Cyrillic before Latin, whatever it is in.
    let titles = [
        ("uz-Cyrl", "Навоий"),
        ("ky", "нур"),
        ("ky", "ңур"),
        ("ru", "область"),
        ("ky", "ооз"),
        ("ky", "өмүр"),
        ("uz-Cyrl", "пахта"),
        ("en", "Opera"),
        ("uz-Latn", "zamon"),
        ("uz-Latn", "oʻrin"),
        ("uz-Latn", "shahar"),
    ];
    let documents = (0..)
        .zip(titles)
        .map(|(number, (language, title))| photo(number, language, title));
    world.add(documents.collect()).await;
    let search = Search {
        sort: Sort::Title,
        limit: 2,
        ..Search::default()
    };
    assert_eq!(
        walk(&world, search).await,
        (0..11).map(id).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn counts_are_exact_over_all_pages() {
    let (world, _) = sixty().await;
    let facets = vec![Facet::Keyword, Facet::Kind, Facet::Year, Facet::Genre];
    let hits = world
        .search(Search {
            facets,
            limit: 3,
            ..Search::default()
        })
        .await;
    assert_eq!(hits.total, 60);
    let shown: Vec<(&str, u64)> = hits.facets[&Facet::Keyword]
        .iter()
        .map(|one| (one.value.as_str(), one.count))
        .collect();
    assert_eq!(
        shown,
        [("all", 60), ("k0", 15), ("k1", 15), ("k2", 15), ("k3", 15)]
    );
    assert_eq!(
        (
            hits.facets[&Facet::Kind][0].count,
            &hits.facets[&Facet::Year][0].value[..]
        ),
        (60, "2025")
    );
    assert!(hits.facets[&Facet::Genre].is_empty());
    for (value, count) in shown {
        let filtered = Search {
            keywords: vec![value.to_owned()],
            kinds: vec![Kind::Photo],
            limit: 1,
            ..Search::default()
        };
        assert_eq!(world.search(filtered).await.total, count);
    }
}

#[tokio::test]
async fn highlights_are_of_the_language_that_was_found() {
    let world = world();
    let mut document = photo(1, "uz-Latn", "Xizmat");
    document.caption = Texts::from([("uz-Cyrl", "Ҳушев & ҳамкасблари"), ("en", "Nobody here")]);
    document
        .described_in
        .push(Language::parse("uz-Cyrl").unwrap());
    world.add(vec![document]).await;
    let hits = world
        .search(Search {
            highlight: true,
            ..ask("Xushev")
        })
        .await;
    assert_eq!(
        hits.items[0].highlights.get("caption").unwrap(),
        "<mark>Ҳушев</mark> &amp; ҳамкасблари"
    );
    assert_eq!(hits.items[0].highlights.len(), 1);
}

/// Words in captions, side by side or apart, in more materials than a page holds: whichever page somebody is on, what
/// has them side by side comes first, and of three words what has more of them.
#[tokio::test]
async fn neighbours_come_first_and_pages_hold_them_apart() {
    let world = world();
    let captions = [
        "red green blue",
        "red and green and blue",
        "green red blue",
        "blue green red",
        "red green",
        "green and blue and red",
        "red or blue",
        "blue",
    ];
    let mut documents = Vec::new();
    for number in 0..64 {
        let mut document = photo(number, "en", "Colours");
        let caption = captions[number as usize * 5 % captions.len()];
        let english = Language::parse("en").unwrap();
        document.caption = Texts([(english, caption.to_owned())].into());
        documents.push(document);
    }
    for chunk in documents.chunks(17) {
        world.add(chunk.to_vec()).await;
    }
    let caption = |id: &Uuid| {
        let document = documents.iter().find(|one| one.id == *id).unwrap();
        document.caption.iter().next().unwrap().1.to_owned()
    };
    let whole = Search {
        limit: 100,
        ..ask("red green blue")
    };
    let found = walk(&world, whole.clone()).await;
    assert_eq!(found.len(), 56, "one word of three is too few");
    let pairs = |caption: &str| {
        let pairs = ["red green", "green blue"].into_iter();
        pairs.filter(|pair| caption.contains(pair)).count()
    };
    let rank = |id: &Uuid| {
        let caption = caption(id);
        let words = ["red", "green", "blue"].into_iter();
        let there = words.filter(|word| caption.contains(word)).count();
        std::cmp::Reverse((there, pairs(&caption), *id))
    };
    assert!(
        found.is_sorted_by_key(rank),
        "{:?}",
        found.iter().map(caption).collect::<Vec<_>>()
    );
    for limit in [1, 3, 10] {
        let search = Search {
            limit,
            ..whole.clone()
        };
        assert_eq!(walk(&world, search).await, found, "pages of {limit}");
    }
}
