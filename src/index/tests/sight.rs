//! Nothing that a viewer may not see leaves a trace: not as a hit, not in a total, a count, a mark or a suggestion.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{DAY, NOW, ask, id, mark, photo, public, unit, world};
use crate::{
    index::{Document, Facet, FacetCount, Search, SuggestionKind, Units, Viewer, Window},
    language::Texts,
    terms::Status,
};

fn window(audience: &str, from: i64, until: i64) -> Window {
    Window {
        audience: audience.to_owned(),
        from,
        until,
    }
}

fn staff(units: Units) -> Viewer {
    let audiences = ["public", "press", "partners"].map(str::to_owned).to_vec();
    Viewer::new(audiences, units, NOW)
}

fn draft(number: u128) -> Document {
    let mut draft = photo(number, "uz-Latn", "Maxfiy uchrashuv");
    draft.status = Status::Draft;
    draft.visible = Vec::new();
    draft.published_at = None;
    draft.keywords = vec!["maxfiy".to_owned()];
    draft
}

fn every_facet() -> Vec<Facet> {
    use Facet::{
        Audience, Event, Genre, Keyword, Kind, Language, Person, Processing, Status, Unit, Year,
    };
    vec![
        Kind, Genre, Language, Keyword, Person, Event, Unit, Audience, Status, Processing, Year,
    ]
}

fn count(value: &str, count: u64) -> FacetCount {
    FacetCount {
        value: value.to_owned(),
        count,
    }
}

#[tokio::test]
async fn drafts_are_seen_in_their_unit_alone() {
    let world = world();
    world.add(vec![draft(1)]).await;
    for (viewer, seen) in [
        (public(), 0),
        (staff(Units::None), 0),
        (staff(Units::Some(vec![unit(2)])), 0),
        (staff(Units::Some(vec![unit(2), unit(1)])), 1),
        (staff(Units::All), 1),
    ] {
        let search = Search {
            facets: every_facet(),
            highlight: true,
            ..ask("maxfiy")
        };
        let hits = world.index.search(search, &viewer).await.unwrap();
        assert_eq!(
            (hits.total, hits.items.len() as u64),
            (seen, seen),
            "{viewer:?}"
        );
        assert_eq!(hits.facets.len(), 11);
        assert_eq!(
            hits.facets.values().any(|counts| !counts.is_empty()),
            seen > 0
        );
        assert_eq!(
            world
                .index
                .suggest("max", &viewer, 10)
                .await
                .unwrap()
                .is_empty(),
            seen == 0
        );
    }
}

#[tokio::test]
async fn an_embargo_ends_by_itself_to_the_millisecond() {
    let world = world();
    let mut material = photo(1, "ru", "Эмбарго");
    material.visible = vec![
        window("press", NOW, NOW + 10),
        window("press", NOW + 20, NOW + 30),
        window("public", NOW + 40, i64::MAX),
    ];
    world.add(vec![material]).await;
    // More commits than the index keeps apart: windows must outlast a merge.
    for other in 2..12 {
        let mut other = photo(other, "ru", "Другое");
        other.visible = vec![window("press", NOW - 5, NOW + 5), window("partners", 1, 2)];
        world.add(vec![other]).await;
    }
    let seen = async |audience: &str, now| {
        let viewer = Viewer::new(vec![audience.to_owned()], Units::None, now);
        world
            .index
            .search(ask("эмбарго"), &viewer)
            .await
            .unwrap()
            .total
            == 1
    };
    for (after, open) in [
        (-1, false),
        (0, true),
        (9, true),
        (10, false),
        (19, false),
        (20, true),
        (29, true),
        (30, false),
        (50, false),
    ] {
        assert_eq!(seen("press", NOW + after).await, open, "press {after}");
    }
    assert!(!seen("public", NOW + 39).await && seen("public", NOW + 40).await);
    assert!(!seen("partners", NOW + 50).await);
}

