//! The small shapes that descriptions are made of; each is JSON in the database, too.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::FieldFault,
    language::{Language, Texts, countries},
};

/// Words in the order in which they were given.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult,
)]
#[serde(transparent)]
pub struct Words(pub Vec<String>);

/// Somebody who is shown or heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name, in each language in which it is written.
    pub name: Texts,
    /// Office or function, in each language.
    #[serde(default)]
    pub title: Texts,
}

#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult,
)]
#[serde(transparent)]
pub struct Persons(pub Vec<Person>);

/// Where something was taken or takes place.
#[derive(
    Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema, FromJsonQueryResult,
)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// What the place is called, in each language.
    #[serde(default)]
    pub name: Texts,
    /// ISO 3166-1 alpha-2, such as `UZ` or `KG`.
    #[serde(default)]
    pub country: Option<String>,
    /// Degrees north, WGS 84.
    #[serde(default)]
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84.
    #[serde(default)]
    pub longitude: Option<f64>,
}

impl Place {
    /// Adds what is wrong with the numbers and the code to the faults of the body in which the place stands at `pointer`.
    /// What stood in `before` already is nobody's fault now.
    pub fn check(&self, before: Option<&Self>, pointer: &str, faults: &mut Vec<FieldFault>) {
        let is_new =
            |differs: fn(&Self, &Self) -> bool| before.is_none_or(|was| differs(was, self));
        if is_new(|was, is| (was.latitude, was.longitude) != (is.latitude, is.longitude)) {
            self.check_position(pointer, faults);
        }
        if is_new(|was, is| was.country != is.country) {
            self.check_country(pointer, faults);
        }
    }

    fn check_position(&self, pointer: &str, faults: &mut Vec<FieldFault>) {
        let mut fault = |name: &str, detail: &str| {
            faults.push(FieldFault {
                pointer: format!("{pointer}/{name}"),
                detail: detail.to_owned(),
            });
        };
        if self
            .latitude
            .is_some_and(|degrees| !(-90.0..=90.0).contains(&degrees))
        {
            fault("latitude", "goes from -90 to 90");
        }
        if self
            .longitude
            .is_some_and(|degrees| !(-180.0..=180.0).contains(&degrees))
        {
            fault("longitude", "goes from -180 to 180");
        }
        let alone = match (self.latitude, self.longitude) {
            (Some(_), None) => Some("longitude"),
            (None, Some(_)) => Some("latitude"),
            _ => None,
        };
        if let Some(missing) = alone {
            fault(missing, "is missing: a position has both, or neither");
        }
    }

    fn check_country(&self, pointer: &str, faults: &mut Vec<FieldFault>) {
        let Some(code) = self.country.as_deref() else {
            return;
        };
        let detail = match countries::two(code) {
            Some(known) if known == code => return,
            Some(known) => format!("is “{code}”: did you mean {known}?"),
            None => format!("is “{code}”, no code of a country (ISO 3166-1), such as UZ"),
        };
        faults.push(FieldFault {
            pointer: format!("{pointer}/country"),
            detail,
        });
    }
}

/// Whom a journalist calls.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult,
)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The person or the office.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// As it is dialled.
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// An address for mail.
    pub email: Option<String>,
}

/// For whom a link to a kit was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// An address for mail.
    #[schema(
        max_length = 254,
        pattern = r"^[^@\s\x00-\x1f\x7f-\x9f]+@[^@\s\x00-\x1f\x7f-\x9f]+$"
    )]
    pub email: String,
    /// In which language they are spoken to, where their browser asks for none that is spoken here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub language: Option<Language>,
}

/// What a new material of a unit gets where nobody said anything.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult,
)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    /// The line that must stand beside the work when it is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// Who owns the rights, in each language.
    pub copyright: Texts,
    /// What may be done with the work, in each language.
    pub usage_terms: Texts,
    /// To whom materials open when they are published.
    pub audiences: Vec<String>,
    /// Whom a journalist calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stood_in_a_place_before_is_nobodys_fault() {
        let old = Place {
            country: Some("XX".to_owned()),
            latitude: Some(41.0),
            ..Place::default()
        };
        let found = |place: &Place, before: Option<&Place>| {
            let mut faults = Vec::new();
            place.check(before, "/place", &mut faults);
            let pointers = faults.into_iter().map(|fault| fault.pointer);
            pointers.collect::<Vec<_>>()
        };
        assert_eq!(found(&old, None), ["/place/longitude", "/place/country"]);
        let mut named = old.clone();
        named.name = Texts::from([("ru", "Андижан")]);
        assert!(found(&named, Some(&old)).is_empty());
        named.country = Some("YY".to_owned());
        assert_eq!(found(&named, Some(&old)), ["/place/country"]);
        named.latitude = Some(42.0);
        assert_eq!(found(&named, Some(&named.clone())), [""; 0]);
        assert_eq!(
            found(&named, Some(&old)),
            ["/place/longitude", "/place/country"]
        );
    }
}
