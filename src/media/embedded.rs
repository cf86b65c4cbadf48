//! What a file says about itself, in the terms of the IPTC Photo Metadata Standard 2023.1, whatever it is written in:
//! XMP, IPTC-IIM, EXIF or a container's tags. Where two of them speak of one thing, the one read first holds. All of
//! it is foreign: bounded in size, without control characters, believed by nobody.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::language::{Language, Texts};

/// The longest text that is taken, in characters.
const LONGEST_TEXT: usize = 20_000;
/// The most entries of any list.
const LONGEST_LIST: usize = 200;
/// The most bytes of `raw`, as JSON.
const LARGEST_RAW: usize = 64 * 1024;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Embedded {
    pub headline: Said,
    pub caption: Said,
    pub alt_text: Said,
    pub keywords: Vec<String>,
    pub creator: Option<String>,
    pub credit: Option<String>,
    pub source: Option<String>,
    pub copyright: Said,
    pub usage_terms: Said,
    pub persons: Vec<String>,
    pub place: Place,
    pub taken_at: Option<jiff::Timestamp>,
    /// The same as it was written, where no zone stood by it.
    pub taken_local: Option<jiff::civil::DateTime>,
    /// Where the day alone is known. It never stands before a moment, whoever said that.
    pub taken_on: Option<jiff::civil::Date>,
    /// -1 (rejected), 1 to 5.
    pub rating: Option<i8>,
    /// The language of the work itself.
    pub language: Option<Language>,
    /// All the readable fields, by group (`exif`, `iptc`, `xmp`, `tags`), under their own names.
    pub raw: Map<String, Value>,
}

/// A text: in languages that were named, or in one that was not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    pub plain: Option<String>,
    pub texts: Texts,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The spot within the city.
    pub name: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub country: Option<String>,
    /// ISO 3166-1, two or three letters, as written.
    pub country_code: Option<String>,
    /// Degrees in WGS 84, north and east positive.
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
}

impl Said {
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            plain: Some(text.into()),
            texts: Texts::default(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plain.is_none() && self.texts.is_empty()
    }

    fn or(self, other: Self) -> Self {
        if self.is_empty() { other } else { self }
    }

    fn tidy(&mut self) {
        self.plain = self.plain.take().as_deref().and_then(tidy);
        let texts = std::mem::take(&mut self.texts.0).into_iter();
        self.texts.0 = texts
            .filter_map(|(language, text)| Some((language, tidy(&text)?)))
            .take(LONGEST_LIST)
            .collect();
    }
}

impl Place {
    /// Coordinates that lie on Earth; 0, 0 is what a receiver writes before it knows.
    pub fn locate(&mut self, latitude: f64, longitude: f64) {
        let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        if on_earth && (latitude, longitude) != (0.0, 0.0) {
            self.latitude = Some(latitude);
            self.longitude = Some(longitude);
        }
    }

    /// Takes over what `other` adds, where it speaks of the same place: the city of one and the country of another are
    /// nowhere.
    pub fn complete(&mut self, other: Self) {
        let same = |mine: &Option<String>, its: &Option<String>| {
            mine.is_none() || its.is_none() || mine == its
        };
        let pairs = [
            (&self.name, &other.name),
            (&self.city, &other.city),
            (&self.region, &other.region),
            (&self.country, &other.country),
            (&self.country_code, &other.country_code),
        ];
        if pairs.into_iter().all(|(mine, its)| same(mine, its)) {
            *self = std::mem::take(self).or(other);
        }
    }

    fn or(self, other: Self) -> Self {
        let here = self
            .latitude
            .zip(self.longitude)
            .or(other.latitude.zip(other.longitude));
        Self {
            name: self.name.or(other.name),
            city: self.city.or(other.city),
            region: self.region.or(other.region),
            country: self.country.or(other.country),
            country_code: self.country_code.or(other.country_code),
            latitude: here.map(|(latitude, _)| latitude),
            longitude: here.map(|(_, longitude)| longitude),
        }
    }
}

