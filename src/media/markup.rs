//! HTML (WHATWG's standard, section 13), read by a tokenizer of that standard: the words that a reader would see, and
//! what the head says about them. Nothing is run, fetched or laid out.

use html5gum::{StartTag, Token, Tokenizer, emitters::default::DefaultEmitter};

use super::{
    charset,
    embedded::{Embedded, Said},
    office::Paper,
};
use crate::error::Result;

/// Elements whose content nobody reads.
const UNREAD: [&str; 12] = [
    "title", "script", "style", "template", "noscript", "svg", "math", "select", "object",
    "iframe", "noembed", "noframes",
];
/// Those of them in which nothing but their end tag is markup; a slash does not close them (section 13.1.2).
const RAW: [&str; 6] = ["title", "script", "style", "noscript", "iframe", "noembed"];
/// Elements that stand on lines of their own.
const BLOCKS: [&str; 31] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "section",
    "ul",
];

/// The page as UTF-8: by its mark, as it is, as it says itself, or as its letters look.
pub fn decode(bytes: &[u8]) -> String {
    let marked = encoding_rs::Encoding::for_bom(bytes).is_some();
    let said = (!marked && std::str::from_utf8(bytes).is_err())
        .then(|| said_encoding(bytes))
        .flatten();
    match said {
        Some(encoding) => encoding.decode(bytes).0.into_owned(),
        None => charset::decode(bytes),
    }
}

/// What a `meta` within the first kilobytes says (section 13.2.3.2).
fn said_encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset")?;
    let label: String = rest
        .chars()
        .skip_while(|sign| " =\"'".contains(*sign))
        .take_while(|sign| sign.is_ascii_alphanumeric() || "-_:".contains(*sign))
        .collect();
    encoding_rs::Encoding::for_label(label.as_bytes())
}

/// What stands in a script or a style is no markup, and begins nothing.
fn tokens(html: &str) -> impl Iterator<Item = Token> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(html, emitter).map(|Ok(token)| token)
}

pub fn text(html: &str) -> Result<String> {
    let mut writer = Writer::default();
    for token in tokens(html) {
        match token {
            Token::StartTag(tag) => writer.open(&tag),
            Token::EndTag(tag) => writer.close(&String::from_utf8_lossy(&tag.name)),
            Token::String(words) => writer.words(&String::from_utf8_lossy(&words.value))?,
            _ => {}
        }
    }
    Ok(writer.paper.finish())
}

/// The title and the `meta` fields that HTML names (section 4.2.5.1).
pub fn embedded(html: &str) -> Embedded {
    let mut embedded = Embedded::default();
    let (mut title, mut in_title) = (String::new(), false);
    for token in tokens(html) {
        match token {
            Token::StartTag(tag) => match &*String::from_utf8_lossy(&tag.name) {
                "title" if title.is_empty() => in_title = true,
                "meta" => meta(&tag, &mut embedded),
                "body" => break,
                _ => {}
            },
            Token::EndTag(tag) if &**tag.name == b"title" => in_title = false,
            Token::String(words) if in_title => {
                title.push_str(&String::from_utf8_lossy(&words.value));
            }
            _ => {}
        }
    }
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if !title.is_empty() {
        embedded.keep("html", "title", title.clone());
        embedded.headline = Said::plain(title);
    }
    embedded
}

fn meta(tag: &StartTag<()>, embedded: &mut Embedded) {
    let get = |name: &[u8]| {
        let found = tag.attributes.iter().find(|(key, _)| ***key == *name)?;
        Some(String::from_utf8_lossy(&found.1.value).into_owned())
    };
    let (Some(name), Some(content)) = (get(b"name"), get(b"content")) else {
        return;
    };
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "author" => embedded.creator = Some(content.clone()),
        "description" => embedded.caption = Said::plain(content.clone()),
        "keywords" => embedded.keywords = super::office::keywords(&content),
        "date" | "dcterms.created" => embedded.date(&content),
        _ => return,
    }
    embedded.keep("html", &name, content);
}

