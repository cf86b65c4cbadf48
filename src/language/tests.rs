//! What must meet, meets: the table of the words that people type and the words that they expect to find.

mod families;

use super::{Class, Language, Token, asked, asked_forms, meet, tokens, within_one_slip};

fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap()
}

fn finds(typed: &str, written: &str, tag: &str) -> bool {
    let written: Vec<Token> = tokens(written, Some(&language(tag))).collect();
    // What is one thing in several words has these besides.
    let is_word = |word: &Token| word.forms.iter().any(|form| form.class == Class::Exact);
    let mut words = asked(typed).filter(is_word);
    words.all(|word| {
        written
            .iter()
            .any(|token| meet(&word.forms, token).is_some())
    })
}

#[test]
fn what_must_meet_meets() {
    for (typed, tag, written) in [
        ("axborot xizmati", "uz-Cyrl", "Ахборот хизмати"),
        ("axborot xizmati", "uz-Cyrl", "ахборот хизматлари"),
        ("axborot", "uz-Cyrl", "ахборотнинг"),
        ("o'zbekiston", "uz-Cyrl", "Ўзбекистон"),
        ("ozbekiston", "uz-Cyrl", "Ўзбекистон"),
        ("o´zbekiston", "uz-Latn", "Oʻzbekiston"),
        ("коррупция", "uz-Latn", "korrupsiya"),
        ("коррупция", "uz-Latn", "korrupsiyaga"),
        ("Raxmonov", "uz-Latn", "Rahmonov"),
        ("Raxmonov", "uz-Cyrl", "Раҳмонов"),
        ("Raxmonov", "uz-Cyrl", "Рахмонов"),
        ("мэр", "ky", "мэрдин"),
        ("мэр", "ky", "мэринин"),
        (
            "утказилган хокимият мухокама",
            "uz-Cyrl",
            "ўтказилган ҳокимият муҳокама",
        ),
        ("утказилган", "uz-Latn", "oʻtkazilgan"),
        ("жонундо бутун он", "ky", "жөнүндө бүтүн оң"),
        ("Khushev", "uz-Cyrl", "Хушев"),
        ("press conference", "en", "press-conferences"),
        ("медиарежа", "uz-Latn", "media-reja"),
        ("media reja", "uz-Cyrl", "Медиа-режалар"),
        ("видеотека", "ky", "видео- жана фонотеканы"),
        ("ёшлар", "uz-Latn", "“Yoshlar”"),
        ("фукаролик", "uz-Latn", "fuqarolik"),
        ("буёк", "uz-Cyrl", "бўёқ"),
        ("shahar hokimligi", "uz-Cyrl", "шаҳрининг ҳокимликлари"),
        ("tilak", "uz-Cyrl", "тилагимиз"),
        ("Kanada", "uz-Cyrl", "Канададаги"),
        ("Kanadaning", "uz-Cyrl", "Канада"),
        ("anjuman", "uz-Cyrl", "анжумани"),
        ("reja", "uz-Cyrl", "режани"),
        ("китеп", "ky", "китебинин"),
        ("мурун", "ky", "мурдунда"),
        // е for ё, against the Latin spelling as well.
        ("енгин", "uz-Latn", "yongʻin"),
        ("Мирзиеев", "uz-Latn", "Mirziyoyev"),
        ("дунеда", "uz-Latn", "dunyoda"),
        ("буек", "uz-Latn", "boʻyoq"),
        // дж for the Uzbek and Kyrgyz ж.
        ("Джураев", "uz-Latn", "Joʻrayev"),
        ("Djumabayev", "ky", "Жумабаев"),
        // What Russian declines, and its neighbours do not.
        ("коррупции", "uz-Latn", "korrupsiyaning"),
        ("korrupsiyaga", "ru", "коррупцией"),
        ("мэрии", "ky", "мэриясынын"),
        ("программой", "uz-Latn", "programma"),
        // Letters of the other script that look alike, and those of other Latin alphabets.
        ("мaтбуoт", "uz-Cyrl", "матбуот"),
        ("матбуот", "uz-Cyrl", "мaтбyот"),
        ("Taşkent", "uz-Latn", "Tashkent"),
        ("Çavuşoğlu", "ru", "Чавушоглу"),
        ("Cavusoglu", "en", "Çavuşoğlu"),
        ("Хрущев", "en", "Khruschev"),
        ("Aigul", "ky", "Айгүл"),
        // As in messages from a telephone.
        ("wahar 4iroyli", "uz-Latn", "shahar chiroyli"),
        ("yawil", "uz-Cyrl", "яшил"),
    ] {
        assert!(finds(typed, written, tag), "{typed} → {written}");
    }
    assert!(!finds("мэр", "мэриянын", "ky"), "another word");
    assert!(!finds("axborot", "хизмат", "uz-Cyrl"));
}

