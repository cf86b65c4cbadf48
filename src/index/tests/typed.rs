//! What is typed is read as it was meant: on the other keyboard, as a question, as a name or a number in several words.

use super::{Search, ask, id, photo, public, world};
use crate::{index::By, language::Texts};

#[tokio::test]
async fn keys_of_the_other_alphabet_are_read_as_they_were_meant() {
    let world = world();
    world
        .add(vec![
            photo(1, "ru", "Брифинг после пресс-конференции"),
            photo(2, "uz-Latn", "Matbuot markazi"),
            photo(3, "uz-Cyrl", "Ўзбек кураши"),
        ])
        .await;
    for (typed, found, meant) in [
        (",hbabyu", id(1), "брифинг"),
        ("ghtcc-rjyathtywbz", id(1), "пресс-конференция"),
        ("ьфеигще марказ", id(2), "matbuot марказ"),
        ("op,tr rehfib", id(3), "ўзбек кураши"),
    ] {
        let hits = world.search(ask(typed)).await;
        let ids: Vec<_> = hits.items.iter().map(|hit| hit.id).collect();
        assert_eq!(
            (ids, hits.meant),
            (vec![found], vec![meant.to_owned()]),
            "{typed}"
        );
    }
    // What stands there is meant as it was typed.
    world.add(vec![photo(4, "en", "Hbabyu")]).await;
    let hits = world.search(ask("hbabyu")).await;
    assert_eq!((hits.items[0].id, hits.meant.len()), (id(4), 0));
}

#[tokio::test]
async fn filters_mind_neither_letter_case_nor_script() {
    let world = world();
    let mut material = photo(1, "uz-Latn", "Bir");
    material.keywords = vec!["Сув омбори".to_owned(), "👍".to_owned()];
    material.persons = vec![Texts::from([("uz-Cyrl", "Наби Раҳмонов")])];
    world.add(vec![material, photo(2, "uz-Latn", "Ikki")]).await;
    let total = async |search: Search| world.search(search).await.total;
    for keyword in ["Сув омбори", "сув ОМБОРИ", "suv ombori", "👍"] {
        let search = Search {
            keywords: vec![keyword.to_owned()],
            ..ask("")
        };
        assert_eq!(total(search).await, 1, "{keyword}");
    }
    for person in ["Наби Раҳмонов", "Nabi Raxmonov", "НАБИ РАХМОНОВ"] {
        let search = Search {
            persons: vec![person.to_owned()],
            ..ask("")
        };
        assert_eq!(total(search).await, 1, "{person}");
    }
    for other in ["сув", "", "👎"] {
        let search = Search {
            keywords: vec![other.to_owned()],
            ..ask("")
        };
        assert_eq!(total(search).await, 0, "{other}");
    }
}

#[tokio::test]
async fn a_question_is_led_by_what_it_is_about() {
    let world = world();
    world
        .add(vec![
            photo(1, "ru", "В городе и в области: какие планы в мае"),
            photo(2, "ru", "Мероприятия прошли в Ташкенте 3 мая"),
            photo(3, "uz-Latn", "Toshkentda may oyida tadbirlar"),
        ])
        .await;
    let found = world
        .find("какие мероприятия прошли в Ташкенте в мае")
        .await;
    assert_eq!(found[0], id(2));
    assert!(!found.contains(&id(1)), "{found:?}");
    let found = world.find("что было в Ташкенте в мае").await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.contains(&id(3)));
}

#[tokio::test]
async fn what_stands_as_it_was_typed_comes_before_its_other_names() {
    let world = world();
    world
        .add(vec![
            photo(1, "ru", "МВД сообщает"),
            photo(2, "uz-Cyrl", "Ички ишлар вазирлиги маълум қилди"),
            photo(3, "uz-Latn", "Ichki savdo va ishlar"),
        ])
        .await;
    assert_eq!(world.find("ichki ishlar vazirligi").await, [id(2), id(1)]);
    assert_eq!(world.find("МВД").await, [id(1), id(2)]);
}

#[tokio::test]
async fn a_name_that_stands_nowhere_leads_to_its_words() {
    let world = world();
    world
        .add(vec![
            photo(1, "ru", "Дом культуры открыт"),
            photo(2, "ru", "Другое"),
            photo(3, "ru", "Дворец культуры"),
        ])
        .await;
    let mut search = ask("министерство культуры");
    search.limit = 1;
    let first = world.search(search.clone()).await;
    assert_eq!((first.total, first.items[0].id), (2, id(3)));
    search.after = first.next;
    let second = world.search(search).await;
    assert_eq!((second.items[0].id, second.next), (id(1), None));
}

#[tokio::test]
async fn stop_words_make_nothing_alike() {
    let world = world();
    let like = photo(1, "ru", "О мерах по защите и о том, что это было для нас");
    world
        .add(vec![
            like.clone(),
            photo(2, "ru", "О погоде и о том, что это было для вас"),
            photo(3, "ru", "Меры защиты"),
        ])
        .await;
    let alike = world
        .index
        .alike(like, By::WordsAndLooks, &public(), 10, None)
        .await
        .unwrap();
    let ids: Vec<_> = alike.iter().map(|one| one.id).collect();
    assert_eq!(ids, [id(3)]);
}
