//! What is forgiven in a question, and how it is read: decided for its first page, and kept for the others.

use serde::{Deserialize, Serialize};
use tantivy::Searcher;

use super::{
    lexer::{Asked, lex, lex_apart},
    query::Search,
    words::Words,
};
use crate::language;

/// By the pieces' places in the question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgiven {
    /// Those that may differ by a slip, or go on.
    pub(super) nearly: u16,
    /// Those that are read as the same keys of the other alphabet, in each of the ways.
    pub(super) keys: [u16; language::READINGS],
    /// A name of several words stands nowhere: its words are looked for one by one.
    pub(super) apart: bool,
}

/// The question, what is forgiven in it, and whether it is read as other keys than those that were typed.
pub fn read(
    search: &Search,
    words: &Words<'_>,
    searcher: &Searcher,
) -> tantivy::Result<(Asked, Forgiven, bool)> {
    let q = search.q.as_deref().unwrap_or_default();
    let mut forgiven = match &search.after {
        Some(after) => after.forgiven(),
        None => words.rare(searcher, &lex(q))?,
    };
    let mut asked = forgiven.asked(q);
    if forgiven.apart && search.after.is_none() {
        forgiven = Forgiven {
            apart: true,
            ..words.rare(searcher, &asked)?
        };
    }
    let is_retyped = forgiven.read(&mut asked);
    Ok((asked, forgiven, is_retyped))
}

impl Forgiven {
    pub const fn holds(self, at: usize) -> bool {
        at < 16 && self.nearly >> at & 1 == 1
    }

    /// What is asked for by `q`.
    fn asked(self, q: &str) -> Asked {
        if self.apart { lex_apart(q) } else { lex(q) }
    }

    /// The question as it is read; whether that is otherwise than it was typed.
    fn read(self, asked: &mut Asked) -> bool {
        for at in 0..asked.wanted.len().min(16) {
            for (reading, keys) in self.keys.iter().enumerate() {
                if keys >> at & 1 == 1 {
                    asked.retyped(at, reading);
                }
            }
        }
        self.keys.iter().any(|keys| *keys > 0)
    }
}
