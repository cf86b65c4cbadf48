//! Light stems: a loose word without its endings, so that `xizmat` meets `xizmatlarining`. Uzbek and Kyrgyz by the
//! grammar of their nouns, on the loose Latin form, in which both scripts are one; a word that can be read in two ways
//! has two. Russian and English by Snowball. A word looks for its stems and for itself, among stems and loose words
//! alike, so that a word that only looks as if it had endings (`kanada`) still finds those that have.

mod endings;
mod kyrgyz;
#[cfg(test)]
mod tests;
mod uzbek;

use frostem::{Algorithm, Stemmer};

use super::{alphabet::Alphabet, fold};

/// Uzbek: a loose word in, its stems out, one for each reading.
pub fn uzbek(loose: &str) -> Vec<String> {
    let readings = uzbek::GRAMMAR.readings(loose);
    readings.into_iter().map(uzbek::restored).collect()
}

/// Kyrgyz: a loose word in, its stems out, one for each reading.
pub fn kyrgyz(loose: &str) -> Vec<String> {
    let readings = kyrgyz::GRAMMAR.readings(loose);
    readings.into_iter().map(kyrgyz::restored).collect()
}

/// A Russian stem of fewer letters says nothing: of ИИВ it would leave и.
const SHORTEST_RUSSIAN: usize = 3;

/// Russian: a normal Cyrillic word in, loose Latin stem out.
pub fn russian(normal: &str) -> String {
    let word = fold::exact(normal).replace('ё', "е");
    let stem = Stemmer::new(Algorithm::Russian).stem(&word);
    let is_word = stem.chars().count() >= SHORTEST_RUSSIAN;
    let stem = if is_word { &stem } else { word.as_str() };
    fold::blur(&Alphabet::Russian.latin(stem))
}

/// Letters that must be left of a noun without its ending, for it to be told by them.
const SHORTEST_BORROWED: usize = 4;

/// What Snowball leaves of a noun that Russian has as well: a loose word in -iya in, its Russian stem out. (Those in -a
/// would too often be another word without it, as short ones are: `nazar`, `nazariya`.)
pub fn as_in_russian(loose: &str) -> Option<String> {
    const SHORTEST: usize = 6;
    let stem = loose.strip_suffix("iya")?;
    (stem.len() >= SHORTEST).then(|| stem.to_owned())
}

/// A Russian noun of the first declension, in its cases, as other languages have it: a normal Cyrillic word in, a loose
/// one in -a or -iya out.
pub fn nominative(normal: &str) -> Option<String> {
    const CASES: [(&str, usize, &[&str]); 2] = [
        ("ия", 3, &["ии", "ию", "ией", "ий", "иям", "иями", "иях"]),
        (
            "а",
            SHORTEST_BORROWED,
            &["ы", "и", "е", "у", "ой", "ам", "ами", "ах"],
        ),
    ];
    let word = fold::exact(normal);
    let found = CASES.iter().find_map(|(ending, least, cases)| {
        let stem = cases.iter().find_map(|case| word.strip_suffix(case))?;
        let is_whole = stem.chars().count() >= *least
            && !stem.ends_with(['а', 'е', 'ё', 'и', 'о', 'у', 'ы', 'э', 'ю', 'я', 'ь', 'й']);
        is_whole.then(|| format!("{stem}{ending}"))
    })?;
    Some(fold::blur(&Alphabet::Russian.latin(&found)))
}

/// English: a normal word in, loose stem out.
pub fn english(normal: &str) -> String {
    fold::blur(&fold::exact(&Stemmer::new(Algorithm::English).stem(normal)))
}
