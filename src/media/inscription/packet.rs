//! XMP (ISO 16684-1): the properties of the IPTC core and extension (IPTC Photo Metadata Standard 2023.1), a text in
//! each language that it was written in and a default first (section 8.2.2.4). By hand: it is one template.

use jiff::Zoned;
use md5::{Digest, Md5};

use super::Inscription;
use crate::{
    language::Texts,
    terms::{Person, Place},
};

/// What the first segment of a JPEG holds, less what the packet and its properties are wrapped in.
const LARGEST: usize = 65_502 - 1_200;
const HEAD: &str = concat!(
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">",
    "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"",
    " xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\" xmlns:xmpRights=\"http://ns.adobe.com/xap/1.0/rights/\"",
    " xmlns:Iptc4xmpCore=\"http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/\"",
    " xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" xmlns:exif=\"http://ns.adobe.com/exif/1.0/\"",
    " xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\">\n",
);
const TAIL: &str = "</rdf:Description></rdf:RDF></x:xmpmeta>";

/// A packet that fits into a segment of a JPEG, and what does not fit into it.
pub struct Split {
    pub main: String,
    pub extension: Option<Extension>,
}

pub struct Extension {
    pub text: String,
    /// MD5 in capitals, by which the packet names it.
    pub digest: String,
}

/// The packet as a whole.
pub fn whole(inscription: &Inscription) -> String {
    wrapped(&properties(inscription).concat())
}

/// The packet for a JPEG: what is short comes first, and what is too long for a segment goes into the extension.
pub fn split(inscription: &Inscription) -> Split {
    let mut properties = properties(inscription);
    if properties.iter().map(String::len).sum::<usize>() <= LARGEST {
        return Split {
            main: wrapped(&properties.concat()),
            extension: None,
        };
    }
    properties.sort_by_key(String::len);
    let (mut main, mut rest) = (String::new(), String::new());
    for property in properties {
        let fits = main.len() + property.len() <= LARGEST;
        let place = if fits { &mut main } else { &mut rest };
        place.push_str(&property);
    }
    let text = format!("{HEAD}{rest}{TAIL}");
    let digest = hex::encode_upper(Md5::digest(&text));
    main.push_str(&simple("xmpNote:HasExtendedXMP", &digest));
    Split {
        main: wrapped(&main),
        extension: Some(Extension { text, digest }),
    }
}

fn wrapped(properties: &str) -> String {
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n{HEAD}{properties}{TAIL}\n<?xpacket end=\"w\"?>"
    )
}

/// Every property that has something to say.
fn properties(inscription: &Inscription) -> Vec<String> {
    let id = inscription.urn();
    let all = [
        Some(simple("dc:identifier", &id)),
        Some(simple("Iptc4xmpExt:DigImageGUID", &id)),
        Some(simple(
            "photoshop:TransmissionReference",
            &inscription.short_id(),
        )),
        line(
            "photoshop:Instructions",
            inscription.instructions().as_deref(),
        ),
        line("photoshop:Headline", inscription.one(&inscription.headline)),
        texts("dc:title", inscription, &inscription.headline),
        texts("dc:description", inscription, &inscription.caption),
        texts(
            "Iptc4xmpCore:AltTextAccessibility",
            inscription,
            &inscription.alt_text,
        ),
        inscription
            .creator
            .as_ref()
            .map(|creator| list("dc:creator", "Seq", &[item(creator)])),
        words("dc:subject", &inscription.keywords),
        inscription
            .language
            .as_ref()
            .map(|language| list("dc:language", "Bag", &[item(language.as_str())])),
        inscription
            .taken_at
            .as_ref()
            .map(|day| taken(inscription.moment(), day)),
    ];
    let mut all: Vec<String> = all
        .into_iter()
        .chain(rights(inscription))
        .flatten()
        .collect();
    all.extend(
        inscription
            .place
            .iter()
            .flat_map(|place| located(inscription, place)),
    );
    all.extend(persons(inscription));
    if let Some((id, name)) = &inscription.event {
        all.extend(texts("Iptc4xmpExt:Event", inscription, name));
        let id = item(&format!("urn:uuid:{id}"));
        all.push(list("Iptc4xmpExt:EventId", "Bag", &[id]));
    }
    all
}

/// Whose it is, and what may be done with it.
fn rights(inscription: &Inscription) -> [Option<String>; 6] {
    let marked = !inscription.copyright.is_empty();
    [
        line("photoshop:Credit", inscription.credit.as_deref()),
        line("photoshop:Source", inscription.source.as_deref()),
        texts("dc:rights", inscription, &inscription.copyright),
        marked.then(|| simple("xmpRights:Marked", "True")),
        texts(
            "xmpRights:UsageTerms",
            inscription,
            &inscription.usage_terms,
        ),
        line(
            "xmpRights:WebStatement",
            inscription.license_address().as_deref(),
        ),
    ]
}

