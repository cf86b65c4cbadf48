//! One material as the index takes it, and what it makes of it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use icu_collator::{Collator, CollatorBorrowed, options::CollatorOptions};
use icu_locale_core::Locale;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use tantivy::{TantivyDocument, schema::Field, schema::OwnedValue};
use uuid::Uuid;

use super::{beginnings, measures::Measures, missing::Missing, places, schema::Fields};
use crate::{
    language::{Language, Texts, loose_key},
    terms::{Kind, Status},
};

/// What is known of a material. Moments are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub id: Uuid,
    pub unit: Uuid,
    pub kind: Option<Kind>,
    pub genre: Option<String>,
    pub status: Status,
    pub processing: String,
    /// The work's own language: that of `text`.
    pub language: Option<Language>,
    pub described_in: Vec<Language>,
    pub headline: Texts,
    pub caption: Texts,
    pub alt_text: Texts,
    pub text: Option<String>,
    pub keywords: Vec<String>,
    /// Each person's name, in every language in which it was given.
    pub persons: Vec<Texts>,
    pub place: Texts,
    pub creator: Option<String>,
    pub credit: Option<String>,
    pub source: Option<String>,
    /// For those alone who see the unit's drafts.
    pub filename: Option<String>,
    pub event: Option<(Uuid, Texts)>,
    pub event_audiences: Vec<String>,
    pub audiences: Vec<String>,
    pub kits: Vec<Uuid>,
    pub visible: Vec<Window>,
    pub published_at: Option<i64>,
    pub taken_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub measures: Measures,
}

/// An audience sees the material while `from <= now < until`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub audience: String,
    pub from: i64,
    pub until: i64,
}

/// What is shown of a hit, kept as it was written; borrowed where it is written, owned where it was read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Shown<'a> {
    pub language: Option<Cow<'a, Language>>,
    pub headline: Cow<'a, Texts>,
    pub caption: Cow<'a, Texts>,
    pub text: Option<Cow<'a, str>>,
    pub event: Option<(Uuid, Cow<'a, Texts>)>,
    pub persons: Cow<'a, [Texts]>,
    pub keywords: Cow<'a, [String]>,
    pub place: Cow<'a, Texts>,
}

/// The languages in which a text is taken when its own is not there.
static USUAL: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let tags = ["uz-Latn", "uz-Cyrl", "ky", "ru", "en"].into_iter();
    tags.filter_map(|tag| Language::parse(tag).ok()).collect()
});

pub fn uuid_term(id: Uuid) -> String {
    id.simple().to_string()
}

impl Document {
    /// The index's own form; years are counted in `zone`.
    pub fn columns(&self, fields: &Fields, zone: &TimeZone) -> tantivy::Result<TantivyDocument> {
        let mut row = TantivyDocument::default();
        self.add_codes(&mut row, fields);
        self.add_windows(&mut row, fields);
        self.add_moments(&mut row, fields, zone);
        self.add_words(&mut row, fields);
        beginnings::add_to(&mut row, fields, self);
        self.measures.add_to(&mut row, &fields.measures);
        add_all(
            &mut row,
            fields.missing,
            Missing::of(self).map(Missing::as_str),
        );
        row.add_bytes(fields.title, &self.title_key());
        let event = self.event.as_ref();
        let shown = Shown {
            language: self.language.as_ref().map(Cow::Borrowed),
            headline: Cow::Borrowed(&self.headline),
            caption: Cow::Borrowed(&self.caption),
            text: self.text.as_deref().map(Cow::Borrowed),
            event: event.map(|(id, name)| (*id, Cow::Borrowed(name))),
            persons: Cow::Borrowed(&self.persons),
            keywords: Cow::Borrowed(&self.keywords),
            place: Cow::Borrowed(&self.place),
        };
        row.add_bytes(fields.shown, &serde_json::to_vec(&shown)?);
        Ok(row)
    }

