//! Whether a container may say where it was taken, in whatever way: with tags that are read elsewhere, with such as
//! nobody here can read, or all along in a track of its own. In doubt it does.

use super::tags;
use crate::media::libav::{self, Reader};

/// The sample entries of tracks that cameras write positions into: of `GoPro`, of Apple's phones, of Google's 360°
/// films and of DJI's drones.
const TRACKS: [[u8; 4]; 4] = [*b"gpmd", *b"mebx", *b"camm", *b"djmd"];

pub fn any(reader: &Reader) -> bool {
    let says =
        |all: Vec<(String, String)>| all.iter().any(|(name, value)| is_position(name, value));
    says(tags::pairs(&reader.input.metadata()))
        || reader.input.streams().any(|stream| {
            says(tags::pairs(&stream.metadata())) || TRACKS.contains(&libav::sample_entry(&stream))
        })
}

/// What a place is called is no position; nor is 0, 0, which a receiver writes before it knows.
fn is_position(name: &str, value: &str) -> bool {
    let names_a_place = name.contains("location.name") || name.contains("location-name");
    let is_of_places = ["location", "xyz", "gps", "latitude", "longitude"]
        .iter()
        .any(|part| name.contains(part));
    is_of_places
        && !names_a_place
        && !value.trim().is_empty()
        && tags::position(value) != Some((0.0, 0.0))
}

#[cfg(test)]
mod tests {
    use super::is_position;

    #[test]
    fn what_cannot_be_read_may_still_be_a_position() {
        for (name, value) in [
            ("location", "+41.3111+069.2797/"),
            ("location-eng", "41.31, 69.28"),
            ("com.apple.quicktime.location.iso6709", "N41 E69"),
            ("xyz", "+95.0+069.2797/"),
        ] {
            assert!(is_position(name, value), "{name}: {value}");
        }
        for (name, value) in [
            ("com.apple.quicktime.location.name", "Toshkent"),
            ("location", "+00.0000+000.0000/"),
            ("location", " "),
            ("title", "+41.3111+069.2797/"),
        ] {
            assert!(!is_position(name, value), "{name}: {value}");
        }
    }
}