/// To the millisecond where it is known so well.
/// The day alone where that is all that is known (XMP part 1 section 8.2.1.4).
fn taken(moment: Option<&Zoned>, day: &Zoned) -> String {
    let Some(at) = moment else {
        return simple("photoshop:DateCreated", &day.date().to_string());
    };
    let fraction = if at.subsec_nanosecond() > 0 {
        "%.3f"
    } else {
        ""
    };
    let format = format!("%Y-%m-%dT%H:%M:%S{fraction}%:z");
    simple("photoshop:DateCreated", &at.strftime(&format).to_string())
}

/// The place in the plain properties, and as a location that was photographed and that is shown: a description knows
/// one place.
fn located(inscription: &Inscription, place: &Place) -> Vec<String> {
    let name = inscription.one(&place.name);
    let plain = [
        line("Iptc4xmpCore:Location", name),
        line("Iptc4xmpCore:CountryCode", place.country.as_deref()),
    ];
    let coordinate = |degrees: f64, sides: [char; 2]| {
        let side = sides[usize::from(degrees < 0.0)];
        let minutes = degrees.abs().fract() * 60.0;
        format!("{},{minutes:.6}{side}", degrees.abs().trunc())
    };
    let position = place.latitude.zip(place.longitude);
    let parts = [
        line("Iptc4xmpExt:Sublocation", name),
        texts("Iptc4xmpExt:LocationName", inscription, &place.name),
        line("Iptc4xmpExt:CountryCode", place.country.as_deref()),
        position.map(|(north, _)| simple("exif:GPSLatitude", &coordinate(north, ['N', 'S']))),
        position.map(|(_, east)| simple("exif:GPSLongitude", &coordinate(east, ['E', 'W']))),
    ];
    let location = structure(&parts.into_iter().flatten().collect::<String>());
    let mut all: Vec<String> = plain.into_iter().flatten().collect();
    if all.is_empty() && position.is_none() {
        return all;
    }
    for name in ["Iptc4xmpExt:LocationCreated", "Iptc4xmpExt:LocationShown"] {
        all.push(list(name, "Bag", &[location.as_str()]));
    }
    all
}

fn persons(inscription: &Inscription) -> Vec<String> {
    let persons = &inscription.persons;
    let called = |person: &Person| inscription.one(&person.name).map(str::to_owned);
    let names: Vec<String> = persons.iter().filter_map(called).collect();
    let details: Vec<String> = persons
        .iter()
        .map(|person| {
            let parts = [
                texts("Iptc4xmpExt:PersonName", inscription, &person.name),
                texts("Iptc4xmpExt:PersonDescription", inscription, &person.title),
            ];
            structure(&parts.into_iter().flatten().collect::<String>())
        })
        .collect();
    let mut all: Vec<String> = words("Iptc4xmpExt:PersonInImage", &names)
        .into_iter()
        .collect();
    if !details.is_empty() {
        all.push(list("Iptc4xmpExt:PersonInImageWDetails", "Bag", &details));
    }
    all
}

fn simple(name: &str, value: &str) -> String {
    format!("<{name}>{}</{name}>\n", escaped(value))
}

fn line(name: &str, value: Option<&str>) -> Option<String> {
    value
        .filter(|value| !value.trim().is_empty())
        .map(|value| simple(name, value))
}

fn words(name: &str, words: &[String]) -> Option<String> {
    let items: Vec<String> = words.iter().map(|word| item(word)).collect();
    (!items.is_empty()).then(|| list(name, "Bag", &items))
}

fn list(name: &str, sort: &str, items: &[impl AsRef<str>]) -> String {
    let items: String = items.iter().map(AsRef::as_ref).collect();
    format!("<{name}><rdf:{sort}>{items}</rdf:{sort}></{name}>\n")
}

fn item(text: &str) -> String {
    format!("<rdf:li>{}</rdf:li>", escaped(text))
}

fn structure(parts: &str) -> String {
    format!("<rdf:li rdf:parseType=\"Resource\">{parts}</rdf:li>")
}

/// A text whose language nobody knows is the default alone.
fn texts(name: &str, inscription: &Inscription, texts: &Texts) -> Option<String> {
    let default = inscription.one(texts)?;
    let in_language = |language: &str, text: &str| {
        format!("<rdf:li xml:lang=\"{language}\">{}</rdf:li>", escaped(text))
    };
    let mut items = vec![in_language("x-default", default)];
    let known = texts
        .iter()
        .filter(|(language, _)| language.as_str() != "und");
    items.extend(known.map(|(language, text)| in_language(language.as_str(), text)));
    Some(list(name, "Alt", &items))
}

/// What XML wants escaped, without the signs that it cannot hold at all (XML 1.0 section 2.2).
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\r' => safe.push_str("&#13;"),
            '\t' | '\n' => safe.push(letter),
            '\u{fffe}' | '\u{ffff}' => {}
            other if u32::from(other) < 0x20 => {}
            other => safe.push(other),
        }
    }
    safe
}
