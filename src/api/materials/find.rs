//! Search, and suggestions while somebody types.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{asked::Asked, showing_page, view::MaterialView};
use crate::{
    api::{
        auth::Anyone,
        page::{Listing, PageParams},
        problem::Problem,
        query::Params,
    },
    app::App,
    db::records::Record,
    error::{Code, Error, Result},
    index::{Facet, SuggestionKind},
    language::Texts,
    search,
};

const MOST_SUGGESTIONS: usize = 50;

/// A page of what was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found {
    /// The materials, in the order that was asked for.
    pub items: Vec<MaterialView>,
    /// What to send as `cursor` for the page that follows; null on the last.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
    /// How many there are on all pages together, of what the caller may see.
    pub total: u64,
    /// What was to be counted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, Vec<FacetValue>>)]
    pub facets: BTreeMap<Facet, Vec<FacetValue>>,
    /// Where nothing has all that `q` says: up to three questions that find something, in place of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub did_you_mean: Vec<String>,
}

/// How many of the materials found have a value.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetValue {
    /// The value, as the parameter of the same name takes it.
    pub value: String,
    /// What it is called, in each language; empty where the value speaks for itself.
    pub label: Texts,
    /// How many materials have it.
    pub count: u64,
}

/// What is being typed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// What was typed so far.
    q: String,
    /// How many suggestions at most, from 1 to 50; 10 where nothing is said.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<usize>,
}

/// What a question may become.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    /// The likeliest first.
    pub items: Vec<SuggestionView>,
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestionView {
    /// Where it comes from: `keyword`, `person`, `event` or `headline`.
    #[schema(value_type = String)]
    pub kind: SuggestionKind,
    /// The text.
    pub text: String,
    /// The event's, or that of the material with this headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
}

/// Find materials
///
/// In every language and script; counts and totals are exact, and of what the caller may see.
#[utoipa::path(
    tag = "materials",
    operation_id = "find_materials",
    params(Asked, PageParams),
    responses(
        (status = 200, description = "A page of what was found", body = Found),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/materials")]
pub async fn list(
    app: Data<App>,
    Anyone(caller): Anyone,
    listing: Listing<Asked>,
) -> Result<Json<Found>> {
    let asked = listing.filter.clone();
    let languages = asked.languages()?;
    let highlight = asked.wants_highlights();
    let zone = &app.config.time_zone;
    let search = asked.search(&caller, zone, listing.size(), listing.after()?)?;
    let found = search::find(&app, &caller, search).await?;
    let (records, marks): (Vec<_>, Vec<_>) = found.items.into_iter().unzip();
    let showing = showing_page(&app, &caller, &records, languages).await?;
    let view = |(record, marks): (Arc<Record>, _)| MaterialView {
        highlights: highlight.then_some(marks),
        ..showing.view(&record)
    };
    let value = |counted: search::Labelled| FacetValue {
        value: counted.value,
        label: counted.label,
        count: counted.count,
    };
    let facets = found
        .facets
        .into_iter()
        .map(|(facet, values)| (facet, values.into_iter().map(value).collect()));
    Ok(Json(Found {
        items: records.into_iter().zip(marks).map(view).collect(),
        next_cursor: found
            .next
            .map(|position| listing.cursor(&position))
            .transpose()?,
        total: found.total,
        facets: facets.collect(),
        did_you_mean: found.meant,
    }))
}

/// What a question that is being typed may become
#[utoipa::path(
    tag = "materials",
    operation_id = "suggest",
    params(Typed),
    responses(
        (status = 200, description = "Keywords, persons, events and headlines that the caller may see", body = Suggestions),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/suggestions")]
pub async fn suggestions(
    app: Data<App>,
    Anyone(caller): Anyone,
    typed: Params<Typed>,
) -> Result<Json<Suggestions>> {
    let Params(Typed { q, limit }) = typed;
    let limit = limit.unwrap_or(10);
    if !(1..=MOST_SUGGESTIONS).contains(&limit) {
        let words = format!("The parameter “limit” is not from 1 to {MOST_SUGGESTIONS}.");
        return Err(Error::refused(Code::BadRequest, words));
    }
    let found = search::suggest(&app, &caller, &q, limit).await?;
    let view = |found: crate::index::Suggestion| SuggestionView {
        kind: found.kind,
        text: found.text,
        id: found.id,
    };
    Ok(Json(Suggestions {
        items: found.into_iter().map(view).collect(),
    }))
}
