//! From the pieces of a question to a query: every wanted piece must stand in some field in some form. A piece
//! counts with its best place: how close the form is, in which field it stands, how long the word is. A score depends
//! on the material and the question alone, in whole numbers: no other material moves it, so pages stay right.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};
use tantivy::{
    DocSet, Score, Searcher, TERMINATED, Term,
    query::{
        BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, PhraseQuery,
        Query, TermQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{
    document::uuid_term,
    lexer::Piece,
    schema::Fields,
    sight::{Sight, Units, Viewer, only},
    terms::term,
    union::Union,
};
use crate::language::{self, Class, Form, Language, SHORTEST_CUT, Token};

/// One more piece found outweighs every nearness of the others (16 pieces × 512, and the bonus for neighbours).
const PIECE: u32 = 1 << 14;
/// The nearness of words that stand one after the other, as they were typed.
const IN_ORDER: u32 = 8;
/// A word this short has no slip of the finger, and no ending that a beginning could stand for.
const SHORTEST_SLIP: usize = 5;
/// In a longer question the other words make up for a slip; every slip costs an automaton for each place.
const MOST_FORGIVEN: usize = 6;
/// A word that the viewer finds in so many materials is meant as it was typed.
const OFTEN: usize = 20;
/// Parts of one piece that are looked for.
const MOST_PARTS: usize = 4;
const SHORTEST_BEGINNING: usize = 4;

/// Where words are looked up, for one viewer.
pub struct Words<'a> {
    fields: &'a Fields,
    viewer: &'a Arc<Viewer>,
    places: Vec<Place>,
    /// Whether four digits may say a year.
    years: bool,
}

struct Place {
    field: Field,
    weight: u32,
    /// Whether the viewer may know of a material that words stand here.
    known: Option<fn(&Sight, u32) -> bool>,
}

type Leaf = Box<dyn Query>;

impl<'a> Words<'a> {
    pub fn new(fields: &'a Fields, viewer: &'a Arc<Viewer>) -> Self {
        let open = |field, weight| Place {
            field,
            weight,
            known: None,
        };
        let mut places = vec![
            open(fields.headline, 8),
            open(fields.names, 6),
            open(fields.caption, 4),
            open(fields.text, 2),
        ];
        places.push(Place {
            field: fields.event_name,
            weight: 6,
            known: Some(Sight::sees_event),
        });
        if viewer.units != Units::None {
            places.push(Place {
                field: fields.filename,
                weight: 3,
                known: Some(Sight::sees_unit),
            });
        }
        Self {
            fields,
            viewer,
            places,
            years: true,
        }
    }

    /// The same, but looking only where headlines stand: for suggestions.
    pub fn headlines_only(fields: &'a Fields, viewer: &'a Arc<Viewer>) -> Self {
        let mut words = Self::new(fields, viewer);
        words.years = false;
        words.places.retain(|place| place.field == fields.headline);
        words
    }

    /// Of the pieces those that the viewer finds in so few materials that a slip of the finger may have made them, or that
    /// they are still being typed. None of a longer question: the other words make up for a slip.
    pub fn rare(&self, searcher: &Searcher, pieces: &[Piece]) -> tantivy::Result<Forgiven> {
        let mut rare = Forgiven::default();
        if pieces.len() > MOST_FORGIVEN {
            return Ok(rare);
        }
        for (at, piece) in pieces.iter().enumerate() {
            let Piece::Word { text, .. } = piece else {
                continue;
            };
            if !self.stands_often(searcher, text)? {
                rare.0 |= 1 << at;
            }
        }
        Ok(rare)
    }

    fn stands_often(&self, searcher: &Searcher, word: &str) -> tantivy::Result<bool> {
        let places = self.places.iter().filter(|place| place.known.is_none());
        let asked = language::asked_forms(word);
        let found = Union::of(places.flat_map(|place| terms_in(place, &asked, 1)));
        let mut often = 0;
        for segment in searcher.segment_readers() {
            let sight = Sight::of(self.viewer, segment)?;
            let mut lists = found.in_segment(segment)?;
            while lists.doc() != TERMINATED {
                let is_there = !segment.is_deleted(lists.doc()) && sight.sees(lists.doc());
                often += usize::from(is_there);
                if often >= OFTEN {
                    return Ok(true);
                }
                lists.advance();
            }
        }
        Ok(false)
    }

    /// At least `least` of the pieces; more come before fewer. `None` where there is nothing to look for.
    pub fn wanted(&self, pieces: &[Piece], least: usize, forgiven: Forgiven) -> Option<Leaf> {
        let newest = pieces.len().checked_sub(1)?;
        let each = pieces.iter().enumerate().map(|(at, piece)| {
            let forgiving = match at {
                _ if !forgiven.holds(at) => Forgiving::No,
                _ if at == newest => Forgiving::Typing,
                _ => Forgiving::Slips,
            };
            (Occur::Should, self.piece(piece, forgiving))
        });
        let least = least.clamp(1, pieces.len());
        let found = BooleanQuery::with_minimum_required_clauses(each.collect(), least);
        let mut ranked: Vec<(Occur, Leaf)> = vec![(Occur::Must, Box::new(found))];
        for pair in pieces.windows(2) {
            if let [
                Piece::Word { text: first, .. },
                Piece::Word { text: second, .. },
            ] = pair
            {
                ranked.push((
                    Occur::Should,
                    best_of(self.phrase(&format!("{first} {second}"), 0)),
                ));
            }
        }
        Some(Box::new(BooleanQuery::new(ranked)))
    }

    /// What `-without` takes away: all that the piece would find, but for slips of the finger.
    pub fn unwanted(&self, piece: &Piece) -> Leaf {
        self.piece(piece, Forgiving::No)
    }

    fn piece(&self, piece: &Piece, forgiving: Forgiving) -> Leaf {
        match piece {
            Piece::Id(id) => {
                let found = by_term(self.fields.id, &uuid_term(*id));
                scored(Box::new(found), PIECE + 512)
            }
            Piece::Phrase(text) => best_of(self.phrase(text, PIECE)),
            Piece::Word { text, prefix } => {
                let mut leaves = self.word(text, *prefix, forgiving);
                leaves.extend(self.year(text));
                best_of(leaves)
            }
        }
    }

    /// What was made or published in the year that the word says, behind what says it in words.
    fn year(&self, text: &str) -> Option<Leaf> {
        let is_year = text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit());
        (self.years && is_year)
            .then(|| scored(Box::new(by_term(self.fields.years, text)), PIECE + 1))
    }

    /// A word in all its forms; where it has parts, also all of these, wherever they stand.
    fn word(&self, text: &str, prefix: bool, forgiving: Forgiving) -> Vec<Leaf> {
        let tokens: Vec<Token> = language::tokens(text, None).collect();
        let mut parts: Vec<&Token> = parts(&tokens);
        parts.truncate(MOST_PARTS);
        let [.., last] = parts.as_slice() else {
            return Vec::new();
        };
        if let [only] = parts.as_slice() {
            return self.forms(&text[only.start..only.end], prefix, forgiving);
        }
        let each = parts.iter().map(|part| {
            let prefix = prefix && part.end == last.end;
            best_of(self.forms(&text[part.start..part.end], prefix, Forgiving::No))
        });
        let mut leaves = vec![scored(
            Box::new(BooleanQuery::intersection(each.collect())),
            PIECE + 32,
        )];
        if tokens.len() > parts.len() {
            leaves.extend(self.forms(text, prefix, forgiving));
        }
        leaves
    }

    fn forms(&self, word: &str, prefix: bool, forgiving: Forgiving) -> Vec<Leaf> {
        let asked = language::asked_forms(word);
        let length = weight_of_length(&asked);
        let open = self.places.iter().filter(|place| place.known.is_none());
        let open = Union::of(open.flat_map(|place| terms_in(place, &asked, length)));
        let mut leaves: Vec<Leaf> = vec![Box::new(open)];
        for place in &self.places {
            let mut here = nearly(place, &asked, length, prefix, forgiving);
            if place.known.is_some() {
                here.push(Box::new(Union::of(terms_in(place, &asked, length))));
            }
            if !here.is_empty() {
                leaves.extend(self.known(place, here));
            }
        }
        leaves
    }

    /// The words one after the other, by each alphabet; a single word as it stands, without stems and slips. The
    /// score is `base` and how much it says that they stand there.
    fn phrase(&self, text: &str, base: u32) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        for place in &self.places {
            let here = spellings(text).into_iter().map(|spelling| {
                let terms: Vec<Term> = spelling
                    .iter()
                    .map(|form| Term::from_field_text(place.field, form))
                    .collect();
                let query: Leaf = match terms.as_slice() {
                    [only] => Box::new(TermQuery::new(only.clone(), IndexRecordOption::Basic)),
                    _ => Box::new(PhraseQuery::new(terms)),
                };
                scored(query, base + IN_ORDER * place.weight)
            });
            leaves.extend(self.known(place, here.collect()));
        }
        leaves
    }

    /// Leaves of a place of which not everybody may know.
    fn known(&self, place: &Place, here: Vec<Leaf>) -> Vec<Leaf> {
        match place.known {
            None => here,
            Some(question) => vec![Box::new(BooleanQuery::intersection(vec![
                best_of(here),
                only(self.viewer, question),
            ]))],
        }
    }
}

