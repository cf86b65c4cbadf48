//! Words: a text comes in, its words go out one by one, each with the bytes where it stands and every form under
//! which it is kept in the index. A hyphenated word comes whole and in parts, and so does what is one thing in several
//! words; a cut-off one (`видео- жана фонотека`) says that it is one. `asked` gives the same for a question, whose words
//! are of every alphabet.

use std::{
    collections::VecDeque,
    sync::{Arc, LazyLock},
};

use quick_cache::sync::Cache;

use super::{
    Language,
    alphabet::{Alphabet, is_cyrillic},
    fold, gazetteer,
    span::{self, Part},
    stem,
};

/// How close a form is to what was written, the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// In its own script, letter by letter.
    Exact,
    /// In Latin letters, letter by letter.
    Folded,
    /// Blind to what people confuse.
    Loose,
    /// Without endings.
    Stem,
    /// By the code of what it names, in whichever language.
    Named,
    /// The loose beginning of a word whose end stands with a later one.
    Cut,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Form {
    pub class: Class,
    pub text: String,
}

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

/// The forms of words that were met lately: most words of most texts are the same few thousand. Some twelve mebibytes when
/// it is full.
static MET: LazyLock<Cache<String, Met>> = LazyLock::new(|| Cache::new(MOST_MET));
const MOST_MET: usize = 1 << 15;
/// Longer ones are numbers and accidents.
const LONGEST_MET: usize = 48;

/// The forms of a word, and whether it may be the first of several that are one thing.
type Met = (Arc<[Form]>, bool);

/// Which stems Latin words of a text get.
#[derive(Debug, Clone, Copy)]
struct Stems {
    uzbek: bool,
    english: bool,
}

