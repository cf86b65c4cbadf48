//! Where the words of a material stand, for those who see it. All of them are kept in one column, each form of a word
//! once, with how much its best place says as its frequency: a word in ten forms is looked up in ten lists, not in forty.
//! In what order they stand is kept besides, of headlines and of the rest, in the form by which alphabets meet.

use foldhash::HashMap;
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
    let mut best: HashMap<&Form, Place> = HashMap::default();
    for (place, tokens) in &words {
        for form in tokens.iter().flat_map(|word| word.forms.iter()) {
            let best = best.entry(form).or_insert(*place);
            *best = (*place).max(*best);
        }
    }
    let mut all = String::new();
    for (form, place) in best {
        terms::alone(&mut all, form, place as usize);
    }
    row.add_text(fields.words, all);
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
