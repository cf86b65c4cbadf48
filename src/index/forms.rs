//! The forms of a word that was typed, as the index's terms: under which it is looked up, how near each is to what was
//! typed, and how it is spelled where words stand one after the other.

use std::collections::BTreeSet;

use super::terms::term;
use crate::language::{self, Class, Form, Language, SHORTEST_CUT, Token};

/// The words that are not put together of others (a whole comes before its first part), and no more than a person
/// would type.
pub fn parts(tokens: &[Token]) -> Vec<&Token> {
    const MOST: usize = 12;
    let whole = |at: usize| {
        tokens
            .get(at + 1)
            .is_some_and(|next| next.start == tokens[at].start)
    };
    tokens
        .iter()
        .enumerate()
        .filter(|(at, _)| !whole(*at))
        .map(|(_, token)| token)
        .take(MOST)
        .collect()
}

/// The terms under which the forms of a word may stand in the index, and how near to the word each is (1 to 8).
pub fn looked_up(asked: &[Form]) -> Vec<(String, u32)> {
    let mut terms = Vec::new();
    for Form { class, text } in asked {
        match class {
            Class::Exact => terms.extend([
                (term(Class::Exact, text), 8),
                (term(Class::Folded, text), 7),
            ]),
            Class::Folded => terms.extend([
                (term(Class::Exact, text), 7),
                (term(Class::Folded, text), 7),
            ]),
            Class::Loose => {
                terms.push((term(Class::Loose, text), 5));
                terms.extend(beginnings(text).map(|beginning| (term(Class::Cut, beginning), 3)));
            }
            // A word that has no endings, or only looks as if it had some, is met as it stands.
            Class::Stem => {
                terms.extend([(term(Class::Stem, text), 4), (term(Class::Loose, text), 4)]);
            }
            // In another language, it may be, but the same.
            Class::Named => terms.push((term(Class::Named, text), 2)),
            Class::Vague => terms.push((term(Class::Vague, text), 1)),
            Class::Cut => {}
        }
    }
    terms
}

/// The beginnings of a word that may stand cut off: `видео-` for `видеотека`.
fn beginnings(loose: &str) -> impl Iterator<Item = &str> {
    loose
        .char_indices()
        .map(|(at, _)| &loose[..at])
        .filter(|beginning| beginning.len() >= SHORTEST_CUT)
}

/// Long words say more than short ones: 2 to 8.
pub fn weight_of_length(asked: &[Form]) -> u32 {
    let letters = asked
        .iter()
        .filter(|form| form.class != Class::Named)
        .map(|form| form.text.chars().count())
        .max()
        .unwrap_or(8);
    u32::try_from(letters.clamp(2, 8)).unwrap_or(8)
}

/// The loose terms of some words, once by each alphabet and each keyboard.
pub fn spellings(text: &str) -> BTreeSet<Vec<String>> {
    let mut spellings = BTreeSet::new();
    for language in ["uz-Cyrl", "ky", "ru"] {
        let tokens: Vec<Token> =
            language::tokens(text, Language::parse(language).ok().as_ref()).collect();
        let loose: Vec<Vec<&str>> = parts(&tokens).into_iter().map(loose_forms).collect();
        let pick = |last: bool| {
            let forms = loose
                .iter()
                .filter_map(|forms| if last { forms.last() } else { forms.first() });
            forms
                .map(|form| term(Class::Loose, form))
                .collect::<Vec<_>>()
        };
        spellings.extend([pick(false), pick(true)]);
    }
    spellings.remove(&Vec::new());
    spellings
}

fn loose_forms(token: &Token) -> Vec<&str> {
    token
        .forms
        .iter()
        .filter(|form| form.class == Class::Loose)
        .map(|form| form.text.as_str())
        .collect()
}
