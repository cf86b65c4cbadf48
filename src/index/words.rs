//! From the pieces of a question to a query: every wanted piece must stand somewhere in some form. A piece counts with its
//! best place: how close the form is, where it stands, how long the word is. A score depends on the material and the
//! question alone, in whole numbers: no other material moves it, so pages stay right.

use std::sync::Arc;

use tantivy::{
    DocSet, Score, Searcher, TERMINATED, Term,
    query::{
        BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EnableScoring, FuzzyTermQuery,
        PhraseQuery, Query, TermQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{
    at_least::AtLeast,
    document::uuid_term,
    forgiven::Forgiven,
    forms::{looked_up, parts, spellings, weight_of_length},
    lexer::{Asked, Piece, is_year, retyped},
    neighbours::Pair,
    schema::Fields,
    sight::{Knowledge, Sight, Units, Viewer, only},
    terms::term,
    union::{Sought, Union},
};
use crate::language::{self, Class, Form, Token};

/// One more piece found outweighs every nearness of the others (16 pieces × 576, and the bonus for neighbours).
const PIECE: u32 = 1 << 14;
/// The nearness of words that stand one after the other, as they were typed.
const IN_ORDER: u32 = 8;
/// What it says that all words of a name stand somewhere: more than that the name does in another language.
const ALL_PARTS: u32 = 150;
/// By how much more it says that a whole name stands as it was typed: more than that it does otherwise, but in a headline.
const AS_TYPED: u32 = 4;
/// A word this short has no slip of the finger, and no ending that a beginning could stand for.
pub const SHORTEST_SLIP: usize = 5;
/// In a longer question the other words make up for a slip; every slip costs an automaton for each place.
const MOST_FORGIVEN: usize = 6;
/// A word that the viewer finds in so many materials is meant as it was typed.
const OFTEN: usize = 20;
/// Parts of one piece that are looked for.
const MOST_PARTS: usize = 4;
pub const SHORTEST_BEGINNING: usize = 4;

/// Where words are looked up, for one viewer.
pub struct Words<'a> {
    fields: &'a Fields,
    viewer: &'a Arc<Viewer>,
    /// For single words, and for words one after the other.
    places: Vec<Place>,
    ordered: Vec<Place>,
    /// Whether four digits may say a year.
    years: bool,
}

/// A column of words.
#[derive(Clone, Copy)]
struct Place {
    field: Field,
    weight: Weight,
    /// Who may know that words stand here.
    known: Knowledge,
}

/// How much it says that a word stands there: 3 to 9.
#[derive(Clone, Copy)]
enum Weight {
    Fixed(u32),
    /// So much for each level of `places::Place`.
    ByPlace(u32),
}

impl Weight {
    /// Where nobody asks which place it is.
    const fn middling(self) -> u32 {
        match self {
            Self::Fixed(weight) => weight,
            Self::ByPlace(level) => level,
        }
    }
}

impl Place {
    fn sought(&self, text: &str, base: u32, nearness: u32) -> Sought {
        let (score, each) = match self.weight {
            Weight::Fixed(weight) => (base + nearness * weight, 0),
            Weight::ByPlace(level) => (base, nearness * level),
        };
        Sought {
            term: Term::from_field_text(self.field, text),
            score: whole(score),
            each: whole(each),
            known: self.known,
        }
    }
}

type Leaf = Box<dyn Query>;

impl<'a> Words<'a> {
    pub fn new(fields: &'a Fields, viewer: &'a Arc<Viewer>) -> Self {
        let place = |field, weight, known| Place {
            field,
            weight,
            known,
        };
        let fixed = Weight::Fixed;
        let open = Knowledge::Material;
        let mut guarded = vec![place(fields.event_name, fixed(6), Knowledge::Event)];
        if viewer.units != Units::None {
            guarded.push(place(fields.filename, fixed(3), Knowledge::Unit));
        }
        let mut places = vec![place(fields.words, Weight::ByPlace(3), open)];
        places.extend(&guarded);
        let mut ordered = vec![
            place(fields.headline, fixed(9), open),
            place(fields.body, fixed(4), open),
        ];
        ordered.extend(&guarded);
        Self {
            fields,
            viewer,
            places,
            ordered,
            years: true,
        }
    }

    /// The same, but looking only where headlines stand, which is in their loose forms alone: for suggestions.
    pub fn headlines_only(fields: &'a Fields, viewer: &'a Arc<Viewer>) -> Self {
        let mut words = Self::new(fields, viewer);
        words.years = false;
        words.ordered.retain(|place| place.field == fields.headline);
        words.places.clone_from(&words.ordered);
        words
    }

    /// Of the pieces those that the viewer finds in so few materials that a slip of the finger may have made them, that
    /// they are still being typed, or that the keyboard stood on the other alphabet. None of a longer question: the other
    /// words make up for a slip.
    pub fn rare(&self, searcher: &Searcher, asked: &Asked) -> tantivy::Result<Forgiven> {
        let mut rare = Forgiven::default();
        if asked.wanted.len() > MOST_FORGIVEN {
            return Ok(rare);
        }
        for (at, piece) in asked.wanted.iter().enumerate() {
            let Piece::Word { text, .. } = piece else {
                continue;
            };
            let often = self.stands(searcher, text)?;
            if often < OFTEN {
                rare.nearly |= 1 << at;
            }
            if often == 0 && !self.is_there(searcher, piece)? {
                rare.apart |= text.contains(' ');
                let typed = asked.typed.get(at).map_or("", String::as_str);
                for (reading, keys) in rare.keys.iter_mut().enumerate() {
                    let other = retyped(typed, reading);
                    if other.map_or(Ok(false), |other| self.is_there(searcher, &other))? {
                        *keys |= 1 << at;
                        break;
                    }
                }
            }
        }
        Ok(rare)
    }

    /// In how many materials that the viewer sees the word stands, up to `OFTEN`.
    fn stands(&self, searcher: &Searcher, word: &str) -> tantivy::Result<usize> {
        let found = self.union(&language::asked_forms(word), None);
        let mut often = 0;
        for segment in searcher.segment_readers() {
            if often >= OFTEN {
                break;
            }
            let sight = Sight::of(self.viewer, segment)?;
            let mut lists = found.in_segment(segment, 1.0)?;
            while often < OFTEN && lists.doc() != TERMINATED {
                let is_there = !segment.is_deleted(lists.doc()) && sight.sees(lists.doc());
                often += usize::from(is_there);
                lists.advance();
            }
        }
        Ok(often)
    }

    /// Whether the viewer finds the piece at all, letter by letter.
    fn is_there(&self, searcher: &Searcher, piece: &Piece) -> tantivy::Result<bool> {
        let query = self.piece(piece, Forgiving::No);
        let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
        for segment in searcher.segment_readers() {
            let sight = Sight::of(self.viewer, segment)?;
            let mut found = weight.scorer(segment, 1.0)?;
            while found.doc() != TERMINATED {
                if !segment.is_deleted(found.doc()) && sight.sees(found.doc()) {
                    return Ok(true);
                }
                found.advance();
            }
        }
        Ok(false)
    }

    /// At least `least` of the pieces; more come before fewer. `None` where there is nothing to look for.
    pub fn wanted(&self, pieces: &[Piece], least: usize, forgiven: Forgiven) -> Option<Leaf> {
        let newest = pieces.len().checked_sub(1)?;
        let together = together(pieces, forgiven);
        let each = pieces.iter().enumerate().map(|(at, piece)| {
            let forgiving = match at {
                _ if !forgiven.holds(at) => Forgiving::No,
                _ if at == newest => Forgiving::Typing,
                _ => Forgiving::Slips,
            };
            let own = self.piece(piece, forgiving);
            let with_next = together.get(at).filter(|forms| !forms.is_empty());
            let before = at.checked_sub(1).and_then(|at| together.get(at));
            let with_last = before.filter(|forms| !forms.is_empty());
            let one = with_last.into_iter().chain(with_next);
            let one = one.map(|forms| Box::new(self.union(forms, None)) as Leaf);
            best_of([own].into_iter().chain(one).collect())
        });
        Some(at_least(each.collect(), least.clamp(1, pieces.len())))
    }

    /// Words that were typed side by side, and what it says where they stand so.
    pub fn neighbours(&self, pieces: &[Piece]) -> Vec<Pair> {
        let together = pieces.iter().filter_map(|piece| match piece {
            Piece::Word { text, .. } if text.contains(' ') => {
                let phrases = self.phrases(text).into_iter();
                Some(
                    phrases
                        .map(|(phrase, says)| (phrase, AS_TYPED * says))
                        .collect(),
                )
            }
            _ => None,
        });
        let pairs = pieces.windows(2).filter_map(|pair| match pair {
            [
                Piece::Word { text: first, .. },
                Piece::Word { text: second, .. },
            ] => Some(self.phrases(&format!("{first} {second}"))),
            _ => None,
        });
        together.chain(pairs).collect()
    }

    /// What `-without` takes away: all that the piece would find, but for slips of the finger.
    pub fn unwanted(&self, piece: &Piece) -> Leaf {
        self.piece(piece, Forgiving::No)
    }

    fn piece(&self, piece: &Piece, forgiving: Forgiving) -> Leaf {
        match piece {
            Piece::Id(id) => {
                let found = by_term(self.fields.id, &uuid_term(*id));
                scored(Box::new(found), PIECE + 576)
            }
            Piece::Phrase(text) => best_of(self.phrase(text)),
            Piece::Word { text, prefix } => best_of(self.word(text, *prefix, forgiving)),
        }
    }

    /// What was made or published in the year that the word says, behind what says it in words.
    fn year(&self, text: &str) -> Option<Sought> {
        (self.years && is_year(text)).then(|| Sought {
            term: Term::from_field_text(self.fields.years, text),
            score: whole(PIECE + 1),
            each: 0.0,
            known: Knowledge::Material,
        })
    }

    /// A word in all its forms; where it has parts, also all of these, wherever they stand. An initial is none of them, for
    /// few texts have it as it was typed, nor is the year of `2024-yil`.
    fn word(&self, text: &str, prefix: bool, forgiving: Forgiving) -> Vec<Leaf> {
        let tokens: Vec<Token> = language::asked(text).collect();
        let mut parts: Vec<&Token> = parts(&tokens);
        let [first, .., last] = parts.as_slice() else {
            let only = parts.first().map(|only| {
                let word = &text[only.start..only.end];
                self.forms(&only.forms, self.year(word), prefix, forgiving)
            });
            return only.unwrap_or_default();
        };
        let (start, end) = (first.start, last.end);
        let written = |part: &Token| &text[part.start..part.end];
        if parts.iter().any(|part| !is_initial(written(part))) {
            parts.retain(|part| !is_initial(written(part)));
        }
        if parts.iter().any(|part| is_year(written(part))) {
            parts.retain(|part| !language::says_year(&part.forms));
        }
        parts.truncate(MOST_PARTS);
        let each = parts.iter().map(|part| {
            let year = self.year(written(part));
            let prefix = prefix && part.end == end;
            best_of(self.forms(&part.forms, year, prefix, Forgiving::No))
        });
        let all = at_least(each.collect(), parts.len());
        let says = if text.contains(' ') { ALL_PARTS } else { 32 };
        let mut leaves = vec![scored(all, PIECE + says)];
        let wholes = tokens
            .iter()
            .filter(|token| (token.start, token.end) == (start, end));
        for whole in wholes {
            leaves.extend(self.forms(&whole.forms, None, prefix, forgiving));
        }
        leaves
    }

    fn forms(
        &self,
        asked: &[Form],
        year: Option<Sought>,
        prefix: bool,
        forgiving: Forgiving,
    ) -> Vec<Leaf> {
        let mut leaves: Vec<Leaf> = vec![Box::new(self.union(asked, year))];
        for place in &self.places {
            let here = nearly(place, asked, prefix, forgiving);
            leaves.extend(self.known(place, here));
        }
        leaves
    }

    /// Wherever the word stands in one of its forms.
    fn union(&self, asked: &[Form], or: Option<Sought>) -> Union {
        let length = weight_of_length(asked);
        let forms = looked_up(asked);
        let places = self.places.iter();
        let sought = places.flat_map(|place| {
            let forms = forms.iter();
            forms.map(|(form, nearness)| place.sought(form, PIECE, nearness * length))
        });
        Union::of(sought.chain(or), self.viewer)
    }

    /// The words one after the other; a single word as it stands, without stems and slips.
    fn phrase(&self, text: &str) -> Vec<Leaf> {
        let words = spellings(text).into_iter();
        let alone = words.filter_map(|mut words| words.pop().filter(|_| words.is_empty()));
        let places = alone.flat_map(|word| {
            let places = self.places.iter();
            places.map(move |place| place.sought(&word, PIECE, IN_ORDER))
        });
        let mut leaves: Vec<Leaf> = vec![Box::new(Union::of(places, self.viewer))];
        let phrases = self.phrases(text).into_iter();
        leaves.extend(phrases.map(|(phrase, says)| scored(phrase, PIECE + says)));
        leaves
    }

    /// Several words one after the other, by each alphabet, and how much it says that they stand there.
    fn phrases(&self, text: &str) -> Pair {
        let mut phrases = Pair::new();
        for place in &self.ordered {
            for words in spellings(text).iter().filter(|words| words.len() > 1) {
                let terms = words.iter();
                let terms = terms.map(|word| Term::from_field_text(place.field, word));
                let phrase: Leaf = Box::new(PhraseQuery::new(terms.collect()));
                let known = self.known(place, vec![phrase]).into_iter();
                phrases.extend(known.map(|leaf| (leaf, IN_ORDER * place.weight.middling())));
            }
        }
        phrases
    }

    /// Leaves of a place of which not everybody may know.
    fn known(&self, place: &Place, here: Vec<Leaf>) -> Vec<Leaf> {
        let question: fn(&Sight, u32) -> bool = match place.known {
            _ if here.is_empty() => return here,
            Knowledge::Material => return here,
            Knowledge::Event => Sight::sees_event,
            Knowledge::Unit => Sight::sees_unit,
        };
        vec![Box::new(BooleanQuery::intersection(vec![
            best_of(here),
            only(self.viewer, question),
        ]))]
    }
}

/// Each word and the next one as if they were one (`электро бус`), where few materials have one of the two.
fn together(pieces: &[Piece], forgiven: Forgiven) -> Vec<Vec<Form>> {
    let pairs = pieces.windows(2).enumerate();
    let forms = pairs.map(|(at, pair)| match pair {
        [
            Piece::Word { text: one, .. },
            Piece::Word { text: other, .. },
        ] if forgiven.holds(at) || forgiven.holds(at + 1) => {
            let mut forms = language::asked_forms(&format!("{one}{other}"));
            forms.retain(|form| matches!(form.class, Class::Loose | Class::Stem));
            forms
        }
        _ => Vec::new(),
    });
    forms.collect()
}

/// A single letter before a name.
fn is_initial(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

/// Words that go on after this one, and those that differ from it by a slip.
fn nearly(place: &Place, asked: &[Form], prefix: bool, forgiving: Forgiving) -> Vec<Leaf> {
    let weight = weight_of_length(asked) * place.weight.middling();
    let mut leaves = Vec::new();
    for Form { class, text } in asked {
        let letters = text.chars().count();
        let alphabetic = text.chars().all(char::is_alphabetic);
        let near = Term::from_field_text(place.field, &term(*class, text));
        let typing = forgiving == Forgiving::Typing && alphabetic && letters >= SHORTEST_BEGINNING;
        if *class == Class::Loose && (prefix || typing) {
            let query = FuzzyTermQuery::new_prefix(near.clone(), 0, false);
            leaves.push(scored(Box::new(query), PIECE + 2 * weight));
        }
        let slips = forgiving != Forgiving::No && !prefix && alphabetic && letters >= SHORTEST_SLIP;
        if slips && matches!(class, Class::Loose | Class::Stem) {
            let query = FuzzyTermQuery::new(near, 1, true);
            leaves.push(scored(Box::new(query), PIECE + weight));
        }
    }
    leaves
}

/// What is forgiven in a word: nothing, a slip of the finger, or also that it is still being typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forgiving {
    No,
    Slips,
    Typing,
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

/// The best of them counts.
pub fn best_of(leaves: Vec<Leaf>) -> Leaf {
    alone_or(leaves, |leaves| Box::new(DisjunctionMaxQuery::new(leaves)))
}

fn at_least(leaves: Vec<Leaf>, least: usize) -> Leaf {
    alone_or(leaves, |leaves| match Union::at_least(&leaves, least) {
        Some(words) => Box::new(words),
        None => Box::new(AtLeast::new(leaves, least)),
    })
}

/// What is alone needs no other query round it.
fn alone_or(mut leaves: Vec<Leaf>, several: impl FnOnce(Vec<Leaf>) -> Leaf) -> Leaf {
    match leaves.pop() {
        Some(only) if leaves.is_empty() => only,
        one_more => {
            leaves.extend(one_more);
            several(leaves)
        }
    }
}
