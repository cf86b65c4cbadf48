//! What a person typed into the search box, taken apart: words, `"phrases"`, `-without`, `medi*`, ids. Whatever is
//! typed has a meaning; nothing is an error.

use uuid::Uuid;

use crate::language;

/// More pieces than this nobody means; the rest is left out.
const MOST_PIECES: usize = 16;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    pub wanted: Vec<Piece>,
    pub unwanted: Vec<Piece>,
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

/// The pieces of `q`, in their order, each once.
pub fn lex(q: &str) -> Asked {
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
        rest = after;
        let pieces = if without {
            &mut asked.unwanted
        } else {
            &mut asked.wanted
        };
        if let Some(piece) = piece.filter(|piece| !pieces.contains(piece)) {
            pieces.push(piece);
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
