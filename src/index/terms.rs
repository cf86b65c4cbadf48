//! From words to the index's terms: each form of a word is a term of its own, marked with its class. A text is turned
//! into terms before tantivy sees it, once for all columns in which its words stand (`in_order`, `alone`); the tokenizer
//! only reads them off.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::language::{self, Class, Form};

/// Before a term that stands behind the former, and before one that stands in the same place. In no word.
const NEXT: char = '\u{1e}';
const SAME: char = '\u{1f}';
const MARKS: [u8; 2] = [NEXT as u8, SAME as u8];

/// The term of a form: one mark for its class, then the form.
pub fn term(class: Class, form: &str) -> String {
    let mut term = String::with_capacity(1 + form.len());
    push(&mut term, class, form);
    term
}

fn push(out: &mut String, class: Class, form: &str) {
    out.push(match class {
        Class::Exact => '=',
        Class::Folded => '~',
        Class::Loose => ':',
        Class::Stem => '<',
        Class::Named => '@',
        Class::Vague => '?',
        Class::Cut => '-',
    });
    out.push_str(form);
}

/// The words in their places, in those forms that are `wanted`.
pub fn in_order(words: &[language::Token], wanted: impl Fn(&Form) -> bool) -> String {
    let length = |word: &language::Token| 2 + word.end - word.start;
    let mut out = String::with_capacity(words.iter().map(length).sum());
    let mut place = None;
    for word in words {
        for form in word.forms.iter().filter(|form| wanted(form)) {
            let is_new = place.replace(word.position) != Some(word.position);
            out.push(if is_new { NEXT } else { SAME });
            push(&mut out, form.class, &form.text);
        }
    }
    out
}

/// Bytes of a form where it is written.
pub fn length(form: &Form) -> usize {
    2 + form.text.len()
}

/// Adds a word's form so many times, in no place.
pub fn alone(out: &mut String, form: &Form, times: usize) {
    for _ in 0..times {
        out.push(SAME);
        push(out, form.class, &form.text);
    }
}

/// Reads terms off.
#[derive(Debug, Clone, Default)]
pub struct ReadOff;

impl Tokenizer for ReadOff {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        let current = Token {
            // Counted from nought at the first.
            position: usize::MAX,
            ..Token::default()
        };
        Stream {
            rest: text,
            current,
        }
    }
}

pub struct Stream<'a> {
    rest: &'a str,
    current: Token,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let mut rest = self.rest.chars();
        let Some(mark) = rest.next() else {
            return false;
        };
        let rest = rest.as_str();
        let [next, same] = MARKS;
        let end = memchr::memchr2(next, same, rest.as_bytes()).unwrap_or(rest.len());
        let (term, rest) = rest.split_at(end);
        self.rest = rest;
        let is_first = self.current.position == usize::MAX;
        if mark == NEXT || is_first {
            self.current.position = self.current.position.wrapping_add(1);
        }
        self.current.text.clear();
        self.current.text.push_str(term);
        true
    }

    fn token(&self) -> &Token {
        &self.current
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.current
    }
}
