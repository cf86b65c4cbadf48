//! Cyrillic letters and what they are in Latin: the official Uzbek table, the Kyrgyz one, and the Russian one in the
//! way that names are written abroad. Words come in lower case; what is not Cyrillic passes through as it is.

use super::Language;

/// By whose rules Cyrillic is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    Uzbek,
    Kyrgyz,
    Russian,
}

impl Alphabet {
    pub const ALL: [Self; 3] = [Self::Uzbek, Self::Kyrgyz, Self::Russian];

    /// The rules for the Cyrillic in a text: those of its language, else those that its letters tell of.
    pub fn of(text: &str, language: Option<&Language>) -> Self {
        match language.map(Language::primary) {
            Some("uz") => Self::Uzbek,
            Some("ky") => Self::Kyrgyz,
            Some("ru") => Self::Russian,
            _ => Self::told_by_letters(text),
        }
    }

    fn told_by_letters(text: &str) -> Self {
        if text.contains(['ў', 'қ', 'ғ', 'ҳ', 'Ў', 'Қ', 'Ғ', 'Ҳ']) {
            Self::Uzbek
        } else if text.contains(['ң', 'ө', 'ү', 'Ң', 'Ө', 'Ү']) {
            Self::Kyrgyz
        } else {
            Self::Russian
        }
    }

    /// A lower-case word in Latin letters; `ў` and `ғ` become bare `o` and `g`, since search drops apostrophes.
    pub fn latin(self, word: &str) -> String {
        let mut out = String::with_capacity(word.len());
        let mut before = None;
        for letter in word.chars() {
            match self.letter(letter, before) {
                Some(latin) => out.push_str(latin),
                None => out.push(letter),
            }
            before = Some(letter);
        }
        out
    }

    /// One letter after the one `before` it; `None` when the letter is not Cyrillic.
    fn letter(self, letter: char, before: Option<char>) -> Option<&'static str> {
        let own = match self {
            Self::Uzbek => uzbek(letter, before),
            Self::Kyrgyz => kyrgyz(letter),
            Self::Russian => None,
        };
        own.or_else(|| russian(letter))
            .or_else(|| neighbours(letter))
    }
}

/// Where the official table departs from the Russian one.
fn uzbek(letter: char, before: Option<char>) -> Option<&'static str> {
    Some(match letter {
        'е' if before.is_none_or(|b| is_vowel(b) || b == 'ъ') => "ye",
        'ж' => "j",
        'х' => "x",
        'ц' if before.is_none_or(|b| !is_vowel(b)) => "s",
        'щ' => "sh",
        'ы' => "i",
        _ => return None,
    })
}

fn kyrgyz(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ж' => "j",
        'ң' => "ng",
        'ө' => "o",
        'ү' => "u",
        _ => return None,
    })
}

fn russian(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        'е' | 'э' => "e",
        'ё' => "yo",
        'ж' => "zh",
        'з' => "z",
        'и' => "i",
        'й' | 'ы' => "y",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        _ => return None,
    })
}

/// Letters of one alphabet that turn up in a text of another, and those of the region's further languages.
fn neighbours(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ў' | 'ө' => "o",
        'қ' => "q",
        'ғ' | 'ґ' => "g",
        'ҳ' | 'һ' => "h",
        'ң' => "ng",
        'ү' | 'ұ' | 'ӯ' => "u",
        'ә' => "a",
        'і' | 'ӣ' => "i",
        'ҷ' => "j",
        'є' => "ye",
        'ї' => "yi",
        _ => return None,
    })
}

pub(super) fn is_vowel(letter: char) -> bool {
    matches!(
        letter,
        'а' | 'е' | 'ё' | 'и' | 'о' | 'у' | 'ы' | 'э' | 'ю' | 'я' | 'ў' | 'ө' | 'ү'
    )
}

pub(super) fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{52f}')
}