#[test]
fn a_name_is_met_in_whichever_language() {
    for (typed, tag, written) in [
        ("самаркандский", "uz-Latn", "Samarqand"),
        ("Самарканд", "uz-Latn", "samarqandliklar"),
        ("Toshkent", "ru", "ташкентского"),
        ("toshkentlik", "en", "Tashkent"),
        ("тошкентлик", "ru", "Ташкенте"),
        ("Бишкек", "ky", "бишкектиктер"),
        ("бишкекский", "ky", "Бишкектин"),
        ("oʻzbek", "ru", "узбекского"),
        ("узбекский", "uz-Latn", "Oʻzbekistonda"),
        ("Хорезмская", "uz-Latn", "Xorazmdagi"),
        ("Хоразм", "ru", "Хорезма"),
        ("Иссык-Куль", "ky", "Ысык-Көлдө"),
        ("Issyk-Kul", "uz-Latn", "Issiqkoʻlda"),
        ("Issiq-Ko‘l", "ru", "иссык-кульский"),
        ("issyk kul", "ru", "Иссык-Куля"),
        ("Киргизия", "uz-Latn", "Qirgʻizistonga"),
        ("Kyrgyzstan", "ru", "Киргизией"),
        ("Саудовская Аравия", "uz-Latn", "Saudiya Arabistoniga"),
        ("UAE", "uz-Latn", "Birlashgan Arab Amirliklarining"),
        ("андижанцы", "uz-Cyrl", "Андижонда"),
        ("МВД", "uz-Cyrl", "ИИВнинг"),
        ("ТИВ", "ru", "МИДа"),
        (
            "Ministry of Internal Affairs",
            "uz-Cyrl",
            "Ички ишлар вазирлигидан",
        ),
        (
            "Министерство внутренних дел",
            "ky",
            "Ички иштер министрлигинин",
        ),
        ("в мае", "en", "on 3 May"),
        // Names that no table has.
        ("Кадыров", "uz-Latn", "Qodirovga"),
        ("Sodiqov", "ru", "Садыкова"),
        ("Baymuradov", "uz-Cyrl", "Боймуродов"),
        ("Жапаров Садыр", "uz-Latn", "Sodir Japarov"),
        ("August", "uz-Latn", "avgustda"),
    ] {
        let written: Vec<Token> = tokens(written, Some(&language(tag))).collect();
        let asked: Vec<Token> = asked(typed).collect();
        let is_met = |word: &Token| {
            written
                .iter()
                .any(|token| meet(&word.forms, token).is_some())
        };
        assert!(asked.iter().any(is_met), "{typed} → {written:?}");
    }
    for (tag, other) in [
        ("ky", "мал"),
        ("uz-Latn", "chil"),
        ("ru", "росток"),
        ("uz-Latn", "oshqozon"),
    ] {
        let mut words = tokens(other, Some(&language(tag)));
        let is_name = |token: Token| token.forms.iter().any(|form| form.class == Class::Named);
        assert!(!words.any(is_name), "{other}");
    }
}

#[test]
fn numbers_and_days_are_met_however_they_are_written() {
    let words = |text: &str, tag| tokens(text, Some(&language(tag))).collect::<Vec<_>>();
    let whole = |typed: &str| {
        let all: Vec<Token> = asked(typed).collect();
        let is_whole = |token: &&Token| (token.start, token.end) == (0, typed.len());
        all.iter().rev().find(is_whole).cloned().expect(typed)
    };
    let day = [
        ("ru", "с 26 августа 2024 года"),
        ("ru", "26.08.2024"),
        ("uz-Latn", "2024-yil 26-avgustda"),
        ("uz-Cyrl", "2024 йил 26 август"),
        ("ky", "2024-жылдын 26-августунда"),
        ("en", "August 26, 2024"),
        ("en", "2024-08-26"),
    ];
    for (tag, written) in day {
        for typed in [
            "26.08.2024",
            "26/08/2024",
            "2024-08-26",
            "26.08.24",
            "26 августа 2024",
            "26 август",
            "26-avgust",
            "2024-yil 26-avgust",
            "26 August 2024",
        ] {
            let asked = whole(typed);
            let met = words(written, tag)
                .iter()
                .any(|token| meet(&asked.forms, token).is_some());
            assert!(met, "{typed} → {written}");
        }
        let other = whole("27.08.2024");
        assert!(
            !words(written, tag)
                .iter()
                .any(|token| meet(&other.forms, token).is_some())
        );
    }
    for (typed, written) in [
        ("150599", "150 599"),
        ("150 599", "150599"),
        ("1,250,000", "1 250 000"),
    ] {
        let asked = whole(typed);
        assert!(
            words(written, "ru")
                .iter()
                .any(|token| meet(&asked.forms, token).is_some()),
            "{typed}"
        );
    }
    for other in ["99.99.2024", "31/31/2024", "10 20 30", "2024-yil"] {
        assert!(
            asked(other).all(|token| token.forms.iter().all(|form| form.class != Class::Named)),
            "{other}"
        );
    }
}

