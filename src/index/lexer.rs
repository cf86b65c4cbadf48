//! What a person typed into the search box, taken apart: words, `"phrases"`, `-without`, `medi*`, ids. Names, numbers and
//! days in several words are one piece, and what says nothing beside others is left out. Whatever is typed has a meaning;
//! nothing is an error.

use std::collections::VecDeque;

use uuid::Uuid;

use crate::language;

/// More pieces than this nobody means; the rest is left out.
const MOST_PIECES: usize = 16;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    pub wanted: Vec<Piece>,
    pub unwanted: Vec<Piece>,
    /// Each of the wanted with all signs that were typed.
    pub typed: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// What stands between two blanks: mostly a word, sometimes `media-reja` or `uza.uz`.
    Word {
        text: String,
        prefix: bool,
    },
    /// These words, one after the other.
    Phrase(String),
    Id(Uuid),
}

/// What is to be looked for.
pub fn lex(q: &str) -> Asked {
    without_little_words(lex_as_typed(q), joined)
}

/// The same, names in several words taken for as many pieces.
pub fn lex_apart(q: &str) -> Asked {
    without_little_words(lex_as_typed(q), |pieces| pieces)
}

type Pieces = Vec<(Piece, String)>;

fn without_little_words(asked: Asked, joined: impl FnOnce(Pieces) -> Pieces) -> Asked {
    let pieces = asked.wanted.into_iter().zip(asked.typed).collect();
    let mut pieces = without_years(joined(pieces));
    if !pieces.iter().all(|(piece, _)| says_nothing(piece)) {
        pieces.retain(|(piece, _)| !says_nothing(piece));
    }
    let (wanted, typed) = pieces.into_iter().unzip();
    Asked {
        wanted,
        unwanted: asked.unwanted,
        typed,
    }
}

/// Words that are one thing together, in one piece.
fn joined(pieces: Pieces) -> Pieces {
    let mut joined = Vec::with_capacity(pieces.len());
    let mut rest = VecDeque::from(pieces);
    while let Some((piece, typed)) = rest.pop_front() {
        let more = match &piece {
            Piece::Word { text, .. } => more_of_it(text, &rest),
            Piece::Phrase(_) | Piece::Id(_) => 0,
        };
        let (mut piece, mut typed) = (piece, typed);
        for (next, signs) in rest.drain(..more) {
            if let (
                Piece::Word { text, prefix },
                Piece::Word {
                    text: next,
                    prefix: goes_on,
                },
            ) = (&mut piece, next)
            {
                *text = format!("{text} {next}");
                *prefix = goes_on;
            }
            typed = format!("{typed} {signs}");
        }
        joined.push((piece, typed));
    }
    joined
}

/// How many of the next words belong to the first.
fn more_of_it(first: &str, rest: &VecDeque<(Piece, String)>) -> usize {
    let words = rest.iter().map_while(|(piece, _)| match piece {
        Piece::Word { text, .. } => Some(text.as_str()),
        Piece::Phrase(_) | Piece::Id(_) => None,
    });
    let mut text = first.to_owned();
    let mut ends = Vec::new();
    for word in words {
        text = format!("{text} {word}");
        ends.push(text.len());
    }
    let spans = language::asked(&text).take_while(|token| token.start == 0);
    let longest = spans.map(|token| token.end).max().unwrap_or(0);
    let last = ends.iter().position(|end| *end == longest);
    last.map_or(0, |at| at + 1)
}

/// `2024 год` is 2024, in any language.
fn without_years(pieces: Pieces) -> Pieces {
    let mut after_year = false;
    let mut kept = pieces;
    kept.retain(|(piece, _)| {
        let Piece::Word { text, .. } = piece else {
            after_year = false;
            return true;
        };
        let is_unit = after_year && language::says_year(&language::asked_forms(text));
        after_year = is_year(text);
        !is_unit
    });
    kept
}

/// Whether it may be a year.
pub fn is_year(word: &str) -> bool {
    word.len() == 4 && word.bytes().all(|digit| digit.is_ascii_digit())
}

fn says_nothing(piece: &Piece) -> bool {
    let Piece::Word {
        text,
        prefix: false,
    } = piece
    else {
        return false;
    };
    let mut letters = text.chars();
    let is_letter = letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none();
    is_letter || language::is_function_word(text)
}

impl Asked {
    /// The question with this piece read as the same keys of the other alphabet, in one of the ways there are.
    pub fn retyped(&mut self, at: usize, reading: usize) {
        if let Some(piece) = self.typed.get(at).and_then(|typed| retyped(typed, reading)) {
            self.wanted[at] = piece;
        }
    }
}

/// The piece that the same keys make on the other alphabet.
pub fn retyped(typed: &str, reading: usize) -> Option<Piece> {
    let asked = lex_as_typed(&language::retyped(typed, reading)?);
    let [piece @ Piece::Word { .. }] = asked.wanted.as_slice() else {
        return None;
    };
    Some(piece.clone())
}

/// The pieces of `q`, in their order, each once.
pub fn lex_as_typed(q: &str) -> Asked {
    let mut asked = Asked::default();
    let mut rest = q;
    while asked.wanted.len() + asked.unwanted.len() < MOST_PIECES {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            break;
        };
        let without = is_minus(first)
            && rest[first.len_utf8()..].starts_with(|c: char| is_quote(c) || c.is_alphanumeric());
        if without {
            rest = &rest[first.len_utf8()..];
        }
        let (piece, after) = piece(rest);
        let typed = &rest[..rest.len() - after.len()];
        rest = after;
        let pieces = if without {
            &mut asked.unwanted
        } else {
            &mut asked.wanted
        };
        if let Some(piece) = piece.filter(|piece| !pieces.contains(piece)) {
            pieces.push(piece);
            asked.typed.extend((!without).then(|| typed.to_owned()));
        }
    }
    asked
}

