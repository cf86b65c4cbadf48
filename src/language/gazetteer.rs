//! Names that each language has its own way of writing: `Ташкент`, `Toshkent` and `Tashkent`, `МВД`, `ИИВ` and `ИИМ`,
//! `май` and `May`. A word comes in with its forms, out goes the code of what it names, with any ending and as an
//! adjective as well (`самаркандский`, `toshkentlik`, `бишкектик`). The names stand in tables, a line for each thing.

mod russian;

use std::sync::LazyLock;

use foldhash::HashMap;

use super::{Class, Form, alphabet::Alphabet, fold, stem};

const TABLES: [&str; 4] = [
    include_str!("gazetteer/states.tsv"),
    include_str!("gazetteer/places.tsv"),
    include_str!("gazetteer/bodies.tsv"),
    include_str!("gazetteer/calendar.tsv"),
];

/// A name of two letters is too often another word: `ЕС`, `US`. These are not.
const SHORT: [&str; 3] = ["Ош", "РФ", "КР"];

/// What makes a word of a place, its people or its language, in loose letters: Uzbek, and Kyrgyz in its harmony.
const OF_A_PLACE: [&str; 11] = [
    "lik", "lyk", "luk", "dik", "dyk", "duk", "tik", "tyk", "tuk", "cha", "che",
];

/// Letters that must be left of a stem before it is taken for a name.
const SHORTEST_STEM: usize = 3;

/// What is written in the tables, by first words.
struct Gazetteer {
    /// By a word as it is written, in any of its spellings.
    written: HashMap<String, Vec<Name>>,
    /// By a word without endings.
    bases: HashMap<String, Vec<Name>>,
}

#[derive(Clone)]
struct Name {
    code: &'static str,
    /// The words after the first.
    rest: Vec<Word>,
}

/// The loose spellings of one word of a name.
#[derive(Clone)]
struct Word {
    bases: Vec<String>,
    /// Those with their endings, where these are listed.
    written: Vec<String>,
}

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::read);

/// The codes of what a word names by itself.
pub fn named(forms: &[Form]) -> Vec<&'static str> {
    let names = candidates(forms).filter(|name| name.rest.is_empty());
    let mut codes: Vec<&str> = names.map(|name| name.code).collect();
    codes.extend(forms.iter().flat_map(of_a_place));
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Whether a name of several words may begin with this one.
pub fn begins(forms: &[Form]) -> bool {
    candidates(forms).any(|name| !name.rest.is_empty())
}

/// The longest name of several words that these words begin with: how many they are, and the code of what it names.
pub fn of_several(words: &[&[Form]]) -> Option<(usize, &'static str)> {
    let (first, rest) = words.split_first()?;
    let fits = |name: &&Name| {
        let pairs = name.rest.iter().zip(rest);
        !name.rest.is_empty()
            && name.rest.len() <= rest.len()
            && pairs.into_iter().all(|(word, forms)| word.is(forms))
    };
    let longest = candidates(first)
        .filter(fits)
        .max_by_key(|name| name.rest.len())?;
    Some((longest.rest.len() + 1, longest.code))
}

/// The names whose first word this may be.
fn candidates(forms: &[Form]) -> impl Iterator<Item = &'static Name> {
    let gazetteer = &*GAZETTEER;
    forms.iter().flat_map(move |Form { class, text }| {
        let names = match class {
            Class::Loose => gazetteer.written.get(text.as_str()),
            Class::Stem if text.len() >= SHORTEST_STEM => gazetteer.bases.get(text.as_str()),
            _ => None,
        };
        names.into_iter().flatten()
    })
}

/// The codes of the places of which the word is made.
fn of_a_place(form: &Form) -> Vec<&'static str> {
    if !matches!(form.class, Class::Loose | Class::Stem) {
        return Vec::new();
    }
    let places = OF_A_PLACE
        .iter()
        .filter_map(|ending| form.text.strip_suffix(ending))
        .filter(|place| place.len() > SHORTEST_STEM)
        .filter_map(|place| GAZETTEER.bases.get(place))
        .flatten();
    let alone = places.filter(|name| name.rest.is_empty());
    alone.map(|name| name.code).collect()
}

impl Gazetteer {
    fn read() -> Self {
        let mut read = Self {
            written: HashMap::default(),
            bases: HashMap::default(),
        };
        let lines = TABLES.iter().flat_map(|table| table.lines());
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let code = columns.next().unwrap_or_default();
            let alphabets = [
                Alphabet::Russian,
                Alphabet::Uzbek,
                Alphabet::Kyrgyz,
                Alphabet::Russian,
            ];
            for (column, (alphabet, names)) in alphabets.into_iter().zip(columns).enumerate() {
                for name in names.split(", ") {
                    read.add(code, name, alphabet, column == 0);
                }
            }
        }
        read
    }

    /// A name with a hyphen is one word, and may be written as several.
    fn add(&mut self, code: &'static str, name: &str, alphabet: Alphabet, is_russian: bool) {
        if name.chars().count() < SHORTEST_STEM && !SHORT.contains(&name) {
            return;
        }
        let word = |word: &str, alone| Word::of(word, alphabet, is_russian, alone);
        if !name.contains(' ') {
            self.insert(code, &[word(name, true)]);
        }
        let parts: Vec<&str> = name.split([' ', '-']).collect();
        if parts.len() > 1 {
            let words: Vec<Word> = parts.into_iter().map(|part| word(part, false)).collect();
            self.insert(code, &words);
        }
    }

    fn insert(&mut self, code: &'static str, words: &[Word]) {
        let [first, rest @ ..] = words else { return };
        let name = Name {
            code,
            rest: rest.to_vec(),
        };
        for (map, keys) in [
            (&mut self.written, &first.written),
            (&mut self.bases, &first.bases),
        ] {
            for key in keys {
                let names = map.entry(key.clone()).or_default();
                names.push(name.clone());
            }
        }
    }
}

impl Word {
    /// One `alone` may have an adjective that rules give; of several each may have endings of its own (`vazirlig-i`).
    fn of(word: &str, alphabet: Alphabet, is_russian: bool, alone: bool) -> Self {
        let loose = |word: &String| fold::loose(&fold::normal(word), alphabet);
        let written = if is_russian {
            russian::forms(word, alone)
        } else {
            vec![word.to_owned()]
        };
        let mut written: Vec<String> = written.iter().flat_map(loose).collect();
        written.sort_unstable();
        written.dedup();
        let mut bases = loose(&word.to_owned());
        if !alone && !is_russian {
            let stems = match alphabet {
                Alphabet::Kyrgyz => stem::kyrgyz,
                Alphabet::Uzbek | Alphabet::Russian => stem::uzbek,
            };
            let without_endings: Vec<String> = bases.iter().flat_map(|word| stems(word)).collect();
            bases.extend(without_endings);
        }
        Self { bases, written }
    }

    fn is(&self, forms: &[Form]) -> bool {
        forms.iter().any(|form| match form.class {
            Class::Loose => self.written.iter().any(|word| form.text == *word),
            Class::Stem => {
                form.text.len() >= SHORTEST_STEM && self.bases.iter().any(|base| form.text == *base)
            }
            _ => false,
        })
    }
}
