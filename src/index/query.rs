//! What can be asked of the index, and the tantivy query that it becomes. The viewer's sight is part of every query.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tantivy::{
    DocId, SegmentReader, Term,
    query::{
        BooleanQuery, EmptyQuery, Occur, Query, TermSetQuery,
        doc_predicate_query::{DocPredicateQuery, FunctionPredicate},
    },
    schema::Field,
};
use uuid::Uuid;

use super::{
    Position,
    document::uuid_term,
    forgiven::Forgiven,
    lexer::Asked,
    measures::{self, Near, Orientation},
    missing::Missing,
    schema::{Fields, column},
    sight::{Sight, Viewer, only, seen, silent},
    union::Union,
    words::Words,
};
use crate::{
    language::{Language, loose_key},
    terms::{Kind, Status},
};

/// A question: alternatives inside one list, lists narrowing each other, an empty list asking nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Search {
    pub q: Option<String>,
    pub kinds: Vec<Kind>,
    pub genres: Vec<String>,
    pub languages: Vec<Language>,
    pub described_in: Vec<Language>,
    pub keywords: Vec<String>,
    /// Any of a person's names, in any script and letter case, as keywords are.
    pub persons: Vec<String>,
    pub events: Vec<Uuid>,
    pub units: Vec<Uuid>,
    /// The caller has made sure that the viewer sees these kits.
    pub kits: Vec<Uuid>,
    pub statuses: Vec<Status>,
    pub processing: Vec<String>,
    pub ids: Option<Vec<Uuid>>,
    pub near: Option<Near>,
    pub orientations: Vec<Orientation>,
    /// In pixels.
    pub min_width: Option<u32>,
    pub min_height: Option<u32>,
    pub min_duration_ms: Option<i64>,
    pub max_duration_ms: Option<i64>,
    /// Any of these is said of none of them; of what the viewer works on alone.
    pub missing: Vec<Missing>,
    /// `from <= moment < to`, in milliseconds since 1970, over `date`.
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub date: DateField,
    pub sort: Sort,
    pub facets: Vec<Facet>,
    pub highlight: bool,
    pub limit: usize,
    pub after: Option<Position>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateField {
    /// Of what was never published, the creation.
    #[default]
    Published,
    Taken,
    Created,
    Updated,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Without a `q` all are equally relevant, and the newest ids come first.
    Relevance,
    #[default]
    Newest,
    Oldest,
    Title,
}

#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    Kind,
    Genre,
    Language,
    Keyword,
    Person,
    Event,
    Unit,
    Audience,
    Status,
    Processing,
    Year,
}

impl DateField {
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Published => column::PUBLISHED,
            Self::Taken => column::TAKEN,
            Self::Created => column::CREATED,
            Self::Updated => column::UPDATED,
        }
    }
}

/// The materials that the viewer sees, that pass every filter, and in which at least `least` of the wanted pieces
/// stand, those that are `forgiven` nearly. Only the wanted pieces add to the score.
pub fn query(
    search: &Search,
    asked: &Asked,
    (least, forgiven): (usize, Forgiven),
    fields: &Fields,
    viewer: &Arc<Viewer>,
) -> Box<dyn Query> {
    let mut clauses = Vec::new();
    let words = Words::new(fields, viewer);
    match words.wanted(&asked.wanted, least, forgiven) {
        Some(wanted) => match wanted.downcast_ref::<Union>() {
            Some(words) => clauses.push((Occur::Must, Box::new(words.of_seen()) as Box<dyn Query>)),
            None => clauses.extend([seen(viewer), wanted].map(|query| (Occur::Must, query))),
        },
        // Something was typed, but nothing that could be looked for: nothing is found.
        None if search.q.as_ref().is_some_and(|q| !q.trim().is_empty())
            && asked.unwanted.is_empty() =>
        {
            return Box::new(EmptyQuery);
        }
        None => clauses.push((Occur::Must, seen(viewer))),
    }
    clauses.extend(
        asked
            .unwanted
            .iter()
            .map(|piece| (Occur::MustNot, words.unwanted(piece))),
    );
    clauses.extend(
        filters(search, fields, viewer)
            .into_iter()
            .map(|filter| (Occur::Must, silent(filter))),
    );
    match clauses.pop() {
        // Alone, it needs no other query round it.
        Some((Occur::Must, only)) if clauses.is_empty() => only,
        rest => {
            clauses.extend(rest);
            Box::new(BooleanQuery::new(clauses))
        }
    }
}

