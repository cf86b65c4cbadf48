//! Names of files: cleaned as they come from uploaders, safe to unpack on any system, and written into the header of
//! a download. Letters of every script stay; what goes is what a system forbids or an eye cannot see. Pure text: no
//! function here touches a file.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::ascii::ascii;

/// The most bytes that a name which was sent may have: what common file systems take.
const LONGEST_SENT: usize = 255;
/// The most bytes that are believed to be an extension rather than words after a dot.
const LONGEST_EXTENSION: usize = 16;

/// RFC 8187 section 3.2.1: what `attr-char` lets stand as it is.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

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
    let limit = Limit { units: LONGEST_SENT, bytes: LONGEST_SENT - (name.len() - stem.len()) };
    let stem = cut(stem, limit);
    Some(extension.map_or_else(|| stem.to_owned(), |extension| format!("{stem}.{extension}")))
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
    let spaced = safe.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let trimmed = spaced.trim_matches(['.', ' ']);
    let name = cut(trimmed, limit).trim_end_matches(['.', ' ']);
    if is_reserved(name) { format!("_{name}") } else { name.to_owned() }
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

/// The value of `Content-Disposition` (RFC 6266): `filename` in ASCII for old clients, and `filename*` (RFC 8187)
/// where that lost something. The name is cleaned first, so that nothing in it can end the header.
pub fn content_disposition(filename: &str, attachment: bool) -> String {
    let name = clean_filename(filename).unwrap_or_else(|| "file".to_owned());
    let sort = if attachment { "attachment" } else { "inline" };
    let plain: String = ascii(&name).chars().map(quotable).collect();
    if plain == name {
        return format!("{sort}; filename=\"{plain}\"");
    }
    format!("{sort}; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, VALUE))
}

/// RFC 6266 appendix D: clients disagree on escapes and on `%` within quotes.
fn quotable(letter: char) -> char {
    match letter {
        '"' => '\'',
        '\\' | '/' | '%' => '_',
        control if control.is_control() => '_',
        other => other,
    }
}

/// The usual extension of a media type, whatever its parameters; `None` for a type that is not known here.
pub fn extension(media_type: &str) -> Option<&'static str> {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    EXTENSIONS.iter().find(|(known, _)| *known == essence).map(|(_, extension)| *extension)
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
    let mut kept = &text[..end];
    while text[kept.len()..].chars().next().is_some_and(belongs_to_the_letter_before) {
        let Some(last) = kept.chars().next_back() else { break };
        kept = &kept[..kept.len() - last.len_utf8()];
    }
    if text[kept.len()..].starts_with(' ') {
        return kept;
    }
    kept.rfind(' ').filter(|&space| space > kept.len() / 2).map_or(kept, |space| &kept[..space])
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
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let port = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    port.is_some_and(|number| {
        let mut digits = number.chars();
        matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    })
}

