//! Did you mean: where not all of a question is found, whole questions that find something for this viewer. Words that
//! stand nowhere make room for words that differ by a slip or two and stand in materials that the viewer sees, spelled as
//! they stand there, in the script in which the question was typed where that can be had.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tantivy::{
    DocAddress, DocSet, Searcher, TERMINATED, Term,
    query::{EnableScoring, FuzzyTermQuery, Query},
    schema::IndexRecordOption,
};

use super::{
    document::Shown,
    lexer::{Asked, Piece, lex},
    query::{Search, query},
    schema::Fields,
    shown,
    sight::{Sight, Viewer},
    terms::term,
    words::Words,
};
use crate::language::{self, Class, Language, Texts};

/// Questions that are given back.
const MOST: usize = 3;
/// Words of a question that are looked after: each costs a walk through the index's words.
const MOST_TRIED: usize = 3;
/// Words that the viewer may read and that are held against one that was typed, of how many that are looked at, and how
/// many materials of each are counted.
const MOST_NEAR: usize = 40;
const MOST_LOOKED_AT: usize = 400;
const COUNTED: usize = 64;
/// Materials in which the spelling of a word is looked for.
const LOOKED_INTO: usize = 4;
/// A word with fewer letters could be anything; one with fewer than `LONG` may have one slip.
const SHORTEST: usize = 3;
const LONG: usize = 5;
/// Bytes of a text that are looked through for a spelling.
const LOOKED_THROUGH: usize = 128 * 1024;

pub struct Meant<'a> {
    pub searcher: &'a Searcher,
    pub fields: &'a Fields,
    pub search: &'a Search,
    pub viewer: &'a Arc<Viewer>,
}

impl Meant<'_> {
    /// Questions in place of this one, the likeliest first; `least` of how many pieces there must be.
    pub fn questions(
        &self,
        asked: &Asked,
        least: impl Fn(usize) -> usize,
    ) -> tantivy::Result<Vec<String>> {
        let mut better: Vec<(usize, Vec<String>)> = Vec::new();
        let mut tried = 0;
        for (at, piece) in asked.wanted.iter().enumerate() {
            let alone = Asked {
                wanted: vec![piece.clone()],
                unwanted: asked.unwanted.clone(),
                typed: Vec::new(),
            };
            let text = match piece {
                Piece::Word { text, .. } => text,
                // The same words, wherever they stand.
                Piece::Phrase(words) if !self.finds(&alone, 1)? => {
                    better.push((at, vec![words.clone()]));
                    continue;
                }
                Piece::Phrase(_) | Piece::Id(_) => continue,
            };
            if tried == MOST_TRIED || self.finds(&alone, 1)? {
                continue;
            }
            tried += 1;
            let words = self.near(text)?;
            if !words.is_empty() {
                better.push((at, words));
            }
        }
        let mut questions = Vec::new();
        for question in variants(asked, &better) {
            let asked = lex(&question);
            if questions.len() < MOST && self.finds(&asked, least(asked.wanted.len()))? {
                questions.push(question);
            }
        }
        Ok(questions)
    }

    /// Whether there is anything; it goes no further than the first.
    fn finds(&self, asked: &Asked, least: usize) -> tantivy::Result<bool> {
        let forgiven = Words::new(self.fields, self.viewer).rare(self.searcher, asked)?;
        let how = (least, forgiven);
        let query = query(self.search, asked, how, self.fields, self.viewer);
        let weight = query.weight(EnableScoring::disabled_from_searcher(self.searcher))?;
        for segment in self.searcher.segment_readers() {
            let mut found = weight.scorer(segment, 1.0)?;
            while found.doc() != TERMINATED {
                if !segment.is_deleted(found.doc()) {
                    return Ok(true);
                }
                found.advance();
            }
        }
        Ok(false)
    }

    /// Words that the viewer may read and that may have been meant, the likeliest first, as they are written.
    fn near(&self, typed: &str) -> tantivy::Result<Vec<String>> {
        let mut near: BTreeSet<(bool, usize, String)> = BTreeSet::new();
        for form in language::asked_forms(typed) {
            let letters = form.text.chars().count();
            let is_word = letters >= SHORTEST && form.text.chars().all(char::is_alphabetic);
            if form.class != Class::Loose || !is_word {
                continue;
            }
            let slips = if letters < LONG { 1 } else { 2 };
            for other in self.within(&form.text, slips)? {
                let two = !language::within_one_slip(&form.text, &other);
                let longer = other.chars().count().abs_diff(letters);
                near.insert((two, longer, other));
            }
        }
        let mut counted = Vec::new();
        for (two, _, word) in near.into_iter().take(MOST_LOOKED_AT) {
            if counted.len() == MOST_NEAR {
                break;
            }
            let seen = self.seen(&word, COUNTED)?;
            if !seen.is_empty() {
                counted.push((two, std::cmp::Reverse(seen.len()), word, seen));
            }
        }
        counted.sort();
        let mut words = Vec::new();
        for (_, _, word, seen) in counted.into_iter().take(MOST) {
            let spelled = self.spelled(typed, &word, &seen)?;
            words.extend(spelled.filter(|word| !words.contains(word)));
        }
        Ok(words)
    }

    /// Loose words of the index that differ from this one by so many slips.
    fn within(&self, word: &str, slips: u8) -> tantivy::Result<BTreeSet<String>> {
        let mark = term(Class::Loose, "");
        let mut found = BTreeSet::new();
        let near = Term::from_field_text(self.fields.words, &term(Class::Loose, word));
        let near = FuzzyTermQuery::new(near, slips, true).automaton()?;
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(self.fields.words)?;
            let mut terms = index.terms().search(&near).into_stream()?;
            while terms.advance() {
                let key = std::str::from_utf8(terms.key()).unwrap_or_default();
                found.extend(key.strip_prefix(&mark).map(str::to_owned));
            }
        }
        Ok(found)
    }

    /// Materials that the viewer sees and in which the loose word stands, up to so many.
    fn seen(&self, word: &str, most: usize) -> tantivy::Result<BTreeSet<DocAddress>> {
        let mut seen = BTreeSet::new();
        let term = Term::from_field_text(self.fields.words, &term(Class::Loose, word));
        for (ord, segment) in (0..).zip(self.searcher.segment_readers()) {
            let sight = Sight::of(self.viewer, segment)?;
            let index = segment.inverted_index(term.field())?;
            let postings = index.read_postings(&term, IndexRecordOption::Basic)?;
            let Some(mut postings) = postings else {
                continue;
            };
            while seen.len() < most && postings.doc() != TERMINATED {
                let doc = postings.doc();
                if !segment.is_deleted(doc) && sight.sees(doc) {
                    seen.insert(DocAddress::new(ord, doc));
                }
                postings.advance();
            }
        }
        Ok(seen)
    }

    /// The loose word as it stands in one of these materials, or turned into the script in which somebody typed.
    fn spelled(
        &self,
        typed: &str,
        word: &str,
        seen: &BTreeSet<DocAddress>,
    ) -> tantivy::Result<Option<String>> {
        let mut spellings = BTreeMap::new();
        for address in seen.iter().take(LOOKED_INTO) {
            let shown = shown(self.searcher, self.fields, *address)?;
            gather(&shown, word, &mut spellings);
        }
        let cyrillic = language::is_cyrillic(typed);
        let own = spellings
            .keys()
            .find(|word| language::is_cyrillic(word) == cyrillic);
        let turned = || {
            let uzbek = |tag| Language::parse(tag).ok();
            let (into, from) = if cyrillic {
                (uzbek("uz-Cyrl")?, uzbek("uz-Latn")?)
            } else {
                (uzbek("uz-Latn")?, uzbek("uz-Cyrl")?)
            };
            let of_uzbek = spellings.iter().find(|(_, uzbek)| **uzbek);
            language::transliterate(of_uzbek?.0, &from, &into)
        };
        let spelled = own.cloned().or_else(turned);
        Ok(spelled.or_else(|| spellings.into_keys().next()))
    }
}

