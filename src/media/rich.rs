//! Rich Text Format (Microsoft's specification 1.9.1): control words, groups, and text in the code page of its font.
//! What is read is what stands on the page; tables of fonts, colours and styles, pictures and comments are passed over.

mod pages;

use std::collections::HashMap;

use encoding_rs::Encoding;

use super::{
    embedded::{Embedded, Said},
    office::{Paper, keywords},
};
use crate::error::{Error, Result};
use pages::{of_charset, page};

/// Groups within groups; more of them stand in no document.
const DEEPEST: usize = 512;

/// Destinations whose text is not on the page. One that begins with `\*` and is not known is passed over, too.
const UNREAD: [&str; 24] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "listtable",
    "listoverridetable",
    "revtbl",
    "rsidtbl",
    "generator",
    "info",
    "pict",
    "object",
    "themedata",
    "colorschememapping",
    "latentstyles",
    "datastore",
    "xmlnstbl",
    "fldinst",
    "annotation",
    "atnid",
    "atnauthor",
    "bkmkstart",
    "filetbl",
    // What a shape is like, and what older programs draw instead of it.
    "sp",
    "shprslt",
];

/// A document that was read.
#[derive(Default)]
pub struct Document {
    pub text: String,
    pub embedded: Embedded,
}

/// # Errors
/// Unusable where groups stand too deep within each other, or the text has no end.
pub fn read(bytes: &[u8]) -> Result<Document> {
    let mut reader = Reader {
        bytes,
        at: 0,
        group: Group::default(),
        outer: Vec::new(),
        page: encoding_rs::WINDOWS_1252,
        fonts: HashMap::new(),
        font: 0,
        pending: Vec::new(),
        property: String::new(),
        surrogate: None,
        skip: 0,
        in_table: false,
        document: Document::default(),
        paper: Paper::default(),
    };
    reader.run()?;
    reader.document.text = reader.paper.finish();
    Ok(reader.document)
}

#[derive(Clone, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Page,
    Unread,
    /// What stands in the document's code page beside the same in Unicode.
    Twin,
    Fonts,
    Property(&'static str),
}

#[derive(Clone)]
struct Group {
    place: Place,
    /// Where the Unicode of the `\upr` around it stands.
    around: Option<Place>,
    /// How many bytes stand in for a `\u` where it is not understood.
    stand_in: usize,
    font: i32,
    hidden: bool,
    /// `\*` was read, and the next word says of what.
    starred: bool,
    is_note: bool,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            place: Place::Page,
            around: None,
            stand_in: 1,
            font: -1,
            hidden: false,
            starred: false,
            is_note: false,
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    group: Group,
    outer: Vec<Group>,
    /// The document's own code page, and those of its fonts.
    page: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    /// The font that is being described.
    font: i32,
    /// Bytes of a code page that wait to be decoded together.
    pending: Vec<u8>,
    property: String,
    surrogate: Option<u16>,
    skip: usize,
    in_table: bool,
    document: Document,
    paper: Paper,
}

