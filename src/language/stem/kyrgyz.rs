//! Kyrgyz nouns, in loose Latin letters, where y is ы after a consonant and й after a vowel: which endings they take
//! in which order, with the consonants and vowels that a word asks of them, and how its own end changes before a
//! possessive (`китеп`, `китеби`; `мурун`, `мурду`). Derived nouns (`мэр`, `мэрия`) are words of their own.

use super::endings::{
    After::{Consonant, Letters, Shortened, Sonorous, Voiced, Voiceless, Vowel},
    Ending, Grammar,
    Place::{Attribute, Case, Particle, Plural, Possessive, Third},
};

pub const GRAMMAR: Grammar = Grammar {
    endings: ENDINGS,
    is_vowel,
    agree,
    short: &[
        "ay", "at", "el", "er", "es", "et", "ip", "it", "iz", "ok", "ot", "oy", "uy", "yr",
    ],
    // The last three are Uzbek: a query has no language.
    whole: &[
        "alty", "altyn", "bashka", "bugun", "burun", "butun", "doktor", "dollar", "gender",
        "jakyn", "jeti", "kayda", "kiyin", "kyska", "maydan", "murun", "orun", "payda", "tender",
        "tutun", "uchun", "erkin", "kishi", "konun",
    ],
    shortened: SHORTENED,
};

const ENDINGS: &[Ending] = &[
    Ending::at(Third, &["y", "i", "u"])
        .after(Shortened)
        .doubtful(),
    Ending::at(Attribute, &["ndagy", "ndegi", "ndogu"])
        .after(Letters("yiu"))
        .before(Third)
        .doubtful(),
    Ending::at(Attribute, &["dagy", "degi", "dogu"]).after(Sonorous),
    Ending::at(Attribute, &["tagy", "tegi", "togu"]).after(Voiceless),
    Ending::at(Attribute, &["nyky", "niki", "nuku"]).after(Vowel),
    Ending::at(Attribute, &["dyky", "diki", "duku"]).after(Voiced),
    Ending::at(Attribute, &["tyky", "tiki", "tuku"]).after(Voiceless),
    Ending::at(Particle, &["syz", "siz", "suz"]).least(5),
    Ending::at(Case, &["nyn", "nin", "nun"]).after(Letters("yiu")),
    Ending::at(Case, &["nyn", "nin", "nun"])
        .after(Letters("aeo"))
        .doubtful(),
    Ending::at(Case, &["dyn", "din", "dun"]).after(Voiced),
    Ending::at(Case, &["tyn", "tin", "tun"]).after(Voiceless),
    // After a possessive of the third person (`сапарынан`), and otherwise.
    Ending::at(Case, &["nan", "nen", "non", "na", "ne", "no"])
        .after(Letters("yiu"))
        .before(Third),
    Ending::at(Case, &["nda", "nde", "ndo"])
        .after(Letters("yiu"))
        .before(Third)
        .doubtful(),
    Ending::at(
        Case,
        &["dan", "den", "don", "da", "de", "do", "ga", "ge", "go"],
    )
    .after(Sonorous),
    Ending::at(
        Case,
        &["tan", "ten", "ton", "ta", "te", "to", "ka", "ke", "ko"],
    )
    .after(Voiceless),
    Ending::at(Case, &["day", "dey", "doy"])
        .after(Sonorous)
        .least(4),
    Ending::at(Case, &["tay", "tey", "toy"])
        .after(Voiceless)
        .least(4),
    Ending::at(Case, &["ny", "ni", "nu"])
        .after(Vowel)
        .doubtful(),
    Ending::at(Case, &["dy", "di", "du"]).after(Voiced),
    Ending::at(Case, &["ty", "ti", "tu"])
        .after(Voiceless)
        .doubtful(),
    Ending::at(Case, &["n"]).after(Letters("yiu")).before(Third),
    Ending::at(
        Possessive,
        &["yngyzdar", "ingizder", "unguzdar", "unguzdor"],
    )
    .after(Consonant),
    Ending::at(Possessive, &["ngyzdar", "ngizder", "nguzdar", "nguzdor"]).after(Vowel),
    Ending::at(
        Possessive,
        &["yngyz", "ingiz", "unguz", "ybyz", "ibiz", "ubuz"],
    )
    .after(Consonant),
    Ending::at(Possessive, &["ngyz", "ngiz", "nguz", "byz", "biz", "buz"]).after(Vowel),
    Ending::at(Possessive, &["ym", "im", "um"])
        .after(Consonant)
        .least(4),
    Ending::at(Possessive, &["m"])
        .after(Letters("aeo"))
        .least(4),
    Ending::at(Third, &["sy", "si", "su"])
        .after(Vowel)
        .doubtful(),
    Ending::at(Third, &["y", "i", "u"]).after(Consonant),
    Ending::at(Plural, &["lar", "ler", "lor"]).after(Sonorous),
    Ending::at(Plural, &["dar", "der", "dor"]).after(Voiced),
    Ending::at(Plural, &["tar", "ter", "tor"]).after(Voiceless),
];

const SHORTENED: &[(&str, &str)] = &[
    ("egn", "egin"),
    ("kard", "karyn"),
    ("kongl", "kongul"),
    ("koyn", "koyun"),
    ("moyn", "moyun"),
    ("murd", "murun"),
    ("ord", "orun"),
];

/// What a word is without the endings that were taken off it: its vowel is back, and a final к or п that had got a
/// voice between vowels is without it again. `ng` is a letter of its own.
pub fn restored(stem: &str) -> String {
    if let Some(whole) = GRAMMAR.whole_of(stem) {
        return whole.to_owned();
    }
    let softened = [('g', 'k'), ('b', 'p')]
        .into_iter()
        .find_map(|(soft, hard)| {
            let rest = stem.strip_suffix(soft)?;
            (is_vowel(rest) && rest.len() > 1).then(|| format!("{rest}{hard}"))
        });
    softened.unwrap_or_else(|| stem.to_owned())
}

/// Whether the last letter is a vowel.
fn is_vowel(word: &str) -> bool {
    match word.strip_suffix('y') {
        Some(before) => !is_vowel(before),
        None => word.ends_with(['a', 'e', 'i', 'o', 'u']),
    }
}

/// Vowel harmony as far as it shows once ө and ү are o and u: an ending has the vowels that the last one of the word
/// asks for. A word without vowels (`КРнын`) asks for none.
fn agree(word: &str, ending: &str) -> bool {
    let last = word
        .char_indices()
        .rev()
        .find(|(at, letter)| is_vowel(&word[..at + letter.len_utf8()]));
    let Some((_, last)) = last else {
        return true;
    };
    let asked = match last {
        'a' | 'y' => "ay",
        'e' | 'i' => "ei",
        'o' => "ou",
        _ => "aou",
    };
    let first = ending.find(['a', 'e', 'i', 'o', 'u', 'y']);
    first.is_none_or(|at| asked.contains(&ending[at..=at]))
}
