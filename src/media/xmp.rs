//! XMP (ISO 16684-1), the description that programs write as RDF: properties as attributes or elements, lists, and
//! texts in several languages. Properties are known by their namespace, whatever the prefix.

use roxmltree::{Document, Node, ParsingOptions};

use super::embedded::{Embedded, Place, Said};
use crate::language::Language;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const DC: &str = "http://purl.org/dc/elements/1.1/";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";
const RIGHTS: &str = "http://ns.adobe.com/xap/1.0/rights/";
const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";
const IPTC_CORE: &str = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/";
const IPTC_EXT: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
const EXIF: &str = "http://ns.adobe.com/exif/1.0/";

/// No packet is larger, in bytes, and no document has more nodes.
const LARGEST: usize = 4 << 20;
const MOST_NODES: u32 = 100_000;

/// Reads a packet of XMP; what is not well-formed says nothing.
pub fn read(packet: &[u8]) -> Embedded {
    let packet = &packet[..packet.len().min(LARGEST)];
    let (text, _, _) = encoding(packet).decode(packet);
    let text = text.trim_matches(|c: char| c == '\0' || c == '\u{feff}' || c.is_whitespace());
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let Ok(document) = Document::parse_with_options(text, options) else {
        return Embedded::default();
    };
    let (mut embedded, mut locations) = (Embedded::default(), Vec::new());
    for description in document
        .descendants()
        .filter(|node| node.has_tag_name((RDF, "Description")))
    {
        let top = description
            .parent()
            .is_some_and(|parent| parent.has_tag_name((RDF, "RDF")));
        if top {
            attributes(description, &mut embedded);
            elements(description, &mut embedded, &mut locations);
        }
    }
    for location in locations {
        embedded.place.complete(location);
    }
    // A headline has no languages here, a title does: where it says the same, it is the same in each of them.
    let title = document
        .descendants()
        .find(|node| node.has_tag_name((DC, "title")))
        .map(said)
        .unwrap_or_default();
    let headline = &embedded.headline;
    let says_the_same = |plain: &String| title.texts.iter().any(|(_, text)| text == plain);
    if headline.is_empty() || headline.plain.as_ref().is_some_and(says_the_same) {
        embedded.headline = title;
    }
    if embedded.persons.is_empty() {
        let names = document
            .descendants()
            .filter(|node| node.has_tag_name((IPTC_EXT, "PersonName")));
        embedded.persons = names
            .filter_map(|name| items(name).into_iter().next())
            .collect();
    }
    embedded
}

/// UTF-8 nearly always; the standard allows UTF-16 too (ISO 16684-1 section 7.3.2).
fn encoding(packet: &[u8]) -> &'static encoding_rs::Encoding {
    match packet {
        [b'<', 0, ..] => encoding_rs::UTF_16LE,
        [0, b'<', ..] => encoding_rs::UTF_16BE,
        _ => encoding_rs::UTF_8,
    }
}

fn attributes(description: Node, embedded: &mut Embedded) {
    for attribute in description.attributes() {
        if let Some(namespace) = attribute
            .namespace()
            .filter(|namespace| ![RDF, XML].contains(namespace))
        {
            embedded.keep("xmp", attribute.name(), attribute.value());
            take(
                embedded,
                namespace,
                attribute.name(),
                &Said::plain(attribute.value()),
                &[attribute.value().to_owned()],
            );
        }
    }
}

fn elements(description: Node, embedded: &mut Embedded, locations: &mut Vec<Place>) {
    for property in description.children().filter(Node::is_element) {
        let items = items(property);
        for item in &items {
            embedded.keep("xmp", property.tag_name().name(), item);
        }
        let namespace = property.tag_name().namespace().unwrap_or_default();
        if (namespace, property.tag_name().name()) == (IPTC_EXT, "LocationShown")
            || (namespace, property.tag_name().name()) == (IPTC_EXT, "LocationCreated")
        {
            let before = locations.len();
            locations.extend(list_items(property).map(location));
            // Some programs write one without a list.
            if locations.len() == before {
                locations.push(location(property));
            }
        }
        take(
            embedded,
            namespace,
            property.tag_name().name(),
            &said(property),
            &items,
        );
    }
}