#[test]
fn closer_spellings_are_closer() {
    let class = |typed: &str, written: &str, tag: &str| {
        meet(
            &asked_forms(typed),
            &tokens(written, Some(&language(tag))).next().unwrap(),
        )
        .unwrap()
    };
    assert_eq!(class("xizmat", "xizmat", "uz-Latn"), Class::Exact);
    assert_eq!(class("xizmat", "хизмат", "uz-Cyrl"), Class::Folded);
    assert_eq!(class("hizmat", "хизмат", "uz-Cyrl"), Class::Loose);
    assert_eq!(class("xizmat", "хизматлар", "uz-Cyrl"), Class::Stem);
}

#[test]
fn both_scripts_of_a_word_fold_alike() {
    for (latin, cyrillic) in [
        ("hokimligida", "ҳокимлигида"),
        ("bo‘limini", "бўлимини"),
        ("maʼruza", "маъруза"),
        ("konstitutsiya", "конституция"),
        ("yevropa", "Европа"),
        ("gʻoyasi", "ғояси"),
        ("yoʻq", "йўқ"),
        ("ishtirokida", "иштирокида"),
        ("choʻl", "чўл"),
    ] {
        let form = |text: &str, tag, class| {
            let forms = tokens(text, Some(&language(tag))).next().unwrap().forms;
            let mut forms = forms.iter();
            let form = forms.find(|form| form.class == class).unwrap();
            form.text.to_string()
        };
        assert_eq!(
            form(latin, "uz-Latn", Class::Exact),
            form(cyrillic, "uz-Cyrl", Class::Folded)
        );
    }
}

#[test]
fn words_know_where_they_stand() {
    let text = "«Мо\u{ad}хир» N.Rahmonovning o‘g‘li, media-reja – 2024";
    let words: Vec<&str> = tokens(text, None)
        .map(|token| &text[token.start..token.end])
        .collect();
    assert_eq!(
        words,
        [
            "Мо\u{ad}хир",
            "N",
            "Rahmonovning",
            "o‘g‘li",
            "media-reja",
            "media",
            "reja",
            "2024"
        ]
    );
    let positions: Vec<usize> = tokens(text, None).map(|token| token.position).collect();
    assert_eq!(positions, [0, 1, 2, 3, 4, 4, 5, 6]);
}

#[test]
fn whatever_is_written_has_its_bytes_in_order() {
    let odd = [
        "",
        "'",
        "---",
        "a-",
        "-a",
        "a--b",
        "ﷺ ½ ⅫI",
        "👩‍👩‍👧 ok",
        "e\u{301}\u{301}x",
        "\u{ad}\u{ad}",
        "a'''b",
        "中文 текст",
        "a-b-c-d-e-f-g",
        "İ",
    ];
    for text in odd {
        let mut last = 0;
        for token in tokens(text, None) {
            assert!(
                token.start < token.end && token.start >= last,
                "{text:?} {token:?}"
            );
            assert!(text.is_char_boundary(token.start) && text.is_char_boundary(token.end));
            last = token.start;
        }
    }
}

#[test]
fn one_slip_is_forgiven() {
    for (a, b) in [
        ("korupsiya", "korrupsiya"),
        ("infagrafika", "infografika"),
        ("ahbrot", "ahborot"),
        ("teh", "the"),
        ("a", "a"),
    ] {
        assert!(within_one_slip(a, b) && within_one_slip(b, a), "{a} {b}");
    }
    assert!(!within_one_slip("matbuot", "matbaa"));
    assert!(!within_one_slip("abcd", "badc"));
}

#[test]
fn a_tag_means_something_or_says_what_was_meant() {
    for (tag, canonical) in [
        ("uz", "uz-Latn"),
        ("UZ-cyrl", "uz-Cyrl"),
        ("kaa", "kaa"),
        ("und", "und"),
        ("en-gb", "en-GB"),
        ("es-419", "es-419"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("sl-rozaj", "sl-rozaj"),
    ] {
        let read = Language::parse(tag).map(String::from);
        assert_eq!(read.as_deref(), Ok(canonical), "{tag}");
    }
    for (tag, meant) in [
        ("kg", "did you mean ky?"),
        ("kz", "did you mean kk?"),
        ("uz-Cyr", "did you mean uz-Cyrl?"),
        ("uz_Cyrl", "did you mean uz-Cyrl?"),
        ("english", "did you mean en?"),
        ("rus", "did you mean ru?"),
        ("uzb-Cyrl", "did you mean uz-Cyrl?"),
        ("xx", "such as uz-Latn"),
        ("en-Abcd", "such as uz-Latn"),
        ("en-XX", "such as uz-Latn"),
        ("", "such as uz-Latn"),
        ("рус", "such as uz-Latn"),
    ] {
        let words = Language::parse(tag).expect_err(tag);
        assert!(
            words.ends_with(meant) || words.contains(meant),
            "{tag}: {words}"
        );
    }
}