#[tokio::test]
async fn readers_neither_match_filenames_nor_ask_for_a_status() {
    let world = world();
    let mut material = photo(1, "en", "Meeting");
    material.filename = Some("IMG_secretname_0042.JPG".to_owned());
    world.add(vec![material, draft(2)]).await;
    let own = staff(Units::Some(vec![unit(1)]));
    let total = async |search: Search, viewer: &Viewer| {
        world
            .index
            .search(Search { limit: 5, ..search }, viewer)
            .await
            .unwrap()
            .total
    };
    assert_eq!(
        (
            total(ask("secretname"), &public()).await,
            total(ask("secretname"), &own).await
        ),
        (0, 1)
    );
    assert_eq!(
        total(ask("secretname"), &staff(Units::Some(vec![unit(3)]))).await,
        0
    );
    let drafts = || Search {
        statuses: vec![Status::Draft],
        ..Search::default()
    };
    assert_eq!(
        (
            total(drafts(), &public()).await,
            total(drafts(), &own).await
        ),
        (0, 1)
    );
    let published = || Search {
        statuses: vec![Status::Published],
        ..Search::default()
    };
    assert_eq!(
        (
            total(published(), &public()).await,
            total(published(), &own).await
        ),
        (1, 1)
    );
    let ready = || Search {
        processing: vec!["ready".to_owned()],
        ..Search::default()
    };
    assert_eq!(
        (total(ready(), &public()).await, total(ready(), &own).await),
        (0, 2)
    );
    let facets = |viewer| {
        let search = Search {
            facets: vec![Facet::Status, Facet::Processing, Facet::Kind],
            limit: 5,
            ..Search::default()
        };
        let index = world.index.clone();
        async move { index.search(search, &viewer).await.unwrap().facets }
    };
    let readers = facets(public()).await;
    assert_eq!(
        (&readers[&Facet::Status], &readers[&Facet::Kind]),
        (&Vec::new(), &vec![count("photo", 1)])
    );
    assert_eq!(
        facets(own).await[&Facet::Status],
        [count("draft", 1), count("published", 1)]
    );
}

#[tokio::test]
async fn an_event_is_known_to_its_audiences() {
    let world = world();
    let event = Uuid::from_u128(77);
    let mut material = photo(1, "uz-Latn", "Surat");
    material.event = Some((event, Texts::from([("uz-Latn", "Yopiq brifing")])));
    material.event_audiences = vec!["press".to_owned()];
    material.visible.push(window("press", 0, i64::MAX));
    world.add(vec![material]).await;
    let press = Viewer::new(vec!["press".to_owned()], Units::None, NOW);
    for (viewer, known) in [(public(), false), (press, true), (staff(Units::All), true)] {
        let by_words = world.index.search(ask("brifing"), &viewer).await.unwrap();
        let by_event = Search {
            events: vec![event],
            facets: vec![Facet::Event],
            limit: 5,
            ..Search::default()
        };
        let by_event = world.index.search(by_event, &viewer).await.unwrap();
        assert_eq!(
            (by_words.total, by_event.total),
            (u64::from(known), u64::from(known)),
            "{viewer:?}"
        );
        let all = Search {
            facets: vec![Facet::Event],
            limit: 5,
            ..Search::default()
        };
        let counts = world
            .index
            .search(all, &viewer)
            .await
            .unwrap()
            .facets
            .remove(&Facet::Event)
            .unwrap();
        assert_eq!(
            counts,
            if known {
                vec![count(&event.to_string(), 1)]
            } else {
                Vec::new()
            }
        );
        let suggested = world.index.suggest("brif", &viewer, 5).await.unwrap();
        assert_eq!(
            suggested
                .iter()
                .any(|one| one.kind == SuggestionKind::Event && one.id == Some(event)),
            known
        );
        let without = Search {
            q: Some("surat -brifing".to_owned()),
            ..ask("")
        };
        assert_eq!(
            world.index.search(without, &viewer).await.unwrap().total,
            u64::from(!known)
        );
    }
}

