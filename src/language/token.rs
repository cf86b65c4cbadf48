//! Words: a text comes in, its words go out one by one, each with the bytes where it stands and every form under
//! which it is kept in the index. A hyphenated word comes whole and in parts, and so does what is one thing in several
//! words; a cut-off one (`видео- жана фонотека`) says that it is one. `asked` gives the same for a question, whose words
//! are of every alphabet.

use std::{
    collections::VecDeque,
    sync::{Arc, LazyLock},
};

use quick_cache::sync::Cache;
use smol_str::SmolStr;

use super::{
    Language,
    alphabet::Alphabet,
    fold,
    form::{Class, Form, Stems, asked_forms, written_forms},
    initials::Initials,
    span::{self, Part},
};

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Bytes in the original text, `start..end`.
    pub start: usize,
    pub end: usize,
    /// The how-many-eth word it is; one of several parts has the position of the first.
    pub position: usize,
    pub forms: Arc<[Form]>,
}

/// The words of `text`, by the rules of its language; where none is named, by those that its letters tell of.
pub fn tokens<'a>(text: &'a str, language: Option<&Language>) -> Tokens<'a> {
    let stems = match language.map(Language::primary) {
        Some("uz") => Stems {
            uzbek: true,
            english: false,
        },
        Some("en") => Stems {
            uzbek: false,
            english: true,
        },
        // Nobody named it (`und`), or it is several (`mul`).
        Some("ky" | "ru" | "und" | "mul") | None => Stems {
            uzbek: true,
            english: true,
        },
        Some(_) => Stems {
            uzbek: false,
            english: false,
        },
    };
    Tokens::new(text, Alphabet::of(text, language), stems, false)
}

/// The words of a question, which has no language: each with all its `asked_forms`.
pub fn asked(text: &str) -> Tokens<'_> {
    let every = Stems {
        uzbek: true,
        english: true,
    };
    Tokens::new(text, Alphabet::Russian, every, true)
}

/// The forms of words that were met lately: most words of most texts are the same few ten thousand, and what a word is
/// folded to takes ten times as long as looking it up. Some fifty mebibytes when it is full.
static MET: LazyLock<Cache<SmolStr, Met>> = LazyLock::new(|| Cache::new(MOST_MET));
const MOST_MET: usize = 1 << 17;
/// Longer ones are numbers and accidents.
const LONGEST_MET: usize = 48;

/// The forms of a word, and whether it may be the first of several that are one thing.
type Met = (Arc<[Form]>, bool);

#[derive(Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
    position: usize,
    alphabet: Alphabet,
    stems: Stems,
    /// Whether these are words of a question.
    asked: bool,
    /// The others are passed over.
    only: Option<Initials>,
    /// Parts of the hyphenated word that was just read, the last one first.
    parts: Vec<(usize, usize, bool)>,
    /// Words that were read, and not yet given.
    ahead: VecDeque<Read>,
    /// Room for the word that is looked up.
    met: String,
}

#[derive(Debug)]
struct Read {
    token: Token,
    /// It has parts of its own, which follow.
    is_whole: bool,
    /// It may be the first of several words that are one thing.
    begins: bool,
}

/// A whole of more parts is a list, not a word.
const MOST_PARTS: usize = 5;

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        if self.ahead.is_empty() {
            let read = self.read()?;
            self.ahead.push_back(read);
        }
        let first = self.ahead.front_mut()?;
        if std::mem::take(&mut first.begins)
            && let Some(span) = self.span()
        {
            return Some(span);
        }
        self.ahead.pop_front().map(|read| read.token)
    }
}

impl<'a> Tokens<'a> {
    const fn new(text: &'a str, alphabet: Alphabet, stems: Stems, asked: bool) -> Self {
        Self {
            text,
            at: 0,
            position: 0,
            alphabet,
            stems,
            asked,
            only: None,
            parts: Vec::new(),
            ahead: VecDeque::new(),
            met: String::new(),
        }
    }

    /// Those of them alone that may begin so, each by itself; all where nothing is said.
    #[must_use]
    pub const fn only(mut self, initials: Option<Initials>) -> Self {
        self.only = initials;
        self
    }

    fn is_wanted(&self, start: usize) -> bool {
        self.only
            .is_none_or(|only| only.may_begin(&self.text[start..]))
    }

    /// The next word, whole or part.
    fn read(&mut self) -> Option<Read> {
        loop {
            if let Some((start, end, cut)) = self.parts.pop() {
                let position = self.position;
                self.position += 1;
                if !self.is_wanted(start) {
                    continue;
                }
                let (forms, begins) = self.forms(start, end, cut);
                let begins = begins && self.only.is_none();
                if !forms.is_empty() {
                    let token = Token {
                        start,
                        end,
                        position,
                        forms,
                    };
                    return Some(Read {
                        token,
                        is_whole: false,
                        begins,
                    });
                }
                continue;
            }
            let (start, end) = compound(self.text, self.at, &mut self.parts)?;
            self.at = end;
            self.parts.reverse();
            if (2..=MOST_PARTS).contains(&self.parts.len()) && self.is_wanted(start) {
                let (forms, _) = self.forms(start, end, false);
                let token = Token {
                    start,
                    end,
                    position: self.position,
                    forms,
                };
                return Some(Read {
                    token,
                    is_whole: true,
                    begins: false,
                });
            }
        }
    }