/// Every spelling of the loose word in what all who see the material may read, and whether it stands in Uzbek.
fn gather(shown: &Shown<'_>, word: &str, spellings: &mut BTreeMap<String, bool>) {
    let mut look = |text: &str, language: Option<&Language>| {
        let head = &text[..text.floor_char_boundary(LOOKED_THROUGH)];
        let is_it = |token: &language::Token| {
            let mut forms = token.forms.iter();
            forms.any(|form| form.class == Class::Loose && form.text == word)
        };
        if let Some(token) = language::tokens(head, language).find(is_it) {
            let uzbek = language.is_some_and(|language| language.primary() == "uz");
            spellings.insert(head[token.start..token.end].to_lowercase(), uzbek);
        }
    };
    let mut each = |texts: &Texts| {
        for (language, text) in texts.iter() {
            look(text, Some(language));
        }
    };
    each(&shown.headline);
    each(&shown.caption);
    each(&shown.place);
    shown.persons.iter().for_each(&mut each);
    for keyword in shown.keywords.iter() {
        look(keyword, None);
    }
    if let Some(text) = &shown.text {
        look(text, shown.language.as_deref());
    }
}

/// The question with other words at some of its places: the best of each first, then one word exchanged at a time.
fn variants(asked: &Asked, better: &[(usize, Vec<String>)]) -> Vec<String> {
    let mut variants = Vec::new();
    for (at, words) in better {
        for word in words {
            let text = |place: usize, own: &str| {
                let best = better.iter().find(|(other, _)| *other == place);
                match best.and_then(|(_, words)| words.first()) {
                    _ if place == *at => word.clone(),
                    Some(best) => best.clone(),
                    None => own.to_owned(),
                }
            };
            let wanted = asked.wanted.iter().enumerate();
            let wanted = wanted.map(|(place, piece)| match piece {
                Piece::Word { text: own, prefix } => {
                    format!("{}{}", text(place, own), if *prefix { "*" } else { "" })
                }
                phrase @ Piece::Phrase(_) => text(place, &spelled(phrase)),
                id @ Piece::Id(_) => spelled(id),
            });
            let unwanted = asked
                .unwanted
                .iter()
                .map(|piece| format!("-{}", spelled(piece)));
            let variant = wanted.chain(unwanted).collect::<Vec<_>>().join(" ");
            if !variants.contains(&variant) {
                variants.push(variant);
            }
        }
    }
    variants
}

/// A question as it would be typed.
pub fn written(asked: &Asked) -> String {
    let wanted = asked.wanted.iter().map(spelled);
    let unwanted = asked
        .unwanted
        .iter()
        .map(|piece| format!("-{}", spelled(piece)));
    wanted.chain(unwanted).collect::<Vec<_>>().join(" ")
}

/// A piece as it would be typed.
fn spelled(piece: &Piece) -> String {
    match piece {
        Piece::Word { text, prefix } => format!("{text}{}", if *prefix { "*" } else { "" }),
        Piece::Phrase(text) => format!("\"{text}\""),
        Piece::Id(id) => id.to_string(),
    }
}
