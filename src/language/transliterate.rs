//! Uzbek from one of its two scripts into the other, for readers of the other: by the official table, letter case
//! and everything else kept. What the table cannot know (loan words with ц or ь) comes out as a reader would say it.

use super::{
    Language,
    alphabet::{is_cyrillic, is_vowel},
    fold::is_apostrophe,
};

/// `text` in the other Uzbek script; `None` when the two languages are not `uz-Latn` and `uz-Cyrl`.
pub fn transliterate(text: &str, from: &Language, to: &Language) -> Option<String> {
    match (from.as_str(), to.as_str()) {
        ("uz-Cyrl", "uz-Latn") => Some(to_latin(text)),
        ("uz-Latn", "uz-Cyrl") => Some(to_cyrillic(text)),
        _ => None,
    }
}

fn to_latin(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| lower(letters[at]));
        let Some(latin) = latin(lower(letter), before) else {
            out.push(letter);
            continue;
        };
        if lower(letter) == letter {
            out.push_str(latin);
        } else if shouts(&letters, at) {
            out.push_str(&latin.to_uppercase());
        } else {
            out.push_str(&capitalized(latin));
        }
    }
    out
}

/// One lower-case Cyrillic letter after the one `before` it, by the official table.
fn latin(letter: char, before: Option<char>) -> Option<&'static str> {
    let starts = !before.is_some_and(is_cyrillic);
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        'е' if starts || before.is_some_and(|b| is_vowel(b) || b == 'ъ') => "ye",
        'е' | 'э' => "e",
        'ё' => "yo",
        'ж' => "j",
        'з' => "z",
        'и' | 'ы' => "i",
        'й' => "y",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "x",
        'ц' if before.is_some_and(is_vowel) => "ts",
        'с' | 'ц' => "s",
        'ч' => "ch",
        'ш' | 'щ' => "sh",
        'ъ' => "ʼ",
        'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        'ў' => "oʻ",
        'қ' => "q",
        'ғ' => "gʻ",
        'ҳ' => "h",
        _ => return None,
    })
}

/// Latin letters and pairs, the longer first; `'` stands for every shape of apostrophe.
const CYRILLIC: [(&str, &str); 36] = [
    ("s'h", "сҳ"),
    ("o'", "ў"),
    ("g'", "ғ"),
    ("sh", "ш"),
    ("ch", "ч"),
    ("yo'", "йў"),
    ("yo", "ё"),
    ("yu", "ю"),
    ("ya", "я"),
    ("ye", "е"),
    ("ts", "ц"),
    ("a", "а"),
    ("b", "б"),
    ("c", "с"),
    ("d", "д"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "ҳ"),
    ("i", "и"),
    ("j", "ж"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("q", "қ"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("v", "в"),
    ("w", "в"),
    ("x", "х"),
    ("y", "й"),
    ("z", "з"),
];

fn to_cyrillic(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    while at < letters.len() {
        let before = at.checked_sub(1).map(|at| lower(letters[at]));
        let (taken, cyrillic) = cyrillic(&letters[at..], before);
        if letters[at].is_uppercase() && shouts(&letters, at + taken - 1) {
            out.push_str(&cyrillic.to_uppercase());
        } else if letters[at].is_uppercase() {
            out.push_str(&capitalized(&cyrillic));
        } else {
            out.push_str(&cyrillic);
        }
        at += taken;
    }
    out
}

/// How many letters at the start of `rest` make one, and which.
fn cyrillic(rest: &[char], before: Option<char>) -> (usize, String) {
    let starts = !before.is_some_and(char::is_alphabetic);
    let same = |letter: &char| {
        if is_apostrophe(*letter) {
            '\''
        } else {
            lower(*letter)
        }
    };
    let spelled: String = rest.iter().take(3).map(same).collect();
    if spelled.starts_with('\'') {
        let within = !starts && rest.get(1).is_some_and(|next| next.is_alphabetic());
        return (
            1,
            if within {
                "ъ".to_owned()
            } else {
                rest[0].to_string()
            },
        );
    }
    if spelled.starts_with('e') {
        // э where a word starts and after a vowel: there a written е would be read as ye.
        let hard = starts || before.is_some_and(|b| "aeiou".contains(b));
        return (1, if hard { "э" } else { "е" }.to_owned());
    }
    let longest = CYRILLIC
        .iter()
        .filter(|(latin, _)| spelled.starts_with(latin))
        .max_by_key(|(latin, _)| latin.len());
    match longest {
        Some((latin, cyrillic)) => (latin.chars().count(), (*cyrillic).to_owned()),
        None => (1, lower(rest[0]).to_string()),
    }
}

/// Whether the word around `at` is in capitals, so that Ш is SH and not Sh.
fn shouts(letters: &[char], at: usize) -> bool {
    let neighbour = |at: Option<usize>| {
        at.and_then(|at| letters.get(at))
            .filter(|c| c.is_alphabetic())
    };
    match neighbour(Some(at + 1)) {
        Some(next) => next.is_uppercase(),
        None => neighbour(at.checked_sub(1)).is_some_and(|c| c.is_uppercase()),
    }
}

fn capitalized(letters: &str) -> String {
    let mut rest = letters.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(rest).collect()
    })
}

fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (cyrillic, latin) in [
            ("Шаҳар ҳокимлиги", "Shahar hokimligi"),
            ("ШАҲАР ЎЗБЕКИСТОН ЧП", "SHAHAR OʻZBEKISTON CHP"),
            ("маълумот, санъат", "maʼlumot, sanʼat"),
            ("Ёшлар юрти: янги йўл", "Yoshlar yurti: yangi yoʻl"),
            ("Европа ва поезд", "Yevropa va poyezd"),
            ("эълон электр", "eʼlon elektr"),
            ("конституция", "konstitutsiya"),
            ("йўқ, ўғли 24-сон!", "yoʻq, oʻgʻli 24-son!"),
        ] {
            assert_eq!(to_latin(cyrillic), latin);
            assert_eq!(to_cyrillic(latin), cyrillic);
        }
    }

    #[test]
    fn what_has_one_way_only() {
        assert_eq!(
            to_latin("цирк, концерт, январь, щётка"),
            "sirk, konsert, yanvar, shyotka"
        );
        assert_eq!(to_latin("объект"), "obʼyekt");
        assert_eq!(
            to_cyrillic("Is'hoq O’zbekistonda ‘mana’"),
            "Исҳоқ Ўзбекистонда ‘мана’"
        );
        assert_eq!(to_cyrillic("poema"), "поэма");
    }

    #[test]
    fn only_between_the_uzbek_scripts() {
        let language = |tag| Language::parse(tag).unwrap();
        assert_eq!(
            transliterate("Мэрия", &language("ky"), &language("uz-Latn")),
            None
        );
        assert_eq!(
            transliterate("Ҳоким", &language("uz-Cyrl"), &language("uz")).as_deref(),
            Some("Hokim")
        );
    }
}