impl Reader<'_> {
    fn run(&mut self) -> Result<()> {
        while let Some(byte) = self.next() {
            match byte {
                b'{' => self.open()?,
                b'}' => {
                    if !self.close()? {
                        break;
                    }
                }
                b'\\' => self.control()?,
                b'\r' | b'\n' | 0 => {}
                byte => self.byte(byte)?,
            }
        }
        self.flush()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn open(&mut self) -> Result<()> {
        self.flush()?;
        if self.outer.len() >= DEEPEST {
            return Err(Error::Unusable("its groups are nested too deeply".into()));
        }
        let mut inner = self.group.clone();
        (inner.starred, inner.is_note) = (false, false);
        self.outer.push(std::mem::replace(&mut self.group, inner));
        Ok(())
    }

    /// Whether there is more to read.
    fn close(&mut self) -> Result<bool> {
        self.flush()?;
        self.skip = 0;
        if self.group.is_note {
            self.paper.end_note();
        }
        let Some(outer) = self.outer.pop() else {
            return Ok(false);
        };
        let inner = std::mem::replace(&mut self.group, outer);
        if let Place::Property(name) = inner.place
            && self.group.place != inner.place
        {
            let value = std::mem::take(&mut self.property);
            property(name, value.trim(), &mut self.document.embedded);
        }
        Ok(!self.outer.is_empty())
    }

    fn control(&mut self) -> Result<()> {
        let Some(sign) = self.next() else {
            return Ok(());
        };
        if !sign.is_ascii_alphabetic() {
            return self.symbol(sign);
        }
        let start = self.at - 1;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_alphabetic) {
            self.at += 1;
        }
        let word = String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned();
        let digits = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        let number = std::str::from_utf8(&self.bytes[digits..self.at]).unwrap_or("");
        let number = number.parse::<i32>().ok();
        if self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        self.word(&word, number)
    }

    fn symbol(&mut self, sign: u8) -> Result<()> {
        match sign {
            b'\'' => {
                let digits = self.bytes.get(self.at..self.at + 2).unwrap_or_default();
                let byte = std::str::from_utf8(digits)
                    .ok()
                    .and_then(|digits| u8::from_str_radix(digits, 16).ok());
                self.at += 2;
                byte.map_or(Ok(()), |byte| self.byte(byte))
            }
            b'*' => {
                self.group.starred = true;
                Ok(())
            }
            b'~' => self.write("\u{a0}"),
            b'_' => self.write("-"),
            b'\\' | b'{' | b'}' => self.byte(sign),
            b'\r' | b'\n' => self.word("par", None),
            _ => Ok(()),
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) -> Result<()> {
        if word == "u" {
            return self.unicode(number.unwrap_or(0));
        }
        self.flush()?;
        let starred = std::mem::take(&mut self.group.starred);
        if UNREAD.contains(&word) && self.group.place == Place::Page {
            self.group.place = match word {
                "fonttbl" => Place::Fonts,
                _ => Place::Unread,
            };
            return Ok(());
        }
        match word {
            "ansicpg" => self.page = page(number.unwrap_or(0)).unwrap_or(self.page),
            "mac" => self.page = encoding_rs::MACINTOSH,
            "pc" | "pca" => self.page = page(437).unwrap_or(self.page),
            "uc" => self.group.stand_in = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(8),
            "bin" => self.at += usize::try_from(number.unwrap_or(0)).unwrap_or(0),
            "f" if self.group.place == Place::Fonts => self.font = number.unwrap_or(0),
            "f" => self.group.font = number.unwrap_or(-1),
            "fcharset" => {
                if let Some(encoding) = number.and_then(of_charset) {
                    self.fonts.insert(self.font, encoding);
                }
            }
            "v" => self.group.hidden = number != Some(0),
            "plain" => (self.group.hidden, self.group.font) = (false, -1),
            "title" | "author" | "subject" | "keywords" | "doccomm" | "company"
                if self.group.place == Place::Unread =>
            {
                self.group.place = Place::Property(known(word));
            }
            "footnote" if self.group.place == Place::Page => {
                self.group.is_note = true;
                self.paper.note();
            }
            "shppict" | "nonshppict" => self.group.place = Place::Unread,
            "upr" => {
                let around = std::mem::replace(&mut self.group.place, Place::Twin);
                self.group.around = Some(around);
            }
            "ud" => self.group.place = self.group.around.take().unwrap_or_default(),
            "shptxt" if self.group.place == Place::Page => self.paper.fresh_line(),
            "shpinst" | "shptxt" => {}
            _ if starred => self.group.place = Place::Unread,
            _ => return self.layout(word),
        }
        Ok(())
    }

    /// Words that stand for signs, lines and cells.
    fn layout(&mut self, word: &str) -> Result<()> {
        if self.group.place != Place::Page || self.group.hidden {
            return Ok(());
        }
        match word {
            "par" | "sect" | "page" => self.paper.paragraph(),
            "line" => self.paper.line(),
            "trowd" if !self.in_table => {
                self.in_table = true;
                self.paper.table();
                self.paper.row();
                self.paper.cell(0);
            }
            "cell" if self.in_table => self.paper.cell(0),
            "row" if self.in_table => {
                self.paper.end_row();
                self.paper.row();
                self.paper.cell(0);
            }
            "pard" if self.in_table && self.paper.between_rows() && !self.goes_on_in_table() => {
                self.in_table = false;
                self.paper.end_table();
            }
            "tab" | "emspace" | "enspace" | "qmspace" => self.paper.words(" ")?,
            "emdash" => self.paper.words("—")?,
            "endash" => self.paper.words("–")?,
            "lquote" => self.paper.words("‘")?,
            "rquote" => self.paper.words("’")?,
            "ldblquote" => self.paper.words("“")?,
            "rdblquote" => self.paper.words("”")?,
            "bullet" => self.paper.words("•")?,
            _ => {}
        }
        Ok(())
    }

    /// A paragraph that is in the table says so among its first words.
    fn goes_on_in_table(&self) -> bool {
        const FAR: usize = 500;
        let start = self.at.min(self.bytes.len());
        let ahead = &self.bytes[start..self.bytes.len().min(start + FAR)];
        let end = ahead.iter().position(|byte| matches!(byte, b'{' | b'}'));
        let ahead = &ahead[..end.unwrap_or(ahead.len())];
        ahead.windows(6).any(|word| word == b"\\intbl")
    }

    /// `\u` with a unit of UTF-16, negative above 32,767, and then what older programs show instead of it.
    fn unicode(&mut self, number: i32) -> Result<()> {
        self.flush()?;
        self.skip = self.group.stand_in;
        let unit = u16::try_from(number & 0xFFFF).unwrap_or(0xFFFD);
        let units = match self.surrogate.take() {
            Some(high) => vec![high, unit],
            None if (0xD800..0xDC00).contains(&unit) => {
                self.surrogate = Some(unit);
                return Ok(());
            }
            None => vec![unit],
        };
        self.write(&String::from_utf16_lossy(&units))
    }

    fn byte(&mut self, byte: u8) -> Result<()> {
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(());
        }
        self.pending.push(byte);
        if self.pending.len() >= 1 << 16 {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.pending);
        let encoding = self.fonts.get(&self.group.font).unwrap_or(&self.page);
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        self.write(&text)
    }

    fn write(&mut self, text: &str) -> Result<()> {
        match self.group.place {
            Place::Page if !self.group.hidden => self.paper.words(text),
            Place::Property(_) if self.property.len() < 1 << 16 => {
                self.property.push_str(text);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn known(word: &str) -> &'static str {
    const NAMES: [&str; 6] = [
        "title", "author", "subject", "keywords", "doccomm", "company",
    ];
    NAMES
        .into_iter()
        .find(|name| *name == word)
        .unwrap_or("title")
}

fn property(name: &str, value: &str, embedded: &mut Embedded) {
    if value.is_empty() {
        return;
    }
    embedded.keep("document", name, value);
    match name {
        "title" => embedded.headline = Said::plain(value),
        "author" => embedded.creator = Some(value.to_owned()),
        "doccomm" => embedded.caption = Said::plain(value),
        "subject" if embedded.caption.is_empty() => embedded.caption = Said::plain(value),
        "keywords" => embedded.keywords = keywords(value),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages_escapes_and_groups() {
        let rtf =
            br"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}}
            {\info{\title \'cd\'ee\'e2\'ee\'f1\'f2\'fc}{\author A}}\f1 \'cf\'f0\'e5\'f1\'f1\par
            \f0\u1178?\u1203? {\v hidden}{\*\unknown x}{\pict 00ff}\{a\}\par}";
        let document = read(rtf).unwrap();
        assert_eq!(document.text.replace("            ", ""), "Пресс\nҚҳ {a}\n");
        assert_eq!(document.embedded.headline, Said::plain("Новость"));
        assert_eq!(document.embedded.creator.as_deref(), Some("A"));
    }

    #[test]
    fn rows_are_lines_and_notes_stand_at_the_end() {
        let rtf = br"{\rtf1 a{\footnote note}\par\trowd\pard\intbl 1\cell 2\cell\row\trowd\pard\intbl 3\cell\cell\row\pard z\par}";
        assert_eq!(read(rtf).unwrap().text, "a[1]\n1\t2\n3\nz\n\n[1] note\n");
    }

    #[test]
    fn a_text_box_is_read_once_and_its_shape_is_not() {
        let rtf = br"{\rtf1\ansi Before\par
{\shp{\*\shpinst\shpleft1\shptop2\shpz0\shplid1026{\sp{\sn shapeType}{\sv 202}}{\sp{\sn wzName}{\sv Box 1}}
{\shptxt \ltrpar\pard\plain{In the box\par}}}{\shprslt{\*\do\dobxcolumn\dptxbx{\dptxbxtext\pard{In the box\par}}}
\pard In the box\par}}\pard After\par}";
        assert_eq!(read(rtf).unwrap().text, "Before\nIn the box\nAfter\n");
    }

    #[test]
    fn what_is_written_in_two_ways_is_read_in_unicode() {
        let rtf = br"{\rtf1\ansi{\info{\upr{\title ?}{\*\ud{\title\u1178?}}}}a {\upr{?}{\*\ud{\u1203?}}} b\par}";
        let document = read(rtf).unwrap();
        assert_eq!(document.text, "a \u{4b3} b\n");
        assert_eq!(document.embedded.headline, Said::plain("\u{49a}"));
    }

    #[test]
    fn depth_has_an_end_and_nothing_is_too_short() {
        assert!(read("{".repeat(10_000).as_bytes()).is_err());
        for cut in [
            &b"{\\rtf1\\"[..],
            b"{\\rtf1\\'a",
            b"{\\rtf1\\u",
            b"{\\rtf1\\bin9999999 a",
        ] {
            read(cut).unwrap();
        }
    }
}