/// Where a word stands in one of its forms, and how much that says.
fn terms_in(place: &Place, asked: &[Form], length: u32) -> Vec<(Term, Score)> {
    let forms = looked_up(asked).into_iter();
    forms
        .map(|(form, nearness)| {
            let term = Term::from_field_text(place.field, &form);
            (term, whole(PIECE + nearness * length * place.weight))
        })
        .collect()
}

/// Words that go on after this one, and those that differ from it by a slip.
fn nearly(
    place: &Place,
    asked: &[Form],
    length: u32,
    prefix: bool,
    forgiving: Forgiving,
) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    for Form { class, text } in asked {
        let letters = text.chars().count();
        let alphabetic = text.chars().all(char::is_alphabetic);
        let near = Term::from_field_text(place.field, &term(*class, text));
        let typing = forgiving == Forgiving::Typing && alphabetic && letters >= SHORTEST_BEGINNING;
        if *class == Class::Loose && (prefix || typing) {
            let query = FuzzyTermQuery::new_prefix(near.clone(), 0, false);
            leaves.push(scored(Box::new(query), PIECE + 2 * length * place.weight));
        }
        let slips = forgiving != Forgiving::No && !prefix && alphabetic && letters >= SHORTEST_SLIP;
        if slips && matches!(class, Class::Loose | Class::Stem) {
            let query = FuzzyTermQuery::new(near, 1, true);
            leaves.push(scored(Box::new(query), PIECE + length * place.weight));
        }
    }
    leaves
}

