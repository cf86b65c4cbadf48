//! A word that was typed while the keyboard stood on the other alphabet: `ьфеигще` for `matbuot`, `vfn,ejn` for `матбуот`,
//! `op,tr` for `ўзбек`.

/// The keys of both alphabets, row by row: QWERTY, and the Russian ЙЦУКЕН, where the Uzbek letters take the places of щ ы
/// and of two signs.
const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`-=";
const LAYOUTS: [&str; 2] = [
    "йцукенгшщзхъфывапролджэячсмитьбюё-=",
    "йцукенгшўзхъфқвапролджэячсмитьбюёғҳ",
];
/// How many ways there are in which the same keys may be read.
pub const READINGS: usize = LAYOUTS.len();

/// The same keys on the other alphabet, in the first or the second way; `None` where a sign stands on neither, or the
/// ways are one.
pub fn retyped(word: &str, reading: usize) -> Option<String> {
    let lower = without_shift(word);
    let is_latin = lower.chars().any(|letter| letter.is_ascii_alphabetic());
    let layout = LAYOUTS.get(reading)?;
    let read = |layout: &str| {
        let (from, to) = if is_latin {
            (LATIN, layout)
        } else {
            (layout, LATIN)
        };
        let key = |letter| {
            let mut pairs = from.chars().zip(to.chars());
            pairs
                .find(|(own, _)| *own == letter)
                .map(|(_, other)| other)
        };
        lower.chars().map(key).collect::<Option<String>>()
    };
    let is_typed = lower.chars().any(char::is_alphabetic);
    let first = read(LAYOUTS[0]).filter(|_| reading > 0);
    read(layout).filter(|word| is_typed && Some(word) != first.as_ref())
}

fn without_shift(word: &str) -> String {
    let key = |letter| match letter {
        '{' => '[',
        '}' => ']',
        ':' => ';',
        '<' => ',',
        '>' => '.',
        '~' => '`',
        other => other,
    };
    word.to_lowercase().chars().map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_keys_make_the_other_word() {
        for layout in LAYOUTS {
            assert_eq!(LATIN.chars().count(), layout.chars().count());
        }
        for (typed, meant) in [
            ("ьфеигще", "matbuot"),
            ("vfn,ejn", "матбуот"),
            ("Ghtccf", "пресса"),
            (",hbabyu", "брифинг"),
            ("<hbabyu", "брифинг"),
            ("ghtcc-rjyathtywbz", "пресс-конференция"),
            ("щэяиулшыещт", "o'zbekiston"),
        ] {
            assert_eq!(retyped(typed, 0).as_deref(), Some(meant));
        }
        assert_eq!(retyped("op,tr", 1).as_deref(), Some("ўзбек"));
        assert_eq!(retyped("ghtccf", 1), None, "the same in both ways");
        for neither in ["2026", "a1", "matбуот", "שלום", "-", ""] {
            assert_eq!(retyped(neither, 0), None, "{neither}");
        }
    }
}
