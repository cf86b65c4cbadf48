use uuid::Uuid;

use super::*;
use crate::media::{embedded::Said, exif, frame::Camera, iptc, photo::segments, xmp};

fn inscription() -> Inscription {
    let taken: jiff::Timestamp = "2026-11-20T05:00:00Z".parse().unwrap();
    Inscription {
        id: MaterialId(Uuid::from_u128(7)),
        language: Language::parse("uz-Latn").ok(),
        headline: Texts::from([("uz-Latn", "Oʻzbekiston — 🇺🇿 <&>"), ("ru", "Узбекистан")]),
        caption: Texts::from([("uz-Latn", "Toshkentda"), ("ky", "Ташкенде")]),
        alt_text: Texts::from([("en", "A hall")]),
        creator: Some("Ғайрат Ҳамидов".into()),
        credit: Some("Матбуот хизмати".into()),
        source: Some("Jarchi".into()),
        copyright: Texts::from([("ru", "© Пресс-служба")]),
        usage_terms: Texts::from([("en", "Editorial use")]),
        license: Some("CC-BY-4.0".into()),
        keywords: vec!["мэр".into(), "matbuot".into()],
        persons: vec![Person {
            name: Texts::from([("uz-Latn", "Aziz Toʻraev")]),
            title: Texts::from([("en", "Mayor")]),
        }],
        place: Some(Place {
            name: Texts::from([("uz-Latn", "Toshkent")]),
            country: Some("UZ".into()),
            latitude: None,
            longitude: None,
        }),
        taken_at: Some(taken.to_zoned(jiff::tz::TimeZone::get("Asia/Tashkent").unwrap())),
        event: Some((
            EventId(Uuid::from_u128(8)),
            Texts::from([("en", "A briefing")]),
        )),
        embargo_until: None,
    }
}

fn read_back(inscription: &Inscription) -> segments::Segments {
    let jpeg = inscribe(inscription, &Frame::Jpeg(Camera::default()), 0).head;
    segments::read(std::io::Cursor::new(jpeg))
}

#[test]
fn what_is_written_is_read_back_from_each_format() {
    let inscription = inscription();
    let segments = read_back(&inscription);
    let xmp = xmp::read(&segments.xmp.unwrap());
    assert_eq!(xmp.caption.texts, inscription.caption);
    assert_eq!(xmp.copyright.texts, inscription.copyright);
    assert_eq!(xmp.headline.texts, inscription.headline);
    assert_eq!(xmp.keywords, inscription.keywords);
    assert_eq!(xmp.persons, ["Aziz Toʻraev"]);
    assert_eq!(xmp.place.country_code.as_deref(), Some("UZ"));
    let iptc = iptc::read(&segments.resources.unwrap());
    assert!(!iptc.is_newer);
    let iptc = iptc.embedded;
    assert_eq!(iptc.headline, Said::plain("Oʻzbekiston — 🇺🇿 <&>"));
    assert_eq!(iptc.credit, inscription.credit);
    assert_eq!(iptc.place.country_code.as_deref(), Some("UZB"));
    let exif = exif::read(segments.exif.unwrap()).unwrap().embedded;
    assert_eq!(exif.creator, inscription.creator);
    for read in [xmp, iptc, exif] {
        assert_eq!(read.taken_at.unwrap().to_string(), "2026-11-20T05:00:00Z");
    }
}

#[test]
fn an_embargo_is_an_instruction_in_xmp_and_iptc() {
    let mut inscription = inscription();
    let said = "EMBARGO: not for publication before 2026-11-21 09:30:00 (UTC+05:00)";
    let within = |inscription: &Inscription| {
        let segments = read_back(inscription);
        let xmp = String::from_utf8(segments.xmp.unwrap()).unwrap();
        let iptc = segments.resources.unwrap();
        let holds = |bytes: &[u8]| {
            bytes
                .windows(said.len())
                .any(|part| part == said.as_bytes())
        };
        (
            xmp.contains("photoshop:Instructions"),
            holds(xmp.as_bytes()),
            holds(&iptc),
        )
    };
    assert_eq!(within(&inscription), (false, false, false));
    let until: jiff::Timestamp = "2026-11-21T04:30:00Z".parse().unwrap();
    inscription.embargo_until =
        Some(until.to_zoned(jiff::tz::TimeZone::get("Asia/Tashkent").unwrap()));
    assert_eq!(within(&inscription), (true, true, true));
}

