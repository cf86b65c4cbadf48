//! What must meet, meets: the table of the words that people type and the words that they expect to find.

mod families;

use super::{Class, Language, Token, asked_forms, meet, tokens, within_one_slip};

fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap()
}

fn finds(typed: &str, written: &str, tag: &str) -> bool {
    let written: Vec<Token> = tokens(written, Some(&language(tag))).collect();
    tokens(typed, None).all(|word| {
        let asked = asked_forms(&typed[word.start..word.end]);
        written.iter().any(|token| meet(&asked, token).is_some())
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
    ] {
        assert!(finds(typed, written, tag), "{typed} → {written}");
    }
    assert!(!finds("мэр", "мэриянын", "ky"), "another word");
    assert!(!finds("axborot", "хизмат", "uz-Cyrl"));
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
            form.text.clone()
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
