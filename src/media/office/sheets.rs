//! Workbooks of Office Open XML (ISO/IEC 29500-1 section 18): each sheet that is shown under its name, a line for each
//! row. Numbers stand as they are kept, dates as days.

use super::{
    archive::Archive,
    paper::Paper,
    relations,
    xml::{Element, Step, walk},
};
use crate::error::Result;

const BOOK: &str = "xl/workbook.xml";

pub fn text(archive: &mut Archive) -> Result<String> {
    let mut paper = Paper::default();
    let shared = shared_strings(archive)?;
    let dates = date_styles(archive)?;
    let relations = relations::of(archive, BOOK)?;
    let book = archive.needed(BOOK)?;
    let mut sheets = Vec::new();
    let mut since_1904 = false;
    walk(&book, |step| {
        if let Step::Open(element) = step {
            match element.name {
                "workbookPr" => {
                    since_1904 = element
                        .get("date1904")
                        .is_some_and(|word| matches!(word.as_str(), "1" | "true"));
                }
                "sheet" if !is_hidden(element) => {
                    let ids = element.all("id");
                    let part = ids.iter().find_map(|id| relations.part(id));
                    sheets.extend(element.get("name").zip(part.map(str::to_owned)));
                }
                _ => {}
            }
        }
        Ok(true)
    })?;
    let cells = Cells {
        shared,
        dates,
        since_1904,
    };
    for (name, part) in sheets {
        let Some(xml) = archive.part(&part)? else {
            continue;
        };
        paper.page();
        paper.words(&name)?;
        paper.paragraph();
        sheet(&xml, &cells, &mut paper)?;
    }
    Ok(paper.finish())
}

/// Section 18.18.68; what is very hidden only a program shows.
fn is_hidden(sheet: &Element<'_>) -> bool {
    let state = sheet.get("state");
    matches!(state.as_deref(), Some("hidden" | "veryHidden"))
}

/// What a cell's value means.
struct Cells {
    shared: Vec<String>,
    /// By the number of the cell's style: whether it shows a day.
    dates: Vec<bool>,
    since_1904: bool,
}

impl Cells {
    fn value(&self, kind: &str, style: usize, raw: &str) -> String {
        match kind {
            "s" => {
                let place = raw.trim().parse().ok();
                let text = place.and_then(|place: usize| self.shared.get(place));
                text.map_or("", String::as_str).replace(['\n', '\t'], " ")
            }
            "b" => if raw.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned(),
            "" | "n" if self.dates.get(style) == Some(&true) => {
                self.day(raw).unwrap_or_else(|| number(raw))
            }
            "" | "n" => number(raw),
            _ => raw.replace(['\n', '\t'], " "),
        }
    }

    /// Days since the end of 1899, with a 29 February 1900 that never was (section 18.17.4.1), or since 1904.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "checked to be within the years to 9999"
    )]
    fn day(&self, raw: &str) -> Option<String> {
        let serial: f64 = raw.trim().parse().ok()?;
        if !(1.0..2_958_466.0).contains(&serial) {
            return None;
        }
        let start = if self.since_1904 {
            jiff::civil::date(1904, 1, 1)
        } else {
            jiff::civil::date(1899, 12, 30)
        };
        let moment = start.to_datetime(jiff::civil::Time::midnight());
        let seconds = (serial * 86_400.0).round() as i64;
        let moment = moment
            .checked_add(jiff::SignedDuration::from_secs(seconds))
            .ok()?;
        Some(if moment.time() == jiff::civil::Time::midnight() {
            moment.date().to_string()
        } else {
            moment.strftime("%Y-%m-%d %H:%M").to_string()
        })
    }
}

