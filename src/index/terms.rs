//! From words to the index's terms and back: each form of a word is a term of its own, marked with its class. The
//! tokenizer gets a text with its language before it (`tagged`) and gives its words in all their forms.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::language::{self, Class, Form, Language};

/// Parts the language from the text; it stands in no text that was typed.
const SEPARATOR: char = '\u{1f}';

/// The text as the tokenizer wants it: its language, if it is known, goes before.
pub fn tagged(text: &str, language: Option<&Language>) -> String {
    format!("{}{SEPARATOR}{text}", language.map_or("", Language::as_str))
}

/// The term of a form: one mark for its class, then the form.
pub fn term(class: Class, form: &str) -> String {
    let mark = match class {
        Class::Exact => '=',
        Class::Folded => '~',
        Class::Loose => ':',
        Class::Stem => '<',
        Class::Cut => '-',
    };
    format!("{mark}{form}")
}

#[derive(Debug, Clone, Default)]
pub struct Folding;

impl Tokenizer for Folding {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        let (tag, text) = text.split_once(SEPARATOR).unwrap_or(("", text));
        let language = Language::parse(tag).ok();
        Stream {
            words: language::tokens(text, language.as_ref()),
            forms: Vec::new(),
            current: Token::default(),
        }
    }
}

/// A text's words, form by form.
pub struct Stream<'a> {
    words: language::Tokens<'a>,
    /// What is left of the last word.
    forms: Vec<Form>,
    current: Token,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        while self.forms.is_empty() {
            let Some(word) = self.words.next() else {
                return false;
            };
            self.current.offset_from = word.start;
            self.current.offset_to = word.end;
            self.current.position = word.position;
            self.forms = word.forms;
        }
        let Some(form) = self.forms.pop() else {
            return false;
        };
        self.current.text = term(form.class, &form.text);
        true
    }

    fn token(&self) -> &Token {
        &self.current
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.current
    }
}