#[derive(Default)]
struct Writer {
    paper: Paper,
    /// The element whose content is passed over, and how many of its name are open.
    unread: Option<(String, usize)>,
    /// Within `head` nothing is read, within `pre` every blank.
    in_head: bool,
    preformatted: usize,
    /// Whether a blank is due before the next word.
    blank: bool,
}

impl Writer {
    fn open(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name);
        if let Some((unread, depth)) = &mut self.unread {
            *depth += usize::from(*unread == *name);
            return;
        }
        if UNREAD.contains(&&*name) {
            if !tag.self_closing || RAW.contains(&&*name) {
                self.unread = Some((name.into_owned(), 1));
            }
            return;
        }
        match &*name {
            "head" => self.in_head = true,
            "body" => self.in_head = false,
            "br" => self.break_line(),
            "pre" | "textarea" => self.preformatted += 1,
            "table" => self.paper.table(),
            "tr" => self.paper.row(),
            "td" | "th" => {
                self.blank = false;
                self.paper.cell(0);
            }
            _ => {}
        }
        if BLOCKS.contains(&&*name) {
            self.block();
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((unread, depth)) = &mut self.unread {
            *depth -= usize::from(unread == name);
            if *depth == 0 {
                self.unread = None;
            }
            return;
        }
        match name {
            "head" => self.in_head = false,
            "pre" | "textarea" => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.block();
            }
            "table" => self.paper.end_table(),
            "tr" => {
                self.blank = false;
                self.paper.end_row();
            }
            _ if BLOCKS.contains(&name) => self.block(),
            _ => {}
        }
    }

    fn break_line(&mut self) {
        self.blank = false;
        self.paper.line();
    }

    fn block(&mut self) {
        self.blank = false;
        self.paper.fresh_line();
    }

    fn words(&mut self, words: &str) -> Result<()> {
        if self.in_head || self.unread.is_some() {
            return Ok(());
        }
        if self.preformatted > 0 {
            return self.paper.words(words);
        }
        let begins = words.starts_with(|sign: char| sign.is_ascii_whitespace());
        let ends = words.ends_with(|sign: char| sign.is_ascii_whitespace());
        self.blank |= begins;
        for word in words.split_ascii_whitespace() {
            if std::mem::replace(&mut self.blank, true) && self.paper.in_line() {
                self.paper.words(" ")?;
            }
            self.paper.words(word)?;
            self.blank = true;
        }
        self.blank = if words.trim_ascii().is_empty() {
            self.blank
        } else {
            ends
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_sees_is_read() {
        let html = "<!DOCTYPE html><head><title>Хабар</title><style>p{}</style></head><body>\
            <h1>Сарлавҳа</h1><p>Бир <b>икки</b>&nbsp;уч,\n тўрт.</p><script>alert('<p>')</script>\
            <table><tr><td>а</td><td></td><td>б</td></tr></table><ul><li>1<li>2</ul>a<br>b";
        assert_eq!(
            text(html).unwrap(),
            "Сарлавҳа\nБир икки\u{a0}уч, тўрт.\nа\t\tб\n1\n2\na\nb\n"
        );
        assert_eq!(embedded(html).headline, Said::plain("Хабар"));
    }

    #[test]
    fn a_script_that_writes_scripts_ends_where_it_ends() {
        for html in [
            r"<p>a<script>document.write('<script src=x><\/script>')</script><p>b",
            "<p>a<script src=x /></script><style>/* <style> */</style><p>b",
            "<p>a<noscript><iframe></noscript><svg/><p>b",
        ] {
            assert_eq!(text(html).unwrap(), "a\nb\n", "{html}");
        }
        let html = "<script>'<body><title>no'</script><title>A &amp; b</title>";
        assert_eq!(embedded(html).headline, Said::plain("A & b"));
    }

    #[test]
    fn the_encoding_is_what_the_page_says() {
        let html = "<meta charset=koi8-r><p>Брифинг";
        let (bytes, _, _) = encoding_rs::KOI8_R.encode(html);
        assert_eq!(text(&decode(&bytes)).unwrap(), "Брифинг\n");
    }
}