const EXTENSIONS: &[(&str, &str)] = &[
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
    ("image/tiff", "tif"),
    ("image/bmp", "bmp"),
    ("image/heic", "heic"),
    ("image/heif", "heif"),
    ("image/avif", "avif"),
    ("image/jxl", "jxl"),
    ("image/svg+xml", "svg"),
    ("video/mp4", "mp4"),
    ("video/quicktime", "mov"),
    ("video/x-matroska", "mkv"),
    ("video/webm", "webm"),
    ("video/mpeg", "mpg"),
    ("video/mp2t", "ts"),
    ("video/x-msvideo", "avi"),
    ("video/3gpp", "3gp"),
    ("video/ogg", "ogv"),
    ("video/x-flv", "flv"),
    ("video/x-ms-wmv", "wmv"),
    ("application/mxf", "mxf"),
    ("audio/mpeg", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/x-m4a", "m4a"),
    ("audio/m4a", "m4a"),
    ("audio/aac", "aac"),
    ("audio/ogg", "ogg"),
    ("audio/opus", "opus"),
    ("audio/flac", "flac"),
    ("audio/x-flac", "flac"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("audio/vnd.wave", "wav"),
    ("audio/webm", "weba"),
    ("audio/amr", "amr"),
    ("audio/aiff", "aiff"),
    ("audio/x-aiff", "aiff"),
    ("audio/x-ms-wma", "wma"),
    ("text/plain", "txt"),
    ("text/markdown", "md"),
    ("text/html", "html"),
    ("text/csv", "csv"),
    ("text/vtt", "vtt"),
    ("text/rtf", "rtf"),
    ("application/rtf", "rtf"),
    ("application/json", "json"),
    ("application/pdf", "pdf"),
    ("application/epub+zip", "epub"),
    ("application/msword", "doc"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.ms-powerpoint", "ppt"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.presentation", "odp"),
    ("application/zip", "zip"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Limit = Limit { units: 120, bytes: 200 };

    #[test]
    fn names_that_uploaders_send_lose_paths_and_tricks() {
        let clean = |sent| clean_filename(sent).unwrap_or_default();
        assert_eq!(clean("Шаҳар ҳокими брифинги.mp4"), "Шаҳар ҳокими брифинги.mp4");
        assert_eq!(clean("C:\\Users\\press\\IMG_1.JPG"), "IMG_1.JPG");
        assert_eq!(clean("../../etc/passwd"), "passwd");
        assert_eq!(clean("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(clean("a\0b\r\nc.jpg"), "abc.jpg");
        assert_eq!(clean("  report.pdf. . "), "report.pdf");
        assert_eq!(clean("и\u{306}од.txt"), "йод.txt");
        for nothing in ["", " ", ".", "..", "a/..", "folder/", "\u{200b}\u{feff}", "\0"] {
            assert_eq!(clean_filename(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension_and_whole_letters() {
        let name = clean_filename(&format!("{}.jpeg", "ҳ".repeat(300))).expect("a name");
        assert_eq!(name, format!("{}.jpeg", "ҳ".repeat(125)));
        let marked = format!("{}e\u{330}\u{301}.jpg", "x".repeat(249));
        assert_eq!(clean_filename(&marked), Some(format!("{}.jpg", "x".repeat(249))));
        assert_eq!(clean_filename(&"a.".repeat(400)).map(|name| name.len()), Some(255));
    }

    #[test]
    fn components_hold_nothing_that_windows_forbids() {
        assert_eq!(component("Briefing: who <did> \"what\" at 12:30?", WIDE), "Briefing - who did what at 12-30");
        assert_eq!(component("a/b\\c|d*", WIDE), "a-b-c-d");
        assert_eq!(component(" ..hidden... and so... on. ", WIDE), "hidden. and so. on");
        assert_eq!(component("one\r\n\ttwo\u{a0}three\u{200b}", WIDE), "one two three");
        assert_eq!(component("../..", WIDE), "-");
        assert_eq!(component(" . ", WIDE), "");
    }

    #[test]
    fn device_names_are_marked() {
        for device in ["con", "NUL", "aux.txt", "Com1", "LPT9.tar.gz", "com²", "CONIN$", "prn .x"] {
            assert_eq!(component(device, WIDE), format!("_{device}"));
        }
        for name in ["console", "COM", "COM10", "nulls", "com¹²"] {
            assert_eq!(component(name, WIDE), name);
        }
    }

    #[test]
    fn components_are_cut_between_words() {
        let limit = Limit { units: 12, bytes: 200 };
        assert_eq!(component("Ахборот хизмати", limit), "Ахборот");
        assert_eq!(component("Ахборот ва хизмат", limit), "Ахборот ва");
        assert_eq!(component("Ахборотхизматлари", limit), "Ахборотхизма");
        assert_eq!(component("Ахборот хизмати", Limit { units: 99, bytes: 9 }), "Ахбо");
        assert_eq!(component("🎥🎥🎥", Limit { units: 5, bytes: 99 }), "🎥🎥");
    }

    #[test]
    fn extensions_are_short_and_plain() {
        assert_eq!(split("a.tar.gz"), ("a.tar", Some("gz")));
        assert_eq!(split(".hidden"), (".hidden", None));
        assert_eq!(split("Mr. Smith at the opening"), ("Mr. Smith at the opening", None));
        assert_eq!(split("end."), ("end.", None));
        assert_eq!(extension("Text/Plain; charset=utf-8"), Some("txt"));
        assert_eq!(extension("application/x-unheard-of"), None);
    }

    #[test]
    fn dispositions_have_a_fallback_where_one_is_needed() {
        assert_eq!(content_disposition("photo 1.jpg", true), "attachment; filename=\"photo 1.jpg\"");
        assert_eq!(
            content_disposition("Ҳоким.jpg", false),
            "inline; filename=\"Hokim.jpg\"; filename*=UTF-8''%D2%B2%D0%BE%D0%BA%D0%B8%D0%BC.jpg"
        );
        assert_eq!(
            content_disposition("100% \"ok\".jpg", true),
            "attachment; filename=\"100_ 'ok'.jpg\"; filename*=UTF-8''100%25%20%22ok%22.jpg"
        );
        assert_eq!(
            content_disposition("€ rates.txt", true),
            "attachment; filename=\"_ rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt"
        );
        assert_eq!(content_disposition("x\r\nSet-Cookie: a=b", true), "attachment; filename=\"xSet-Cookie: a=b\"");
        assert_eq!(content_disposition("..", true), "attachment; filename=\"file\"");
    }
}