pub(super) fn filters(
    search: &Search,
    fields: &Fields,
    viewer: &Arc<Viewer>,
) -> Vec<Box<dyn Query>> {
    let ids = |ids: &[Uuid]| ids.iter().map(|id| uuid_term(*id)).collect::<Vec<_>>();
    let languages = |tags: &[Language]| {
        tags.iter()
            .map(|tag| tag.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    let mut filters = Vec::new();
    for (field, values) in [
        (
            fields.kind,
            search
                .kinds
                .iter()
                .map(|kind| kind.as_str().to_owned())
                .collect(),
        ),
        (fields.genre, search.genres.clone()),
        (fields.language, languages(&search.languages)),
        (fields.described_in, languages(&search.described_in)),
        (fields.keyword_name, loose_keys(&search.keywords)),
        (fields.person_name, loose_keys(&search.persons)),
        (fields.unit, ids(&search.units)),
        (fields.kit, ids(&search.kits)),
    ] {
        if !values.is_empty() {
            filters.push(any_of(field, values));
        }
    }
    if let Some(wanted) = &search.ids {
        filters.push(any_of(fields.id, ids(wanted)));
    }
    if !search.events.is_empty() {
        filters.push(both(
            any_of(fields.event, ids(&search.events)),
            only(viewer, Sight::sees_event),
        ));
    }
    if !search.processing.is_empty() {
        let states = any_of(fields.processing, search.processing.clone());
        filters.push(both(states, only(viewer, Sight::sees_unit)));
    }
    filters.extend(by_status(&search.statuses, fields, viewer));
    if !search.missing.is_empty() {
        let missing = search.missing.iter();
        let missing = missing.map(|what| what.as_str().to_owned()).collect();
        filters.push(both(
            any_of(fields.missing, missing),
            only(viewer, Sight::sees_unit),
        ));
    }
    filters.extend(measures::filters(search, &fields.measures, viewer));
    filters.extend(by_date(search));
    filters
}

/// Names as they are compared; what has no letters is nobody's.
fn loose_keys(names: &[String]) -> Vec<String> {
    names.iter().map(|name| loose_key(name)).collect()
}

/// What is open to a reader is published, and nothing else is known of its status.
fn by_status(statuses: &[Status], fields: &Fields, viewer: &Arc<Viewer>) -> Option<Box<dyn Query>> {
    if statuses.is_empty() {
        return None;
    }
    let own = any_of(
        fields.status,
        statuses
            .iter()
            .map(|status| status.as_str().to_owned())
            .collect(),
    );
    let mut alternatives = vec![both(own, only(viewer, Sight::sees_unit))];
    if statuses.contains(&Status::Published) {
        alternatives.push(only(viewer, |sight, doc| !sight.sees_unit(doc)));
    }
    Some(Box::new(BooleanQuery::union(alternatives)))
}

fn by_date(search: &Search) -> Option<Box<dyn Query>> {
    let (name, from, to) = (search.date.column(), search.from, search.to);
    if from.is_none() && to.is_none() {
        return None;
    }
    let within = move |moment: i64| {
        from.is_none_or(|from| from <= moment) && to.is_none_or(|to| moment < to)
    };
    let predicate = FunctionPredicate::from(move |segment: &SegmentReader| {
        let moments = segment.fast_fields().i64(name)?;
        Ok(move |doc: DocId| moments.first(doc).is_some_and(within))
    });
    Some(Box::new(DocPredicateQuery::from(predicate)))
}

pub(super) fn any_of(field: Field, values: Vec<String>) -> Box<dyn Query> {
    Box::new(TermSetQuery::new(
        values
            .into_iter()
            .map(|value| Term::from_field_text(field, &value)),
    ))
}

pub(super) fn both(one: Box<dyn Query>, other: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(BooleanQuery::intersection(vec![one, other]))
}
