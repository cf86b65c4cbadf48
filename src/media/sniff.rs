//! What a file is, by its first bytes and never by its name. Comes in: up to the first 64 KiB. Goes out: a kind with
//! its media type, a kind of file that Jarchi knows but does not take yet, or nothing that it knows. Safe code that
//! decodes nothing, so that it may run in the server's own process; the decoders in the box judge again.

use super::{charset, signature, text};
use crate::terms::Kind;

/// How many bytes [`sniff`] can make use of.
pub const HEAD: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    Known {
        kind: Kind,
        media_type: &'static str,
    },
    /// Named in the words of "Jarchi does not take … yet".
    Later {
        name: &'static str,
    },
    /// Known, and never read as it is: what to do about it, as a whole sentence.
    Unreadable {
        advice: &'static str,
    },
    Unknown,
}

/// The kind of the file that begins with `head`. Containers of video may turn out to hold only sound: what
/// [`super::Media::examine`] says then holds.
#[must_use]
pub fn sniff(head: &[u8]) -> Sniffed {
    if let Some(found) = signature::find(head) {
        return found;
    }
    if charset::guess(head).is_none() {
        return Sniffed::Unknown;
    }
    markup(head).unwrap_or(Sniffed::Known {
        kind: Kind::Text,
        media_type: "text/plain",
    })
}

/// Pages of HTML are read for their words, and never shown as pages. SVG and other XML could run scripts in a reader's
/// browser, too, or are no text that a person wrote.
fn markup(head: &[u8]) -> Option<Sniffed> {
    const PAGES: [&str; 9] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<title",
        "<meta",
        "<script",
        "<style",
        "<table",
    ];
    const OTHERS: [&str; 4] = ["<!doctype", "<svg", "<?xml", "<!--"];
    let letters: String = head
        .iter()
        .filter(|byte| byte.is_ascii() && **byte != 0)
        .skip_while(|byte| byte.is_ascii_whitespace())
        .take(2048)
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    let begins = |starts: &[&str]| starts.iter().any(|start| letters.starts_with(start));
    let page = Sniffed::Known {
        kind: Kind::Text,
        media_type: text::HTML,
    };
    if begins(&PAGES) {
        return Some(page);
    }
    // A declaration or a comment may stand before a page.
    let is_page = letters.contains("<html") && !letters.contains("<svg");
    begins(&OTHERS).then_some(if is_page { page } else { Sniffed::Unknown })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media_type(head: &[u8]) -> Option<&'static str> {
        match sniff(head) {
            Sniffed::Known { media_type, .. } => Some(media_type),
            _ => None,
        }
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let bytes = |unit: u16| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(bytes)
            .collect()
    }

    #[test]
    fn texts_in_the_encodings_of_the_region() {
        let text = "Шаҳар ҳокими брифинг ўтказди";
        assert_eq!(media_type(text.as_bytes()), Some("text/plain"));
        assert_eq!(media_type(&utf16(text, true)), Some("text/plain"));
        assert_eq!(media_type(&utf16(text, false)), Some("text/plain"));
        let (legacy, _, _) = encoding_rs::WINDOWS_1251
            .encode("Пресс-служба сообщает: брифинг начнётся в десять часов.");
        assert_eq!(media_type(&legacy), Some("text/plain"));
    }

    #[test]
    fn a_character_cut_at_the_end_of_the_head_is_still_text() {
        let text = "Бишкек".repeat(100);
        assert_eq!(media_type(&text.as_bytes()[..101]), Some("text/plain"));
    }

    #[test]
    fn a_playlist_is_a_text_whatever_its_name() {
        assert_eq!(
            media_type(b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"),
            Some("text/plain")
        );
        assert_eq!(
            media_type(b"ffconcat version 1.0\nfile /etc/passwd\n"),
            Some("text/plain")
        );
    }

    #[test]
    fn markup_and_noise_are_unknown() {
        for head in [
            &b""[..],
            b"<?xml version='1.0'?><rss>",
            b"<!DOCTYPE svg>",
            b"<svg xmlns=''/>",
            b"\x00\x01\x02\x03",
            b"MZ\x90\x00\x03",
        ] {
            assert_eq!(sniff(head), Sniffed::Unknown, "{head:?}");
        }
        for page in [
            &b"\n <!DOCTYPE html><p>"[..],
            b"<!-- saved --><html>",
            &utf16(
                "<html><body>Words that somebody wrote about the briefing.</body>",
                false,
            ),
        ] {
            assert_eq!(media_type(page), Some("text/html"));
        }
        let noise: Vec<u8> = (0..4096u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80)
            .collect();
        assert_eq!(sniff(&noise), Sniffed::Unknown);
    }
}