#[derive(Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
    position: usize,
    alphabet: Alphabet,
    stems: Stems,
    /// Whether these are words of a question.
    asked: bool,
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
            parts: Vec::new(),
            ahead: VecDeque::new(),
            met: String::new(),
        }
    }

    /// The next word, whole or part.
    fn read(&mut self) -> Option<Read> {
        loop {
            if let Some((start, end, cut)) = self.parts.pop() {
                let position = self.position;
                self.position += 1;
                let (forms, begins) = self.forms(start, end, cut);
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
            if (2..=MOST_PARTS).contains(&self.parts.len()) {
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
            return met(self.forms_of(word, cut));
        }
        self.remember(word, cut);
        if let Some(met) = MET.get(self.met.as_str()) {
            return met;
        }
        let met = met(self.forms_of(word, cut));
        MET.insert(self.met.clone(), met.clone());
        met
    }

    /// Writes the word with all on which its forms depend.
    fn remember(&mut self, word: &str, cut: bool) {
        let alphabet = match self.alphabet {
            Alphabet::Uzbek => 'u',
            Alphabet::Kyrgyz => 'k',
            Alphabet::Russian => 'r',
        };
        let Stems { uzbek, english } = self.stems;
        let flag = |is_set| if is_set { '1' } else { '0' };
        self.met.clear();
        let rest = [uzbek, english, cut].map(flag);
        self.met.extend([alphabet].into_iter().chain(rest));
        self.met.push_str(word);
    }

    fn forms_of(&self, word: &str, cut: bool) -> Vec<Form> {
        let normal = fold::normal(word);
        let mut forms = Forms::default();
        let loose = forms.spell(&normal, self.alphabet);
        if cut {
            forms.add(Class::Cut, loose[0].clone());
        }
        if normal.contains(is_cyrillic) {
            forms.stem_cyrillic(&normal, &loose, self.alphabet);
        } else {
            forms.stem_latin(&normal, &loose, self.stems);
        }
        forms.named()
    }
}

fn met(forms: Vec<Form>) -> Met {
    let begins = span::begins(&forms);
    (forms.into(), begins)
}

/// Every form under which a word of a query, which has no language, may stand in the index. Each of its stems, of which
/// it may be one itself, may stand there as a stem or as a loose word.
pub fn asked_forms(word: &str) -> Vec<Form> {
    let normal = fold::normal(word);
    let mut forms = Forms::default();
    if normal.contains(is_cyrillic) {
        for alphabet in Alphabet::ALL {
            let loose = forms.spell(&normal, alphabet);
            forms.add_stems(loose.iter().cloned());
            forms.stem_cyrillic(&normal, &loose, alphabet);
        }
    } else {
        let loose = forms.spell(&normal, Alphabet::Russian);
        forms.add_stems(loose.iter().cloned());
        forms.stem_latin(
            &normal,
            &loose,
            Stems {
                uzbek: true,
                english: true,
            },
        );
        for loose in &loose {
            forms.add_stems(stem::kyrgyz(loose));
        }
        if let Some(spelled) = fold::as_in_messages(&normal) {
            let loose = fold::loose(&spelled, Alphabet::Russian);
            for loose in &loose {
                forms.add(Class::Loose, loose.clone());
                forms.add_stems(stem::uzbek(loose));
            }
        }
    }
    forms.named()
}

/// The closest way in which a word of a text is one that was asked for; `None` when it is another word.
pub fn meet(asked: &[Form], written: &Token) -> Option<Class> {
    let pairs = asked
        .iter()
        .flat_map(|asked| written.forms.iter().map(move |written| (asked, written)));
    pairs
        .filter(|(asked, written)| same(asked, written))
        .map(|(asked, written)| asked.class.max(written.class))
        .min()
}

fn same(asked: &Form, written: &Form) -> bool {
    match (asked.class, written.class) {
        (Class::Loose, Class::Cut) => {
            asked.text.starts_with(&written.text) && written.text.len() >= SHORTEST_CUT
        }
        (Class::Exact | Class::Folded, Class::Exact | Class::Folded)
        | (Class::Stem, Class::Loose) => asked.text == written.text,
        (asked_class, class) => asked_class == class && asked.text == written.text,
    }
}

/// Bytes of a cut-off word's beginning (`видео-`) that are enough to tell which word was meant.
pub const SHORTEST_CUT: usize = 4;

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

#[derive(Default)]
struct Forms(Vec<Form>);

impl Forms {
    fn add(&mut self, class: Class, text: String) {
        let form = Form { class, text };
        if !form.text.is_empty() && !self.0.contains(&form) {
            self.0.push(form);
        }
    }

    /// All of them, and what they name.
    fn named(mut self) -> Vec<Form> {
        for code in gazetteer::named(&self.0) {
            self.add(Class::Named, code.to_owned());
        }
        self.0
    }

    fn add_stems(&mut self, stems: impl IntoIterator<Item = String>) {
        for stem in stems {
            self.add(Class::Stem, stem);
        }
    }

    /// Adds the unstemmed forms and gives back the loose ones, of which there is at least one (empty for no word).
    fn spell(&mut self, normal: &str, alphabet: Alphabet) -> Vec<String> {
        let exact = fold::exact(normal);
        let latin = alphabet.latin(&exact);
        let mut loose = fold::loose(normal, alphabet);
        if latin != exact {
            self.add(Class::Folded, latin);
        }
        self.add(Class::Exact, exact);
        for loose in &loose {
            self.add(Class::Loose, loose.clone());
        }
        if loose.is_empty() {
            loose.push(String::new());
        }
        loose
    }

    fn stem_cyrillic(&mut self, normal: &str, loose: &[String], alphabet: Alphabet) {
        for loose in loose {
            match alphabet {
                Alphabet::Uzbek => self.add_stems(stem::uzbek(loose)),
                Alphabet::Kyrgyz => self.add_stems(stem::kyrgyz(loose)),
                Alphabet::Russian => self.add(Class::Stem, stem::russian(normal)),
            }
        }
    }

    fn stem_latin(&mut self, normal: &str, loose: &[String], stems: Stems) {
        if stems.english {
            self.add(Class::Stem, stem::english(normal));
        }
        if stems.uzbek {
            for loose in loose {
                self.add_stems(stem::uzbek(loose));
            }
        }
    }
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

/// Whether two words differ by at most one slip of the finger: a letter too many, too few, another one, or two
/// neighbours swapped.
pub fn within_one_slip(a: &str, b: &str) -> bool {
    let same: usize = a
        .chars()
        .zip(b.chars())
        .take_while(|(x, y)| x == y)
        .map(|(x, _)| x.len_utf8())
        .sum();
    let (mut a, mut b) = (a[same..].chars(), b[same..].chars());
    let (whole_a, whole_b) = (a.as_str(), b.as_str());
    let (first_a, first_b) = (a.next(), b.next());
    let (rest_a, rest_b) = (a.as_str(), b.as_str());
    let swapped = first_a == b.next() && a.next() == first_b && a.as_str() == b.as_str();
    rest_a == rest_b || rest_a == whole_b || whole_a == rest_b || swapped
}
