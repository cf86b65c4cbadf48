//! Any text in plain ASCII, for the places that take nothing else: names in an archive on request, the fallback name
//! of a download. Uzbek, Kyrgyz and Russian Cyrillic go by their own tables, Latin letters lose their marks, dashes
//! and quotes become the plain ones, and what is left is `_`. For people to read; search folds by other tables.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Uzbek,
    Kyrgyz,
    Russian,
}

/// The text in ASCII; control characters that are ASCII stay as they are.
pub fn ascii(text: &str) -> String {
    let letters: Vec<char> = text.nfc().collect();
    let alphabet = alphabet(&letters);
    let mut plain = String::with_capacity(text.len());
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        if letter.is_ascii() {
            plain.push(letter);
        } else if let Some(latin) = cyrillic(lower(letter), alphabet, before) {
            push_in_case(
                &mut plain,
                latin,
                letter,
                before,
                letters.get(at + 1).copied(),
            );
        } else {
            push_nearest(&mut plain, letter);
        }
    }
    plain
}

/// The letters decide: the language of a name is not known.
fn alphabet(letters: &[char]) -> Alphabet {
    let has = |wanted: &str| letters.iter().any(|&letter| wanted.contains(lower(letter)));
    if has("ўқғҳ") {
        Alphabet::Uzbek
    } else if has("ңөү") {
        Alphabet::Kyrgyz
    } else {
        Alphabet::Russian
    }
}

fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

fn is_vowel(letter: char) -> bool {
    "аеёиоуыэюяўөү".contains(lower(letter))
}

fn cyrillic(letter: char, alphabet: Alphabet, before: Option<char>) -> Option<&'static str> {
    let uzbek = alphabet == Alphabet::Uzbek;
    let starts = !before.is_some_and(char::is_alphabetic);
    let after_vowel = before.is_some_and(is_vowel);
    Some(match letter {
        'а' | 'ә' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' if uzbek && (starts || after_vowel) => "ye",
        'е' | 'э' => "e",
        'ё' => "yo",
        'є' => "ye",
        'ж' if alphabet == Alphabet::Russian => "zh",
        'ж' | 'ҷ' => "j",
        'з' => "z",
        'ы' if uzbek => "i",
        'и' | 'і' | 'ӣ' => "i",
        'ї' => "yi",
        'й' | 'ы' => "y",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' | 'ө' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ү' | 'ұ' | 'ӯ' => "u",
        'ф' => "f",
        'х' if uzbek => "x",
        'х' => "kh",
        'ц' if uzbek && !after_vowel => "s",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' if uzbek => "sh",
        'щ' => "shch",
        'ъ' if uzbek => "'",
        'ъ' | 'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        'ў' => "o'",
        'қ' => "q",
        'ғ' => "g'",
        'ҳ' | 'һ' => "h",
        'ң' => "ng",
        _ => return None,
    })
}

/// `Шаҳар` is `Shahar`, and `ШАҲАР` is `SHAHAR`: two letters for one follow the neighbours.
fn push_in_case(
    plain: &mut String,
    latin: &str,
    letter: char,
    before: Option<char>,
    after: Option<char>,
) {
    if !letter.is_uppercase() {
        plain.push_str(latin);
        return;
    }
    let shouted = match after {
        Some(after) if after.is_alphabetic() => after.is_uppercase(),
        _ => before.is_some_and(char::is_uppercase),
    };
    let first = latin.chars().next().map_or(0, char::len_utf8);
    plain.push_str(&latin[..first].to_ascii_uppercase());
    let rest = &latin[first..];
    plain.push_str(&if shouted {
        rest.to_ascii_uppercase()
    } else {
        rest.to_owned()
    });
}

fn push_nearest(plain: &mut String, letter: char) {
    match letter {
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => plain.push('-'),
        'ʻ' | 'ʼ' | '‘' | '’' | '´' | '′' | '‛' => plain.push('\''),
        '“' | '”' | '„' | '«' | '»' => plain.push('"'),
        'ı' => plain.push('i'),
        'ə' => plain.push('a'),
        'ß' => plain.push_str("ss"),
        'æ' => plain.push_str("ae"),
        'ø' => plain.push('o'),
        'đ' => plain.push('d'),
        'ł' => plain.push('l'),
        'Ø' => plain.push('O'),
        'Ł' => plain.push('L'),
        mark if is_combining_mark(mark) => {}
        other => {
            let start = plain.len();
            plain.extend(std::iter::once(other).nfkd().filter(char::is_ascii));
            if plain.len() == start {
                plain.push('_');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ascii;

    #[test]
    fn each_alphabet_goes_by_its_own_table() {
        assert_eq!(
            ascii("Ўзбекистон Республикаси Ахборот хизмати"),
            "O'zbekiston Respublikasi Axborot xizmati"
        );
        assert_eq!(
            ascii("Ҳокимият: концерт, ер ва цирк"),
            "Hokimiyat: konsert, yer va sirk"
        );
        assert_eq!(ascii("Жогорку Кеңеш жөнүндө"), "Jogorku Kengesh jonundo");
        assert_eq!(
            ascii("Пресс-конференция, Жуков и Хрущёв"),
            "Press-konferentsiya, Zhukov i Khrushchyov"
        );
    }

    #[test]
    fn two_letters_for_one_follow_the_case_of_their_neighbours() {
        assert_eq!(ascii("Шаҳар"), "Shahar");
        assert_eq!(ascii("ШАҲАР"), "SHAHAR");
        assert_eq!(ascii("БОШ Ш. Шукуров"), "BOSH Sh. Shukurov");
    }

    #[test]
    fn decomposed_letters_are_letters() {
        assert_eq!(ascii("и\u{306}од, е\u{308}лка"), "yod, yolka");
    }

    #[test]
    fn everything_becomes_ascii() {
        assert_eq!(
            ascii("Oʻzbekiston — “gʻalaba” № 7…"),
            "O'zbekiston - \"g'alaba\" No 7..."
        );
        assert_eq!(ascii("Çağrı Łódź"), "Cagri Lodz");
        assert_eq!(ascii("新闻 🎥"), "__ _");
        assert!(('\0'..=char::MAX).all(|letter| ascii(&letter.to_string()).is_ascii()));
    }
}
