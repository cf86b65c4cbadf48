//! Names of files: cleaned as they come from uploaders, safe to unpack on any system, and written into the header of
//! a download. Letters of every script stay; what goes is what a system forbids or an eye cannot see. Pure text: no
//! function here touches a file.

mod disposition;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

pub use disposition::content_disposition;

/// The most bytes that a name which was sent may have: what common file systems take.
const LONGEST_SENT: usize = 255;
/// The most bytes that are believed to be an extension rather than words after a dot.
const LONGEST_EXTENSION: usize = 16;

/// How long one component of a path may be; both limits hold.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// In UTF-16 code units, which Windows counts.
    pub units: usize,
    /// In bytes of UTF-8, which Linux counts.
    pub bytes: usize,
}

/// The name of a file as an uploader sent it, less folders (`/` and `\`), control characters, and marks that turn or
/// hide letters; in NFC, and at most 255 bytes with its extension kept. `None` where nothing is left.
pub fn clean_filename(sent: &str) -> Option<String> {
    let seen: String = sent.nfc().filter(|&letter| !is_invisible(letter)).collect();
    let last = seen.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = last.trim().trim_end_matches(['.', ' ']);
    if name.is_empty() {
        return None;
    }
    let (stem, extension) = split(name);
    let limit = Limit {
        units: LONGEST_SENT,
        bytes: LONGEST_SENT - (name.len() - stem.len()),
    };
    let stem = cut(stem, limit);
    Some(extension.map_or_else(
        || stem.to_owned(),
        |extension| format!("{stem}.{extension}"),
    ))
}

/// One component of a path that every system can unpack: no character that Windows forbids, nothing invisible, no
/// dots or spaces at its ends, no run of dots, no reserved device name, cut between words or at least between
/// letters. In NFC; empty where nothing is left.
pub fn component(text: &str, limit: Limit) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut letters = text.nfc().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ':' if letters.peek().is_some_and(|next| next.is_whitespace()) => safe.push_str(" -"),
            '/' | '\\' | '|' | ':' => safe.push('-'),
            '"' | '?' | '*' => {}
            '<' | '>' => safe.push(' '),
            '.' if safe.ends_with('.') => {}
            blank if blank.is_whitespace() => safe.push(' '),
            unseen if is_invisible(unseen) => {}
            other => safe.push(other),
        }
    }
    let spaced = safe
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let trimmed = spaced.trim_matches(['.', ' ']);
    let name = cut(trimmed, limit).trim_end_matches(['.', ' ']);
    if is_reserved(name) {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

/// The name less its extension, and the extension without its dot. `.hidden` and `Mr. Smith at the opening` have none.
pub fn split(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty()
                && (1..=LONGEST_EXTENSION).contains(&extension.len())
                && extension.chars().all(char::is_alphanumeric) =>
        {
            (stem, Some(extension))
        }
        _ => (name, None),
    }
}

/// The longest start of the text within the limit: between words where that loses less than half, and never between
/// a letter and its marks.
fn cut(text: &str, limit: Limit) -> &str {
    let mut units = 0;
    let fits = |(at, letter): &(usize, char)| {
        units += letter.len_utf16();
        units <= limit.units && at + letter.len_utf8() <= limit.bytes
    };
    let fitting = text.char_indices().take_while(fits).last();
    let end = fitting.map_or(0, |(at, letter)| at + letter.len_utf8());
    if end == text.len() {
        return text;
    }
    let mut whole = end;
    while text[whole..].starts_with(belongs_to_the_letter_before) {
        let Some((at, _)) = text[..whole].char_indices().next_back() else {
            break;
        };
        whole = at;
    }
    // One letter may have more marks than there is room for.
    let kept = &text[..if whole == 0 { end } else { whole }];
    if text[kept.len()..].starts_with(' ') {
        return kept;
    }
    kept.rfind(' ')
        .filter(|&space| space > kept.len() / 2)
        .map_or(kept, |space| &kept[..space])
}

