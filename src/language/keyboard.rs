//! A word that was typed while the keyboard stood on the other alphabet: `ьфеигще` for `matbuot`, `vfn,ejn` for `матбуот`.

/// The keys of both alphabets, row by row: QWERTY, and the Russian ЙЦУКЕН.
const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const CYRILLIC: &str = "йцукенгшщзхъфывапролджэячсмитьбюё";

/// The same keys on the other alphabet; `None` where a letter stands on neither.
pub fn retyped(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let is_latin = lower.chars().any(|letter| letter.is_ascii_alphabetic());
    let (from, to) = if is_latin {
        (LATIN, CYRILLIC)
    } else {
        (CYRILLIC, LATIN)
    };
    let key = |letter| {
        let mut pairs = from.chars().zip(to.chars());
        pairs
            .find(|(own, _)| *own == letter)
            .map(|(_, other)| other)
    };
    lower.chars().map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_keys_make_the_other_word() {
        assert_eq!(LATIN.chars().count(), CYRILLIC.chars().count());
        assert_eq!(retyped("ьфеигще").as_deref(), Some("matbuot"));
        assert_eq!(retyped("vfn,ejn").as_deref(), Some("матбуот"));
        assert_eq!(retyped("Ghtccf").as_deref(), Some("пресса"));
        for neither in ["ўзбек", "2026", "a1", "matбуот", "שלום"] {
            assert_eq!(retyped(neither), None, "{neither}");
        }
    }
}
