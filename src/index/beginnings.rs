//! What may be suggested to somebody who types: keywords, persons' names and events' names, each under every word that it
//! has, in the list of words that the index keeps in order. What begins as it was typed stands side by side there, so that
//! it is read off and not searched for; how often each stands is counted among what the viewer sees. Under a word stands a
//! name's number alone, so that reading off is quick; the names stand in a list of their own, each once.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use tantivy::{
    DocSet, InvertedIndexReader, Searcher, SegmentReader, TERMINATED, TantivyDocument,
    postings::TermInfo, schema::IndexRecordOption, termdict::TermMerger,
};
use uuid::Uuid;

use super::{
    document::{Document, uuid_term},
    schema::Fields,
    sight::{Sight, Viewer},
};
use crate::language::{self, Class, Form, Language, Texts};

/// Parts a word from the name's number, and that from the name; it stands in no text that was typed.
const SEPARATOR: char = '\u{1f}';
/// Of the digest that numbers a name, in bytes: of a million names, two have the same once in some billion archives.
const NUMBER: usize = 9;
/// Before a name that is Uzbek, and can be had in the other script; before one that cannot.
const UZBEK: char = 'u';
const OTHER: char = '-';
/// How many names are counted, and how far.
const MOST_COUNTED: usize = 64;
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

/// What begins as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub text: String,
    /// The event's.
    pub id: Option<Uuid>,
    pub uzbek: bool,
}

/// Writes the names of a material, and their numbers under their words.
pub fn add_to(row: &mut TantivyDocument, fields: &Fields, document: &Document) {
    let mut terms = Terms::default();
    let mut languages = document.described_in.iter().chain(&document.language);
    let uzbek = languages.any(is_uzbek);
    for keyword in &document.keywords {
        terms.add(Named::Keyword, "", keyword, None, uzbek);
    }
    for (language, name) in document.persons.iter().flat_map(Texts::iter) {
        let uzbek = is_uzbek(language);
        terms.add(Named::Person, "", name, Some(language), uzbek);
    }
    if let Some((id, texts)) = &document.event {
        for (language, name) in texts.iter() {
            let (id, uzbek) = (uuid_term(*id), is_uzbek(language));
            terms.add(Named::Event, &id, name, Some(language), uzbek);
        }
    }
    for (field, terms) in [
        (fields.beginnings, terms.beginnings),
        (fields.names, terms.names),
    ] {
        for term in terms {
            row.add_text(field, term);
        }
    }
}

fn is_uzbek(language: &Language) -> bool {
    language.primary() == "uz"
}

/// What is written of a material.
#[derive(Default)]
struct Terms {
    /// A kind's mark, a word, the number of a name that has the word.
    beginnings: BTreeSet<String>,
    /// That number, whose event's it is, whether it is Uzbek, the name.
    names: BTreeSet<String>,
}

impl Terms {
    fn add(&mut self, kind: Named, id: &str, name: &str, language: Option<&Language>, uzbek: bool) {
        if name.len() > LONGEST {
            return;
        }
        let tongue = if uzbek { UZBEK } else { OTHER };
        let (kind, told) = (kind.mark(), format!("{id}{SEPARATOR}{tongue}{name}"));
        let digest = Sha256::new().chain_update([kind as u8]).chain_update(&told);
        let number = URL_SAFE_NO_PAD.encode(&digest.finalize()[..NUMBER]);
        let words: Vec<language::Token> =
            language::tokens(name, language).take(MOST_WORDS).collect();
        let forms = words.iter().flat_map(|word| word.forms.iter());
        let loose = forms.filter(|form| form.class == Class::Loose);
        let under = |Form { text, .. }: &Form| format!("{kind}{text}{SEPARATOR}{number}");
        self.beginnings.extend(loose.map(under));
        self.names.insert(format!("{number}{SEPARATOR}{told}"));
    }
}

/// A name that the viewer may know of, to be looked up.
pub struct Numbered<'a> {
    number: String,
    names: &'a InvertedIndexReader,
}

