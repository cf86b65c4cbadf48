//! How endings are read off a word, from its end inwards: particles, cases, possessives, the plural, in the order in
//! which a grammar has them, each at most once. Where an ending may as well belong to the word (`anjuma-ni`, the
//! accusative, or `anjuman-i`, its meeting), both readings come out; what is none of them is left alone.

/// Where an ending stands; the further from the word, the earlier in this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Particle,
    Case,
    Possessive,
    /// The possessive of the third person, which some cases ask for: where it is missing, they are none.
    Third,
    Plural,
    /// What makes an adjective of a place (`kitobdagi`, in the book), which takes all endings once more.
    Attribute,
}

/// What an ending may follow.
#[derive(Debug, Clone, Copy)]
pub enum After {
    Any,
    Vowel,
    Consonant,
    /// A consonant with voice.
    Voiced,
    Voiceless,
    /// A vowel, or a consonant with voice.
    Sonorous,
    Letters(&'static str),
    /// A word that has lost a vowel.
    Shortened,
}

/// Endings that have all in common but their letters.
#[derive(Debug)]
pub struct Ending {
    place: Place,
    next: Place,
    after: After,
    least: usize,
    doubtful: bool,
    spelled: &'static [&'static str],
    /// The last letters of `spelled`, a bit for each: most words end otherwise, and every word of a text comes here.
    finals: u32,
}

impl Ending {
    /// Endings at `place` that follow any word of three letters.
    pub const fn at(place: Place, spelled: &'static [&'static str]) -> Self {
        let next = match place {
            Place::Particle => Place::Particle,
            Place::Case | Place::Attribute => Place::Possessive,
            Place::Possessive | Place::Third => Place::Plural,
            Place::Plural => Place::Attribute,
        };
        Self {
            place,
            next,
            after: After::Any,
            least: 3,
            doubtful: false,
            spelled,
            finals: finals(spelled),
        }
    }

    pub const fn after(mut self, after: After) -> Self {
        self.after = after;
        self
    }

    /// Letters that must stay.
    pub const fn least(mut self, letters: usize) -> Self {
        self.least = letters;
        self
    }

    /// What must stand before it.
    pub const fn before(mut self, place: Place) -> Self {
        self.next = place;
        self
    }

    /// It may be a part of the word as well.
    pub const fn doubtful(mut self) -> Self {
        self.doubtful = true;
        self
    }
}

const fn finals(spelled: &[&str]) -> u32 {
    let (mut finals, mut at) = (0, 0);
    while at < spelled.len() {
        let letters = spelled[at].as_bytes();
        finals |= bit(letters[letters.len() - 1]);
        at += 1;
    }
    finals
}

const fn bit(letter: u8) -> u32 {
    if letter.is_ascii_lowercase() {
        1 << (letter - b'a')
    } else {
        0
    }
}

/// A language's endings, and its exceptions.
#[derive(Debug)]
pub struct Grammar {
    /// In the order in which they are tried.
    pub endings: &'static [Ending],
    pub is_vowel: fn(&str) -> bool,
    /// Whether the vowels of a word and of an ending go together.
    pub agree: fn(&str, &str) -> bool,
    /// Words of two letters that take endings.
    pub short: &'static [&'static str],
    /// Words that look as if they ended in one.
    pub whole: &'static [&'static str],
    /// Words that lose a vowel before an ending: what is left of them, and what they are.
    pub shortened: &'static [(&'static str, &'static str)],
}

/// Readings of one word that are kept: more are chance.
const MOST: usize = 3;

impl Grammar {
    /// The word without its endings, in each way in which it can be read; where it has none, the word.
    pub fn readings<'a>(&self, word: &'a str) -> Vec<&'a str> {
        let mut readings = Vec::new();
        self.read(word, Place::Particle, &mut readings);
        readings.truncate(MOST);
        readings
    }

    /// Reads on where `next` is the outermost ending that may come; `false` when that makes no sense.
    fn read<'a>(&self, word: &'a str, next: Place, readings: &mut Vec<&'a str>) -> bool {
        let mut read = false;
        let endings = if self.whole.contains(&word) {
            &[]
        } else {
            self.endings
        };
        for ending in endings {
            let may_come = ending.place >= next;
            if !may_come || next == Place::Third && ending.place != Place::Third {
                continue;
            }
            let Some(rest) = self.without(word, ending) else {
                continue;
            };
            read |= self.read(rest, ending.next, readings);
            if read && !ending.doubtful {
                return true;
            }
        }
        if !read && next != Place::Third {
            if !readings.contains(&word) {
                readings.push(word);
            }
            read = true;
        }
        read
    }

    /// The word that lost a vowel, and now is `short`.
    pub fn whole_of(&self, short: &str) -> Option<&'static str> {
        let found = self.shortened.iter().find(|(left, _)| *left == short);
        found.map(|(_, whole)| *whole)
    }

    fn without<'a>(&self, word: &'a str, ending: &Ending) -> Option<&'a str> {
        let last = word.as_bytes().last()?;
        if ending.finals & bit(*last) == 0 {
            return None;
        }
        ending.spelled.iter().find_map(|spelled| {
            let rest = word.strip_suffix(spelled)?;
            let long = rest.chars().count() >= ending.least || self.short.contains(&rest);
            (long && self.follows(rest, ending.after) && (self.agree)(rest, spelled))
                .then_some(rest)
        })
    }

    fn follows(&self, word: &str, after: After) -> bool {
        let vowel = (self.is_vowel)(word);
        let voiceless = word.ends_with(['k', 'p', 's', 't', 'f', 'h', 'c']);
        match after {
            After::Any => true,
            After::Vowel => vowel,
            After::Consonant => !vowel,
            After::Voiced => !vowel && !voiceless,
            After::Voiceless => voiceless,
            After::Sonorous => !voiceless,
            After::Letters(letters) => word.ends_with(|letter| letters.contains(letter)),
            After::Shortened => self.whole_of(word).is_some(),
        }
    }
}