/// A number as people read it: 0.30000000000000004 is how a computer writes 0.3.
fn number(raw: &str) -> String {
    let raw = raw.trim();
    match raw.parse::<f64>() {
        Ok(value) if raw.len() > 15 && value.is_finite() && value.abs() < 1e15 => {
            let shown = format!("{value:.10}");
            shown.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => raw.to_owned(),
    }
}

fn sheet(xml: &str, cells: &Cells, paper: &mut Paper) -> Result<()> {
    let (mut kind, mut style, mut raw) = (String::new(), 0, String::new());
    let (mut column, mut readable) = (0, false);
    paper.table();
    walk(xml, |step| {
        match step {
            Step::Words(words) if readable => raw.push_str(words),
            Step::Open(element) => match element.name {
                "row" => {
                    paper.row();
                    column = 0;
                }
                "c" => {
                    let at = place(element).unwrap_or(column);
                    paper.cell(at.saturating_sub(column));
                    column = at + 1;
                    kind = element.get("t").unwrap_or_default();
                    style = element.number("s").unwrap_or(0);
                    raw.clear();
                }
                "v" | "t" => readable = true,
                "f" | "rPh" | "headerFooter" => return Ok(false),
                _ => {}
            },
            Step::Close("v" | "t") => readable = false,
            Step::Close("c") => paper.words(&cells.value(&kind, style, &raw))?,
            Step::Close("row") => paper.end_row(),
            Step::Close(_) | Step::Words(_) => {}
        }
        Ok(true)
    })?;
    paper.end_table();
    Ok(())
}

/// The column of a cell, from 0: that of `AB12` is 27.
fn place(cell: &Element<'_>) -> Option<usize> {
    let reference = cell.get("r")?;
    let letters = reference.bytes().take_while(u8::is_ascii_uppercase);
    let column = letters.take(3).fold(0, |column, letter| {
        column * 26 + usize::from(letter - b'A') + 1
    });
    column.checked_sub(1)
}

fn shared_strings(archive: &mut Archive) -> Result<Vec<String>> {
    let mut strings = Vec::new();
    let Some(xml) = archive.part("xl/sharedStrings.xml")? else {
        return Ok(strings);
    };
    let (mut text, mut readable) = (String::new(), false);
    walk(&xml, |step| {
        match step {
            Step::Words(words) if readable => text.push_str(words),
            Step::Open(element) => match element.name {
                "t" => readable = true,
                // How a word is pronounced.
                "rPh" => return Ok(false),
                _ => {}
            },
            Step::Close("t") => readable = false,
            Step::Close("si") => strings.push(std::mem::take(&mut text)),
            Step::Close(_) | Step::Words(_) => {}
        }
        Ok(true)
    })?;
    Ok(strings)
}

/// Which of the cells' styles show days: by the formats that are built in (section 18.8.30), and by the letters of the
/// others.
fn date_styles(archive: &mut Archive) -> Result<Vec<bool>> {
    let mut styles = Vec::new();
    let Some(xml) = archive.part("xl/styles.xml")? else {
        return Ok(styles);
    };
    let (mut own, mut in_cells) = (Vec::new(), false);
    walk(&xml, |step| {
        match step {
            Step::Open(element) => match element.name {
                "numFmt" => {
                    let code = element.get("formatCode").unwrap_or_default();
                    own.extend(element.number("numFmtId").filter(|_| shows_day(&code)));
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    let format = element.number("numFmtId").unwrap_or(0);
                    let built_in = matches!(format, 14..=17 | 22 | 27..=36 | 50..=58);
                    styles.push(built_in || own.contains(&format));
                }
                _ => {}
            },
            Step::Close("cellXfs") => in_cells = false,
            _ => {}
        }
        Ok(true)
    })?;
    Ok(styles)
}

/// Letters in quotes and brackets are words and colours.
fn shows_day(code: &str) -> bool {
    let mut within = None;
    code.chars().any(|sign| {
        match (within, sign) {
            (None, '"') => within = Some('"'),
            (None, '[') => within = Some(']'),
            (Some(end), sign) if sign == end => within = None,
            (None, 'y' | 'Y' | 'd' | 'D') => return true,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_numbers_are_written_as_people_read_them() {
        let cells = Cells {
            shared: Vec::new(),
            dates: vec![false, true],
            since_1904: false,
        };
        assert_eq!(cells.value("", 1, "45352"), "2024-03-01");
        assert_eq!(cells.value("n", 1, "45352.5"), "2024-03-01 12:00");
        assert_eq!(cells.value("", 0, "0.30000000000000004"), "0.3");
        assert_eq!(cells.value("", 0, "150599"), "150599");
        assert!(shows_day("dd.mm.yyyy") && !shows_day("#,##0 \"day\"") && !shows_day("[Red]0"));
    }
}
