//! What was found, shown where it stands: a fragment of the text around the words that were asked for, these marked
//! in their original letters, whichever script the question was in. HTML-escaped but for `<mark>`.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::Arc,
};

use super::{
    document::Shown,
    forgiven::Forgiven,
    forms::parts,
    lexer::Asked,
    lexer::Piece,
    words::{SHORTEST_BEGINNING, SHORTEST_SLIP},
};
use crate::language::{self, Class, Form, Initials, Language, Texts, Token};

/// Letters of a fragment, and of what stands before its first mark.
const FRAGMENT: usize = 200;
const BEFORE: usize = 60;
/// Bytes of a text that are looked through for a first word, and from there on for the others.
const LOOKED_THROUGH: usize = 128 * 1024;
const LOOKED_ON: usize = 8 * 1024;
/// Words that are remembered with what fits them.
const MOST_MET: usize = 4096;

/// The words to mark.
pub struct Marker {
    marks: Vec<Mark>,
    /// With what a word begins that may be one of these: a text has many others.
    initials: Option<Initials>,
    /// Words that were met, by where their forms are kept, and which of the marks fits: the same few are met again and again.
    met: RefCell<HashMap<*const Form, Met>>,
}

/// The forms are held fast, so that no others take their place.
struct Met(
    #[expect(dead_code, reason = "held, not read")] Arc<[Form]>,
    Option<usize>,
);

struct Mark {
    forms: Vec<Form>,
    /// The word of the question begins this one, or differs by a slip.
    beginning: bool,
    slips: bool,
}

/// A marked word: its bytes, and which word of the question it is.
struct Spot {
    bytes: Range<usize>,
    word: usize,
}

/// What was found in a list, none where that is nothing.
fn joined(found: impl Iterator<Item = String>) -> Option<String> {
    let found: Vec<String> = found.collect();
    (!found.is_empty()).then(|| found.join("; "))
}

impl Marker {
    fn new(marks: Vec<Mark>) -> Self {
        // With a slip, a word may begin with any letter.
        let slips = marks.iter().any(|mark| mark.slips);
        let forms = marks.iter().flat_map(|mark| &mark.forms);
        Self {
            initials: Initials::of(forms).filter(|_| !slips),
            marks,
            met: RefCell::default(),
        }
    }

    /// All words of the question; of those that were forgiven something, also what is like them.
    pub fn of(asked: &Asked, forgiven: Forgiven) -> Self {
        let mut marks = Vec::new();
        for (at, piece) in asked.wanted.iter().enumerate() {
            let (text, prefix, strict) = match piece {
                Piece::Word { text, prefix } => (text, *prefix, false),
                Piece::Phrase(text) => (text, false, true),
                Piece::Id(_) => continue,
            };
            let tokens: Vec<Token> = language::asked(text).collect();
            let slips = forgiven.holds(at) && !strict;
            let typing = slips && at + 1 == asked.wanted.len();
            let mark = |token: &Token| {
                let word = &text[token.start..token.end];
                let begins = typing && word.chars().count() >= SHORTEST_BEGINNING;
                Mark {
                    beginning: prefix || begins,
                    slips,
                    ..Mark::of(token, strict)
                }
            };
            marks.extend(tokens.iter().map(mark));
        }
        Self::new(marks)
    }

    /// The fields in which something was found: `headline`, `caption`, `text`, `persons`, `keywords` and `place`; of lists
    /// those members.
    pub fn highlights(&self, shown: &Shown<'_>) -> BTreeMap<String, String> {
        let text = shown.text.as_deref().map(|text| head(text, LOOKED_THROUGH));
        let found = [
            ("headline", self.best(&shown.headline)),
            ("caption", self.best(&shown.caption)),
            (
                "text",
                text.and_then(|text| self.fragment(text, shown.language.as_deref()))
                    .map(|(_, text)| text),
            ),
            (
                "persons",
                joined(shown.persons.iter().filter_map(|names| self.best(names))),
            ),
            (
                "keywords",
                joined(
                    shown
                        .keywords
                        .iter()
                        .filter_map(|word| Some(self.fragment(word, None)?.1)),
                ),
            ),
            ("place", self.best(&shown.place)),
        ];
        found
            .into_iter()
            .filter_map(|(field, fragment)| Some((field.to_owned(), fragment?)))
            .collect()
    }

