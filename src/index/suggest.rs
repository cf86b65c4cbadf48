//! What a question that is still being typed may become: keywords, persons, events and headlines of materials that
//! the viewer sees, in which every word typed so far begins a word.

use std::{collections::BTreeSet, sync::Arc};

use serde::Serialize;
use tantivy::{
    Searcher, Term,
    query::{BooleanQuery, Occur, Query},
};
use uuid::Uuid;

use super::{
    collect::{Collected, Page},
    document::{Shown, uuid_term},
    facets::FacetCount,
    highlight::Marker,
    lexer::{Asked, Piece, lex},
    query::{Facet, Search, Sort},
    schema::Fields,
    shown,
    sight::{Sight, Viewer, only},
    words::{Forgiven, Words},
};
use crate::language::{Texts, loose_key};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    pub kind: SuggestionKind,
    pub text: String,
    /// The event's, or that of the material with this headline.
    pub id: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    Keyword,
    Person,
    Event,
    Headline,
}

/// At most `limit` suggestions, the most frequent first, of each kind in turn.
pub fn suggest(
    searcher: &Searcher,
    fields: &Fields,
    q: &str,
    viewer: &Arc<Viewer>,
    limit: usize,
) -> tantivy::Result<Vec<Suggestion>> {
    let asked = unfinished(q);
    let marker = Marker::beginnings(&asked);
    let words = Words::names_only(fields, viewer);
    let Some(wanted) = words.wanted(&asked.wanted, asked.wanted.len(), Forgiven::default()) else {
        return Ok(Vec::new());
    };
    let seen = only(viewer, Sight::sees);
    let query = BooleanQuery::intersection(vec![wanted, seen]);
    let page = Search {
        sort: Sort::Relevance,
        facets: vec![Facet::Keyword, Facet::Person, Facet::Event],
        limit,
        ..Search::default()
    };
    let Collected { found, counts, .. } = searcher.search(&query, &Page::of(&page, viewer))?;
    let mut counts = counts.ranked();
    let mut fitting = |facet| {
        let values = counts.remove(&facet).unwrap_or_default();
        values.into_iter().map(|FacetCount { value, .. }| value)
    };
    let plain = |kind, text: String| Suggestion {
        kind,
        text,
        id: None,
    };
    let keywords = fitting(Facet::Keyword).filter(|keyword| marker.all_in(keyword, None));
    let keywords = keywords
        .take(limit)
        .map(|text| plain(SuggestionKind::Keyword, text))
        .collect();
    let persons = fitting(Facet::Person).filter(|name| marker.all_in(name, None));
    let persons = persons
        .take(limit)
        .map(|text| plain(SuggestionKind::Person, text))
        .collect();
    let events: Vec<Uuid> = fitting(Facet::Event)
        .filter_map(|id| Uuid::try_parse(&id).ok())
        .take(limit)
        .collect();
    let events = named_events(searcher, fields, viewer, &marker, events)?;
    let mut headlines = Vec::new();
    for hit in found.iter().take(limit) {
        let Shown { headline, .. } = shown(searcher, fields, hit.address)?;
        let (kind, id) = (SuggestionKind::Headline, Some(hit.id()));
        headlines.extend(fit(&marker, &headline).map(|text| Suggestion { kind, text, id }));
    }
    Ok(in_turn(&[keywords, persons, events, headlines], limit))
}

fn named_events(
    searcher: &Searcher,
    fields: &Fields,
    viewer: &Arc<Viewer>,
    marker: &Marker,
    ids: Vec<Uuid>,
) -> tantivy::Result<Vec<Suggestion>> {
    let mut events = Vec::new();
    for id in ids {
        let name = event_name(searcher, fields, viewer, id)?;
        let text = name.and_then(|names| fit(marker, &names));
        let kind = SuggestionKind::Event;
        events.extend(text.map(|text| Suggestion {
            kind,
            text,
            id: Some(id),
        }));
    }
    Ok(events)
}

/// Every word typed so far may go on.
fn unfinished(q: &str) -> Asked {
    let mut asked = lex(q);
    for piece in &mut asked.wanted {
        if let Piece::Word { prefix, .. } = piece {
            *prefix = true;
        }
    }
    asked.wanted.retain(|piece| !matches!(piece, Piece::Id(_)));
    asked
}

/// The text in a language in which every word fits.
fn fit(marker: &Marker, texts: &Texts) -> Option<String> {
    texts
        .iter()
        .find(|(language, text)| marker.all_in(text, Some(language)))
        .map(|(_, text)| text.to_owned())
}

/// The names of an event that the viewer may know of, taken from one of its materials.
fn event_name(
    searcher: &Searcher,
    fields: &Fields,
    viewer: &Arc<Viewer>,
    id: Uuid,
) -> tantivy::Result<Option<Texts>> {
    let of_event = tantivy::query::TermQuery::new(
        Term::from_field_text(fields.event, &uuid_term(id)),
        tantivy::schema::IndexRecordOption::Basic,
    );
    let of_event: Box<dyn Query> = Box::new(of_event);
    let known = only(viewer, |sight, doc| {
        sight.sees(doc) && sight.sees_event(doc)
    });
    let query = BooleanQuery::new(vec![(Occur::Must, of_event), (Occur::Must, known)]);
    let newest = Search {
        limit: 1,
        ..Search::default()
    };
    let Collected { found, .. } = searcher.search(&query, &Page::of(&newest, viewer))?;
    let Some(hit) = found.first() else {
        return Ok(None);
    };
    Ok(shown(searcher, fields, hit.address)?
        .event
        .map(|(_, names)| names))
}

/// The best of each kind, then the second of each, up to `limit`; spellings of one text once.
fn in_turn<const N: usize>(kinds: &[Vec<Suggestion>; N], limit: usize) -> Vec<Suggestion> {
    let longest = kinds.iter().map(Vec::len).max().unwrap_or(0);
    let mut given = BTreeSet::new();
    let mut out = Vec::new();
    for at in 0..longest {
        for suggestion in kinds.iter().filter_map(|kind| kind.get(at)) {
            let key = format!("{:?} {}", suggestion.kind, loose_key(&suggestion.text));
            if out.len() < limit && given.insert(key) {
                out.push(suggestion.clone());
            }
        }
    }
    out
}