    /// What the words ahead are together.
    fn span(&mut self) -> Option<Token> {
        let count = |ahead: &VecDeque<Read>| ahead.iter().filter(|read| !read.is_whole).count();
        while count(&self.ahead) < span::MOST_WORDS {
            match self.read() {
                Some(read) => self.ahead.push_back(read),
                None => break,
            }
        }
        let words: Vec<&Token> = self
            .ahead
            .iter()
            .filter(|read| !read.is_whole)
            .map(|read| &read.token)
            .collect();
        let next = words.iter().skip(1).map(|word| word.start);
        let starts = next.chain([self.text.len()]);
        let parts: Vec<Part<'_>> = words
            .iter()
            .zip(starts)
            .map(|(word, next)| Part {
                forms: &word.forms,
                gap: &self.text[word.end..next],
            })
            .collect();
        let (count, forms) = span::find(&parts, self.asked)?;
        let (first, last) = (words.first()?, words.get(count - 1)?);
        Some(Token {
            start: first.start,
            end: last.end,
            position: first.position,
            forms: forms.into(),
        })
    }

    fn forms(&mut self, start: usize, end: usize, cut: bool) -> Met {
        let word = &self.text[start..end];
        if self.asked {
            return met(asked_forms(word));
        }
        if word.len() > LONGEST_MET {
            return met(written_forms(word, cut, self.alphabet, self.stems));
        }
        self.remember(word, cut);
        if let Some(met) = MET.get(self.met.as_str()) {
            return met;
        }
        let met = met(written_forms(word, cut, self.alphabet, self.stems));
        MET.insert(SmolStr::new(&self.met), met.clone());
        met
    }

    /// Writes the word with all on which its forms depend.
    fn remember(&mut self, word: &str, cut: bool) {
        let alphabet = match self.alphabet {
            Alphabet::Uzbek => 0,
            Alphabet::Kyrgyz => 1,
            Alphabet::Russian => 2,
        };
        let Stems { uzbek, english } = self.stems;
        let flags = [uzbek, english, cut].into_iter();
        let all = flags.fold(alphabet, |all, flag| 2 * all + u8::from(flag));
        self.met.clear();
        self.met.push(char::from(b'a' + all));
        self.met.push_str(word);
    }
}

fn met(forms: Vec<Form>) -> Met {
    let begins = span::begins(&forms);
    (forms.into(), begins)
}

/// A whole string in its loose form, words joined by blanks: what is equal in it is the same name. Where there are no
/// words, what there is.
pub fn loose_key(text: &str) -> String {
    let words: Vec<Token> = tokens(text, None).collect();
    let words = words.iter().filter_map(|token| {
        let mut forms = token.forms.iter();
        forms.find(|form| form.class == Class::Loose)
    });
    let words: Vec<&str> = words.map(|form| form.text.as_str()).collect();
    if words.is_empty() {
        return text.trim().to_lowercase();
    }
    words.join(" ")
}

/// The next word from byte `at` on, whose hyphenated parts go to `parts` as `(start, end, cut off?)`; `None` at the text's
/// end.
fn compound(
    text: &str,
    at: usize,
    parts: &mut Vec<(usize, usize, bool)>,
) -> Option<(usize, usize)> {
    let first = at + text[at..].find(is_alphanumeric)?;
    let mut start = first;
    loop {
        let end = part_end(text, start);
        let mut rest = text[end..].chars();
        let hyphen = rest.next().filter(|c| is_hyphen(*c));
        let goes_on = rest.next().is_some_and(is_alphanumeric);
        // A dash after a word cuts nothing off.
        let cut = !goes_on && hyphen.is_some_and(|hyphen| hyphen != '\u{2013}');
        parts.push((start, end, cut));
        match hyphen.filter(|_| goes_on) {
            Some(hyphen) => start = end + hyphen.len_utf8(),
            None => return Some((first, end)),
        }
    }
}

/// Where the run of letters, digits and marks that begins at `start` ends; an apostrophe belongs to it between two
/// letters only.
fn part_end(text: &str, start: usize) -> usize {
    let mut end = start;
    let mut open = None;
    for (at, c) in text[start..].char_indices() {
        if is_alphanumeric(c) || unicode_normalization::char::is_combining_mark(c) {
            end = start + at + c.len_utf8();
            open = None;
        } else if fold::is_invisible(c) {
            // In the word, but not at its end.
        } else if fold::is_apostrophe(c) && open.is_none() {
            open = Some(at);
        } else {
            break;
        }
    }
    end
}

/// As Unicode has it, the sooner for the letters of the archive.
fn is_alphanumeric(c: char) -> bool {
    matches!(c, 'а'..='я' | 'А'..='Я') || c.is_alphanumeric()
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{2013}')
}