    /// The fragment in the language in which the most words were found.
    fn best(&self, texts: &Texts) -> Option<String> {
        let fragments = texts
            .iter()
            .filter_map(|(language, text)| self.fragment(text, Some(language)));
        fragments
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .map(|(_, fragment)| fragment)
    }

    /// The fragment with the most different words, and how many they are; `None` where none stands.
    fn fragment(&self, text: &str, language: Option<&Language>) -> Option<(usize, String)> {
        let spots = self.spots(text, language);
        let different = |from: usize| {
            let end = spots[from].bytes.start + FRAGMENT;
            let words: std::collections::BTreeSet<usize> = spots[from..]
                .iter()
                .take_while(|spot| spot.bytes.end <= end)
                .map(|spot| spot.word)
                .collect();
            words.len()
        };
        let (first, count) = (0..spots.len())
            .map(|at| (at, different(at)))
            .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
        Some((
            count.max(1),
            marked(text, &spots, window(text, spots[first].bytes.start)),
        ))
    }

    /// The words of a text that were asked for, without overlaps.
    fn spots(&self, text: &str, language: Option<&Language>) -> Vec<Spot> {
        let mut spots: Vec<Spot> = Vec::new();
        for token in language::tokens(text, language).only(self.initials) {
            if spots
                .first()
                .is_some_and(|first| token.start > first.bytes.start + LOOKED_ON)
            {
                break;
            }
            let Some(word) = self.fitting(&token) else {
                continue;
            };
            if spots
                .last()
                .is_none_or(|last| last.bytes.end <= token.start)
            {
                spots.push(Spot {
                    bytes: token.start..token.end,
                    word,
                });
            }
        }
        spots
    }

    /// Which of the marks fits the word first.
    fn fitting(&self, token: &Token) -> Option<usize> {
        let mut met = self.met.borrow_mut();
        if met.len() >= MOST_MET {
            met.clear();
        }
        let Met(_, fitting) = met.entry(token.forms.as_ptr()).or_insert_with(|| {
            let fitting = self.marks.iter().position(|mark| mark.fits(token));
            Met(Arc::clone(&token.forms), fitting)
        });
        *fitting
    }

    /// Whether every word that was asked for stands in the text.
    pub fn all_in(&self, text: &str, language: Option<&Language>) -> bool {
        let tokens = language::tokens(text, language).only(self.initials);
        let tokens: Vec<Token> = tokens.collect();
        self.marks
            .iter()
            .all(|mark| tokens.iter().any(|token| mark.fits(token)))
    }

    /// The words of an unfinished question: each may be the beginning of one.
    pub fn beginnings(asked: &Asked) -> Self {
        let texts = asked.wanted.iter().filter_map(|piece| match piece {
            Piece::Word { text, .. } | Piece::Phrase(text) => Some(text),
            Piece::Id(_) => None,
        });
        let mut marks = Vec::new();
        for text in texts {
            let tokens: Vec<Token> = language::asked(text).collect();
            let mark = |token: &&Token| Mark {
                beginning: true,
                ..Mark::of(token, false)
            };
            marks.extend(parts(&tokens).iter().map(mark));
        }
        Self::new(marks)
    }
}

impl Mark {
    fn of(word: &Token, strict: bool) -> Self {
        let mut forms = word.forms.to_vec();
        if strict {
            forms.retain(|form| !matches!(form.class, Class::Stem | Class::Named | Class::Vague));
        }
        Self {
            forms,
            beginning: false,
            slips: false,
        }
    }