fn belongs_to_the_letter_before(letter: char) -> bool {
    is_combining_mark(letter) || matches!(letter, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Control characters, and format characters that no eye sees: joiners, spaces of no width, bidirectional marks,
/// which let `gpj.exe` pass for `exe.jpg`, line separators, tags and what is no character at all.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || u32::from(letter) & 0xfffe == 0xfffe
}

/// The names that Windows keeps for its devices, with any extension.
fn is_reserved(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) {
        return true;
    }
    let port = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    port.is_some_and(|number| {
        let mut digits = number.chars();
        matches!(
            (digits.next(), digits.next()),
            (Some('0'..='9' | '¹' | '²' | '³'), None)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Limit = Limit {
        units: 120,
        bytes: 200,
    };

    #[test]
    fn names_that_uploaders_send_lose_paths_and_tricks() {
        let clean = |sent| clean_filename(sent).unwrap_or_default();
        assert_eq!(
            clean("Шаҳар ҳокими брифинги.mp4"),
            "Шаҳар ҳокими брифинги.mp4"
        );
        assert_eq!(clean("C:\\Users\\press\\IMG_1.JPG"), "IMG_1.JPG");
        assert_eq!(clean("../../etc/passwd"), "passwd");
        assert_eq!(clean("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(clean("a\0b\r\nc.jpg"), "abc.jpg");
        assert_eq!(clean("  report.pdf. . "), "report.pdf");
        assert_eq!(clean("и\u{306}од.txt"), "йод.txt");
        for nothing in [
            "",
            " ",
            ".",
            "..",
            "a/..",
            "folder/",
            "\u{200b}\u{feff}",
            "\0",
        ] {
            assert_eq!(clean_filename(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension_and_whole_letters() {
        let name = clean_filename(&format!("{}.jpeg", "ҳ".repeat(300))).expect("a name");
        assert_eq!(name, format!("{}.jpeg", "ҳ".repeat(125)));
        let marked = format!("{}e\u{330}\u{301}.jpg", "x".repeat(249));
        assert_eq!(
            clean_filename(&marked),
            Some(format!("{}.jpg", "x".repeat(249)))
        );
        let piled = format!("e{}", "\u{330}".repeat(300));
        assert_eq!(clean_filename(&piled).map(|name| name.len()), Some(255));
        assert_eq!(
            clean_filename(&"a.".repeat(400)).map(|name| name.len()),
            Some(255)
        );
    }

    #[test]
    fn components_hold_nothing_that_windows_forbids() {
        assert_eq!(
            component("Briefing: who <did> \"what\" at 12:30?", WIDE),
            "Briefing - who did what at 12-30"
        );
        assert_eq!(component("a/b\\c|d*", WIDE), "a-b-c-d");
        assert_eq!(
            component(" ..hidden... and so... on. ", WIDE),
            "hidden. and so. on"
        );
        assert_eq!(
            component("one\r\n\ttwo\u{a0}three\u{200b}", WIDE),
            "one two three"
        );
        assert_eq!(component("../..", WIDE), "-");
        assert_eq!(component(" . ", WIDE), "");
    }

    #[test]
    fn device_names_are_marked() {
        for device in [
            "con",
            "NUL",
            "aux.txt",
            "Com1",
            "LPT9.tar.gz",
            "com²",
            "CONIN$",
            "prn .x",
        ] {
            assert_eq!(component(device, WIDE), format!("_{device}"));
        }
        for name in ["console", "COM", "COM10", "nulls", "com¹²"] {
            assert_eq!(component(name, WIDE), name);
        }
    }

    #[test]
    fn components_are_cut_between_words() {
        let limit = Limit {
            units: 12,
            bytes: 200,
        };
        assert_eq!(component("Ахборот хизмати", limit), "Ахборот");
        assert_eq!(component("Ахборот ва хизмат", limit), "Ахборот ва");
        assert_eq!(component("Ахборотхизматлари", limit), "Ахборотхизма");
        assert_eq!(
            component(
                "Ахборот хизмати",
                Limit {
                    units: 99,
                    bytes: 9
                }
            ),
            "Ахбо"
        );
        assert_eq!(
            component(
                "🎥🎥🎥",
                Limit {
                    units: 5,
                    bytes: 99
                }
            ),
            "🎥🎥"
        );
    }

    #[test]
    fn extensions_are_short_and_plain() {
        assert_eq!(split("a.tar.gz"), ("a.tar", Some("gz")));
        assert_eq!(split(".hidden"), (".hidden", None));
        assert_eq!(
            split("Mr. Smith at the opening"),
            ("Mr. Smith at the opening", None)
        );
        assert_eq!(split("end."), ("end.", None));
    }
}
