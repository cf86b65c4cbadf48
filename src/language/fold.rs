//! The fold by which spellings meet: from a word as it was written to the few Latin spellings under which it is
//! looked up. Letter by letter first (`exact`, `latin`), then blind to what people confuse (`loose`). What was folded
//! folds into itself.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::alphabet::{Alphabet, is_cyrillic};

/// Longer than any word: what runs on is cut, in the index and in the query alike.
const LONGEST: usize = 64;

/// NFKC and lower case, without soft hyphens; every shape of apostrophe becomes `'`.
pub fn normal(word: &str) -> String {
    let plain = word
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if is_apostrophe(c) { '\'' } else { c });
    let lower = plain.nfkc().flat_map(char::to_lowercase).nfkc();
    let word = lower
        .filter(|c| c.is_alphanumeric() || *c == '\'')
        .take(LONGEST)
        .collect();
    in_one_script(word)
}

/// A Cyrillic word with Latin letters that look like its own has these instead.
fn in_one_script(word: String) -> String {
    const ALIKE: [(char, char); 7] = [
        ('a', 'а'),
        ('c', 'с'),
        ('e', 'е'),
        ('o', 'о'),
        ('p', 'р'),
        ('x', 'х'),
        ('y', 'у'),
    ];
    let own = |letter: char| ALIKE.iter().find(|(latin, _)| *latin == letter);
    let is_cyrillic = word.chars().any(is_cyrillic);
    let mut latin = word.chars().filter(char::is_ascii_alphabetic).peekable();
    if !is_cyrillic || latin.peek().is_none() || !latin.all(|letter| own(letter).is_some()) {
        return word;
    }
    let letters = word.chars();
    letters.map(|c| own(c).map_or(c, |(_, own)| *own)).collect()
}

/// The normal word without its apostrophes, in the script in which it was written.
pub fn exact(normal: &str) -> String {
    normal.replace('\'', "")
}

/// The spellings of a normal word that are blind to what people confuse, the likeliest first: one, and others where a
/// Russian keyboard lacks a letter of it.
pub fn loose(normal: &str, alphabet: Alphabet) -> Vec<String> {
    let mut folded = vec![blur(&alphabet.latin(&exact(normal)))];
    let retyped = on_russian_keyboard(normal).into_iter().flatten();
    for retyped in retyped.chain(with_cedillas(normal)) {
        let retyped = blur(&alphabet.latin(&exact(&retyped)));
        if !folded.contains(&retyped) {
            folded.push(retyped);
        }
    }
    folded.retain(|one| !one.is_empty());
    folded
}

/// What a Russian keyboard makes of a word whose letters it lacks: у for ў and oʻ, н for ң; and the same with е for ё
/// (which is yo, as йо is), which it has, but which many leave out. (For қ ғ ҳ ө ү the tables and `blur` lead to the same
/// letter anyway.)
fn on_russian_keyboard(normal: &str) -> Option<[String; 2]> {
    let signs = ["ў", "ң", "ё", "йо", "o'", "yo"];
    let lacked = signs.iter().any(|sign| normal.contains(sign));
    lacked.then(|| {
        let retyped = normal
            .replace('ў', "у")
            .replace("o'", "u")
            .replace('ң', "н");
        let plain = ["ё", "йо"]
            .iter()
            .fold(retyped.clone(), |word, yo| word.replace(yo, "е"));
        [retyped, plain.replace("yo", "e")]
    })
}

/// A word in a Latin alphabet that has ş and ç for sh and ch; without them it is what is left of the letters.
fn with_cedillas(normal: &str) -> Option<String> {
    let has = normal.contains(['ş', 'š', 'ç', 'č']);
    has.then(|| normal.replace(['ş', 'š'], "sh").replace(['ç', 'č'], "ch"))
}

/// A Latin word without what people write for the Uzbek ш and ч in messages: `wahar`, `4iroyli`.
pub fn as_in_messages(normal: &str) -> Option<String> {
    let digits = normal.chars().filter(char::is_ascii_digit);
    let fours = normal.matches('4').count();
    let is_word = digits.count() == fours && normal.chars().count() > fours + 2;
    (is_word && normal.contains(['w', '4'])).then(|| normal.replace('w', "sh").replace('4', "ch"))
}