    fn fits(&self, token: &Token) -> bool {
        if language::meet(&self.forms, token).is_some() {
            return true;
        }
        let pairs = self
            .forms
            .iter()
            .flat_map(|asked| token.forms.iter().map(move |written| (asked, written)));
        pairs
            .filter(|(asked, written)| asked.class == written.class)
            .any(|(asked, written)| match asked.class {
                Class::Loose => {
                    self.beginning && written.text.starts_with(asked.text.as_str())
                        || self.slips && slip(asked, written)
                }
                Class::Stem => self.slips && slip(asked, written),
                _ => false,
            })
    }
}

fn slip(asked: &Form, written: &Form) -> bool {
    language::within_one_slip(&asked.text, &written.text)
        && asked.text.chars().count() >= SHORTEST_SLIP
        && asked.text.chars().all(char::is_alphabetic)
}

/// At most so many bytes of a text, cut between two letters.
fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// About `FRAGMENT` letters around the byte `first`, from a word's start to a word's end.
fn window(text: &str, first: usize) -> Range<usize> {
    let start = text[..first]
        .char_indices()
        .rev()
        .nth(BEFORE)
        .map_or(0, |(at, _)| {
            let blank = text[at..first].find(char::is_whitespace);
            blank.map_or(first, |blank| at + blank)
        });
    let end = text[start..]
        .char_indices()
        .nth(FRAGMENT)
        .map_or(text.len(), |(at, _)| {
            let within = &text[first..(start + at).max(first)];
            within
                .rfind(char::is_whitespace)
                .map_or(start + at, |blank| first + blank)
        });
    start..end
}

fn marked(text: &str, spots: &[Spot], window: Range<usize>) -> String {
    let mut out = String::new();
    if window.start > 0 {
        out.push('…');
    }
    let mut at = window.start;
    for spot in spots
        .iter()
        .filter(|spot| spot.bytes.start >= window.start && spot.bytes.start < window.end)
    {
        escape(&text[at..spot.bytes.start], &mut out);
        out.push_str("<mark>");
        escape(&text[spot.bytes.clone()], &mut out);
        out.push_str("</mark>");
        at = spot.bytes.end;
    }
    let end = window.end.max(at);
    escape(&text[at..end], &mut out);
    if end < text.len() {
        out.push('…');
    }
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{super::lexer::lex, *};

    fn highlight(q: &str, text: &str) -> Option<String> {
        let shown = Shown {
            language: Language::parse("uz-Cyrl").ok().map(Cow::Owned),
            text: Some(Cow::Borrowed(text)),
            ..Shown::default()
        };
        Marker::of(&lex(q), Forgiven::default())
            .highlights(&shown)
            .remove("text")
    }

    #[test]
    fn original_letters_are_marked() {
        let marked = highlight("axborot xizmati", "ИИВ Ахборот хизматининг “<фаолияти>”").unwrap();
        assert_eq!(
            marked,
            "ИИВ <mark>Ахборот</mark> <mark>хизматининг</mark> “&lt;фаолияти&gt;”"
        );
        assert_eq!(
            highlight("o'zbekiston", "«O‘zbekiston»").unwrap(),
            "«<mark>O‘zbekiston</mark>»"
        );
        assert_eq!(
            highlight("medi*", "media-reja").unwrap(),
            "<mark>media-reja</mark>"
        );
        assert_eq!(highlight("xizmat", "Boshqa narsa"), None);
    }

    #[test]
    fn the_fragment_is_where_the_words_are() {
        let text = format!(
            "{}korrupsiyaga qarshi {}",
            "boshqa so‘zlar ".repeat(60),
            "yana so‘z ".repeat(60)
        );
        let marked = highlight("korrupsiya qarshi", &text).unwrap();
        assert!(marked.starts_with('…') && marked.ends_with('…'), "{marked}");
        assert!(
            marked.contains("<mark>korrupsiyaga</mark> <mark>qarshi</mark>"),
            "{marked}"
        );
        assert!(marked.chars().count() < 260, "{marked}");
    }

    #[test]
    fn no_text_breaks_it() {
        for text in ["", "a", "👩‍👩‍👧", "ааа".repeat(500).as_str(), "e\u{301}\u{301}"]
        {
            for q in ["a", "ааа", "-", "e*"] {
                highlight(q, text);
            }
        }
    }
}
