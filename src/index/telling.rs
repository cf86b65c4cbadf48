//! The words that tell most of a material: those that stand in it often and in few others. How many others is counted
//! among what the viewer sees, and no further than it matters, so that neither a hidden material nor the archive's size
//! makes a difference.

use std::{collections::BTreeMap, sync::Arc};

use tantivy::{
    DocAddress, DocSet, Searcher, TERMINATED, Term,
    query::{BooleanQuery, Occur, Query},
    schema::IndexRecordOption,
};

use super::{
    document::Document,
    schema::Fields,
    sight::{Sight, Viewer},
    terms::term,
    words::{by_term, scored},
};
use crate::language::{self, Class, Form, Language, Texts, Token};

/// All that a material says is a thousand.
const WHOLE: u32 = 1000;
/// The words that are looked for, and those that are held against each other for it.
const MOST_WORDS: usize = 16;
const MOST_WEIGHED: usize = 64;
/// A word that stands in so many materials tells nothing.
const COMMON: u32 = 4096;
const SHORTEST: usize = 3;
/// Bytes of a text that are read.
const READ: usize = 32 * 1024;
/// A word that is said again says more, up to so often.
const MOST_SAID: u32 = 12;

/// Materials in which enough of the telling words stand, with the thousandths that these make; `None` where the material
/// says nothing that another one does.
pub fn query(
    searcher: &Searcher,
    fields: &Fields,
    document: &Document,
    own: Option<DocAddress>,
    viewer: &Arc<Viewer>,
) -> tantivy::Result<Option<Box<dyn Query>>> {
    let said = said(document);
    let counts = Counts::of(searcher, fields, viewer, own)?;
    let mut telling = Vec::new();
    for (word, often) in said {
        let others = counts.others(&word)?;
        if (1..COMMON).contains(&others) {
            telling.push((counts.rarity(others) * f64::from(1 + often).ln(), word));
        }
    }
    telling.sort_by(|(a, word), (b, other)| b.total_cmp(a).then_with(|| word.cmp(other)));
    telling.truncate(MOST_WORDS);
    let whole: f64 = telling.iter().map(|(weight, _)| weight).sum();
    if telling.is_empty() || whole <= 0.0 {
        return Ok(None);
    }
    let least = telling.len().div_ceil(4);
    let clauses = telling.into_iter().map(|(weight, word)| {
        let share = thousandths(weight / whole);
        let stands = Box::new(by_term(fields.words, &word));
        (Occur::Should, scored(stands, share))
    });
    Ok(Some(Box::new(BooleanQuery::with_minimum_required_clauses(
        clauses.collect(),
        least,
    ))))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of one is at most a thousand thousandths"
)]
fn thousandths(share: f64) -> u32 {
    ((share * f64::from(WHOLE)) as u32).clamp(1, WHOLE)
}

/// The terms of what a material says, and how loudly, the loudest first. What is the same line on every material of an
/// office says nothing of one.
fn said(document: &Document) -> Vec<(String, u32)> {
    let mut said = BTreeMap::new();
    let own = document.language.as_ref();
    let mut texts = |texts: &Texts, loud| {
        for (language, text) in texts.iter() {
            say(&mut said, text, Some(language), loud);
        }
    };
    texts(&document.headline, 4);
    texts(&document.place, 3);
    document.persons.iter().for_each(|names| texts(names, 4));
    texts(&document.caption, 2);
    texts(&document.alt_text, 1);
    for keyword in &document.keywords {
        say(&mut said, keyword, None, 4);
    }
    if let Some(text) = &document.text {
        let head = &text[..text.floor_char_boundary(READ)];
        say(&mut said, head, own, 1);
    }
    let mut said: Vec<(String, u32)> = said.into_iter().collect();
    said.sort_by(|(a, often), (b, other)| other.cmp(often).then_with(|| a.cmp(b)));
    said.truncate(MOST_WEIGHED);
    said
}

fn say(said: &mut BTreeMap<String, u32>, text: &str, language: Option<&Language>, loud: u32) {
    let words = language::tokens(text, language);
    let words = words.filter(|word| !language::is_function_word(&text[word.start..word.end]));
    for word in words.filter_map(|token| without_endings(&token)) {
        let often = said.entry(word).or_default();
        *often = (*often + loud).min(MOST_SAID);
    }
}

/// The term by which the word meets its other forms, in whichever script.
fn without_endings(token: &Token) -> Option<String> {
    let of = |class| token.forms.iter().find(|form| form.class == class);
    let Form { class, text } = of(Class::Stem).or_else(|| of(Class::Loose))?;
    (text.chars().count() >= SHORTEST).then(|| term(*class, text))
}

/// Counts among what the viewer sees.
struct Counts<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    sights: Vec<Arc<Sight>>,
    own: Option<DocAddress>,
    /// How many there are, or `COMMON` where there are more.
    all: u32,
}

impl<'a> Counts<'a> {
    fn of(
        searcher: &'a Searcher,
        fields: &'a Fields,
        viewer: &Arc<Viewer>,
        own: Option<DocAddress>,
    ) -> tantivy::Result<Self> {
        let sights = searcher.segment_readers().iter();
        let sights: Vec<Arc<Sight>> = sights
            .map(|segment| Sight::of(viewer, segment))
            .collect::<tantivy::Result<_>>()?;
        let mut all = 0;
        for (segment, sight) in searcher.segment_readers().iter().zip(&sights) {
            let seen = segment.doc_ids_alive().filter(|doc| sight.sees(*doc));
            all += seen.zip(all..COMMON).map(|_| 1).sum::<u32>();
        }
        Ok(Self {
            searcher,
            fields,
            sights,
            own,
            all,
        })
    }

    /// In how many others the word stands, or `COMMON`.
    fn others(&self, word: &str) -> tantivy::Result<u32> {
        let mut others = 0;
        let segments = self.searcher.segment_readers().iter().zip(&self.sights);
        let term = Term::from_field_text(self.fields.words, word);
        for (ord, (segment, sight)) in (0..).zip(segments) {
            let postings = segment.inverted_index(term.field())?;
            let Some(mut postings) = postings.read_postings(&term, IndexRecordOption::Basic)?
            else {
                continue;
            };
            let own = self.own.filter(|own| own.segment_ord == ord);
            while others < COMMON && postings.doc() != TERMINATED {
                let doc = postings.doc();
                let is_own = own.is_some_and(|own| own.doc_id == doc);
                others += u32::from(!is_own && !segment.is_deleted(doc) && sight.sees(doc));
                postings.advance();
            }
        }
        Ok(others)
    }

    /// What a word says that stands in so many others: nothing where it stands in all.
    fn rarity(&self, others: u32) -> f64 {
        (f64::from(self.all + 2) / f64::from(others + 1))
            .ln()
            .max(0.0)
    }
}