/// Puts one property where it belongs.
fn take(embedded: &mut Embedded, namespace: &str, name: &str, said: &Said, items: &[String]) {
    let first = items.first().cloned();
    match (namespace, name) {
        (PHOTOSHOP, "Headline") => embedded.headline = said.clone(),
        (DC, "description") => embedded.caption = said.clone(),
        (IPTC_CORE, "AltTextAccessibility") => embedded.alt_text = said.clone(),
        (DC, "subject") => embedded.keywords = items.to_vec(),
        (DC, "creator") => embedded.creator = (!items.is_empty()).then(|| items.join(", ")),
        (PHOTOSHOP, "Credit") => embedded.credit = first,
        (PHOTOSHOP, "Source") => embedded.source = first,
        (DC, "rights") => embedded.copyright = said.clone(),
        (RIGHTS, "UsageTerms") => embedded.usage_terms = said.clone(),
        (IPTC_EXT, "PersonInImage") => embedded.persons = items.to_vec(),
        (IPTC_CORE, "Location") => embedded.place.name = first,
        (PHOTOSHOP, "City") => embedded.place.city = first,
        (PHOTOSHOP, "State") => embedded.place.region = first,
        (PHOTOSHOP, "Country") => embedded.place.country = first,
        (IPTC_CORE, "CountryCode") => embedded.place.country_code = first,
        (EXIF, "GPSLatitude") => {
            embedded.place.latitude = first.and_then(|text| degrees(&text, 90.0));
        }
        (EXIF, "GPSLongitude") => {
            embedded.place.longitude = first.and_then(|text| degrees(&text, 180.0));
        }
        (XMP, "Rating") => embedded.rating = first.and_then(|text| rating(&text)),
        (DC, "language") => embedded.language = first.and_then(|text| Language::parse(&text).ok()),
        (PHOTOSHOP, "DateCreated") | (EXIF, "DateTimeOriginal") => {
            embedded.date(&first.unwrap_or_default());
        }
        (XMP, "CreateDate") if embedded.taken_at.is_none() && embedded.taken_local.is_none() => {
            embedded.date(&first.unwrap_or_default());
        }
        _ => {}
    }
}

/// A location in parts (IPTC Photo Metadata 2023.1, "Location structure").
fn location(item: Node) -> Place {
    let part = |name: &str| {
        let node = item
            .descendants()
            .find(|node| node.has_tag_name((IPTC_EXT, name)));
        let attribute = item
            .descendants()
            .find_map(|node| node.attribute((IPTC_EXT, name)));
        node.and_then(|node| items(node).into_iter().next())
            .or(attribute.map(str::to_owned))
    };
    Place {
        name: part("Sublocation"),
        city: part("City"),
        region: part("ProvinceState"),
        country: part("CountryName"),
        country_code: part("CountryCode"),
        latitude: None,
        longitude: None,
    }
}

/// The texts of a property: the items of its list, or its own.
fn items(property: Node) -> Vec<String> {
    let list: Vec<String> = list_items(property)
        .filter_map(|item| own_text(item))
        .collect();
    if list.is_empty() {
        own_text(property).into_iter().collect()
    } else {
        list
    }
}

fn list_items<'a, 'input>(property: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    let lists = property
        .children()
        .filter(|node| node.tag_name().namespace() == Some(RDF));
    lists
        .flat_map(|list| list.children())
        .filter(|node| node.has_tag_name((RDF, "li")))
}