/// Which pieces of a question are forgiven something, by their place in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgiven(u16);

impl Forgiven {
    fn holds(self, at: usize) -> bool {
        at < 16 && self.0 >> at & 1 == 1
    }
}

/// What is forgiven in a word: nothing, a slip of the finger, or also that it is still being typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forgiving {
    No,
    Slips,
    Typing,
}

/// The words that are not put together of others (a whole comes before its first part), and no more than a person
/// would type.
pub fn parts(tokens: &[Token]) -> Vec<&Token> {
    const MOST: usize = 12;
    let whole = |at: usize| {
        tokens
            .get(at + 1)
            .is_some_and(|next| next.start == tokens[at].start)
    };
    tokens
        .iter()
        .enumerate()
        .filter(|(at, _)| !whole(*at))
        .map(|(_, token)| token)
        .take(MOST)
        .collect()
}

/// The terms under which the forms of a word may stand in the index, and how near to the word each is (2 to 8).
fn looked_up(asked: &[Form]) -> Vec<(String, u32)> {
    let mut terms = Vec::new();
    for Form { class, text } in asked {
        match class {
            Class::Exact => terms.extend([
                (term(Class::Exact, text), 8),
                (term(Class::Folded, text), 7),
            ]),
            Class::Folded => terms.extend([
                (term(Class::Exact, text), 7),
                (term(Class::Folded, text), 7),
            ]),
            Class::Loose => {
                terms.push((term(Class::Loose, text), 5));
                terms.extend(beginnings(text).map(|beginning| (term(Class::Cut, beginning), 3)));
            }
            // A word that has no endings, or only looks as if it had some, is met as it stands.
            Class::Stem => {
                terms.extend([(term(Class::Stem, text), 4), (term(Class::Loose, text), 4)]);
            }
            Class::Cut => {}
        }
    }
    terms
}

/// The beginnings of a word that may stand cut off: `видео-` for `видеотека`.
fn beginnings(loose: &str) -> impl Iterator<Item = &str> {
    loose
        .char_indices()
        .map(|(at, _)| &loose[..at])
        .filter(|beginning| beginning.len() >= SHORTEST_CUT)
}

/// Long words say more than short ones: 2 to 8.
fn weight_of_length(asked: &[Form]) -> u32 {
    let letters = asked
        .iter()
        .map(|form| form.text.chars().count())
        .max()
        .unwrap_or(0);
    u32::try_from(letters.clamp(2, 8)).unwrap_or(8)
}

/// The loose terms of some words, once by each alphabet and each keyboard.
fn spellings(text: &str) -> BTreeSet<Vec<String>> {
    let mut spellings = BTreeSet::new();
    for language in ["uz-Cyrl", "ky", "ru"] {
        let tokens: Vec<Token> =
            language::tokens(text, Language::parse(language).ok().as_ref()).collect();
        let loose: Vec<Vec<&str>> = parts(&tokens).into_iter().map(loose_forms).collect();
        let pick = |last: bool| {
            let forms = loose
                .iter()
                .filter_map(|forms| if last { forms.last() } else { forms.first() });
            forms
                .map(|form| term(Class::Loose, form))
                .collect::<Vec<_>>()
        };
        spellings.extend([pick(false), pick(true)]);
    }
    spellings.remove(&Vec::new());
    spellings
}

fn loose_forms(token: &Token) -> Vec<&str> {
    token
        .forms
        .iter()
        .filter(|form| form.class == Class::Loose)
        .map(|form| form.text.as_str())
        .collect()
}

pub fn by_term(field: Field, text: &str) -> TermQuery {
    TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic)
}

pub fn scored(query: Leaf, score: u32) -> Leaf {
    Box::new(ConstScoreQuery::new(query, whole(score)))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "scores stay below 2^24, where an f32 holds whole numbers exactly"
)]
fn whole(score: u32) -> Score {
    score as Score
}

pub fn best_of(leaves: Vec<Leaf>) -> Leaf {
    Box::new(DisjunctionMaxQuery::new(leaves))
}
