//! With which letters words begin once they are folded, whatever the language: a quick look by which most words of a text
//! need no folding where it is gone through for some words alone. Letters that the folding makes of each other, or writes
//! for each other, are one group; of a letter that is in none, nothing is known.

use super::{Class, Form};

/// Groups of letters, a bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Initials(u16);

impl Initials {
    /// Of all these forms; none where one may be met by a word of any letter: a thing has many names.
    pub fn of<'a>(forms: impl IntoIterator<Item = &'a Form>) -> Option<Self> {
        let mut all = Self(0);
        for form in forms {
            let first = form.text.chars().next().and_then(group);
            all.0 |= first.filter(|_| form.class != Class::Named)?;
        }
        Some(all)
    }

    /// Whether a word, as it is written, may have a form that begins alike.
    pub fn may_begin(self, word: &str) -> bool {
        let group = word.chars().next().and_then(group);
        group.is_none_or(|group| self.0 & group != 0)
    }
}

fn group(letter: char) -> Option<u16> {
    // Most are in lower case.
    let lower = match letter {
        'a'..='z' | 'а'..='я' => letter,
        _ => letter.to_lowercase().next()?,
    };
    let place = match lower {
        // Which vowel it is depends on the language; й, я, ю and ё begin with one in some.
        'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'ı' | 'а' | 'е' | 'ё' | 'и' | 'й' | 'о' | 'у' | 'ы'
        | 'э' | 'ю' | 'я' | 'ў' | 'ө' | 'ү' | 'ә' | 'і' | 'ӣ' | 'ї' | 'є' | 'ӯ' | 'ұ' => {
            0
        }
        'k' | 'q' | 'h' | 'x' | 'к' | 'қ' | 'х' | 'ҳ' | 'һ' => 1,
        's' | 't' | 'c' | 'ş' | 'š' | 'ç' | 'č' | 'с' | 'т' | 'ц' | 'ч' | 'ш' | 'щ' => 2,
        'z' | 'j' | 'd' | 'з' | 'ж' | 'ҷ' | 'д' => 3,
        // A Latin p may stand for the Cyrillic р.
        'p' | 'r' | 'п' | 'р' => 4,
        'v' | 'w' | 'в' => 5,
        'g' | 'г' | 'ғ' | 'ґ' => 6,
        'b' | 'б' => 7,
        'f' | 'ф' => 8,
        'l' | 'л' => 9,
        'm' | 'м' => 10,
        'n' | 'н' | 'ң' => 11,
        _ => return None,
    };
    Some(1 << place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, tokens};

    const TEXTS: &str = include_str!("../index/tests/press/texts.jsonl");

    #[test]
    fn no_form_of_a_word_begins_otherwise() {
        let languages = ["uz-Latn", "uz-Cyrl", "ky", "ru", "en", "und", "kk"];
        let languages = languages.map(|tag| Language::parse(tag).unwrap());
        let odd = "Ёлка ёлка Яшин Юсуф Цирк цех Щётка Эл ўрик Ўзбек оʻrin o'rin oʻt Xorazm Қўқон Ҳаким хушёр Жамият \
            джинсы Djakarta Schule şahar çıroyli čas wahar Zhukov Khan qhan Tsentr tsckh pоссия xалқ yчёт cоат İstanbul \
            и\u{306}од е\u{308}лка ﬁlm ғозғон Ғафур ңа өмүр үй үч ұлт әлем іс ӣд їжа єдність ҷавоб ӯзбек ґанок һава skis dying \
            lying idly Fikr федерал бэйби Мэр Лола Нон Нью-Йорк сх-ц тс зх-дж";
        for word in odd.split(' ').chain(TEXTS.split_whitespace()) {
            for language in languages.iter().map(Some).chain([None]) {
                for token in tokens(word, language) {
                    let written = &word[token.start..token.end];
                    for form in token.forms.iter().filter(|form| form.class != Class::Named) {
                        let initials = Initials::of([form]);
                        assert!(
                            initials.is_none_or(|initials| initials.may_begin(written)),
                            "{written} {form:?}"
                        );
                    }
                }
            }
        }
    }
}
