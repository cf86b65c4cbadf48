//! Words that say nothing of what a text is about: prepositions, conjunctions, pronouns, question words, forms of `be`.
//! In a question beside others they are not looked for, and no two materials are alike by them. Only what is no other
//! word in one of the languages stands here: `it` is an Uzbek dog, `он` is ten in Kyrgyz.

use std::sync::LazyLock;

use foldhash::HashSet;

use super::{Language, fold, transliterate};

const RUSSIAN: &str = "\
    а без более бы был была были было быть в вам вас весь во вот все всё всего всех вы где да даже для до его ее её ей ему \
    если есть еще ещё же за здесь и из или им ими их к как какая какие какого какое какой каких когда кого которая \
    которого которое которой которую которые который которых кто ли либо между меня мне мной мы на над нам нас не него \
    нее неё ней нет них но о об обо однако она они оно от очень по под при про с сам свой себя со так также такой там те \
    тем то того тоже той только том тот у уже чего чем что чтобы эта эти этих это этого этой этом этот эту";
const ENGLISH: &str = "\
    a about after also an and any are as at be been but by did do does for from had has have he her his how i if in into \
    is its no not of off on or our she so than that the their them then there these they this those to too was we were \
    what when where which while who whom whose why with would you your";
const UZBEK: &str = "\
    va ham bilan uchun yoki lekin ammo biroq esa edi ekan emas bu shu o'sha ushbu mazkur u ular uning ularning siz sizning \
    biz bizning men mening kim kimlar nima nimalar qanday qanaqa qaysi qayer qayerda qayerga qachon nega qancha \
    haqida haqidagi to'g'risida to'g'risidagi bo'yicha orqali hamda agar chunki balki faqat juda yana barcha bo'lib \
    bo'lgan bo'ldi bo'ladi bo'lishi deb";
const KYRGYZ: &str = "\
    жана менен үчүн же бирок анткени ал алар анын алардын бул ошол ушул бизди сиз силер биз ким эмне кандай кайсы кайда \
    кайдан качан канча жөнүндө тууралуу боюнча аркылуу деп дагы эле эмес экен эле гана болгон болот болду болуп ошондой";

static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let written = [RUSSIAN, ENGLISH, UZBEK, KYRGYZ];
    let words = written.iter().flat_map(|words| words.split_whitespace());
    let mut all: HashSet<String> = words.map(str::to_owned).collect();
    all.extend(UZBEK.split_whitespace().filter_map(in_cyrillic));
    let plain: Vec<String> = all.iter().map(|word| on_any_keyboard(word)).collect();
    all.extend(plain);
    all
});

/// Whether a word, as somebody wrote it, is one of these, in any spelling that keyboards give it.
pub fn is_function_word(word: &str) -> bool {
    WORDS.contains(&fold::normal(word))
}

fn in_cyrillic(word: &str) -> Option<String> {
    let [from, to] = ["uz-Latn", "uz-Cyrl"].map(|tag| Language::parse(tag).ok());
    transliterate(word, &from?, &to?)
}

/// Without the letters that a keyboard may lack.
fn on_any_keyboard(word: &str) -> String {
    let letter = |letter| match letter {
        'ў' | 'ү' => 'у',
        'қ' => 'к',
        'ғ' => 'г',
        'ҳ' => 'х',
        'ө' => 'о',
        'ң' => 'н',
        other => other,
    };
    word.chars().filter(|c| *c != '\'').map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::is_function_word;

    #[test]
    fn what_says_nothing_is_known_in_every_spelling() {
        for word in [
            "в",
            "Какие",
            "which",
            "to‘g‘risida",
            "togrisida",
            "тўғрисида",
            "тугрисида",
            "жөнүндө",
            "жонундо",
            "ҳақида",
            "хакида",
            "haqida",
        ] {
            assert!(is_function_word(word), "{word}");
        }
        for word in ["it", "он", "may", "сув", "2024", "", "oʻn", "kun", "ош"] {
            assert!(!is_function_word(word), "{word}");
        }
    }
}
