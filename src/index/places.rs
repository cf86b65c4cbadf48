//! Where the words of a material stand, for those who see it. All of them are kept in one column, each form of a word
//! once, with how much its best place says as its frequency: a word in ten forms is looked up in ten lists, not in forty.
//! In what order they stand is kept besides, of headlines and of the rest, in the form by which alphabets meet.

use foldhash::{HashMap, HashMapExt};
use tantivy::{TantivyDocument, schema::Field};

use super::{document::Document, schema::Fields, terms};
use crate::language::{self, Class, Form, Language, Texts, Token};

/// A place by how much it says; the frequency of a word's term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Captions, credits and texts.
    Body = 1,
    /// Keywords, persons and places.
    Names = 2,
    Headline = 3,
}

/// Room for so many words is made at once, and for so many forms of each.
const MOST_AT_ONCE: usize = 2048;
const USUAL_FORMS: usize = 4;

/// Writes all that the material says to those who see it.
pub fn add_to(row: &mut TantivyDocument, fields: &Fields, document: &Document) {
    let said = said(document);
    let mut words: Vec<(Place, Vec<Token>)> = Vec::with_capacity(said.len());
    for (place, language, text) in said {
        let tokens: Vec<Token> = language::tokens(text, language).collect();
        let field = match place {
            Place::Headline => fields.headline,
            Place::Names | Place::Body => fields.body,
        };
        row.add_text(
            field,
            terms::in_order(&tokens, |form| form.class == Class::Loose),
        );
        words.push((place, tokens));
    }
    row.add_text(fields.words, in_best_places(&words));
}

/// Each form once, in the best of its places. The forms of a word stay side by side: so they stand in the memory of
/// tantivy, too, which looks for them one after the other, and has them at hand.
fn in_best_places(words: &[(Place, Vec<Token>)]) -> String {
    let words = || {
        let words = words.iter();
        words.flat_map(|(place, tokens)| tokens.iter().map(move |token| (*place, token)))
    };
    let count = words().count().min(MOST_AT_ONCE);
    // Most words come again, with the forms that they had before.
    let mut met: HashMap<*const Form, Place> = HashMap::with_capacity(count);
    let mut at: HashMap<&Form, usize> = HashMap::with_capacity(USUAL_FORMS * count);
    let mut best: Vec<(&Form, Place)> = Vec::with_capacity(USUAL_FORMS * count);
    for (place, token) in words() {
        let before = met.insert(token.forms.as_ptr(), place);
        if before.is_some_and(|before| before >= place) {
            continue;
        }
        for form in token.forms.iter() {
            let at = *at.entry(form).or_insert_with(|| {
                best.push((form, place));
                best.len() - 1
            });
            best[at].1 = best[at].1.max(place);
        }
    }
    let lengths = best.iter();
    let lengths = lengths.map(|(form, place)| *place as usize * terms::length(form));
    let mut all = String::with_capacity(lengths.sum());
    for (form, place) in best {
        terms::alone(&mut all, form, place as usize);
    }
    all
}

/// Writes texts that not everybody may know, each word in all its forms.
pub fn add_apart<'a>(
    row: &mut TantivyDocument,
    field: Field,
    texts: impl IntoIterator<Item = (Option<&'a Language>, &'a str)>,
) {
    for (language, text) in texts {
        let words: Vec<Token> = language::tokens(text, language).collect();
        row.add_text(field, terms::in_order(&words, |_| true));
    }
}

fn said(document: &Document) -> Vec<(Place, Option<&Language>, &str)> {
    let persons = document.persons.iter().map(|names| (Place::Names, names));
    let texts = [
        (Place::Headline, &document.headline),
        (Place::Names, &document.place),
        (Place::Body, &document.caption),
        (Place::Body, &document.alt_text),
    ];
    let texts = texts.into_iter().chain(persons).flat_map(|(place, texts)| {
        in_languages(texts).map(move |(language, text)| (place, language, text))
    });
    let keywords = document.keywords.iter().map(|word| (Place::Names, word));
    let lines = [&document.creator, &document.credit, &document.source];
    let lines = lines.into_iter().flatten().map(|line| (Place::Body, line));
    let in_no_language = keywords
        .chain(lines)
        .map(|(place, text)| (place, None, text.as_str()));
    let text = document.text.as_deref();
    let text = text.map(|text| (Place::Body, document.language.as_ref(), text));
    texts.chain(in_no_language).chain(text).collect()
}

pub fn in_languages(texts: &Texts) -> impl Iterator<Item = (Option<&Language>, &str)> {
    texts.iter().map(|(language, text)| (Some(language), text))
}
