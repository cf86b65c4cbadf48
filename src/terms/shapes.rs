//! The small shapes that descriptions are made of; each is JSON in the database, too.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::FieldFault,
    language::{Texts, countries},
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
    pub fn check(&self, pointer: &str, faults: &mut Vec<FieldFault>) {
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
        if let Some(code) = self.country.as_deref() {
            match countries::two(code) {
                Some(known) if known == code => {}
                Some(known) => fault("country", &format!("is “{code}”: did you mean {known}?")),
                None => fault(
                    "country",
                    &format!("is “{code}”, no code of a country (ISO 3166-1), such as UZ"),
                ),
            }
        }
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
