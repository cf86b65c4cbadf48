//! XML as office files have it, read from its beginning to its end, once. A document type is refused, and with it every
//! entity that somebody could declare; so is nesting that no document needs. Names come without their prefixes.

use quick_xml::{
    Reader,
    escape::{resolve_xml_entity, unescape},
    events::{BytesStart, Event},
};

use crate::error::{Error, Result};

const DEEPEST: usize = 512;

/// What is met on the way.
pub enum Step<'a> {
    Open(&'a Element<'a>),
    Close(&'a str),
    Words(&'a str),
}

/// An element's name and attributes.
pub struct Element<'a> {
    pub name: &'a str,
    start: &'a BytesStart<'a>,
}

impl Element<'_> {
    /// An attribute by its name without prefix.
    pub fn get(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }

    /// Attributes of several prefixes that share their name without it.
    pub fn all(&self, name: &str) -> Vec<String> {
        let mut attributes = self.start.attributes();
        let attributes = attributes.with_checks(false).flatten();
        attributes
            .filter(|attribute| local(attribute.key.as_ref()) == name)
            .filter_map(|found| Some(unescape(&found.value).ok()?.into_owned()))
            .collect()
    }

    /// An attribute that is a whole number.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.get(name)?.parse().ok()
    }
}

/// Walks through `xml`. What stands within an element for which `step` says false is left out, its end as well.
///
/// # Errors
/// Unusable where it is no XML, is nested too deeply or declares a document type; whatever `step` fails with.
pub fn walk(xml: &str, mut step: impl FnMut(Step<'_>) -> Result<bool>) -> Result<()> {
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
    let (mut depth, mut hidden) = (0_usize, None::<usize>);
    loop {
        let event = reader
            .read_event()
            .map_err(|_| Error::Unusable("its XML is damaged".into()))?;
        let seen = hidden.is_none();
        match &event {
            Event::Start(start) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(Error::Unusable("its XML is nested too deeply".into()));
                }
                if seen && !open(start, &mut step)? {
                    hidden = Some(depth);
                }
            }
            Event::Empty(start) if seen && open(start, &mut step)? => {
                step(Step::Close(local(start.name().as_ref())))?;
            }
            Event::End(end) => {
                if hidden == Some(depth) {
                    hidden = None;
                } else if seen {
                    step(Step::Close(local(end.name().as_ref())))?;
                }
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) if seen => drop(step(Step::Words(&text.xml10_content()))?),
            Event::CData(text) if seen => drop(step(Step::Words(&text.xml10_content()))?),
            Event::GeneralRef(name) if seen => {
                let sign = name.resolve_char_ref().ok().flatten();
                let words = sign.map(String::from);
                let words = words.as_deref().or_else(|| resolve_xml_entity(name));
                step(Step::Words(words.unwrap_or_default()))?;
            }
            Event::DocType(_) => {
                return Err(Error::Unusable(
                    "its XML declares a document type, which office files never do".into(),
                ));
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn open(start: &BytesStart<'_>, step: &mut impl FnMut(Step<'_>) -> Result<bool>) -> Result<bool> {
    let name = start.name();
    let element = Element {
        name: local(name.as_ref()),
        start,
    };
    step(Step::Open(&element))
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(xml: &str) -> Result<String> {
        let mut words = String::new();
        walk(xml, |step| {
            match step {
                Step::Open(element) => return Ok(element.name != "hidden"),
                Step::Words(text) => words.push_str(text),
                Step::Close(_) => {}
            }
            Ok(true)
        })?;
        Ok(words)
    }

    #[test]
    fn words_come_out_and_what_is_hidden_does_not() {
        assert_eq!(
            words("<a:b>1 &amp; &#1179;<hidden>2<c>3</c></hidden><hidden/>4</a:b>").unwrap(),
            "1 & қ4"
        );
    }

    #[test]
    fn entities_and_depth_are_refused() {
        let entity = "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>";
        assert!(words(entity).is_err());
        assert!(words(&"<a>".repeat(100_000)).is_err());
    }
}
