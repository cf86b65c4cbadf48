//! `OpenDocument` (version 1.3, part 3): texts, presentations and tables share one vocabulary. What was deleted and what
//! is only a comment stays out.

use super::{
    archive::Archive,
    paper::Paper,
    xml::{Element, Step, walk},
};
use crate::error::{Error, Result};

/// So many blanks in a row, and so many empty cells before a full one, are counted at most.
const MOST_REPEATS: usize = 1000;

pub fn text(archive: &mut Archive) -> Result<String> {
    let manifest = archive.part("META-INF/manifest.xml")?;
    if manifest.is_some_and(|manifest| manifest.contains("encryption-data")) {
        return Err(Error::Unusable("it is locked with a password".into()));
    }
    let xml = archive.needed("content.xml")?;
    let mut writer = Writer::default();
    walk(&xml, |step| match step {
        Step::Open(element) => writer.open(element),
        Step::Words(words) => writer.words(words).map(|()| true),
        Step::Close(name) => {
            writer.close(name);
            Ok(true)
        }
    })?;
    Ok(writer.paper.finish())
}

#[derive(Default)]
struct Writer {
    paper: Paper,
    is_workbook: bool,
    /// How many paragraphs are open, one within the other.
    paragraphs: usize,
    /// Cells that were passed and that hold nothing.
    skipped: usize,
    /// How often the cell at hand stands there, and what it says.
    repeats: usize,
    cell: String,
}

impl Writer {
    fn open(&mut self, element: &Element<'_>) -> Result<bool> {
        match element.name {
            "tracked-changes" | "annotation" | "note-citation" | "forms" | "page-number" => {
                return Ok(false);
            }
            "spreadsheet" => self.is_workbook = true,
            "p" | "h" => self.paragraphs += 1,
            // `text:s` is a row of blanks.
            "s" if self.paragraphs > 0 => {
                let blanks = element.number("c").unwrap_or(1).min(MOST_REPEATS);
                self.words(&" ".repeat(blanks))?;
            }
            "tab" => self.words(" ")?,
            "line-break" => self.paper.line(),
            "note" => self.paper.note(),
            "page" => self.paper.page(),
            "table" => self.open_table(element)?,
            "table-row" => {
                self.paper.row();
                self.skipped = 0;
            }
            "table-cell" | "covered-table-cell" => {
                self.repeats = element.number("number-columns-repeated").unwrap_or(1);
                self.cell.clear();
                self.paper.cell(std::mem::take(&mut self.skipped));
            }
            _ => {}
        }
        Ok(true)
    }

    /// A table of a workbook is a sheet, which has a name that people see; others have names that nobody does.
    fn open_table(&mut self, element: &Element<'_>) -> Result<()> {
        if self.is_workbook
            && self.paragraphs == 0
            && let Some(name) = element.get("name")
        {
            self.paper.page();
            self.paper.words(&name)?;
            self.paper.paragraph();
        }
        self.paper.table();
        Ok(())
    }

    fn words(&mut self, words: &str) -> Result<()> {
        if self.paragraphs > 0 {
            self.cell.push_str(words);
            self.paper.words(words)?;
        }
        Ok(())
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h" => {
                self.paragraphs = self.paragraphs.saturating_sub(1);
                self.paper.paragraph();
            }
            "note" => self.paper.end_note(),
            "table-row" => self.paper.end_row(),
            "table" => self.paper.end_table(),
            "table-cell" | "covered-table-cell" if self.cell.trim().is_empty() => {
                self.skipped = self.repeats.saturating_sub(1).min(MOST_REPEATS);
            }
            _ => {}
        }
    }
}