#[tokio::test]
async fn readers_count_their_own_open_audiences() {
    let world = world();
    let mut material = photo(1, "en", "Meeting");
    material.audiences = vec![
        "public".to_owned(),
        "press".to_owned(),
        "partners".to_owned(),
    ];
    material.visible = vec![
        window("public", NOW + DAY, i64::MAX),
        window("press", 0, i64::MAX),
        window("partners", 0, i64::MAX),
    ];
    world.add(vec![material]).await;
    let audiences = async |viewer: Viewer| {
        let search = Search {
            facets: vec![Facet::Audience],
            limit: 1,
            ..Search::default()
        };
        world
            .index
            .search(search, &viewer)
            .await
            .unwrap()
            .facets
            .remove(&Facet::Audience)
            .unwrap()
    };
    let press = Viewer::new(
        vec!["press".to_owned(), "public".to_owned()],
        Units::None,
        NOW,
    );
    assert_eq!(audiences(press).await, [count("press", 1)]);
    assert_eq!(audiences(staff(Units::All)).await.len(), 3);
}

#[tokio::test]
async fn suggestions_complete_what_is_typed_in_any_script() {
    let world = world();
    let mut material = photo(1, "uz-Latn", "Media-reja tasdiqlandi");
    material.keywords = vec!["медиарежа".to_owned(), "boshqa".to_owned()];
    material.persons = vec![Texts::from([("uz-Cyrl", "Наби Раҳмонов")])];
    world
        .index
        .apply(vec![material], Vec::new(), mark(1))
        .await
        .unwrap();
    let texts = async |q: &str| {
        let suggested = world.index.suggest(q, &public(), 5).await.unwrap();
        suggested
            .into_iter()
            .map(|one| one.text)
            .collect::<Vec<_>>()
    };
    // In the script in which somebody types.
    assert_eq!(texts("medi").await, ["mediareja", "Media-reja tasdiqlandi"]);
    assert_eq!(texts("меди").await, ["медиарежа", "Медиа-режа тасдиқланди"]);
    assert_eq!(texts("raxm").await, ["Nabi Rahmonov"]);
    assert_eq!(texts("рахм").await, ["Наби Раҳмонов"]);
    assert_eq!(texts("nabi rah").await, ["Nabi Rahmonov"]);
    assert!(texts("qqq").await.is_empty());
    let headline = world.index.suggest("tasd", &public(), 5).await.unwrap();
    assert_eq!(
        (headline[0].kind, headline[0].id),
        (SuggestionKind::Headline, Some(id(1)))
    );
}

/// Words are gathered a window of materials at a time: the rule holds at each of them.
#[tokio::test]
async fn what_is_closed_among_many_is_left_out_everywhere() {
    const MANY: u128 = 9_000;
    let world = world();
    let of = |number: u128| {
        let headline = match number % 4 {
            0 => "Bogʻ ochildi bugun",
            1 => "Bogʻ ochildi",
            2 => "Bugun bogʻ",
            _ => "Yoʻl qurildi",
        };
        let mut one = photo(number, "uz-Latn", headline);
        one.visible = match number % 11 {
            0 => vec![window("press", 0, i64::MAX)],
            1 => vec![window("public", NOW + 1, i64::MAX)],
            2 => vec![window("public", 0, NOW)],
            3 => Vec::new(),
            _ => one.visible,
        };
        one
    };
    world.add((0..MANY).map(of).collect()).await;
    for (q, says) in [
        ("bogʻ", [true, true, true, false]),
        ("bogʻ ochildi", [true, true, false, false]),
        ("ochildi bugun bogʻ", [true, true, true, false]),
    ] {
        let open = (0..MANY).filter(|number| number % 11 > 3);
        let open = open.filter(|number| says[usize::try_from(number % 4).unwrap()]);
        let open: BTreeSet<Uuid> = open.map(id).collect();
        let search = Search {
            limit: usize::try_from(MANY).unwrap(),
            ..ask(q)
        };
        let hits = world.index.search(search, &public()).await.unwrap();
        let found: BTreeSet<Uuid> = hits.items.iter().map(|hit| hit.id).collect();
        assert_eq!(found, open, "{q}");
        assert_eq!(hits.total, open.len() as u64, "{q}");
        let press = Viewer::new(vec!["press".to_owned()], Units::None, NOW);
        let hits = world.index.search(ask(q), &press).await.unwrap();
        let theirs = (0..MANY).filter(|number| number % 11 == 0);
        let theirs = theirs.filter(|number| says[usize::try_from(number % 4).unwrap()]);
        assert_eq!(hits.total, theirs.count() as u64, "{q}");
    }
}
