//! Whether words find their forms and no others, over whole word lists. `benches/words.py` gathers the families and
//! starts this with `JARCHI_CHECKS_WORDS`: the tag of the language, a colon, and a file with a family a line: its base as
//! it is typed, its base as it is written, and the forms of it.

use std::collections::{BTreeSet, HashMap};

use crate::language::{
    Class, Form, Language, Token, asked_forms, meet, stem, tokens, transliterate,
};

struct Family {
    asked: Vec<Form>,
    base: Token,
    forms: Vec<Token>,
}

fn token(word: &str, language: &Language) -> Token {
    tokens(word, Some(language)).next().unwrap()
}

fn texts(forms: &[Form], classes: &[Class]) -> BTreeSet<String> {
    let of_class = forms.iter().filter(|form| classes.contains(&form.class));
    of_class.map(|form| form.text.to_string()).collect()
}

fn read() -> (Language, Vec<Family>) {
    let told = std::env::var("JARCHI_CHECKS_WORDS").unwrap();
    let (tag, file) = told.split_once(':').unwrap();
    let language = Language::parse(tag).unwrap();
    let lines = std::fs::read_to_string(file).unwrap();
    let family = |line: &str| {
        let mut words = line.split('\t');
        Family {
            asked: asked_forms(words.next().unwrap()),
            base: token(words.next().unwrap(), &language),
            forms: words.map(|word| token(word, &language)).collect(),
        }
    };
    let families = lines.lines().map(family).collect();
    (language, families)
}

/// How many bases find another base: one that is folded alike (`от` and `ўт`), and one that only shares a stem.
fn strangers(families: &[Family]) -> (usize, usize) {
    let both = [Class::Loose, Class::Stem];
    let mut bases: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, family) in families.iter().enumerate() {
        for text in texts(&family.base.forms, &both) {
            bases.entry(text).or_default().push(at);
        }
    }
    let (mut folded, mut mixed) = (BTreeSet::new(), BTreeSet::new());
    for (at, family) in families.iter().enumerate() {
        let loose = texts(&family.asked, &[Class::Loose]);
        let near = texts(&family.asked, &both);
        let others = near.iter().filter_map(|text| bases.get(text)).flatten();
        for other in others.filter(|other| **other != at) {
            let base = &families[*other].base;
            if meet(&family.asked, base).is_none() {
                continue;
            }
            if loose.is_disjoint(&texts(&base.forms, &[Class::Loose])) {
                mixed.extend([at, *other]);
            } else {
                folded.insert(at);
            }
        }
    }
    (folded.len(), mixed.len())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a list has fewer than 2^52 words"
)]
#[test]
#[ignore = "needs the families that `make words` gathers"]
fn words_find_their_forms() {
    let (_, families) = read();
    let each = || {
        let pairs = families.iter().map(|family| (&family.asked, &family.forms));
        pairs.flat_map(|(asked, forms)| forms.iter().map(move |form| (asked, form)))
    };
    let forms = each().count();
    let found = each()
        .filter(|(asked, form)| meet(asked, form).is_some())
        .count();
    let stems: usize = each()
        .map(|(_, form)| texts(&form.forms, &[Class::Stem]).len())
        .sum();
    let (folded, mixed) = strangers(&families);
    for (name, count, of) in [
        ("found", found, forms),
        ("stems", stems, forms),
        ("folded", folded, families.len()),
        ("mixed", mixed, families.len()),
    ] {
        println!("{name}={:.4}", count as f64 / of as f64);
    }
}

#[test]
#[ignore = "needs the families that `make words` gathers"]
fn both_scripts_of_a_word_have_the_same_stems() {
    let told = std::env::var("JARCHI_CHECKS_WORDS").unwrap();
    let (tag, file) = told.split_once(':').unwrap();
    let [cyrillic, latin] = [tag, "uz-Latn"].map(|tag| Language::parse(tag).unwrap());
    let lines = std::fs::read_to_string(file).unwrap();
    for word in lines.lines().flat_map(|line| line.split('\t').skip(1)) {
        let Some(turned) = transliterate(word, &cyrillic, &latin) else {
            return; // a language of one script
        };
        let kinds = [Class::Loose, Class::Stem];
        let of_latin = texts(&token(&turned, &latin).forms, &kinds);
        // A Russian keyboard lacks ё as well, so that it may have one spelling more.
        assert!(
            of_latin.is_subset(&texts(&token(word, &cyrillic).forms, &kinds)),
            "{word} {turned}"
        );
    }
}

#[test]
#[ignore = "needs the families that `make words` gathers"]
fn a_stem_finds_the_words_that_it_came_from() {
    let (language, families) = read();
    let words = families
        .iter()
        .flat_map(|family| family.forms.iter().chain([&family.base]));
    for word in words {
        for text in texts(&word.forms, &[Class::Stem]) {
            assert!(
                meet(&asked_forms(&text), word).is_some(),
                "{text} {:?}",
                word.forms
            );
            let again = match language.primary() {
                "uz" => stem::uzbek(&text),
                _ => stem::kyrgyz(&text),
            };
            let deeper = again.iter().all(|stem| stem.len() <= text.len());
            assert!(deeper, "{text} {again:?}");
        }
    }
}
