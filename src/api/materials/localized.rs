//! A material's texts in the languages that somebody asked for: as they were written, transliterated by the machine
//! between the two Uzbek alphabets, or, where there is neither, whichever there is.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    db::records::Record,
    language::{Language, Texts},
};

/// A text in a language that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Localized {
    /// The text.
    pub text: String,
    /// The language in which it stands here.
    #[schema(value_type = String)]
    pub language: Language,
    /// The language in which it was written.
    #[schema(value_type = String)]
    pub from: Language,
    /// Where it comes from.
    pub how: How,
}

/// Where a localized text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// People wrote it in this language.
    Written,
    /// The machine turned one Uzbek alphabet into the other.
    Transliterated,
    /// None of the languages asked for is there.
    Fallback,
}

impl Localized {
    /// Every text of the material that there is; none where no language was asked for.
    pub fn all(record: &Record, asked: &[Language]) -> Option<BTreeMap<&'static str, Self>> {
        if asked.is_empty() {
            return None;
        }
        let texts = [
            ("headline", &record.headline),
            ("caption", &record.caption),
            ("alt_text", &record.row.alt_text),
            ("copyright", &record.row.copyright),
            ("usage_terms", &record.row.usage_terms),
        ];
        Some(
            texts
                .into_iter()
                .filter_map(|(name, texts)| Some((name, Self::of(texts, asked)?)))
                .collect(),
        )
    }

    fn of(texts: &Texts, asked: &[Language]) -> Option<Self> {
        let wanted = asked.iter().find_map(|language| {
            Self::written(texts, language).or_else(|| Self::turned(texts, language))
        });
        wanted.or_else(|| {
            let (language, text) = texts.iter().next()?;
            let (language, from) = (language.clone(), language.clone());
            Some(Self {
                text: text.to_owned(),
                language,
                from,
                how: How::Fallback,
            })
        })
    }

    fn written(texts: &Texts, language: &Language) -> Option<Self> {
        let text = texts.get(language)?.to_owned();
        Some(Self {
            text,
            language: language.clone(),
            from: language.clone(),
            how: How::Written,
        })
    }

    fn turned(texts: &Texts, language: &Language) -> Option<Self> {
        let (text, from) = texts.turned(language)?;
        Some(Self {
            text,
            language: language.clone(),
            from,
            how: How::Transliterated,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{How, Localized};
    use crate::language::{Language, Texts};

    #[test]
    fn the_first_language_that_can_be_had_is_given() {
        let texts = Texts::from([("uz-Latn", "Toshkent shahri"), ("en", "Tashkent")]);
        let asked = |tags: &[&str]| {
            let tags: Vec<Language> = tags
                .iter()
                .map(|tag| Language::parse(tag).unwrap())
                .collect();
            let localized = Localized::of(&texts, &tags).unwrap();
            (localized.text, localized.how)
        };
        assert_eq!(
            asked(&["uz-Cyrl", "en"]),
            ("Тошкент шаҳри".to_owned(), How::Transliterated)
        );
        assert_eq!(asked(&["ru", "en"]), ("Tashkent".to_owned(), How::Written));
        assert_eq!(asked(&["ky"]).1, How::Fallback);
    }
}