impl Embedded {
    /// This where it says something, else `other`.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for (group, fields) in other.raw {
            match self.raw.get_mut(&group).and_then(Value::as_object_mut) {
                Some(mine) => mine.extend(fields.as_object().cloned().unwrap_or_default()),
                None => drop(self.raw.insert(group, fields)),
            }
        }
        let list =
            |mine: Vec<String>, others: Vec<String>| if mine.is_empty() { others } else { mine };
        let no_date = self.taken_at.is_none() && self.taken_local.is_none();
        Self {
            headline: self.headline.or(other.headline),
            caption: self.caption.or(other.caption),
            alt_text: self.alt_text.or(other.alt_text),
            keywords: list(self.keywords, other.keywords),
            creator: self.creator.or(other.creator),
            credit: self.credit.or(other.credit),
            source: self.source.or(other.source),
            copyright: self.copyright.or(other.copyright),
            usage_terms: self.usage_terms.or(other.usage_terms),
            persons: list(self.persons, other.persons),
            place: self.place.or(other.place),
            taken_at: if no_date {
                other.taken_at
            } else {
                self.taken_at
            },
            taken_local: if no_date {
                other.taken_local
            } else {
                self.taken_local
            },
            taken_on: self.taken_on.or(other.taken_on),
            rating: self.rating.or(other.rating),
            language: self.language.or(other.language),
            raw: self.raw,
        }
    }

    /// Takes a date as EXIF, XMP (ISO 8601) or a container write it; one without a zone, and a day alone, wait for
    /// `settle`.
    pub fn date(&mut self, text: &str) {
        let text = text.trim().trim_end_matches('\0');
        if !text.contains(['T', ' ']) {
            self.taken_on = text.parse().ok().or(self.taken_on);
        } else if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            self.taken_at = Some(instant);
        } else if let Ok(instant) = jiff::Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text) {
            self.taken_at = Some(instant);
        } else if let Ok(local) = text.parse::<jiff::civil::DateTime>() {
            self.taken_local = Some(local);
        } else if let Ok(local) = jiff::civil::DateTime::strptime("%Y-%m-%dT%H:%M", text) {
            self.taken_local = Some(local);
        }
    }

    /// What the server does with it on arrival: dates get the zone of the office, and everything its bounds.
    pub(super) fn settle(&mut self, zone: &jiff::tz::TimeZone) {
        if self.taken_at.is_none()
            && let Some(local) = self.taken_local
        {
            self.taken_at = zone.to_ambiguous_timestamp(local).compatible().ok();
        }
        if self.taken_at.is_none()
            && let Some(day) = self.taken_on
        {
            // The day is what is known: its beginning is within it wherever it is looked for.
            self.taken_at = day.to_zoned(zone.clone()).ok().map(|at| at.timestamp());
        }
        for said in [
            &mut self.headline,
            &mut self.caption,
            &mut self.alt_text,
            &mut self.copyright,
            &mut self.usage_terms,
        ] {
            said.tidy();
        }
        let place = &mut self.place;
        for text in [
            &mut self.creator,
            &mut self.credit,
            &mut self.source,
            &mut place.name,
            &mut place.city,
            &mut place.region,
            &mut place.country,
            &mut place.country_code,
        ] {
            *text = text.take().as_deref().and_then(tidy);
        }
        for list in [&mut self.keywords, &mut self.persons] {
            let words = std::mem::take(list)
                .into_iter()
                .filter_map(|word| tidy(&word));
            for word in words.take(LONGEST_LIST) {
                if !list.contains(&word) {
                    list.push(word);
                }
            }
        }
        self.rating = self
            .rating
            .filter(|rating| (-1..=5).contains(rating) && *rating != 0);
        // `keep` stays far below; what does not was not made by it.
        if serde_json::to_string(&self.raw).is_ok_and(|json| json.len() > LARGEST_RAW) {
            self.raw.clear();
        }
    }

    /// Keeps a field under its own name in a group of `raw`, while there is room in that group.
    pub fn keep(&mut self, group: &str, name: &str, value: impl Into<String>) {
        const LONGEST_VALUE: usize = 1000;
        const LARGEST_GROUP: usize = 12 * 1024;
        let Some(value) = tidy(&value.into()) else {
            return;
        };
        let value: String = value.chars().take(LONGEST_VALUE).collect();
        let fields = self
            .raw
            .entry(group)
            .or_insert_with(|| Value::Object(Map::new()));
        let room = LARGEST_GROUP.checked_sub(fields.to_string().len() + name.len() + value.len());
        if let Some(fields) = fields.as_object_mut().filter(|_| room.is_some()) {
            match fields.get_mut(name) {
                Some(Value::Array(list)) => list.push(value.into()),
                Some(one) => *one = Value::Array(vec![one.take(), value.into()]),
                None => drop(fields.insert(name.to_owned(), value.into())),
            }
        }
    }
}