#[test]
fn a_day_alone_gets_no_hour() {
    let mut inscription = inscription();
    let day: jiff::civil::Date = "2026-11-20".parse().unwrap();
    inscription.taken_at = Some(day.in_tz("Asia/Tashkent").unwrap());
    let segments = read_back(&inscription);
    let exif = exif::read(segments.exif.unwrap()).unwrap().embedded;
    assert_eq!((exif.taken_on, exif.taken_local), (None, None));
    for read in [
        xmp::read(&segments.xmp.unwrap()),
        iptc::read(&segments.resources.unwrap()).embedded,
        exif,
    ] {
        assert_eq!((read.taken_at, read.taken_local), (None, None));
        assert!(read.taken_on.is_none_or(|on| on == day));
    }
}

#[test]
fn a_position_goes_out_where_it_is_given_and_nowhere_else() {
    let mut inscription = inscription();
    let bytes = inscribe(&inscription, &Frame::Jpeg(Camera::default()), 0).head;
    assert!(!String::from_utf8_lossy(&bytes).contains("GPS"));
    let place = inscription.place.as_mut().unwrap();
    (place.latitude, place.longitude) = (Some(41.3111), Some(-69.2797));
    let segments = read_back(&inscription);
    let place = exif::read(segments.exif.unwrap()).unwrap().embedded.place;
    let (north, east) = (place.latitude.unwrap(), place.longitude.unwrap());
    assert!((north - 41.3111).abs() < 1e-5 && (east + 69.2797).abs() < 1e-5);
}

#[test]
fn a_file_speaks_in_one_language_where_it_can() {
    let mut inscription = inscription();
    inscription.headline = Texts::from([("ru", "Новый завод"), ("uz-Latn", "Yangi zavod")]);
    inscription.caption = Texts::from([("en", "A plant opened"), ("uz-Latn", "Zavod ochildi")]);
    for language in [None, Language::parse("ru").ok()] {
        inscription.language = language;
        let iptc = iptc::read(&read_back(&inscription).resources.unwrap()).embedded;
        assert_eq!(
            (iptc.headline, iptc.caption),
            (Said::plain("Yangi zavod"), Said::plain("Zavod ochildi"))
        );
    }
}

#[test]
fn texts_are_cut_at_characters_and_what_is_long_goes_on_in_further_segments() {
    let mut inscription = inscription();
    inscription.language = None;
    let long = "Ғ".repeat(20_000);
    let long = long.as_str();
    inscription.caption = Texts::from([("ky", long), ("ru", long), ("uz-Cyrl", long)]);
    inscription.credit = Some("ў".repeat(40));
    inscription.keywords = vec!["қ".repeat(200); 500];
    let segments = read_back(&inscription);
    let iptc = iptc::read(&segments.resources.unwrap()).embedded;
    assert_eq!(iptc.credit, Some("ў".repeat(16)));
    assert_eq!(iptc.caption, Said::plain("Ғ".repeat(1000)));
    assert_eq!(iptc.keywords.len(), 500);
    let joined = segments.xmp_extension.unwrap();
    assert_eq!(xmp::read(&joined).caption.texts, inscription.caption);
    let packet = packet::split(&inscription);
    let extension = packet.extension.unwrap();
    assert!(packet.main.len() <= 65_502 && extension.text.contains(long));
    assert!(packet.main.contains(&extension.digest));
    assert_eq!(
        xmp::read(extension.text.as_bytes()).caption.texts,
        inscription.caption
    );
}

#[test]
fn containers_of_chunks_say_how_long_they_are() {
    let canvas = Canvas {
        width: 320,
        height: 240,
        flags: 0,
    };
    let Inscribed { head, tail } = inscribe(&inscription(), &Frame::Webp(canvas), 1000);
    let size = u32::from_le_bytes(head[4..8].try_into().unwrap()) as usize;
    assert_eq!(
        (size + 8, tail.len() % 2),
        (head.len() + 1000 + tail.len(), 0)
    );
    let Inscribed { head, tail } = inscribe(&inscription(), &Frame::Png, 1000);
    assert!(head.is_empty() && tail.ends_with(b"\0\0\0\0IEND\xAE\x42\x60\x82"));
}

#[test]
fn a_licence_has_an_address() {
    let address = |license: &str| {
        let license = Some(license.to_owned());
        Inscription {
            license,
            ..inscription()
        }
        .license_address()
    };
    assert_eq!(
        address("CC-BY-4.0").unwrap(),
        "https://spdx.org/licenses/CC-BY-4.0"
    );
    assert_eq!(
        address("https://example.uz/l").unwrap(),
        "https://example.uz/l"
    );
    assert_eq!(address("ask us"), None);
}
