//! In which of the five languages a page speaks: as it was asked, else as the browser prefers (RFC 9110 section 12.5.4),
//! else as is said of the reader or of what is shown. Texts in other languages stand in their own, and say so.

use super::words::{self, Words};
use crate::language::{Language, Texts};

/// A language that pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    UzbekLatin,
    UzbekCyrillic,
    Kyrgyz,
    Russian,
    English,
}

/// A text, and the language that it is in where that is not the page's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub text: String,
    pub lang: Option<String>,
}

impl Said {
    /// The attribute that says its language, with a blank before it; nothing in the page's own. A tag has no letter that
    /// would end it.
    pub fn attribute(&self) -> String {
        let tag = self.lang.as_deref();
        tag.map_or_else(String::new, |tag| format!(" lang=\"{tag}\""))
    }

    /// Only so many letters of it, where it is longer: cut between words, and that is seen.
    pub fn shorten(&mut self, letters: usize) {
        let Some((end, _)) = self.text.char_indices().nth(letters) else {
            return;
        };
        let (begun, rest) = self.text.split_at(end);
        let within = !rest.starts_with(char::is_whitespace);
        let word = begun
            .rfind(char::is_whitespace)
            .filter(|at| within && *at > end / 2);
        let kept = word.map_or(begun, |at| &begun[..at]).trim_end().len();
        self.text.truncate(kept);
        self.text.push('…');
    }
}

impl Tongue {
    pub const ALL: [Self; 5] = [
        Self::UzbekLatin,
        Self::UzbekCyrillic,
        Self::Kyrgyz,
        Self::Russian,
        Self::English,
    ];

    pub const fn tag(self) -> &'static str {
        match self {
            Self::UzbekLatin => "uz-Latn",
            Self::UzbekCyrillic => "uz-Cyrl",
            Self::Kyrgyz => "ky",
            Self::Russian => "ru",
            Self::English => "en",
        }
    }

    /// As it calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UzbekLatin => "Oʻzbekcha",
            Self::UzbekCyrillic => "Ўзбекча",
            Self::Kyrgyz => "Кыргызча",
            Self::Russian => "Русский",
            Self::English => "English",
        }
    }

    pub fn words(self) -> &'static Words {
        words::of(self)
    }

    /// The one that speaks this language.
    pub fn of(language: &Language) -> Option<Self> {
        match (language.primary(), language.as_str().contains("Cyrl")) {
            ("uz", false) => Some(Self::UzbekLatin),
            ("uz", true) => Some(Self::UzbekCyrillic),
            ("ky", _) => Some(Self::Kyrgyz),
            ("ru", _) => Some(Self::Russian),
            ("en", _) => Some(Self::English),
            _ => None,
        }
    }

    /// As it was asked, else as the header prefers; what is neither is nobody's choice.
    pub fn chosen(asked: Option<&str>, accepted: Option<&str>) -> Option<Self> {
        let parse = |tag: &str| Self::of(&Language::parse(tag).ok()?);
        asked
            .and_then(parse)
            .or_else(|| ranked(accepted.unwrap_or_default()).find_map(parse))
    }

    /// The text in this language, else in the one that its readers are likeliest to read.
    pub fn say(self, texts: &Texts) -> Option<Said> {
        let written = |tag: &str| {
            let language = Language::parse(tag).ok()?;
            let text = texts.get(&language).map(str::to_owned);
            let text = text.or_else(|| texts.turned(&language).map(|(text, _)| text))?;
            Some((text, tag.to_owned()))
        };
        let whichever = || {
            let (language, text) = texts.iter().next()?;
            Some((text.to_owned(), language.to_string()))
        };
        let found = self.reads().iter().find_map(|tag| written(tag));
        let (text, tag) = found.or_else(whichever)?;
        let text = text.trim().replace("\r\n", "\n");
        (!text.is_empty()).then(|| Said {
            text,
            lang: (tag != self.tag()).then_some(tag),
        })
    }

    /// The same without its language, for attributes and titles.
    pub fn word(self, texts: &Texts) -> Option<String> {
        self.say(texts).map(|said| said.text)
    }

    const fn reads(self) -> &'static [&'static str] {
        match self {
            Self::UzbekLatin => &["uz-Latn", "ru", "en", "ky"],
            Self::UzbekCyrillic => &["uz-Cyrl", "ru", "ky", "en"],
            Self::Kyrgyz => &["ky", "ru", "uz-Cyrl", "en"],
            Self::Russian => &["ru", "en", "uz-Latn", "ky"],
            Self::English => &["en", "ru", "uz-Latn", "ky"],
        }
    }
}

/// The tags of `Accept-Language`, the most wanted first.
fn ranked(header: &str) -> impl Iterator<Item = &str> {
    let mut wanted: Vec<(&str, f32)> = header
        .split(',')
        .filter_map(|range| {
            let (tag, rest) = range.split_once(';').unwrap_or((range, "q=1"));
            let quality = rest.trim().strip_prefix("q=")?.trim().parse().ok()?;
            (quality > 0.0).then(|| (tag.trim(), quality))
        })
        .collect();
    // Stable: of those that are wanted alike the first.
    wanted.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    wanted.into_iter().map(|(tag, _)| tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_is_asked_for_wins_and_then_the_browser_s() {
        for (asked, accepted, chosen) in [
            (Some("ky"), Some("ru"), Some(Tongue::Kyrgyz)),
            (None, Some("de, ru;q=0.5, en;q=0.8"), Some(Tongue::English)),
            (None, Some("uz-UZ, ru"), Some(Tongue::UzbekLatin)),
            (None, Some("uz-Cyrl-UZ"), Some(Tongue::UzbekCyrillic)),
            (
                Some("klingon"),
                Some("en;q=0, ru;q=x, ky"),
                Some(Tongue::Kyrgyz),
            ),
            (None, Some("*"), None),
            (None, None, None),
        ] {
            assert_eq!(
                Tongue::chosen(asked, accepted),
                chosen,
                "{asked:?} {accepted:?}"
            );
        }
    }

    #[test]
    fn what_is_too_long_is_cut_between_words() {
        for (text, letters, cut) in [
            ("Оқ уй", 5, "Оқ уй"),
            ("Оқ уй олди", 5, "Оқ уй…"),
            ("Оқ уй олди", 6, "Оқ уй…"),
            ("Оқ уй олди", 8, "Оқ уй…"),
            ("Тошкентда", 4, "Тошк…"),
            ("А тошкентда", 6, "А тошк…"),
            ("", 0, ""),
        ] {
            let (text, lang) = (text.to_owned(), None);
            let mut said = Said { text, lang };
            for _ in 0..2 {
                said.shorten(letters);
                assert_eq!(said.text, cut, "{letters}");
            }
        }
    }

    #[test]
    fn another_script_is_turned_and_another_language_says_so() {
        let texts = Texts::from([("uz-Latn", "Toshkent shahri"), ("en", "The city")]);
        let said = |tongue: Tongue| tongue.say(&texts).expect("a text");
        assert_eq!(said(Tongue::UzbekCyrillic).text, "Тошкент шаҳри");
        assert_eq!(said(Tongue::UzbekCyrillic).lang, None);
        assert_eq!(said(Tongue::Kyrgyz).lang.as_deref(), Some("uz-Cyrl"));
        assert_eq!(said(Tongue::Russian).lang.as_deref(), Some("en"));
        assert_eq!(Tongue::English.say(&Texts::from([("de", " ")])), None);
    }
}
