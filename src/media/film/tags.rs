//! The tags of containers of sound and film, by the names that libav brings them all to.

use ffmpeg_next::DictionaryRef;

use crate::media::{
    charset,
    embedded::{Embedded, Said},
    libav::Reader,
};

/// What the container says about itself, and its tracks about themselves.
pub fn read(reader: &Reader) -> Embedded {
    let mut embedded = Embedded::default();
    for (name, value) in pairs(&reader.input.metadata()) {
        embedded.keep("tags", &name, value.clone());
        take(&mut embedded, &name, value);
    }
    for track in [
        reader.picture.as_ref().map(|track| track.index),
        reader.sound.as_ref().map(|track| track.index),
    ] {
        if let Some(stream) = track.and_then(|index| reader.input.stream(index)) {
            for (name, value) in pairs(&stream.metadata()) {
                embedded.keep("tracks", &name, value.clone());
                // Ogg keeps its tags with the track.
                if embedded.headline.is_empty() || name != "title" {
                    take(&mut embedded, &name, value);
                }
            }
        }
    }
    embedded
}

/// Tags as text: they are in whatever encoding their writer had, which the old ones do not say.
fn pairs(tags: &DictionaryRef) -> Vec<(String, String)> {
    let lossless = |text: &str| charset::decode(text.as_bytes());
    tags.iter()
        .map(|(name, value)| (lossless(name).to_lowercase(), lossless(value)))
        .collect()
}

/// A language that cameras and programs write into tracks is not taken: it is their own, not the speaker's.
fn take(embedded: &mut Embedded, name: &str, value: String) {
    match name {
        "title" | "com.apple.quicktime.title" => embedded.headline = Said::plain(value),
        "description" | "com.apple.quicktime.description" | "synopsis" => {
            embedded.caption = Said::plain(value);
        }
        "comment" if embedded.caption.is_empty() => embedded.caption = Said::plain(value),
        "artist" | "author" | "com.apple.quicktime.author" => embedded.creator = Some(value),
        "copyright" | "com.apple.quicktime.copyright" => embedded.copyright = Said::plain(value),
        "keywords" | "com.apple.quicktime.keywords" => {
            embedded.keywords = value
                .split([',', ';'])
                .map(|word| word.trim().to_owned())
                .collect();
        }
        "publisher" => embedded.source = Some(value),
        // With the zone in which the phone was, while the other is in UTC, or whatever the camera's clock said.
        "com.apple.quicktime.creationdate" => embedded.date(&value),
        "creation_time"
            if embedded.taken_at.is_none()
                && !value.starts_with("1970-")
                && !value.starts_with("1904-") =>
        {
            embedded.date(&value);
        }
        "location" | "location-eng" | "com.apple.quicktime.location.iso6709" => {
            if let Some((latitude, longitude)) = position(&value) {
                embedded.place.locate(latitude, longitude);
            }
        }
        _ => {}
    }
}

/// `+DD.DDDD+DDD.DDDD…/` (ISO 6709 annex H, decimal degrees).
fn position(text: &str) -> Option<(f64, f64)> {
    let second = text.get(1..)?.find(['+', '-'])? + 1;
    let rest = &text[second..];
    let end = rest
        .get(1..)?
        .find(['+', '-', '/', 'C'])
        .map_or(rest.len(), |end| end + 1);
    Some((text[..second].parse().ok()?, rest[..end].parse().ok()?))
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
        assert_eq!(position("Toshkent"), None);
        assert_eq!(position(""), None);
    }
}