/// The piece at the start of `rest`, which is not empty, and what comes after it.
fn piece(rest: &str) -> (Option<Piece>, &str) {
    let mut letters = rest.chars();
    if letters.next().is_some_and(is_quote) {
        let within = letters.as_str();
        return match within.find(is_quote) {
            Some(end) => (phrase(&within[..end]), after_quote(&within[end..])),
            // A quotation mark that nothing closes is none.
            None => (None, within),
        };
    }
    let end = rest
        .find(|c: char| c.is_whitespace() || is_quote(c))
        .unwrap_or(rest.len());
    (word(&rest[..end]), &rest[end..])
}

fn after_quote(closing: &str) -> &str {
    let mut letters = closing.chars();
    letters.next();
    letters.as_str()
}

fn phrase(text: &str) -> Option<Piece> {
    language::tokens(text, None).next()?;
    Some(Piece::Phrase(text.to_owned()))
}

fn word(text: &str) -> Option<Piece> {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    if let Ok(id) = Uuid::try_parse(bare) {
        return Some(Piece::Id(id));
    }
    language::tokens(bare, None).next()?;
    Some(Piece::Word {
        text: bare.to_owned(),
        prefix: text.ends_with('*'),
    })
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '−' | '–')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Piece {
        Piece::Word {
            text: text.to_owned(),
            prefix: false,
        }
    }

    #[test]
    fn words_phrases_and_without() {
        let asked = lex(" axborot  “bir ikki” -xizmati medi* -\"uch to'rt\" axborot");
        let prefix = Piece::Word {
            text: "medi".to_owned(),
            prefix: true,
        };
        assert_eq!(
            asked.wanted,
            [
                word("axborot"),
                Piece::Phrase("bir ikki".to_owned()),
                prefix
            ]
        );
        assert_eq!(
            asked.unwanted,
            [word("xizmati"), Piece::Phrase("uch to'rt".to_owned())]
        );
    }

    #[test]
    fn marks_inside_words_are_letters() {
        assert_eq!(
            lex("media-reja o'zbek").wanted,
            [word("media-reja"), word("o'zbek")]
        );
        assert_eq!(lex("bir - ikki -").wanted, [word("bir"), word("ikki")]);
        assert_eq!(lex("\"bir").wanted, [word("bir")]);
        assert_eq!(
            lex("bir\"ikki\"").wanted,
            [word("bir"), Piece::Phrase("ikki".to_owned())]
        );
    }

    #[test]
    fn what_is_one_thing_is_one_piece() {
        for (q, one) in [
            ("саудовской аравии", "саудовской аравии"),
            ("визит в Саудовскую Аравию", "Саудовскую Аравию"),
            ("26 августа 2024", "26 августа 2024"),
            ("2024-yil 26-avgust", "2024-yil 26-avgust"),
            ("дети 150 599", "150 599"),
            ("ichki ishlar vazirligi", "ichki ishlar vazirligi"),
        ] {
            assert!(lex(q).wanted.contains(&word(one)), "{q}: {:?}", lex(q));
        }
        assert_eq!(lex("12 500 kishi").wanted.len(), 2);
        assert_eq!(lex("150 59").wanted.len(), 2);
    }

    #[test]
    fn what_says_nothing_is_left_out_beside_others() {
        let asked = lex("какие мероприятия прошли в Ташкенте в мае");
        let words = ["мероприятия", "прошли", "Ташкенте", "мае"].map(word);
        assert_eq!(asked.wanted, words);
        assert_eq!(asked.typed.len(), words.len());
        assert_eq!(
            lex("2024 год 2025-yil").wanted,
            [word("2024"), word("2025-yil")]
        );
        assert_eq!(lex("новый год").wanted.len(), 1);
        assert_eq!(lex("Ш. Мирзиёев").wanted, [word("Мирзиёев")]);
        assert_eq!(lex("на").wanted, [word("на")]);
        assert_eq!(lex("о нас").wanted, [word("о"), word("нас")]);
        assert_eq!(lex("\"о нас\" мэр").wanted.len(), 2);
    }

    #[test]
    fn keys_of_the_other_alphabet_are_kept_with_their_signs() {
        let mut asked = lex(",hbabyu [jrbvbzn");
        asked.retyped(0, 0);
        asked.retyped(1, 0);
        assert_eq!(asked.wanted, [word("брифинг"), word("хокимият")]);
    }

    #[test]
    fn an_id_is_an_id() {
        let id = Uuid::now_v7();
        assert_eq!(lex(&format!(" {id}, ")).wanted, [Piece::Id(id)]);
        assert_eq!(lex(&id.simple().to_string()).wanted, [Piece::Id(id)]);
    }

    #[test]
    fn anything_typed_has_a_meaning() {
        for junk in [
            "",
            " ",
            "\"",
            "\"\"\"",
            "-",
            "--",
            "-\"",
            "*",
            "**",
            "()[]{}",
            "AND OR NOT",
            "a:b^2~",
            "👩‍👩‍👧",
            "\0\u{1f}",
            "-*",
            "\u{feff}",
            "٠١٢",
        ] {
            lex(junk);
        }
        assert!(lex("\"!?\" 👍 -* \"\"").wanted.is_empty());
        assert_eq!(lex(&"so'z".repeat(2500)).wanted.len(), 1);
        assert_eq!(
            lex(&(0..9999)
                .map(|n| n.to_string())
                .collect::<Vec<_>>()
                .join(" "))
            .wanted
            .len(),
            MOST_PIECES
        );
    }
}