impl Numbered<'_> {
    pub fn name(&self) -> tantivy::Result<Option<Name>> {
        let number = format!("{}{SEPARATOR}", self.number);
        let mut names = self.names.terms().range().ge(&number).into_stream()?;
        let is_there = names.advance() && names.key().starts_with(number.as_bytes());
        let key = String::from_utf8_lossy(names.key());
        Ok(told(&key).filter(|_| is_there))
    }
}

/// The segments of an index, of which each keeps its own list.
pub struct Lists(Vec<Segment>);

impl Lists {
    pub fn of(searcher: &Searcher, fields: &Fields, viewer: &Arc<Viewer>) -> tantivy::Result<Self> {
        let segments = searcher.segment_readers().iter();
        let segments = segments.map(|reader| {
            Ok(Segment {
                reader: reader.clone(),
                beginnings: reader.inverted_index(fields.beginnings)?,
                names: reader.inverted_index(fields.names)?,
                sight: Sight::of(viewer, reader)?,
            })
        });
        segments.collect::<tantivy::Result<_>>().map(Self)
    }

    /// Names of the kind with a word that begins with one of these, those in most materials first, and of those in as many
    /// the one whose word comes first.
    pub fn read_off(
        &self,
        kind: Named,
        beginnings: &[String],
    ) -> tantivy::Result<Vec<Numbered<'_>>> {
        // How often each was seen at most, and where it was met first.
        let mut met: HashMap<String, (usize, usize, &InvertedIndexReader)> = HashMap::new();
        for beginning in beginnings {
            let beginning = format!("{}{beginning}", kind.mark());
            let streams = self.0.iter().map(|segment| {
                let terms = segment.beginnings.terms();
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
                let mut names = None;
                for (ord, info) in terms.current_segment_ords_and_term_infos() {
                    count += self.0[ord].seen(kind, &info, COUNTED - count)?;
                    names.get_or_insert(&*self.0[ord].names);
                }
                let number = number_of(terms.key()).filter(|_| count > 0);
                if let Some((number, names)) = number.zip(names) {
                    let place = met.len();
                    let (most, _, _) = met.entry(number).or_insert((0, place, names));
                    *most = count.max(*most);
                    counted += 1;
                }
            }
        }
        let mut met: Vec<_> = met.into_iter().collect();
        met.sort_unstable_by_key(|(_, (count, place, _))| (Reverse(*count), *place));
        let named = |(number, (_, _, names))| Numbered { number, names };
        Ok(met.into_iter().map(named).collect())
    }
}

/// The number of the name that stands under a word.
fn number_of(key: &[u8]) -> Option<String> {
    let (_, number) = std::str::from_utf8(key).ok()?.rsplit_once(SEPARATOR)?;
    Some(number.to_owned())
}

/// The name that stands under its number, whose event's it is, and whether it is Uzbek.
fn told(key: &str) -> Option<Name> {
    let mut parts = key.splitn(3, SEPARATOR).skip(1);
    let (id, name) = (parts.next()?, parts.next()?);
    let uzbek = name.strip_prefix(UZBEK);
    let text = uzbek.or_else(|| name.strip_prefix(OTHER))?;
    Some(Name {
        text: text.to_owned(),
        id: Uuid::try_parse(id).ok(),
        uzbek: uzbek.is_some(),
    })
}

struct Segment {
    reader: SegmentReader,
    beginnings: Arc<InvertedIndexReader>,
    names: Arc<InvertedIndexReader>,
    sight: Arc<Sight>,
}

impl Segment {
    /// In how many materials that the viewer sees the term stands, up to `most`.
    fn seen(&self, kind: Named, info: &TermInfo, most: usize) -> tantivy::Result<usize> {
        if most == 0 {
            return Ok(0);
        }
        let read = IndexRecordOption::Basic;
        let mut postings = self.beginnings.read_postings_from_terminfo(info, read)?;
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
