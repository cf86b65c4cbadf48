//! A feed in Atom (RFC 4287): materials come in as the reader is shown them, XML goes out.

use std::io;

use jiff::Timestamp;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use uuid::Uuid;

use crate::{
    api::materials::MaterialView,
    error::{Error, Result},
    language::{Language, Texts},
};

const NAMESPACE: &str = "http://www.w3.org/2005/Atom";
const MEDIA_TYPE: &str = "application/atom+xml";

pub struct Feed<'a> {
    pub id: Uuid,
    pub title: Texts,
    /// When it was saved or changed; entries may be newer.
    pub updated: Timestamp,
    pub own_url: String,
    pub list_url: String,
    /// What stands before paths; empty where nobody said it.
    pub base: &'a str,
    /// Those in which texts are shown, where they are there.
    pub languages: &'a [Language],
    pub entries: Vec<MaterialView>,
}

type Xml = Writer<Vec<u8>>;

/// The feed as bytes in UTF-8.
pub fn document(feed: &Feed) -> Result<Vec<u8>> {
    write(feed).map_err(|error| Error::internal("a feed", error))
}

fn write(feed: &Feed) -> io::Result<Vec<u8>> {
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let root = xml.create_element("feed");
    root.with_attribute(("xmlns", NAMESPACE))
        .write_inner_content(|xml| {
            let newest = feed.entries.iter().map(changed).max();
            let updated = newest.map_or(feed.updated, |newest| newest.max(feed.updated));
            line(xml, "id", &urn(feed.id))?;
            text(xml, "title", &feed.title, feed.languages)?;
            line(xml, "updated", &updated.to_string())?;
            line(xml, "generator", "Jarchi")?;
            link(xml, "self", &feed.own_url, MEDIA_TYPE)?;
            link(xml, "alternate", &feed.list_url, "application/json")?;
            feed.entries
                .iter()
                .try_for_each(|material| entry(xml, feed, material))
        })?;
    Ok(xml.into_inner())
}

fn entry(xml: &mut Xml, feed: &Feed, material: &MaterialView) -> io::Result<()> {
    let url = format!("{}/v1/materials/{}", feed.base, material.id);
    xml.create_element("entry").write_inner_content(|xml| {
        line(xml, "id", &urn(material.id.0))?;
        if material.headline.is_empty() {
            line(xml, "title", &nameless(material))?;
        } else {
            text(xml, "title", &material.headline, feed.languages)?;
        }
        line(xml, "updated", &changed(material).to_string())?;
        if let Some(published) = material.published_at {
            line(xml, "published", &published.to_string())?;
        }
        let office = material.unit.name.best(feed.languages);
        let author = material.creator.as_deref().or(material.credit.as_deref());
        xml.create_element("author")
            .write_inner_content(|xml| line(xml, "name", author.or(office).unwrap_or("Jarchi")))?;
        match &material.page_url {
            Some(page) => link(xml, "alternate", page, "text/html")?,
            None => link(xml, "alternate", &url, "application/json")?,
        }
        for file in material
            .renditions
            .iter()
            .filter(|file| file.name == material.main)
        {
            link(xml, "enclosure", &file.url, &file.media_type)?;
        }
        for keyword in &material.keywords {
            let term = plain(keyword);
            xml.create_element("category")
                .with_attribute(("term", term.as_str()))
                .write_empty()?;
        }
        if !material.caption.is_empty() {
            text(xml, "summary", &material.caption, feed.languages)?;
        }
        if !material.copyright.is_empty() {
            text(xml, "rights", &material.copyright, feed.languages)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// When readers got what they have now.
fn changed(material: &MaterialView) -> Timestamp {
    let opened = material.published_at.unwrap_or(material.updated_at);
    material.updated_at.max(opened)
}

/// A title is not optional (section 4.1.2).
fn nameless(material: &MaterialView) -> String {
    let caption = material.caption.best(&[]).unwrap_or_default();
    let first: String = caption.chars().take(80).collect();
    if first.trim().is_empty() {
        material.id.to_string()
    } else {
        first
    }
}

/// The text in the language that is wanted most, and which one that is.
fn text(xml: &mut Xml, name: &str, texts: &Texts, languages: &[Language]) -> io::Result<()> {
    let mut wanted = languages.iter();
    let best = wanted.find_map(|language| Some((language, texts.get(language)?)));
    let Some((language, text)) = best.or_else(|| texts.iter().next()) else {
        return line(xml, name, "");
    };
    xml.create_element(name)
        .with_attribute(("xml:lang", language.as_str()))
        .write_text_content(BytesText::new(&plain(text)))?;
    Ok(())
}

fn line(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(&plain(text)))?;
    Ok(())
}

fn link(xml: &mut Xml, relation: &str, url: &str, media_type: &str) -> io::Result<()> {
    xml.create_element("link")
        .with_attributes([("rel", relation), ("type", media_type), ("href", url)])
        .write_empty()?;
    Ok(())
}

fn urn(id: Uuid) -> String {
    format!("urn:uuid:{id}")
}

/// Without what may stand in no document (XML 1.0 section 2.2).
fn plain(text: &str) -> String {
    let may = |c: &char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(may).collect()
}
