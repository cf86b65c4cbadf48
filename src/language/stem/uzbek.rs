//! Uzbek nouns, in loose Latin letters: which endings they take in which order, and how their own end changes before
//! a possessive (`tilak`, `tilagi`; `burun`, `burni`). Derived nouns (`hokim`, `hokimlik`) are words of their own.

use super::endings::{
    After::{Consonant, Letters, Shortened, Vowel},
    Ending, Grammar,
    Place::{Attribute, Case, Particle, Plural, Possessive},
};

pub const GRAMMAR: Grammar = Grammar {
    endings: ENDINGS,
    is_vowel,
    agree: |_, _| true,
    short: &["oy", "uy", "ot", "et", "er", "el", "ov", "oz"],
    whole: &[
        "bolga", "bori", "dollar", "dori", "karga", "kishi", "kori", "kursi", "parda", "volga",
    ],
    shortened: SHORTENED,
};

const ENDINGS: &[Ending] = &[
    Ending::at(Possessive, &["imiz", "ingiz", "im", "i"])
        .after(Shortened)
        .doubtful(),
    Ending::at(Attribute, &["dagi", "niki"]),
    // “Is it”, “I am”, “you are”, “it is”, “but”, and “without”, which reads as “you are” does. After a vowel, and
    // after the z and t of loans, `mi` is likelier a possessive (`rejimi`, `organizmi`).
    Ending::at(Particle, &["mi"])
        .after(Vowel)
        .least(4)
        .doubtful(),
    Ending::at(Particle, &["mi"])
        .after(Letters("zt"))
        .least(4)
        .doubtful(),
    Ending::at(Particle, &["mi"])
        .after(Letters("bdfghjklmnprsvy"))
        .least(4),
    Ending::at(Particle, &["gina", "kina"]).least(4),
    Ending::at(Particle, &["sizlar", "siz", "man", "san", "dirlar", "dir"]).least(5),
    Ending::at(Particle, &["miz"]).after(Consonant).least(5),
    Ending::at(Case, &["gacha", "ning", "dan", "da", "ga"]),
    Ending::at(Case, &["kacha", "ka"]).after(Letters("k")),
    Ending::at(Case, &["dek", "day"]).least(4),
    Ending::at(Case, &["ni"]).after(Consonant),
    Ending::at(Case, &["ni"]).after(Vowel).doubtful(),
    Ending::at(Possessive, &["yimiz", "yingiz"]).after(Letters("oue")),
    Ending::at(Possessive, &["imiz", "ingiz"]).after(Consonant),
    Ending::at(Possessive, &["miz", "ngiz"]).after(Vowel),
    Ending::at(Possessive, &["si"]).after(Vowel).doubtful(),
    Ending::at(Possessive, &["yi"])
        .after(Letters("oue"))
        .doubtful(),
    Ending::at(Possessive, &["i"]).after(Consonant),
    Ending::at(Possessive, &["im"]).after(Consonant).least(4),
    Ending::at(Possessive, &["m"]).after(Letters("a")).least(4),
    Ending::at(Plural, &["lar"]),
];

const SHORTENED: &[(&str, &str)] = &[
    ("bagr", "bagir"),
    ("bogz", "bogiz"),
    ("boyn", "boyin"),
    ("burn", "burun"),
    ("egn", "egin"),
    ("kayn", "kayin"),
    ("kongl", "kongil"),
    ("korn", "korin"),
    ("koyn", "koyin"),
    ("ogl", "ogil"),
    ("ogz", "ogiz"),
    ("orn", "orin"),
    ("shahr", "shahar"),
    ("singl", "singil"),
    ("singli", "singil"),
    ("yarm", "yarim"),
];

/// What a word is without the endings that were taken off it: its vowel is back, and a final k or q that had softened
/// is hard again. Words of one syllable do not soften, and `ng` is a letter of its own.
pub fn restored(stem: &str) -> String {
    if let Some(whole) = GRAMMAR.whole_of(stem) {
        return whole.to_owned();
    }
    let vowels = stem.chars().filter(|c| "aeiou".contains(*c)).count();
    match stem.strip_suffix('g') {
        Some(rest) if !rest.ends_with('n') && vowels > 1 => format!("{rest}k"),
        _ => stem.to_owned(),
    }
}

fn is_vowel(word: &str) -> bool {
    word.ends_with(['a', 'e', 'i', 'o', 'u'])
}
