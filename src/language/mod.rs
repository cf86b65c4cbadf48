//! Languages and scripts: BCP 47 tags made canonical, texts in several languages side by side, and the folding by
//! which every script meets every other in search. Pure functions and tables; nothing here touches a file or a clock.

mod alphabet;
pub mod ascii;
pub mod countries;
mod detect;
pub mod filenames;
mod fold;
mod form;
mod function_words;
mod gazetteer;
mod initials;
mod keyboard;
mod known;
mod span;
mod stem;
#[cfg(test)]
mod tests;
mod token;
mod transliterate;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use detect::{cyrillic_likeness, detect};
pub use form::{Class, Form, SHORTEST_CUT, asked_forms, within_one_slip};
pub use function_words::is_function_word;
pub use initials::Initials;
pub use keyboard::{READINGS, retyped};
pub use span::says_year;
pub use token::{Token, Tokens, asked, loose_key, tokens};
pub use transliterate::transliterate;

/// The languages of the archive, as their tags are written.
const OURS: [&str; 5] = ["uz-Latn", "uz-Cyrl", "ky", "ru", "en"];

/// A BCP 47 tag in its canonical form, such as `uz-Latn`, `uz-Cyrl`, `ky`, `ru`, `en`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// Canonical letter case (RFC 5646 section 2.1.1); a bare `uz` is `uz-Latn`, the official alphabet.
    ///
    /// # Errors
    /// Words for people, when the tag is not well-formed, or no such language, script or region is known.
    pub fn parse(tag: &str) -> Result<Self, String> {
        // Nearly all are: every text of every material that is read or indexed.
        if OURS.contains(&tag) {
            return Ok(Self(tag.to_owned()));
        }
        let read = oxilangtag::LanguageTag::parse_and_normalize(tag.trim()).ok();
        let tag = read.filter(known::is_known).ok_or_else(|| {
            let meant = known::meant(tag).map(|meant| format!(": did you mean {meant}?"));
            let meant =
                meant.unwrap_or_else(|| ", such as uz-Latn, uz-Cyrl, ky, ru or en".to_owned());
            format!("“{tag}” is not the tag of a language (BCP 47){meant}")
        })?;
        Ok(Self(if tag.as_str() == "uz" {
            "uz-Latn".to_owned()
        } else {
            tag.into_inner()
        }))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without script and region: `uz` of `uz-Cyrl`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl TryFrom<String> for Language {
    type Error = String;

    fn try_from(tag: String) -> Result<Self, String> {
        if OURS.contains(&tag.as_str()) {
            return Ok(Self(tag));
        }
        Self::parse(&tag)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The closest way in which a word of a text is one that was asked for; `None` when it is another word.
pub fn meet(asked: &[Form], written: &Token) -> Option<Class> {
    form::meet(asked, &written.forms)
}

/// Whether a text is in Cyrillic letters, at least in part.
pub fn is_cyrillic(text: &str) -> bool {
    text.chars().any(alphabet::is_cyrillic)
}

/// A text in the other Uzbek script, if it is Uzbek, as it is where nothing else is sure.
pub fn in_other_uzbek_script(text: &str) -> Option<String> {
    if detect(text).is_some_and(|language| language.primary() != "uz") {
        return None;
    }
    let [latin, cyrillic] = ["uz-Latn", "uz-Cyrl"].map(|tag| Language::parse(tag).ok());
    if is_cyrillic(text) {
        transliterate(text, &cyrillic?, &latin?)
    } else {
        transliterate(text, &latin?, &cyrillic?)
    }
}

/// One text in each of several languages, kept as it was written: `{"uz-Latn": "…", "ky": "…"}`.
#[derive(
    Debug,
    Clone,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    sea_orm::FromJsonQueryResult,
)]
#[serde(transparent)]
#[schema(value_type = BTreeMap<String, String>)]
pub struct Texts(pub BTreeMap<Language, String>);

impl Texts {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, language: &Language) -> Option<&str> {
        self.0.get(language).map(String::as_str)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Language, &str)> {
        self.0
            .iter()
            .map(|(language, text)| (language, text.as_str()))
    }

    /// The text that stands in the other Uzbek alphabet, turned into this one, and the language that it was written in.
    pub fn turned(&self, into: &Language) -> Option<(String, Language)> {
        let other = match into.as_str() {
            "uz-Latn" => "uz-Cyrl",
            "uz-Cyrl" => "uz-Latn",
            _ => return None,
        };
        let (from, text) = self.iter().find(|(from, _)| from.as_str() == other)?;
        Some((transliterate(text, from, into)?, from.clone()))
    }

    /// The text in the first of `preferred` that is there or can be had of the other Uzbek alphabet, else whichever is
    /// there.
    pub fn spoken(&self, preferred: &[Language]) -> Option<String> {
        let had = |language: &Language| {
            let written = self.get(language).map(str::to_owned);
            written.or_else(|| self.turned(language).map(|(text, _)| text))
        };
        let first = preferred.iter().find_map(had);
        first.or_else(|| self.best(&[]).map(str::to_owned))
    }

    /// The text in the first of `preferred` that is there, else whichever is there.
    pub fn best(&self, preferred: &[Language]) -> Option<&str> {
        preferred
            .iter()
            .find_map(|language| self.get(language))
            .or_else(|| self.0.values().next().map(String::as_str))
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Texts {
    /// For tables in the code.
    ///
    /// # Panics
    /// When a tag of the table is not well-formed.
    fn from(pairs: [(&str, &str); N]) -> Self {
        let parse = |tag| Language::parse(tag).expect("tags in the code are well-formed");
        Self(
            pairs
                .into_iter()
                .map(|(tag, text)| (parse(tag), text.to_owned()))
                .collect(),
        )
    }
}
