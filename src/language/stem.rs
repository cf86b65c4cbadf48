//! Light stems: a word without its endings, so that `xizmat` meets `xizmatlarining`. Uzbek and Kyrgyz by tables of
//! their case, possessive and plural endings, on the loose Latin form, in which both scripts are one; Russian and
//! English by Snowball. What is cut off too much is harmless, for a stem weighs least of all forms.

use frostem::{Algorithm, Stemmer};

use super::{alphabet::Alphabet, fold};

/// Endings that may go together: how many letters must stay before one, after which letters it stands ("" is any),
/// and the endings themselves. Longer ones come first.
type Endings = [(usize, &'static str, &'static str)];

const UZBEK: &Endings = &[
    (5, "", "imiz ingiz"),
    (3, "", "gacha dagi ning niki"),
    (3, "", "dan lar"),
    (5, "", "ing im"),
    (3, "k", "ka"),
    (3, "", "ni ga da si"),
    (3, "", "i"),
];

const KYRGYZ: &Endings = &[
    (4, "", "yngyz ingiz ybyz ibiz ubuz"),
    (3, "", "nyn nin nun dyn din dun tyn tin tun"),
    (3, "", "dan den don tan ten ton nan nen non"),
    (3, "", "lar ler lor dar der dor tar ter tor"),
    (3, "", "ga ge go ka ke ko na ne no"),
    (3, "", "ny ni nu dy di du ty ti tu da de do ta te"),
    (3, "", "sy si su"),
    (3, "", "y i u"),
    (4, "yiu", "n"),
];

/// Uzbek: a loose word in, its stem out.
pub fn uzbek(loose: &str) -> String {
    hardened(without_endings(loose, UZBEK))
}

/// Kyrgyz: a loose word in, its stem out.
pub fn kyrgyz(loose: &str) -> String {
    hardened(without_endings(loose, KYRGYZ))
}

/// Takes endings off, one after the other, until none is left: the stem of a stem is itself.
fn without_endings<'a>(loose: &'a str, endings: &Endings) -> &'a str {
    let mut stem = loose;
    while let Some(shorter) = without_one(stem, endings) {
        stem = shorter;
    }
    stem
}

fn without_one<'a>(word: &'a str, endings: &Endings) -> Option<&'a str> {
    endings.iter().find_map(|(least, after, group)| {
        group.split(' ').find_map(|ending| {
            let rest = word.strip_suffix(ending)?;
            let fits = after.is_empty() || rest.ends_with(|letter| after.contains(letter));
            (fits && rest.chars().count() >= *least).then_some(rest)
        })
    })
}

/// A final k that had softened before a vowel (`hokimligi`) is k again; `ng` is a letter of its own.
fn hardened(stem: &str) -> String {
    match stem.strip_suffix('g') {
        Some(rest) if !rest.ends_with('n') && rest.len() >= 3 => format!("{rest}k"),
        _ => stem.to_owned(),
    }
}

/// Russian: a normal Cyrillic word in, loose Latin stem out.
pub fn russian(normal: &str) -> String {
    let word = fold::exact(normal).replace('ё', "е");
    fold::blur(&Alphabet::Russian.latin(&Stemmer::new(Algorithm::Russian).stem(&word)))
}

/// English: a normal word in, loose stem out.
pub fn english(normal: &str) -> String {
    fold::blur(&fold::exact(&Stemmer::new(Algorithm::English).stem(normal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_go() {
        for (word, stem) in [
            ("hizmatlarining", "hizmat"),
            ("korrupsiyaga", "korrupsiya"),
            ("hokimligida", "hokimlik"),
            ("hokimlik", "hokimlik"),
            ("panolarida", "pano"),
            ("tarmokka", "tarmok"),
            ("anjumanlari", "anjuman"),
            ("hokim", "hokim"),
            ("oy", "oy"),
        ] {
            assert_eq!(uzbek(word), stem);
        }
        for (word, stem) in [
            ("merdin", "mer"),
            ("merinin", "mer"),
            ("merlerinin", "mer"),
            ("meriyanyn", "meriya"),
            ("saparlaryn", "sapar"),
            ("mer", "mer"),
        ] {
            assert_eq!(kyrgyz(word), stem);
        }
        assert_eq!(english("conferences"), english("conference"));
        assert_eq!(english("ombudsman's"), "ombudsman");
        assert_eq!(russian("конференции"), russian("конференция"));
    }

    #[test]
    fn the_stem_of_a_stem_is_itself() {
        for word in [
            "hizmatlarining",
            "fabrikalarga",
            "kitoblarimizdagi",
            "merlerinin",
            "konferensiyalaryn",
            "",
            "i",
            "dagi",
        ] {
            assert_eq!(uzbek(&uzbek(word)), uzbek(word));
            assert_eq!(kyrgyz(&kyrgyz(word)), kyrgyz(word));
        }
    }
}