/// `text` without what no text needs, or nothing where nothing is left.
fn tidy(text: &str) -> Option<String> {
    let clean: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .take(LONGEST_TEXT)
        .collect();
    (!clean.is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_without_a_zone_is_the_offices() {
        let zone = jiff::tz::TimeZone::get("Asia/Tashkent").unwrap();
        for (text, wanted) in [
            ("2024-03-01T10:00:00", "2024-03-01T05:00:00Z"),
            ("2024-03-01T10:00", "2024-03-01T05:00:00Z"),
            ("2024-03-01T10:00:00+06:00", "2024-03-01T04:00:00Z"),
            ("2024-03-01T10:00:00+0600", "2024-03-01T04:00:00Z"),
            ("2024-03-01T10:00:00.5Z", "2024-03-01T10:00:00.5Z"),
        ] {
            let mut embedded = Embedded::default();
            embedded.date(text);
            embedded.settle(&zone);
            assert_eq!(embedded.taken_at.unwrap().to_string(), wanted, "{text}");
        }
    }

    #[test]
    fn a_day_is_better_than_nothing_and_worse_than_a_moment() {
        let zone = jiff::tz::TimeZone::get("Asia/Tashkent").unwrap();
        let dated = |text: &str| {
            let mut embedded = Embedded::default();
            embedded.date(text);
            embedded
        };
        let mut day = dated("2024-03-01");
        day.settle(&zone);
        assert_eq!(day.taken_at.unwrap().to_string(), "2024-02-29T19:00:00Z");
        let mut both = dated("2024-03-01").or(dated("2024-03-01T10:00:00"));
        both.settle(&zone);
        assert_eq!(both.taken_at.unwrap().to_string(), "2024-03-01T05:00:00Z");
    }

    #[test]
    fn what_is_foreign_is_bounded() {
        let mut embedded = Embedded {
            creator: Some(" \u{7}\0".into()),
            rating: Some(77),
            ..Embedded::default()
        };
        embedded.keywords = vec!["a".into(); 1000];
        for n in 0..300 {
            embedded.keep("exif", &format!("field {n}"), "x".repeat(5000));
        }
        embedded.settle(&jiff::tz::TimeZone::UTC);
        assert_eq!(
            (embedded.creator, embedded.rating, embedded.keywords.len()),
            (None, None, 1)
        );
        let raw = serde_json::to_string(&embedded.raw).unwrap().len();
        assert!((5000..LARGEST_RAW).contains(&raw), "{raw}");
    }

    #[test]
    fn the_first_to_speak_holds_and_coordinates_stay_together() {
        let mut first = Embedded {
            headline: Said::plain("one"),
            ..Embedded::default()
        };
        first.place.latitude = Some(41.0);
        let mut second = Embedded {
            headline: Said::plain("two"),
            creator: Some("M".into()),
            ..Embedded::default()
        };
        second.place.locate(42.0, 74.0);
        let both = first.or(second);
        assert_eq!(both.headline, Said::plain("one"));
        assert_eq!(
            (both.creator.as_deref(), both.place.latitude),
            (Some("M"), Some(42.0))
        );
    }
}
