//! `Content-Disposition`: whether a download is shown or kept, and under which name.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::clean_filename;
use crate::language::ascii::ascii;

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

/// The value of `Content-Disposition` (RFC 6266): `filename` in ASCII for old clients, and `filename*` (RFC 8187)
/// where that lost something. The name is cleaned first, so that nothing in it can end the header.
pub fn content_disposition(filename: &str, attachment: bool) -> String {
    let name = clean_filename(filename).unwrap_or_else(|| "file".to_owned());
    let sort = if attachment { "attachment" } else { "inline" };
    let plain: String = ascii(&name).chars().map(quotable).collect();
    if plain == name {
        return format!("{sort}; filename=\"{plain}\"");
    }
    format!(
        "{sort}; filename=\"{plain}\"; filename*=UTF-8''{}",
        utf8_percent_encode(&name, VALUE)
    )
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

#[cfg(test)]
mod tests {
    use super::content_disposition;

    #[test]
    fn dispositions_have_a_fallback_where_one_is_needed() {
        assert_eq!(
            content_disposition("photo 1.jpg", true),
            "attachment; filename=\"photo 1.jpg\""
        );
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
        assert_eq!(
            content_disposition("x\r\nSet-Cookie: a=b", true),
            "attachment; filename=\"xSet-Cookie: a=b\""
        );
        assert_eq!(
            content_disposition("..", true),
            "attachment; filename=\"file\""
        );
    }
}
