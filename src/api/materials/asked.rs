//! What a search asks for, read from the query string.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::Deserialize;
use utoipa::IntoParams;

use super::near::near;
use crate::{
    access::Caller,
    error::{Code, Error, Result},
    index::{DateField, Facet, Missing, Orientation, Position, Search, Sort},
    language::Language,
    terms::{EventId, Kind, KitId, MaterialId, Processing, Status, UnitId},
};

/// Parameters of one name are alternatives; different names narrow.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// Words, `"a phrase"`, `-without`, a prefix `medi*`, a year, an id; in any language and script.
    q: Option<String>,
    /// Of one of these kinds.
    kind: Vec<Kind>,
    /// Of one of these genres.
    genre: Vec<String>,
    /// The work's own language.
    #[param(value_type = Vec<String>)]
    language: Vec<Language>,
    /// With a headline or a caption in this language.
    #[param(value_type = Vec<String>)]
    described_in: Vec<Language>,
    /// With this keyword, in any script and letter case.
    keyword: Vec<String>,
    /// Showing this person, by any of the names, in any script and letter case.
    person: Vec<String>,
    /// Of this event.
    #[param(value_type = Vec<Uuid>)]
    event: Vec<EventId>,
    /// Of this unit.
    #[param(value_type = Vec<Uuid>)]
    unit: Vec<UnitId>,
    /// In this kit.
    #[param(value_type = Vec<Uuid>)]
    kit: Vec<KitId>,
    /// Of this status; other than `published` for staff of the unit alone.
    status: Vec<Status>,
    /// In this state of the machine; for staff of the unit alone.
    processing: Vec<Processing>,
    /// Taken not farther than so many `km` or `m` from a point in degrees north and east (WGS 84): `41.31,69.24,5km`. A
    /// position that no editor has confirmed counts for staff of the unit alone.
    #[param(
        pattern = r"^-?([1-8]?[0-9](\.[0-9]+)?|90),-?((1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]+)?|180),([1-9][0-9]{0,3}(\.[0-9]+)?|0\.[0-9]*[1-9])k?m$"
    )]
    near: Option<String>,
    /// A picture or a film that lies this way.
    #[param(inline)]
    orientation: Vec<Orientation>,
    /// At least so many pixels wide.
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_u32)]
    min_width: Option<u32>,
    /// At least so many pixels high.
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_u32)]
    min_height: Option<u32>,
    /// At least so many milliseconds long.
    #[param(minimum = 0)]
    min_duration_ms: Option<i64>,
    /// At most so many milliseconds long.
    #[param(minimum = 0)]
    max_duration_ms: Option<i64>,
    /// Of which nobody said this, or one of these. For staff, of their units.
    #[param(inline)]
    missing: Vec<Missing>,
    /// These materials; up to 200.
    #[param(value_type = Vec<Uuid>)]
    id: Vec<MaterialId>,
    /// From this day or instant on.
    from: Option<String>,
    /// Up to this day, inclusive, or instant.
    to: Option<String>,
    /// Over which date `from`, `to`, `newest` and `oldest` go.
    #[param(inline)]
    date: Option<When>,
    /// The order; `relevance` where there is a `q`, else `newest`.
    #[param(inline)]
    sort: Option<Order>,
    /// What is to be counted of all that was found, between commas; the answer has it in its `facets`.
    #[param(value_type = Vec<Facet>, inline, style = Form, explode = false)]
    facets: Vec<String>,
    /// Whether found words are to be shown in their surroundings.
    highlight: Option<bool>,
    /// Languages in the order of preference, between commas: adds `localized`.
    lang: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum When {
    Published,
    Taken,
    Created,
    Updated,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    Relevance,
    Newest,
    Oldest,
    Title,
}

impl Asked {
    /// The languages of `lang`.
    pub fn languages(&self) -> Result<Vec<Language>> {
        languages(self.lang.as_deref())
    }

    pub fn wants_highlights(&self) -> bool {
        self.highlight.unwrap_or(false)
    }

