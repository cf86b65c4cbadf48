//! What is one thing and written in several words: a name (`Саудовская Аравия`), a number in groups (`150 599`), a day
//! (`26.08.2024`, `26 августа 2024 года`, `2024-yil 26-avgust`, `August 26, 2024`). Words come in with the text between
//! them, out goes how many belong together and the forms under which they meet those who write it otherwise.

use smol_str::SmolStr;

use super::{Class, Form, gazetteer};

/// No span has more words.
pub const MOST_WORDS: usize = 7;
/// What stands for “year” in a date, in loose letters: Russian, Uzbek and Kyrgyz.
const YEAR: [&str; 9] = [
    "g", "god", "goda", "godu", "yil", "yili", "jyl", "jyly", "year",
];

/// A word, and the text between it and the next one.
pub struct Part<'a> {
    pub forms: &'a [Form],
    pub gap: &'a str,
}

/// Whether a span may begin with this word.
pub fn begins(forms: &[Form]) -> bool {
    digits(forms).is_some_and(|digits| digits.len() <= 4)
        || month(forms).is_some()
        || gazetteer::begins(forms)
}

/// How many words the span has with which these begin, and its forms; `asked` in a question, where the narrowest meaning
/// is the one that is looked for, while a text is found by the wider one as well.
pub fn find(parts: &[Part<'_>], asked: bool) -> Option<(usize, Vec<Form>)> {
    number(parts)
        .or_else(|| day(parts, asked))
        .or_else(|| name(parts))
}

fn form(class: Class, text: impl Into<SmolStr>) -> Form {
    let text = text.into();
    Form { class, text }
}

fn name(parts: &[Part<'_>]) -> Option<(usize, Vec<Form>)> {
    let is_joined = |gap: &str| gap == "-" || gap.chars().all(char::is_whitespace);
    let joined = parts.iter().take_while(|part| is_joined(part.gap)).count();
    let words: Vec<&[Form]> = parts
        .iter()
        .take(joined + 1)
        .map(|part| part.forms)
        .collect();
    let (count, code) = gazetteer::of_several(&words)?;
    Some((count, vec![form(Class::Named, code)]))
}

/// Groups of three digits after one of up to three.
fn number(parts: &[Part<'_>]) -> Option<(usize, Vec<Form>)> {
    let first = parts.first()?;
    let mut whole = digits(first.forms)
        .filter(|digits| digits.len() <= 3)?
        .to_owned();
    let is_between = |gap: &str| {
        let separators = [" ", "\u{a0}", "\u{2009}", "\u{202f}", ",", ".", "'", "’"];
        separators.contains(&gap)
    };
    let mut count = 1;
    for (before, part) in parts.iter().zip(&parts[1..]) {
        let group = digits(part.forms).filter(|digits| digits.len() == 3);
        match group.filter(|_| is_between(before.gap) && before.gap == first.gap) {
            Some(group) => whole.push_str(group),
            None => break,
        }
        count += 1;
    }
    let forms = [Class::Exact, Class::Loose].map(|class| form(class, whole.clone()));
    (count > 1).then(|| (count, forms.into()))
}

fn day(parts: &[Part<'_>], asked: bool) -> Option<(usize, Vec<Form>)> {
    let (count, year, month, day) = in_digits(parts)
        .or_else(|| year_first(parts))
        .or_else(|| day_first(parts))?;
    if !(1..=31).contains(&day) || !(1..=12).contains(&month) {
        return None;
    }
    let any_year = format!("{month:02}-{day:02}");
    let this_year = year.map(|year| format!("{year}-{any_year}"));
    let wider = Some(any_year).filter(|_| !asked || this_year.is_none());
    let names = this_year.into_iter().chain(wider);
    Some((count, names.map(|name| form(Class::Named, name)).collect()))
}

/// How many words, the year, the month and the day.
type Day = (usize, Option<u16>, u8, u8);

/// `26.08.2024`, `26/08/24`, `2024-08-26`.
fn in_digits(parts: &[Part<'_>]) -> Option<Day> {
    let [a, b, c, ..] = parts else { return None };
    if a.gap != b.gap || ![".", "/", "-"].contains(&a.gap) {
        return None;
    }
    let month = small(b)?;
    if let Some(year) = full_year(a.forms) {
        return Some((3, Some(year), month, small(c)?));
    }
    let short = || {
        small(c)
            .filter(|_| a.gap == ".")
            .map(|year| 2000 + u16::from(year))
    };
    let year = full_year(c.forms).or_else(short)?;
    Some((3, Some(year), month, small(a)?))
}

/// `2024-yil 26-avgust`, `2024-жылдын 26-августу`.
fn year_first(parts: &[Part<'_>]) -> Option<Day> {
    let [year, word, day, name, ..] = parts else {
        return None;
    };
    let joined =
        is_near(year.gap) && is_near(word.gap) && is_near(day.gap) && says_year(word.forms);
    let found = (4, full_year(year.forms), month(name.forms)?, small(day)?);
    joined
        .then_some(found)
        .filter(|(_, year, ..)| year.is_some())
}

/// `26 августа`, `26-avgust 2024`, `August 26, 2024`.
fn day_first(parts: &[Part<'_>]) -> Option<Day> {
    let [one, other, rest @ ..] = parts else {
        return None;
    };
    let (month, day) = match (month(one.forms), month(other.forms)) {
        (None, Some(month)) => (month, small(one)?),
        (Some(month), None) => (month, small(other)?),
        _ => return None,
    };
    if !is_near(one.gap) {
        return None;
    }
    let after = is_near(other.gap) || other.gap.trim_end() == ",";
    let year = rest
        .first()
        .filter(|_| after)
        .and_then(|part| full_year(part.forms));
    Some((2 + usize::from(year.is_some()), year, month, day))
}

fn is_near(gap: &str) -> bool {
    matches!(gap, " " | "-" | "\u{a0}")
}

fn digits(forms: &[Form]) -> Option<&str> {
    let exact = forms.iter().find(|form| form.class == Class::Exact)?;
    let is_number = !exact.text.is_empty() && exact.text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(exact.text.as_str())
}

fn small(part: &Part<'_>) -> Option<u8> {
    let digits = digits(part.forms).filter(|digits| digits.len() <= 2)?;
    digits.parse().ok()
}

fn full_year(forms: &[Form]) -> Option<u16> {
    let year: u16 = digits(forms)
        .filter(|digits| digits.len() == 4)?
        .parse()
        .ok()?;
    (1000..3000).contains(&year).then_some(year)
}

/// The code of a month is its number.
fn month(forms: &[Form]) -> Option<u8> {
    let named = forms.iter().filter(|form| form.class == Class::Named);
    let mut months = named.filter(|form| form.text.len() == 2);
    months.find_map(|form| form.text.parse().ok())
}

/// Whether a word says no more than that the number before it is a year.
pub fn says_year(forms: &[Form]) -> bool {
    let mut loose = forms
        .iter()
        .filter(|form| matches!(form.class, Class::Loose | Class::Stem));
    loose.any(|form| YEAR.contains(&form.text.as_str()))
}
