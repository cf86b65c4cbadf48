//! What may be suggested to somebody who types: keywords, persons' names and events' names, each under every word that it
//! has, in the list of words that the index keeps in order. What begins as it was typed stands side by side there, so that
//! it is read off and not searched for; how often each stands is counted among what the viewer sees.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tantivy::{
    DocSet, Searcher, TERMINATED, TantivyDocument,
    postings::TermInfo,
    schema::{Field, IndexRecordOption},
};
use uuid::Uuid;

use super::{
    document::{Document, uuid_term},
    sight::{Sight, Viewer},
};
use crate::language::{self, Class, Language, Texts};

/// Parts the word from what it stands in; it stands in no text that was typed.
const SEPARATOR: char = '\u{1f}';
/// Names of a segment that are read off at once, how many are counted, and how far.
const MOST_READ: usize = 2_000;
const MOST_COUNTED: usize = 400;
const COUNTED: usize = 200;
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
    pub count: usize,
}

/// Writes the names of a material under their words.
pub fn add_to(row: &mut TantivyDocument, field: Field, document: &Document) {
    let mut names = BTreeSet::new();
    for keyword in &document.keywords {
        names.extend(under_words(Named::Keyword, "", keyword, None));
    }
    for (language, name) in document.persons.iter().flat_map(Texts::iter) {
        names.extend(under_words(Named::Person, "", name, Some(language)));
    }
    if let Some((id, texts)) = &document.event {
        for (language, name) in texts.iter() {
            names.extend(under_words(
                Named::Event,
                &uuid_term(*id),
                name,
                Some(language),
            ));
        }
    }
    for name in names {
        row.add_text(field, name);
    }
}

fn under_words(kind: Named, id: &str, name: &str, language: Option<&Language>) -> BTreeSet<String> {
    if name.len() > LONGEST {
        return BTreeSet::new();
    }
    let words: Vec<language::Token> = language::tokens(name, language).take(MOST_WORDS).collect();
    let forms = words.iter().flat_map(|word| word.forms.iter());
    forms
        .filter(|form| form.class == Class::Loose)
        .map(|form| {
            format!(
                "{}{}{SEPARATOR}{id}{SEPARATOR}{name}",
                kind.mark(),
                form.text
            )
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
    let mut names: BTreeMap<(String, Option<Uuid>), usize> = BTreeMap::new();
    let sights = searcher.segment_readers().iter();
    let sights: Vec<Arc<Sight>> = sights
        .map(|segment| Sight::of(viewer, segment))
        .collect::<tantivy::Result<_>>()?;
    for beginning in beginnings {
        let beginning = format!("{}{beginning}", kind.mark());
        let mut counted = 0;
        let mut from = Some(beginning.clone());
        // On and on, until there are enough that the viewer may know: what is hidden crowds out nothing.
        while let Some(first) = from.filter(|_| counted < MOST_COUNTED) {
            let stretch = in_order(searcher, field, &beginning, &first)?;
            from = stretch.next;
            for (key, places) in stretch.names {
                let mut count = 0;
                for (ord, info) in places {
                    let place = (ord, &info);
                    let most = COUNTED - count;
                    count += seen(searcher, field, kind, place, &sights[ord], most)?;
                }
                let mut parts = key.splitn(3, SEPARATOR).skip(1);
                if let (Some(id), Some(text)) = (parts.next(), parts.next())
                    && count > 0
                {
                    let name = (text.to_owned(), Uuid::try_parse(id).ok());
                    let most = names.entry(name).or_default();
                    *most = count.max(*most);
                    counted += 1;
                }
                if counted == MOST_COUNTED {
                    break;
                }
            }
        }
    }
    let mut names: Vec<Name> = names
        .into_iter()
        .map(|((text, id), count)| Name { text, id, count })
        .collect();
    names.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
    Ok(names)
}

/// Names in their order, each with the segments in which it stands.
struct Stretch {
    names: BTreeMap<String, Vec<(usize, TermInfo)>>,
    /// Where the next stretch begins.
    next: Option<String>,
}

/// The terms that begin so, from one on, whole up to where the stretch ends.
fn in_order(
    searcher: &Searcher,
    field: Field,
    beginning: &str,
    from: &str,
) -> tantivy::Result<Stretch> {
    let mut names: BTreeMap<String, Vec<(usize, TermInfo)>> = BTreeMap::new();
    let mut next: Option<String> = None;
    for (ord, segment) in searcher.segment_readers().iter().enumerate() {
        let index = segment.inverted_index(field)?;
        let mut terms = index.terms().range().ge(from).into_stream()?;
        for at in 0.. {
            if !terms.advance() || !terms.key().starts_with(beginning.as_bytes()) {
                break;
            }
            let key = String::from_utf8_lossy(terms.key()).into_owned();
            if at == MOST_READ {
                // Beyond this nothing is known of this segment, so nothing is said of any.
                next = match next {
                    Some(next) => Some(next.min(key)),
                    None => Some(key),
                };
                break;
            }
            let info = terms.value().clone();
            names.entry(key).or_default().push((ord, info));
        }
    }
    if let Some(next) = &next {
        names.split_off(next);
    }
    Ok(Stretch { names, next })
}

/// In how many materials that the viewer sees the term stands, up to `most`.
fn seen(
    searcher: &Searcher,
    field: Field,
    kind: Named,
    (ord, info): (usize, &TermInfo),
    sight: &Sight,
    most: usize,
) -> tantivy::Result<usize> {
    let segment = &searcher.segment_readers()[ord];
    let index = segment.inverted_index(field)?;
    let mut postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
    let mut seen = 0;
    while seen < most && postings.doc() != TERMINATED {
        let doc = postings.doc();
        let known = kind != Named::Event || sight.sees_event(doc);
        seen += usize::from(known && !segment.is_deleted(doc) && sight.sees(doc));
        postings.advance();
    }
    Ok(seen)
}