fn own_text(node: Node) -> Option<String> {
    let text: String = node
        .children()
        .filter(Node::is_text)
        .filter_map(|node| node.text())
        .collect();
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// A text in languages (ISO 16684-1 section 8.2.2.4). `x-default` repeats one of them, or stands alone where nobody
/// said which language it is.
fn said(property: Node) -> Said {
    let mut said = Said::default();
    for item in list_items(property) {
        let Some(text) = own_text(item) else { continue };
        match item.attribute((XML, "lang")).map(Language::parse) {
            Some(Ok(language)) if language.as_str() != "x-default" => {
                drop(said.texts.0.insert(language, text));
            }
            _ => said.plain = Some(text),
        }
    }
    if said
        .plain
        .as_ref()
        .is_some_and(|plain| said.texts.0.values().any(|text| text == plain))
    {
        said.plain = None;
    }
    if said.is_empty() {
        own_text(property).map(Said::plain).unwrap_or_default()
    } else {
        said
    }
}

/// `DD,MM.mmK` or `DD,MM,SSK`, K being one of N, S, E, W (ISO 16684-2, "`GPSCoordinate`").
fn degrees(text: &str, most: f64) -> Option<f64> {
    let text = text.trim();
    let side = text.chars().last().filter(|side| "NSEW".contains(*side))?;
    let mut degrees = 0.0;
    for (part, share) in text[..text.len() - 1].split(',').zip([1.0, 60.0, 3600.0]) {
        degrees += part.trim().parse::<f64>().ok()? / share;
    }
    let degrees = if "SW".contains(side) {
        -degrees
    } else {
        degrees
    };
    (degrees.abs() <= most).then_some(degrees)
}

fn rating(text: &str) -> Option<i8> {
    let whole = text.trim().split('.').next()?;
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(properties: &str) -> Vec<u8> {
        format!(
            "<?xpacket begin='\u{feff}'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='{RDF}'>\
             <rdf:Description xmlns:d='{DC}' xmlns:ps='{PHOTOSHOP}' xmlns:e='{EXIF}' xmlns:xmp='{XMP}' ps:City='Андижон' \
             xmp:Rating='4'>{properties}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
        )
        .into_bytes()
    }

    #[test]
    fn texts_in_languages_lists_and_attributes() {
        let embedded = read(&packet(
            "<d:description><rdf:Alt><rdf:li xml:lang='x-default'>Сессия</rdf:li><rdf:li xml:lang='ky'>Сессия</rdf:li>\
             <rdf:li xml:lang='en-us'>Session</rdf:li></rdf:Alt></d:description>\
             <d:subject><rdf:Bag><rdf:li>бюджет</rdf:li><rdf:li>budget</rdf:li></rdf:Bag></d:subject>\
             <ps:DateCreated>2024-03-01T10:00:00+06:00</ps:DateCreated><e:GPSLatitude>42,52.5N</e:GPSLatitude>",
        ));
        assert_eq!(embedded.caption.plain, None);
        let languages: Vec<_> = embedded
            .caption
            .texts
            .iter()
            .map(|(language, _)| language.as_str())
            .collect();
        assert_eq!(languages, ["en-US", "ky"]);
        assert_eq!(embedded.keywords, ["бюджет", "budget"]);
        assert_eq!(
            (embedded.place.city.as_deref(), embedded.rating),
            (Some("Андижон"), Some(4))
        );
        assert_eq!(embedded.place.latitude, Some(42.875));
        assert_eq!(
            embedded.taken_at.unwrap().to_string(),
            "2024-03-01T04:00:00Z"
        );
    }

    #[test]
    fn places_are_not_mixed() {
        let location = |name: &str, parts: &str| {
            format!(
                "<l:{name} xmlns:l='{IPTC_EXT}'><rdf:Bag><rdf:li rdf:parseType='Resource'>{parts}</rdf:li></rdf:Bag></l:{name}>"
            )
        };
        let same = location(
            "LocationShown",
            "<l:City>Андижон</l:City><l:CountryName>Ўзбекистон</l:CountryName>",
        );
        let place = read(&packet(&same)).place;
        assert_eq!(place.country.as_deref(), Some("Ўзбекистон"));
        let other = location(
            "LocationCreated",
            "<l:City>Париж</l:City><l:CountryName>Франция</l:CountryName>",
        );
        let place = read(&packet(&other)).place;
        assert_eq!(
            (place.city.as_deref(), place.country),
            (Some("Андижон"), None)
        );
    }

    #[test]
    fn a_default_alone_has_no_known_language() {
        let embedded = read(&packet(
            "<d:rights><rdf:Alt><rdf:li xml:lang='x-default'>© Ҳокимият</rdf:li></rdf:Alt></d:rights>",
        ));
        assert_eq!(embedded.copyright, Said::plain("© Ҳокимият"));
    }

    #[test]
    fn wide_letters_are_read() {
        let wide: Vec<u8> = String::from_utf8(packet("<ps:Credit>Ҳокимият</ps:Credit>"))
            .unwrap()
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(read(&wide).credit.as_deref(), Some("Ҳокимият"));
    }

    #[test]
    fn entities_and_noise_say_nothing() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>";
        assert_eq!(read(bomb.as_bytes()), Embedded::default());
        assert_eq!(read(b"\xFF\xFE<"), Embedded::default());
    }
}
