//! The tags of containers of sound and film, by the names that libav brings them all to, and those of `QuickTime`, ID3,
//! Vorbis comments, BWF and MXF that it passes on under their own.

use ffmpeg_next::{DictionaryRef, media};

use crate::{
    language::Language,
    media::{
        charset,
        embedded::{Embedded, Said},
        libav::Reader,
        office::keywords,
    },
};

/// What the container says about itself, and its tracks about themselves.
pub fn read(reader: &Reader) -> Embedded {
    let mut embedded = Embedded::default();
    for (name, value) in pairs(&reader.input.metadata()) {
        embedded.keep("tags", &name, value.clone());
        take(&mut embedded, &name, value);
    }
    broadcast(&mut embedded, &reader.input.metadata());
    let chosen = [
        reader.picture.as_ref().map(|track| track.index),
        reader.sound.as_ref().map(|track| track.index),
    ];
    for stream in reader.input.streams() {
        let medium = stream.parameters().medium();
        let is_chosen = chosen.contains(&Some(stream.index()));
        for (name, value) in pairs(&stream.metadata()) {
            if is_chosen || name == "timecode" {
                embedded.keep("tracks", &name, value.clone());
            }
            if is_chosen {
                of_track(&mut embedded, medium, &name, value);
            }
        }
    }
    embedded
}

/// Tags as text: they are in whatever encoding their writer had, which the old ones do not say.
pub(super) fn pairs(tags: &DictionaryRef) -> Vec<(String, String)> {
    let lossless = |text: &str| charset::decode(text.as_bytes());
    tags.iter()
        .map(|(name, value)| {
            (
                lossless(name).to_lowercase(),
                charset::mended(lossless(value)),
            )
        })
        .collect()
}

/// Of a track only what the container left out is taken: Ogg keeps all its tags there, MXF its date. The language of the
/// sound is that of the work where a person said it; `und` and the English of cameras' makers are no statement.
fn of_track(embedded: &mut Embedded, medium: media::Type, name: &str, value: String) {
    if name == "language" {
        let is_said = medium == media::Type::Audio
            && !["und", "eng", "zxx", "mis", "mul"].contains(&value.as_str());
        if embedded.language.is_none() && is_said {
            embedded.language = language(&value);
        }
        return;
    }
    // What tracks call their titles are the names of their makers' parts.
    let mut own = Embedded::default();
    take(&mut own, name, value);
    let before = std::mem::take(embedded);
    *embedded = before.or(own);
}

/// ISO 639-2 as containers write it; the languages of the region by the two letters that people know them by.
fn language(code: &str) -> Option<Language> {
    let short = match code {
        "uzb" => "uz",
        "rus" => "ru",
        "kir" => "ky",
        "kaz" => "kk",
        "tgk" => "tg",
        "kaa" => "kaa",
        other => other,
    };
    Language::parse(short).ok()
}

fn take(embedded: &mut Embedded, name: &str, value: String) {
    let name = name
        .strip_prefix("com.apple.quicktime.")
        .unwrap_or_else(|| name.strip_suffix("-eng").unwrap_or(name));
    match name {
        "title" | "displayname" => embedded.headline = Said::plain(value),
        "description" | "synopsis" | "tit3" => embedded.caption = Said::plain(value),
        "comment" | "information" if embedded.caption.is_empty() => {
            embedded.caption = Said::plain(value);
        }
        // Whose work it is, over whose channel or programme it came.
        "artist" | "author" | "creator" | "director" | "performer" => {
            embedded.creator = Some(value);
        }
        "originator" | "composer" | "album_artist" if embedded.creator.is_none() => {
            embedded.creator = Some(value);
        }
        "copyright" => embedded.copyright = Said::plain(value),
        "license" => embedded.usage_terms = Said::plain(value),
        "keywords" | "keyword" | "subject" => {
            embedded.keywords = keywords(&value);
        }
        "publisher" | "organization" | "service_provider" => embedded.source = Some(value),
        "location" | "location.iso6709" | "xyz" => {
            if let Some((latitude, longitude)) = position(&value) {
                embedded.place.locate(latitude, longitude);
            }
        }
        "location.name" | "location-name" => embedded.place.name = Some(value),
        _ => date(embedded, name, &value),
    }
}