    fn add_codes(&self, row: &mut TantivyDocument, fields: &Fields) {
        row.add_text(fields.id, uuid_term(self.id));
        let (high, low) = self.id.as_u64_pair();
        row.add_u64(fields.id_high, high);
        row.add_u64(fields.id_low, low);
        row.add_text(fields.unit, uuid_term(self.unit));
        row.add_text(fields.status, self.status.as_str());
        row.add_text(fields.processing, &self.processing);
        add_all(row, fields.kind, self.kind.map(Kind::as_str));
        add_all(row, fields.genre, self.genre.as_deref());
        add_all(
            row,
            fields.language,
            self.language.as_ref().map(Language::as_str),
        );
        add_all(
            row,
            fields.described_in,
            self.described_in.iter().map(Language::as_str),
        );
        add_all(
            row,
            fields.keyword,
            self.keywords.iter().map(String::as_str),
        );
        let keywords: Vec<String> = self.keywords.iter().map(|word| loose_key(word)).collect();
        let names = self.persons.iter().flat_map(Texts::iter);
        let names: Vec<String> = names.map(|(_, name)| loose_key(name)).collect();
        for (field, keys) in [(fields.keyword_name, keywords), (fields.person_name, names)] {
            add_all(row, field, keys.iter().map(String::as_str));
        }
        add_all(
            row,
            fields.person,
            self.persons.iter().filter_map(|names| names.best(&USUAL)),
        );
        add_all(
            row,
            fields.audience,
            self.audiences.iter().map(String::as_str),
        );
        add_all(
            row,
            fields.event_audience,
            self.event_audiences.iter().map(String::as_str),
        );
        let ids = self
            .event
            .iter()
            .map(|(id, _)| (fields.event, *id))
            .chain(self.kits.iter().map(|id| (fields.kit, *id)));
        for (field, id) in ids {
            row.add_text(field, uuid_term(id));
        }
    }

    fn add_windows(&self, row: &mut TantivyDocument, fields: &Fields) {
        let mut open: BTreeMap<String, Vec<OwnedValue>> = BTreeMap::new();
        for window in &self.visible {
            let windows = open.entry(window.audience.clone()).or_default();
            windows.extend([OwnedValue::I64(window.from), OwnedValue::I64(window.until)]);
        }
        row.add_object(
            fields.open,
            open.into_iter()
                .map(|(audience, windows)| (audience, OwnedValue::Array(windows)))
                .collect(),
        );
    }

    fn add_moments(&self, row: &mut TantivyDocument, fields: &Fields, zone: &TimeZone) {
        let published = self.published_at.unwrap_or(self.created_at);
        row.add_i64(fields.published, published);
        row.add_i64(fields.created, self.created_at);
        row.add_i64(fields.updated, self.updated_at);
        if let Some(taken) = self.taken_at {
            row.add_i64(fields.taken, taken);
        }
        // A moment outside the calendar has no year; nothing else depends on it.
        let year = |moment| {
            let moment = Timestamp::from_millisecond(moment).ok()?;
            Some(moment.to_zoned(zone.clone()).year())
        };
        if let Some(year) = year(published) {
            row.add_i64(fields.year, i64::from(year));
        }
        let years = [Some(published), self.taken_at].into_iter().flatten();
        let years: BTreeSet<i16> = years.filter_map(year).collect();
        for year in years {
            row.add_text(fields.years, year.to_string());
        }
    }

    fn add_words(&self, row: &mut TantivyDocument, fields: &Fields) {
        places::add_to(row, fields, self);
        let event = self.event.iter();
        let event = event.flat_map(|(_, name)| places::in_languages(name));
        places::add_apart(row, fields.event_name, event);
        // Cameras and people join words by underscores.
        let filename = self.filename.as_ref().map(|name| name.replace('_', " "));
        let filename = filename.iter().map(|name| (None, name.as_str()));
        places::add_apart(row, fields.filename, filename);
    }

    /// Bytes that sort as the headline does in the alphabet of its language; what has no headline sorts last.
    fn title_key(&self) -> Vec<u8> {
        const LONGEST: usize = 128;
        let mut best = self.language.iter().chain(&*USUAL);
        let title = best.find_map(|language| Some((language, self.headline.get(language)?)));
        let Some((language, title)) = title.or_else(|| self.headline.iter().next()) else {
            return vec![u8::MAX];
        };
        let mut key = vec![0];
        let Ok(()) = collator(language, title).write_sort_key_to(title.trim(), &mut key);
        key.truncate(LONGEST);
        key
    }
}

/// The order of the language's alphabet. Where ICU has none for its Cyrillic, the Russian order, which knows all
/// letters, so that Cyrillic stands before Latin in every language and one list of titles has one order.
fn collator(language: &Language, title: &str) -> CollatorBorrowed<'static> {
    const OWN_CYRILLIC: [&str; 4] = ["ru", "ky", "kk", "uk"];
    let cyrillic = title.chars().any(|c| matches!(c, '\u{400}'..='\u{52f}'));
    let tag = if cyrillic && !OWN_CYRILLIC.contains(&language.primary()) {
        "ru"
    } else {
        language.as_str()
    };
    let locale = Locale::try_from_str(tag).unwrap_or(Locale::UNKNOWN);
    Collator::try_new(locale.into(), CollatorOptions::default())
        .or_else(|_| Collator::try_new(Locale::UNKNOWN.into(), CollatorOptions::default()))
        .expect("the root order is compiled in")
}

fn add_all<'a>(row: &mut TantivyDocument, field: Field, values: impl IntoIterator<Item = &'a str>) {
    // Each value once: counting counts materials.
    for value in values.into_iter().collect::<BTreeSet<_>>() {
        row.add_text(field, value);
    }
}
