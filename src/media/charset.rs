//! The encoding of a text: UTF-8, UTF-16 with its mark and without, or one of the code pages that this region wrote in
//! before, told by which of them makes words. Pure safe code.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

use crate::language::cyrillic_likeness;

/// What Cyrillic was written in: Windows, Unix (KOI8-U is KOI8-R with four more letters), DOS, Macintosh, and ISO 8859-5.
const CYRILLIC: [&Encoding; 5] = [
    encoding_rs::WINDOWS_1251,
    encoding_rs::KOI8_U,
    encoding_rs::IBM866,
    encoding_rs::X_MAC_CYRILLIC,
    encoding_rs::ISO_8859_5,
];

/// The encoding of a text that begins with `head`, or `None` where the bytes are no text. A character cut in two at
/// the end of `head` does no harm.
pub fn guess(head: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        let (text, _) = encoding.decode_without_bom_handling(&head[mark..]);
        return (head.len() > mark && is_writing(text.chars())).then_some(encoding);
    }
    if let Some(encoding) = unmarked_utf16(head) {
        return Some(encoding);
    }
    if head.is_empty()
        || head
            .iter()
            .any(|byte| is_control(char::from(*byte)) && byte.is_ascii())
    {
        return None;
    }
    match std::str::from_utf8(head) {
        Ok(_) => Some(encoding_rs::UTF_8),
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            Some(encoding_rs::UTF_8)
        }
        Err(_) => legacy(head),
    }
}

/// `bytes` that nobody said the encoding of, as text: UTF-8 where they are, else the code page that fits best.
pub fn decode(bytes: &[u8]) -> String {
    let encoding = guess(bytes).unwrap_or(encoding_rs::UTF_8);
    let (text, _, _) = encoding.decode(bytes);
    text.into_owned()
}

/// `text` as it was meant, where bytes of an old Cyrillic code page were taken for Latin-1 on their way, as ID3 has it
/// (`Ïðèâåò` for Привет).
pub fn mended(text: String) -> String {
    let high = text.chars().filter(|letter| *letter >= '\u{80}').count();
    let bytes: Option<Vec<u8>> = text
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).ok())
        .collect();
    let Some(bytes) = bytes.filter(|_| high >= 3) else {
        return text;
    };
    let (meant, faulty) = encoding_rs::WINDOWS_1251.decode_without_bom_handling(&bytes);
    // Words of Western languages hold a few such letters among many; words in Cyrillic hold hardly any other.
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let is_cyrillic = high * 2 > letters && is_writing(meant.chars());
    if is_cyrillic && !faulty {
        meant.into_owned()
    } else {
        text
    }
}

/// UTF-16 of which nothing says so: every other byte is the number of an alphabet, and hardly ever another one.
fn unmarked_utf16(head: &[u8]) -> Option<&'static Encoding> {
    let units = head.as_chunks::<2>().0;
    if units.len() < 4 {
        return None;
    }
    // Latin, Cyrillic, and the punctuation of both.
    let is_high = |byte: u8| matches!(byte, 0 | 1 | 4 | 0x20);
    let share = |place: usize| units.iter().filter(|unit| is_high(unit[place])).count();
    let (big, little) = (share(0), share(1));
    let (encoding, most, least) = if big > little {
        (encoding_rs::UTF_16BE, big, little)
    } else {
        (encoding_rs::UTF_16LE, little, big)
    };
    if most * 50 < units.len() * 49 || least * 2 > units.len() {
        return None;
    }
    let (text, broken) = encoding.decode_without_bom_handling(&head[..units.len() * 2]);
    (!broken && is_writing(text.chars())).then_some(encoding)
}

/// A code page by its letters, provided that what it makes of the bytes looks like writing.
fn legacy(head: &[u8]) -> Option<&'static Encoding> {
    cyrillic(head).or_else(|| any_other(head))
}

/// The Cyrillic code page in which the bytes make the best words.
fn cyrillic(head: &[u8]) -> Option<&'static Encoding> {
    let head = &head[..head.len().min(1 << 13)];
    let read = |encoding: &'static Encoding| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(head)?;
        let likeness = cyrillic_likeness(&text)?;
        (likeness > 0 && is_writing(text.chars())).then_some((likeness, encoding))
    };
    let found = CYRILLIC.into_iter().filter_map(read);
    found
        .max_by_key(|(likeness, _)| *likeness)
        .map(|(_, encoding)| encoding)
}

fn any_other(head: &[u8]) -> Option<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let text = encoding.decode_without_bom_handling_and_without_replacement(head)?;
    (encoding.is_single_byte() && is_writing(text.chars())).then_some(encoding)
}

/// Letters, digits, blanks and common marks, nine in ten of them, and more small letters than capitals within words
/// are what people write; noise is spread over all signs.
fn is_writing(text: impl Iterator<Item = char>) -> bool {
    let (mut all, mut plain, mut turns, mut before) = (0_usize, 0_usize, 0_usize, ' ');
    for letter in text {
        all += 1;
        let usual = letter.is_alphanumeric()
            || letter.is_whitespace()
            || ".,;:!?-–—()\"'«»“”„’‘№%/*#+=_@".contains(letter);
        plain += usize::from(usual);
        turns += usize::from(before.is_lowercase() && letter.is_uppercase());
        if is_control(letter) {
            return false;
        }
        before = letter;
    }
    all > 0 && plain * 10 >= all * 9 && turns * 20 <= all
}

/// Signs that no text holds; a form feed and an escape stand in some old ones.
fn is_control(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}' | '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_of_the_old_code_page_is_read() {
        let text = "Мэрия Бишкека объявила о начале ремонта дорог.";
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(text);
        assert_eq!(decode(&bytes), text);
        assert_eq!(decode(text.as_bytes()), text);
    }

    #[test]
    fn cyrillic_that_went_for_latin_is_mended_and_latin_is_left() {
        assert_eq!(mended("Ïðåññ-êîíôåðåíöèÿ".into()), "Пресс-конференция");
        for text in ["Café crème à l’été", "Toshkent", "Пресса", "Größe", "©®™"]
        {
            assert_eq!(mended(text.into()), text);
        }
    }

    #[test]
    fn every_code_page_of_the_region_is_told() {
        let texts = [
            "Мэрия Бишкека объявила о начале ремонта дорог в центре города.",
            "Вилоят хокимлигида матбуот анжумани булиб утди.",
        ];
        for text in texts {
            for encoding in CYRILLIC {
                let (bytes, _, wrong) = encoding.encode(text);
                assert!(!wrong);
                assert_eq!(decode(&bytes), text, "{}", encoding.name());
            }
        }
        let german = "Der Bürgermeister eröffnete gestern die neue Straße für Fußgänger.";
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(german);
        assert_eq!(decode(&bytes), german);
    }

    #[test]
    fn utf16_needs_no_mark() {
        for text in [
            "Шаҳар ҳокими брифинг ўтказди — «янги»",
            "Press briefing, 10:00",
        ] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!((decode(&little), decode(&big)), (text.into(), text.into()));
        }
        assert!(guess(&[0; 64]).is_none());
    }

    #[test]
    fn one_wrong_byte_in_ascii_is_read_somehow_and_a_zero_is_not_text() {
        assert!(guess(b"plain words with one \xA9 sign").is_some());
        assert!(guess(b"a\0b").is_none());
    }
}