/// Dates, the best last: with the zone in which the phone was, while the container's own is in UTC, or whatever the
/// camera's clock said.
fn date(embedded: &mut Embedded, name: &str, value: &str) {
    match name {
        "creationdate" => {
            let mut own = Embedded::default();
            own.date(value);
            if own.taken_at.is_some() {
                (embedded.taken_at, embedded.taken_local) = (own.taken_at, None);
            }
        }
        "creation_time" | "modification_date" | "wm/encodingtime"
            if embedded.taken_at.is_none() && !is_zero(value) =>
        {
            embedded.date(value);
        }
        // ID3 and Vorbis comments: a moment where it is one, not a year.
        "date" | "date_recorded" | "tdrc" if embedded.taken_at.is_none() => embedded.date(value),
        _ => {}
    }
}

/// What clocks say that were never set.
fn is_zero(date: &str) -> bool {
    ["1970-01-01", "1904-01-01", "1601-01-01", "0000-"]
        .iter()
        .any(|start| date.starts_with(start))
}

/// Whose it is, and the day and the time of the first sample of a broadcast WAV, in the studio's own zone (EBU Tech 3285 section 2.3).
fn broadcast(embedded: &mut Embedded, tags: &DictionaryRef) {
    let tags = pairs(tags);
    let tag = |wanted: &str| {
        tags.iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    };
    // Only the chunk of broadcasters has this; elsewhere the next one names a program.
    if let (Some(_), Some(by), None) = (tag("time_reference"), tag("encoded_by"), &embedded.creator)
    {
        embedded.creator = Some(by.to_owned());
    }
    if let (Some(day), Some(time), None, None) = (
        tag("date"),
        tag("creation_time"),
        embedded.taken_at,
        embedded.taken_local,
    ) {
        let day = day.replace([':', '_', ' ', '.'], "-");
        let time = time.replace(['-', '_', '.', ' '], ":");
        embedded.date(&format!("{day}T{time}"));
    }
}

/// `+DD.DDDD+DDD.DDDD…/` (ISO 6709 annex H): degrees, or degrees and minutes, or with seconds, by their digits.
pub(super) fn position(text: &str) -> Option<(f64, f64)> {
    let second = text.get(1..)?.find(['+', '-'])? + 1;
    let rest = &text[second..];
    let end = rest
        .get(1..)?
        .find(['+', '-', '/', 'C'])
        .map_or(rest.len(), |end| end + 1);
    Some((angle(&text[..second], 2)?, angle(&rest[..end], 3)?))
}

/// `degrees` is how many digits the whole degrees have.
fn angle(text: &str, degrees: usize) -> Option<f64> {
    let (sign, digits) = (text.get(..1)?, text.get(1..)?);
    let whole = digits.find('.').unwrap_or(digits.len());
    let part = |text: &str| text.parse::<f64>().ok();
    let angle = match whole.checked_sub(degrees)? {
        0 => part(digits)?,
        2 => part(digits.get(..degrees)?)? + part(digits.get(degrees..)?)? / 60.0,
        4 => {
            let minutes = part(digits.get(degrees..degrees + 2)?)?;
            part(digits.get(..degrees)?)?
                + minutes / 60.0
                + part(digits.get(degrees + 2..)?)? / 3600.0
        }
        _ => return None,
    };
    match sign {
        "+" => Some(angle),
        "-" => Some(-angle),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_phones() {
        assert_eq!(position("+41.3111+069.2797/"), Some((41.3111, 69.2797)));
        assert_eq!(
            position("-33.8568+151.2153+012.000/"),
            Some((-33.8568, 151.2153))
        );
        assert_eq!(
            position("+4118.50-06930.00/"),
            Some((41.0 + 18.5 / 60.0, -69.5))
        );
        assert_eq!(
            position("+411830+0691500/"),
            Some((41.0 + 18.5 / 60.0, 69.25))
        );
        assert_eq!(position("Toshkent"), None);
        assert_eq!(position(""), None);
    }

    #[test]
    fn the_phones_own_zone_wins_whatever_comes_first() {
        for names in [
            ["creation_time", "com.apple.quicktime.creationdate"],
            ["com.apple.quicktime.creationdate", "creation_time"],
        ] {
            let mut embedded = Embedded::default();
            for name in names {
                let value = if name == "creation_time" {
                    "2024-03-01T09:59:58.000000Z"
                } else {
                    "2024-03-01T15:00:00+0500"
                };
                take(&mut embedded, name, value.to_owned());
            }
            assert_eq!(
                embedded.taken_at.unwrap().to_string(),
                "2024-03-01T10:00:00Z"
            );
        }
    }
}
