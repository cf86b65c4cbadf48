//! What a question that is still being typed may become: keywords, persons, events and headlines of materials that
//! the viewer sees, in which every word typed so far begins a word.

use std::{collections::BTreeSet, sync::Arc};

use serde::Serialize;
use tantivy::{Searcher, query::BooleanQuery};
use uuid::Uuid;

use super::{
    beginnings::{Lists, Name, Named},
    collect::{Collected, Page},
    document::Shown,
    forgiven::Forgiven,
    forms::parts,
    highlight::Marker,
    lexer::{Asked, Piece, lex_as_typed},
    neighbours::Neighbours,
    query::{Search, Sort},
    schema::Fields,
    shown,
    sight::{Viewer, seen},
    words::Words,
};
use crate::language::{self, Class, Language, Texts, loose_key};

/// A shorter beginning than this begins too many headlines to be of help.
const SHORTEST_OF_HEADLINE: usize = 3;

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

impl SuggestionKind {
    const ALL: [Self; 4] = [Self::Keyword, Self::Person, Self::Event, Self::Headline];
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
    let typed = typed(&asked);
    let Some(longest) = typed.iter().max_by_key(|word| word.chars().count()) else {
        return Ok(Vec::new());
    };
    let beginnings = beginnings(longest);
    let cyrillic = language::is_cyrillic(q);
    let lists = Lists::of(searcher, fields, viewer)?;
    let names = |named, kind| -> tantivy::Result<Vec<Suggestion>> {
        let marker = Marker::beginnings(&asked);
        let mut suggestions = Vec::new();
        for numbered in lists.read_off(named, &beginnings)? {
            if suggestions.len() == limit {
                break;
            }
            let name = numbered.name()?;
            let fitting = name.filter(|name| typed.len() == 1 || all_in(&marker, &name.text));
            let suggestion = |name: Name| Suggestion {
                kind,
                id: name.id,
                text: in_script(name.text, name.uzbek, cyrillic),
            };
            suggestions.extend(fitting.map(suggestion));
        }
        Ok(suggestions)
    };
    let is_short = longest.chars().count() < SHORTEST_OF_HEADLINE;
    let of_kind = |kind| match kind {
        SuggestionKind::Keyword => names(Named::Keyword, kind),
        SuggestionKind::Person => names(Named::Person, kind),
        SuggestionKind::Event => names(Named::Event, kind),
        SuggestionKind::Headline if is_short => Ok(Vec::new()),
        SuggestionKind::Headline => headlines(searcher, fields, (q, &asked), viewer, limit),
    };
    // Side by side, as segments are searched.
    let threads = searcher.index().search_executor();
    let kinds = threads.map(of_kind, SuggestionKind::ALL.into_iter())?;
    Ok(in_turn(&kinds, limit))
}

fn headlines(
    searcher: &Searcher,
    fields: &Fields,
    (q, asked): (&str, &Asked),
    viewer: &Arc<Viewer>,
    limit: usize,
) -> tantivy::Result<Vec<Suggestion>> {
    let words = Words::headlines_only(fields, viewer);
    let Some(wanted) = words.wanted(&asked.wanted, asked.wanted.len(), Forgiven::default()) else {
        return Ok(Vec::new());
    };
    let query = BooleanQuery::intersection(vec![wanted, seen(viewer)]);
    let neighbours = Neighbours::of(words.neighbours(&asked.wanted), searcher)?;
    let page = Search {
        sort: Sort::Relevance,
        limit,
        ..Search::default()
    };
    let Collected { found, .. } = searcher.search(&query, &Page::of(&page, viewer, neighbours))?;
    let marker = Marker::beginnings(asked);
    let mut headlines = Vec::new();
    for hit in found.iter().take(limit) {
        let Shown { headline, .. } = shown(searcher, fields, hit.address)?;
        let (kind, id) = (SuggestionKind::Headline, Some(hit.id()));
        let fitting = fit(&marker, &headline, language::is_cyrillic(q));
        headlines.extend(fitting.map(|text| Suggestion { kind, text, id }));
    }
    Ok(headlines)
}

/// Every word typed so far may go on.
fn unfinished(q: &str) -> Asked {
    let mut asked = lex_as_typed(q);
    for piece in &mut asked.wanted {
        if let Piece::Word { prefix, .. } = piece {
            *prefix = true;
        }
    }
    asked.wanted.retain(|piece| !matches!(piece, Piece::Id(_)));
    asked
}

/// The words of all pieces, one by one.
fn typed(asked: &Asked) -> Vec<&str> {
    let texts = asked.wanted.iter().filter_map(|piece| match piece {
        Piece::Word { text, .. } | Piece::Phrase(text) => Some(text.as_str()),
        Piece::Id(_) => None,
    });
    let words = texts.flat_map(|text| {
        let tokens: Vec<language::Token> = language::tokens(text, None).collect();
        let parts = parts(&tokens).into_iter();
        parts
            .map(|part| &text[part.start..part.end])
            .collect::<Vec<_>>()
    });
    words.collect()
}

/// How the word may begin in the index, by each alphabet.
fn beginnings(word: &str) -> Vec<String> {
    let forms = language::asked_forms(word).into_iter();
    let loose = forms.filter(|form| form.class == Class::Loose);
    loose.map(|form| form.text.to_string()).collect()
}

/// Whether all that was typed stands in the name, whichever its language is.
fn all_in(marker: &Marker, name: &str) -> bool {
    let named = ["uz-Cyrl", "ky"].map(|tag| Language::parse(tag).ok());
    let mut languages = [None].into_iter().chain(named);
    languages.any(|language| marker.all_in(name, language.as_ref()))
}

/// The text in a language in which every word fits, in the script in which somebody types where that can be had.
fn fit(marker: &Marker, texts: &Texts, cyrillic: bool) -> Option<String> {
    let fits = |(language, text): &(&Language, &str)| marker.all_in(text, Some(language));
    let fitting = texts.iter().filter(fits);
    let in_script = fitting.map(|(language, text)| {
        let text = in_script(text.to_owned(), language.primary() == "uz", cyrillic);
        (language::is_cyrillic(&text) != cyrillic, text)
    });
    in_script
        .min_by_key(|(other, _)| *other)
        .map(|(_, text)| text)
}

/// A text that may be Uzbek, in the script in which somebody types.
fn in_script(text: String, uzbek: bool, cyrillic: bool) -> String {
    if !uzbek || language::is_cyrillic(&text) == cyrillic {
        return text;
    }
    language::in_other_uzbek_script(&text).unwrap_or(text)
}

/// The best of each kind, then the second of each, up to `limit`; spellings of one text once.
fn in_turn(kinds: &[Vec<Suggestion>], limit: usize) -> Vec<Suggestion> {
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
