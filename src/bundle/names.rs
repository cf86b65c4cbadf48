//! The names of a kit's files within its archive, such as `Brifing/01 Hokim javob bermoqda.jpg`: numbered in the
//! kit's order, named after what they show, and such that every system can unpack them beside each other.

use std::{collections::HashSet, fmt::Write};

use unicode_normalization::UnicodeNormalization;

use crate::{
    language::{
        ascii::ascii,
        filenames::{self, Limit},
    },
    terms::extension,
};

/// With the folder and the place that people unpack into, still within the 260 units of an old Windows.
const FILE: Limit = Limit {
    units: 120,
    bytes: 200,
};
const FOLDER: Limit = Limit {
    units: 60,
    bytes: 120,
};

/// What the name of one file is made of: the first of headline, event, file name and day that is there.
#[derive(Debug, Clone, Copy)]
pub struct NameSource<'a> {
    /// The place in the kit, from 1.
    pub position: usize,
    pub headline: Option<&'a str>,
    /// What it belongs to; only where the caller may know of it.
    pub event: Option<&'a str>,
    /// As it was uploaded; only where the caller may know it.
    pub filename: Option<&'a str>,
    pub taken_on: Option<jiff::civil::Date>,
    pub media_type: &'a str,
}

/// The name of the kit's folder, made of its title; empty where the title has nothing to name a folder by.
pub fn folder(title: &str, in_ascii: bool) -> String {
    safe(title, in_ascii, FOLDER)
}

/// One path for each item, in their order, in `folder` (none where it is empty). Names differ from each other for
/// systems that ignore case as well, after NFC.
pub fn names(items: &[NameSource], folder: &str, in_ascii: bool) -> Vec<String> {
    let last = items
        .iter()
        .map(|item| item.position)
        .max()
        .unwrap_or_default();
    let digits = last.to_string().len().max(2);
    let mut taken = HashSet::with_capacity(items.len());
    items
        .iter()
        .map(|item| {
            let name = unique(item, digits, in_ascii, &mut taken);
            if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            }
        })
        .collect()
}

fn unique(item: &NameSource, digits: usize, in_ascii: bool, taken: &mut HashSet<String>) -> String {
    let extension = extension(item.media_type).unwrap_or("bin");
    let mut ending = format!(".{extension}");
    let mut twin = 1;
    loop {
        let limit = Limit {
            units: FILE.units - ending.len(),
            bytes: FILE.bytes - ending.len(),
        };
        let words = format!("{:0digits$} {}", item.position, words(item));
        let name = safe(&words, in_ascii, limit) + &ending;
        if taken.insert(caseless(&name)) {
            return name;
        }
        twin += 1;
        ending.clear();
        write!(ending, " ({twin}).{extension}").expect("a String takes every write");
    }
}

fn words(item: &NameSource) -> String {
    let said = |words: Option<&'_ str>| {
        let words = words.map(str::trim);
        words.filter(|words| !words.is_empty()).map(str::to_owned)
    };
    let named = said(item.headline).or_else(|| said(item.event));
    named
        .or_else(|| {
            item.filename
                .map(|name| filenames::split(name).0.to_owned())
        })
        .or_else(|| item.taken_on.map(|day| day.to_string()))
        .unwrap_or_default()
}

fn safe(words: &str, in_ascii: bool, limit: Limit) -> String {
    if in_ascii {
        filenames::component(&ascii(words), limit)
    } else {
        filenames::component(words, limit)
    }
}

/// Upper, then lower: coarser than any file system's own folding, so that what differs here differs everywhere.
fn caseless(name: &str) -> String {
    name.nfc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(position: usize, headline: &str) -> NameSource<'_> {
        NameSource {
            position,
            headline: Some(headline),
            event: None,
            filename: None,
            taken_on: None,
            media_type: "image/jpeg",
        }
    }

    #[test]
    fn the_first_that_is_there_names_the_file() {
        let day = jiff::civil::date(2026, 11, 3);
        let bare = NameSource {
            headline: Some(" "),
            taken_on: Some(day),
            ..photo(2, "")
        };
        let items = [
            photo(1, "Ҳоким: “савол-жавоб”"),
            bare,
            NameSource {
                position: 3,
                filename: Some("IMG_1.JPG"),
                ..bare
            },
            NameSource {
                position: 4,
                taken_on: None,
                media_type: "x/y",
                ..bare
            },
            NameSource {
                position: 5,
                event: Some("Брифинг"),
                filename: Some("IMG_2.JPG"),
                ..bare
            },
        ];
        assert_eq!(
            names(&items, "Брифинг", false),
            [
                "Брифинг/01 Ҳоким - “савол-жавоб”.jpg",
                "Брифинг/02 2026-11-03.jpg",
                "Брифинг/03 IMG_1.jpg",
                "Брифинг/04.bin",
                "Брифинг/05 Брифинг.jpg"
            ]
        );
        assert_eq!(names(&items[..1], "", true), ["01 Hokim - savol-javob.jpg"]);
    }

    #[test]
    fn numbers_are_as_wide_as_the_last() {
        let items: Vec<_> = [1, 20, 300].map(|position| photo(position, "x")).into();
        assert_eq!(
            names(&items, "", false),
            ["001 x.jpg", "020 x.jpg", "300 x.jpg"]
        );
    }

    #[test]
    fn twins_are_told_apart_whatever_their_case_and_form() {
        let items = ["Йод", "и\u{306}ОД", "STRASSE", "straße"].map(|headline| photo(7, headline));
        assert_eq!(
            names(&items, "", false),
            [
                "07 Йод.jpg",
                "07 йОД (2).jpg",
                "07 STRASSE.jpg",
                "07 straße (2).jpg"
            ]
        );
    }

    #[test]
    fn no_name_is_too_long_or_leaves_its_folder() {
        let long = "ҳ".repeat(400);
        let wide = "w".repeat(400);
        let headlines = [
            long.as_str(),
            &long,
            &wide,
            "../../etc/passwd",
            "a/../b",
            "\u{202e}gpj",
        ];
        let items = headlines.map(|headline| photo(1, headline));
        let folder = folder("..", false);
        assert_eq!(folder, "");
        for name in names(&items, &folder, false) {
            assert!(
                name.len() <= 200 && name.encode_utf16().count() <= 120,
                "{name}"
            );
            assert!(
                !name.contains("..") && !name.contains(['/', '\\', '\u{202e}']),
                "{name}"
            );
        }
    }
}