    /// The search of one page. Days are those of `zone`.
    pub fn search(
        self,
        caller: &Caller,
        zone: &TimeZone,
        limit: usize,
        after: Option<Position>,
    ) -> Result<Search> {
        let highlight = self.wants_highlights();
        if self.id.len() > 200 {
            return Err(wrong("id", "at most 200 of them can be asked for"));
        }
        if !self.missing.is_empty() {
            caller.needs_staff()?;
        }
        let usual = if self.q.is_some() {
            Order::Relevance
        } else {
            Order::Newest
        };
        Ok(Search {
            kinds: self.kind,
            genres: self.genre,
            languages: self.language,
            described_in: self.described_in,
            keywords: self.keyword,
            persons: self.person,
            events: self.event.into_iter().map(|id| id.0).collect(),
            units: self.unit.into_iter().map(|id| id.0).collect(),
            kits: self.kit.into_iter().map(|id| id.0).collect(),
            statuses: self.status,
            processing: self
                .processing
                .into_iter()
                .map(|state| state.as_str().to_owned())
                .collect(),
            ids: (!self.id.is_empty()).then(|| self.id.into_iter().map(|id| id.0).collect()),
            near: self.near.as_deref().map(near).transpose()?,
            orientations: self.orientation,
            min_width: self.min_width,
            min_height: self.min_height,
            min_duration_ms: not_negative("min_duration_ms", self.min_duration_ms)?,
            max_duration_ms: not_negative("max_duration_ms", self.max_duration_ms)?,
            missing: self.missing,
            from: moment("from", self.from.as_deref(), zone, false)?,
            to: moment("to", self.to.as_deref(), zone, true)?,
            date: self.date.unwrap_or(When::Published).into(),
            sort: self.sort.unwrap_or(usual).into(),
            facets: facets(&self.facets)?,
            highlight,
            limit,
            q: self.q,
            after,
        })
    }
}

impl From<When> for DateField {
    fn from(when: When) -> Self {
        match when {
            When::Published => Self::Published,
            When::Taken => Self::Taken,
            When::Created => Self::Created,
            When::Updated => Self::Updated,
        }
    }
}

impl From<Order> for Sort {
    fn from(order: Order) -> Self {
        match order {
            Order::Relevance => Self::Relevance,
            Order::Newest => Self::Newest,
            Order::Oldest => Self::Oldest,
            Order::Title => Self::Title,
        }
    }
}

/// The languages in a list between commas.
pub fn languages(list: Option<&str>) -> Result<Vec<Language>> {
    let tags = list
        .into_iter()
        .flat_map(|list| list.split(','))
        .filter(|tag| !tag.trim().is_empty());
    tags.map(|tag| Language::parse(tag).map_err(|words| wrong("lang", &words)))
        .collect()
}

fn facets(lists: &[String]) -> Result<Vec<Facet>> {
    let names = lists
        .iter()
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let read = |name: &str| {
        serde_json::from_value(name.into())
            .map_err(|_| wrong("facets", &format!("“{name}” can't be counted")))
    };
    let mut facets = Vec::new();
    for facet in names.map(read) {
        let facet = facet?;
        if !facets.contains(&facet) {
            facets.push(facet);
        }
    }
    Ok(facets)
}

fn not_negative(name: &str, milliseconds: Option<i64>) -> Result<Option<i64>> {
    if milliseconds.is_some_and(i64::is_negative) {
        return Err(wrong(name, "is less than nothing"));
    }
    Ok(milliseconds)
}

/// An instant as it is; a day's beginning, or, where it is to be `whole`, its end.
fn moment(name: &str, text: Option<&str>, zone: &TimeZone, whole: bool) -> Result<Option<i64>> {
    let Some(text) = text else {
        return Ok(None);
    };
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(Some(instant.as_millisecond()));
    }
    let words = || {
        wrong(
            name,
            &format!("“{text}” is neither a day such as 2026-11-22 nor an instant (RFC 3339)"),
        )
    };
    let day: Date = text.parse().map_err(|_| words())?;
    let day = if whole {
        day.checked_add(1.day()).map_err(|_| words())?
    } else {
        day
    };
    let begins = day.to_zoned(zone.clone()).map_err(|_| words())?;
    Ok(Some(begins.timestamp().as_millisecond()))
}

pub(super) fn wrong(name: &str, words: &str) -> Error {
    Error::refused(
        Code::BadRequest,
        format!("The parameter “{name}”: {words}."),
    )
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    #[test]
    fn days_are_whole_and_those_of_the_office() {
        let zone = TimeZone::get("Asia/Tashkent").unwrap();
        let moment = |text, whole| super::moment("from", Some(text), &zone, whole);
        let day = 24 * 60 * 60 * 1000;
        let from = moment("2026-11-22", false).unwrap();
        assert_eq!(from, moment("2026-11-21T19:00:00Z", false).unwrap());
        let to = moment("2026-11-22", true).unwrap();
        assert_eq!(to, from.map(|from| from + day));
        assert!(moment("yesterday", true).is_err());
    }
}