/// One spelling for the Latin ones that people confuse: x, h and kh; q and k; ts and s; zh, dzh and j; shch, sch and sh; ye
/// and e; accents. Letter by letter, so that what becomes confusable on the way ("qh", which is "kh") is folded as well.
pub(super) fn blur(latin: &str) -> String {
    let mut word = String::with_capacity(latin.len());
    for letter in latin.nfd().filter(|c| !is_combining_mark(*c)) {
        match letter {
            'x' => word.push('h'),
            'q' => word.push('k'),
            'w' => word.push('v'),
            'ı' => word.push('i'),
            'ß' => word.push_str("ss"),
            other => word.push(other),
        }
        while let Some((confused, plain)) = CONFUSED
            .iter()
            .find(|(confused, _)| word.ends_with(confused))
        {
            word.truncate(word.len() - confused.len());
            word.push_str(plain);
        }
    }
    word
}

/// A loose word without the vowels that Russian, Uzbek and Kyrgyz exchange when they write each other's names: Uzbek o for
/// a, i for ы and й.
pub fn vague(loose: &str) -> String {
    loose.replace('o', "a").replace('y', "i")
}

const CONFUSED: [(&str, &str); 7] = [
    ("shch", "sh"),
    ("sch", "sh"),
    ("dj", "j"),
    ("kh", "h"),
    ("zh", "j"),
    ("ts", "s"),
    ("ye", "e"),
];

/// The shapes in which keyboards and typesetters write the apostrophe of oʻ, gʻ and maʼno.
pub fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '\u{b4}' | '\u{2b9}'
            ..='\u{2bd}'
                | '\u{2c8}'
                | '\u{2018}'
                | '\u{2019}'
                | '\u{201b}'
                | '\u{2032}'
                | '\u{ff07}'
    )
}

/// Soft hyphens and joiners: in the text, but not in the word.
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_twice_changes_nothing() {
        for word in [
            "Ўзбекистон",
            "O‘zbekiston",
            "жөнүндө",
            "Хушев",
            "Khushev",
            "ﬁlm",
            "Straße",
            "ⅫI",
            "qqkhkkhx",
            "İstanbul",
            "mo\u{ad}hir",
        ] {
            let normal_once = normal(word);
            assert_eq!(normal(&normal_once), normal_once);
            for alphabet in Alphabet::ALL {
                for once in loose(&normal_once, alphabet) {
                    assert_eq!(
                        loose(&once, alphabet),
                        std::slice::from_ref(&once),
                        "{word}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_apostrophe_is_the_same() {
        for written in [
            "o'zbekiston",
            "oʻzbekiston",
            "o‘zbekiston",
            "o’zbekiston",
            "o´zbekiston",
            "o`zbekiston",
            "oʼzbekiston",
            "o′zbekiston",
        ] {
            assert_eq!(normal(written), "o'zbekiston", "{written}");
        }
    }

    #[test]
    fn what_a_keyboard_lacks_still_meets() {
        let meet = |a: &str, b: &str, alphabet| {
            let (a, b) = (loose(&normal(a), alphabet), loose(&normal(b), alphabet));
            assert!(a.iter().any(|form| b.contains(form)), "{a:?} {b:?}");
        };
        meet("утказилган", "ўтказилган", Alphabet::Uzbek);
        meet("o‘tkazilgan", "утказилган", Alphabet::Uzbek);
        meet("хокимият", "ҳокимият", Alphabet::Uzbek);
        meet("мухокама", "муҳокама", Alphabet::Uzbek);
        meet("жонундо", "жөнүндө", Alphabet::Kyrgyz);
        meet("бутун", "бүтүн", Alphabet::Kyrgyz);
        meet("он", "оң", Alphabet::Kyrgyz);
        meet("буёк", "бўёқ", Alphabet::Uzbek);
        meet("буек", "бўёқ", Alphabet::Uzbek);
        meet("буёк", "boʻyoq", Alphabet::Uzbek);
        meet("Raxmonov", "Rahmonov", Alphabet::Uzbek);
        meet("Khushev", "Хушев", Alphabet::Russian);
    }
}
