//! What may be suggested to somebody who types: keywords, persons' names and events' names, each under every word that it
//! has, in the list of words that the index keeps in order. What begins as it was typed stands side by side there, so that
//! it is read off and not searched for; how often each stands is counted among what the viewer sees.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tantivy::{
    DocSet, InvertedIndexReader, Searcher, SegmentReader, TERMINATED, TantivyDocument,
    postings::TermInfo,
    schema::{Field, IndexRecordOption},
    termdict::TermMerger,
};
use uuid::Uuid;

use super::{
    document::{Document, uuid_term},
    sight::{Sight, Viewer},
};
use crate::language::{self, Class, Form, Language, Texts};

/// Parts the word from what it stands in; it stands in no text that was typed.
const SEPARATOR: char = '\u{1f}';
/// Before a name that is Uzbek, and can be had in the other script; before one that cannot.
const UZBEK: char = 'u';
const OTHER: char = '-';
/// How many names are counted, and how far.
const MOST_COUNTED: usize = 100;
const COUNTED: usize = 64;
/// More words than this no name has.
const MOST_WORDS: usize = 8;
const LONGEST: usize = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Keyword,
    Person,
    Event,
}

impl Named {
    const fn mark(self) -> char {
        match self {
            Self::Keyword => 'k',
            Self::Person => 'p',
            Self::Event => 'e',
        }
    }
}

/// What begins as it was typed, and in how many materials it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub text: String,
    /// The event's.
    pub id: Option<Uuid>,
    pub uzbek: bool,
    pub count: usize,
}

/// Writes the names of a material under their words.
pub fn add_to(row: &mut TantivyDocument, field: Field, document: &Document) {
    let mut names = BTreeSet::new();
    let mut languages = document.described_in.iter().chain(&document.language);
    let uzbek = languages.any(is_uzbek);
    for keyword in &document.keywords {
        names.extend(under_words(Named::Keyword, "", keyword, None, uzbek));
    }
    for (language, name) in document.persons.iter().flat_map(Texts::iter) {
        let (person, uzbek) = (Named::Person, is_uzbek(language));
        names.extend(under_words(person, "", name, Some(language), uzbek));
    }
    if let Some((id, texts)) = &document.event {
        for (language, name) in texts.iter() {
            let (id, uzbek) = (uuid_term(*id), is_uzbek(language));
            names.extend(under_words(Named::Event, &id, name, Some(language), uzbek));
        }
    }
    for name in names {
        row.add_text(field, name);
    }
}

fn is_uzbek(language: &Language) -> bool {
    language.primary() == "uz"
}

fn under_words(
    kind: Named,
    id: &str,
    name: &str,
    language: Option<&Language>,
    uzbek: bool,
) -> BTreeSet<String> {
    if name.len() > LONGEST {
        return BTreeSet::new();
    }
    let words: Vec<language::Token> = language::tokens(name, language).take(MOST_WORDS).collect();
    let forms = words.iter().flat_map(|word| word.forms.iter());
    let tongue = if uzbek { UZBEK } else { OTHER };
    forms
        .filter(|form| form.class == Class::Loose)
        .map(|Form { text, .. }| {
            let kind = kind.mark();
            format!("{kind}{text}{SEPARATOR}{id}{SEPARATOR}{tongue}{name}")
        })
        .collect()
}

/// Names of the kind with a word that begins with one of these, those in most materials first.
pub fn read_off(
    searcher: &Searcher,
    field: Field,
    kind: Named,
    beginnings: &[String],
    viewer: &Arc<Viewer>,
) -> tantivy::Result<Vec<Name>> {
    let mut names: BTreeMap<(String, Option<Uuid>, bool), usize> = BTreeMap::new();
    let segments = searcher.segment_readers().iter();
    let segments: Vec<Segment> = segments
        .map(|reader| {
            Ok(Segment {
                reader,
                index: reader.inverted_index(field)?,
                sight: Sight::of(viewer, reader)?,
            })
        })
        .collect::<tantivy::Result<_>>()?;
    for beginning in beginnings {
        let beginning = format!("{}{beginning}", kind.mark());
        let streams = segments.iter().map(|segment| {
            let terms = segment.index.terms();
            terms.range().ge(&beginning).into_stream()
        });
        let mut terms = TermMerger::new(streams.collect::<Result<_, _>>()?);
        // On and on, until there are enough that the viewer may know: what is hidden crowds out nothing.
        let mut counted = 0;
        while counted < MOST_COUNTED
            && terms.advance()
            && terms.key().starts_with(beginning.as_bytes())
        {
            let mut count = 0;
            for (ord, info) in terms.current_segment_ords_and_term_infos() {
                count += segments[ord].seen(kind, &info, COUNTED - count)?;
            }
            let key = String::from_utf8_lossy(terms.key());
            if let Some(name) = told(&key).filter(|_| count > 0) {
                let most = names.entry(name).or_default();
                *most = count.max(*most);
                counted += 1;
            }
        }
    }
    let mut names: Vec<Name> = names
        .into_iter()
        .map(|((text, id, uzbek), count)| Name {
            text,
            id,
            uzbek,
            count,
        })
        .collect();
    names.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
    Ok(names)
}

/// The name that stands under a word, whose event's it is, and whether it is Uzbek.
fn told(key: &str) -> Option<(String, Option<Uuid>, bool)> {
    let mut parts = key.splitn(3, SEPARATOR).skip(1);
    let (id, name) = (parts.next()?, parts.next()?);
    let uzbek = name.strip_prefix(UZBEK);
    let text = uzbek.or_else(|| name.strip_prefix(OTHER))?;
    let id = Uuid::try_parse(id).ok();
    Some((text.to_owned(), id, uzbek.is_some()))
}

struct Segment<'a> {
    reader: &'a SegmentReader,
    index: Arc<InvertedIndexReader>,
    sight: Arc<Sight>,
}

impl Segment<'_> {
    /// In how many materials that the viewer sees the term stands, up to `most`.
    fn seen(&self, kind: Named, info: &TermInfo, most: usize) -> tantivy::Result<usize> {
        if most == 0 {
            return Ok(0);
        }
        let read = IndexRecordOption::Basic;
        let mut postings = self.index.read_postings_from_terminfo(info, read)?;
        let mut seen = 0;
        while seen < most && postings.doc() != TERMINATED {
            let doc = postings.doc();
            let known = kind != Named::Event || self.sight.sees_event(doc);
            seen += usize::from(known && !self.reader.is_deleted(doc) && self.sight.sees(doc));
            postings.advance();
        }
        Ok(seen)
    }
}
