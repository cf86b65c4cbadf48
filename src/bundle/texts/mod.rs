//! What a kit's archive says in words: `captions.csv`, `captions.json` and `README.txt`, made of plain values that the
//! caller may see. Nothing here asks who reads: what is given is written.

mod captions;
mod labels;
mod local;
mod readme;

use serde::Serialize;

pub use captions::{captions_csv, captions_json};
pub use local::Local;
pub use readme::readme;

use crate::{
    language::{Language, Texts},
    terms::{Contact, MaterialId, Person},
};

/// A kit, as the caller sees it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KitText {
    pub title: Texts,
    pub summary: Texts,
    pub event: Texts,
    pub contact: Option<Contact>,
    /// Where the kit can be seen and its present state asked for.
    pub page_url: Option<String>,
    pub embargo_until: Option<Local>,
    pub items: Vec<ItemText>,
    /// What was taken back from whoever asks.
    pub withdrawn: Vec<GoneText>,
}

/// What lay in the kit and must not be used any longer.
#[derive(Debug, Clone, Serialize)]
pub struct GoneText {
    /// What its name began with.
    pub number: usize,
    pub id: MaterialId,
    pub withdrawn_at: Option<Local>,
    pub notice: Texts,
}

/// What was wrong in what an earlier archive held.
#[derive(Debug, Clone, Serialize)]
pub struct CorrectionText {
    pub at: Local,
    pub note: Texts,
}

/// One file of the archive and what is said about it.
#[derive(Debug, Clone, Serialize)]
pub struct ItemText {
    /// Within the archive.
    pub path: String,
    pub id: MaterialId,
    /// Of the work itself.
    pub language: Option<Language>,
    pub headline: Texts,
    pub caption: Texts,
    pub alt_text: Texts,
    pub creator: Option<String>,
    pub credit: Option<String>,
    pub source: Option<String>,
    pub copyright: Texts,
    pub usage_terms: Texts,
    pub keywords: Vec<String>,
    /// Who is shown or heard, with their titles.
    pub persons: Vec<Person>,
    pub place: Texts,
    pub taken_at: Option<Local>,
    /// What the kit says of it.
    pub note: Texts,
    /// In bytes.
    pub size: u64,
    /// In hexadecimal, where it is known.
    pub sha256: Option<String>,
    pub embargo_until: Option<Local>,
    /// The last first.
    pub corrections: Vec<CorrectionText>,
}

impl KitText {
    /// The first and the last of the embargoes of what is under one.
    pub fn held(&self) -> Option<(Local, Local)> {
        let items = self.items.iter().map(|item| item.embargo_until);
        let all = || items.clone().chain([self.embargo_until]).flatten();
        Some((all().min()?, all().max()?))
    }

    /// The languages that the kit itself speaks, else those of its items' headlines and captions, else English.
    pub fn languages(&self) -> Vec<Language> {
        let own = languages_of([&self.title, &self.summary]);
        if !own.is_empty() {
            return own;
        }
        let items = self
            .items
            .iter()
            .flat_map(|item| [&item.headline, &item.caption]);
        let theirs = languages_of(items);
        if theirs.is_empty() {
            vec![english()]
        } else {
            theirs
        }
    }
}

/// The name, and behind it what somebody is.
fn called(person: &Person, preferred: &[Language]) -> Option<String> {
    let name = person.name.spoken(preferred)?;
    Some(match person.title.spoken(preferred) {
        Some(title) if !title.trim().is_empty() => format!("{name}, {title}"),
        _ => name,
    })
}

fn english() -> Language {
    Language::parse("en").expect("en is a language tag")
}

/// Each language once, in the order of the offices' desks: Uzbek, Kyrgyz, Russian, English, then the others.
fn languages_of<'a>(texts: impl IntoIterator<Item = &'a Texts>) -> Vec<Language> {
    let mut languages: Vec<Language> = texts
        .into_iter()
        .flat_map(Texts::iter)
        .map(|(language, _)| language.clone())
        .collect();
    let rank = |language: &Language| {
        let known = labels::LANGUAGES
            .iter()
            .position(|known| *known == language.as_str());
        known.unwrap_or(labels::LANGUAGES.len())
    };
    languages.sort_by(|one, other| rank(one).cmp(&rank(other)).then_with(|| one.cmp(other)));
    languages.dedup();
    languages
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn local(at: &str) -> Local {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(5));
        Local::new(at.parse().expect("a moment"), &zone)
    }

    /// A kit with one item, in three languages, with all that is hard to write down.
    pub fn kit() -> KitText {
        let item = ItemText {
            path: "Брифинг/01 Ҳоким.jpg".to_owned(),
            id: MaterialId(uuid::Uuid::from_u128(1)),
            language: Language::parse("uz").ok(),
            headline: Texts::from([
                ("uz-Cyrl", "Ҳоким жавоб берди"),
                ("en", "=cmd|' /C calc'!A0"),
            ]),
            caption: Texts::from([
                ("uz-Cyrl", "Биринчи қатор,\nиккинчи \"қатор\""),
                ("ru", "Подпись"),
            ]),
            alt_text: Texts::from([("en", "A man at a table")]),
            creator: Some("@botir".to_owned()),
            credit: Some("Ахборот хизмати".to_owned()),
            source: None,
            copyright: Texts::from([("ru", "© Пресс-служба")]),
            usage_terms: Texts::from([("en", "Free with credit")]),
            keywords: vec!["briefing".to_owned(), "=1+1".to_owned()],
            persons: vec![
                Person {
                    name: Texts::from([("uz-Latn", "Raxmonov"), ("ru", "Рахмонов")]),
                    title: Texts::from([("ru", "аким")]),
                },
                Person {
                    name: Texts::from([("ru", "Хушев")]),
                    title: Texts::default(),
                },
            ],
            place: Texts::default(),
            taken_at: Some(local("2026-11-03T09:15:27Z")),
            note: Texts::default(),
            size: 4_096,
            sha256: Some("ab".repeat(32)),
            embargo_until: Some(local("2026-11-04T09:00:00Z")),
            corrections: vec![CorrectionText {
                at: local("2026-11-03T12:00:30Z"),
                note: Texts::from([("ru", "Имя исправлено")]),
            }],
        };
        KitText {
            title: Texts::from([("ru", "Брифинг акима"), ("uz-Cyrl", "Ҳоким брифинги")]),
            summary: Texts::from([("ru", "Первая строка\nвторая")]),
            contact: Some(Contact {
                phone: Some("+998 71 000-00-00".to_owned()),
                ..Contact::default()
            }),
            items: vec![item],
            withdrawn: vec![GoneText {
                number: 2,
                id: MaterialId(uuid::Uuid::from_u128(2)),
                withdrawn_at: Some(local("2026-11-03T12:00:30Z")),
                notice: Texts::from([("ru", "Другой человек")]),
            }],
            ..KitText::default()
        }
    }

    #[test]
    fn a_kit_speaks_its_own_languages_first() {
        let tags = |kit: &KitText| {
            kit.languages()
                .iter()
                .map(|tag| tag.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        let mut one = kit();
        assert_eq!(tags(&one), ["uz-Cyrl", "ru"]);
        (one.title, one.summary) = (
            Texts::default(),
            Texts::from([("tr", "x"), ("ky", "x"), ("de", "x")]),
        );
        assert_eq!(tags(&one), ["ky", "de", "tr"]);
        one.summary = Texts::default();
        assert_eq!(tags(&one), ["uz-Cyrl", "ru", "en"]);
        one.items.clear();
        assert_eq!(tags(&one), ["en"]);
    }
}
