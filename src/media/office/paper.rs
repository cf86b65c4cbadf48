//! A sheet that a document's text is written down on: a line for each paragraph, table cells parted by tabs, a form
//! feed between pages, slides and sheets, footnotes as numbers in brackets with their texts at the end.

use crate::error::{Error, Result};

/// No text is longer, in bytes; the Bible has four million.
pub const LONGEST_TEXT: usize = 64 << 20;
/// What stands between pages, as is the custom: a form feed.
pub const NEXT_PAGE: &str = "\x0C\n";

#[derive(Default)]
pub struct Paper {
    text: String,
    notes: Vec<Note>,
    /// Where the note that is being written began.
    aside: Option<usize>,
    /// How many tables are open, one within the other.
    tables: usize,
    /// Blank cells that have not been followed by a full one.
    blanks: usize,
    /// Whether a cell of this row has been begun.
    in_row: bool,
}

struct Note {
    mark: String,
    text: String,
}

impl Paper {
    /// # Errors
    /// Unusable where the text grows beyond all measure.
    pub fn words(&mut self, words: &str) -> Result<()> {
        if self.text.len() + words.len() > LONGEST_TEXT {
            return Err(Error::Unusable(format!(
                "its text is longer than {} MiB",
                LONGEST_TEXT >> 20
            )));
        }
        if self.tables == 1 && self.in_row && !words.is_empty() && self.blanks > 0 {
            for _ in 0..self.blanks {
                self.text.push('\t');
            }
            self.blanks = 0;
        }
        self.text.extend(
            words
                .chars()
                .filter(|sign| !matches!(sign, '\u{ad}' | '\0')),
        );
        Ok(())
    }

    /// Within a table a line break is a blank: its rows are lines.
    pub fn line(&mut self) {
        if self.tables == 0 {
            self.text.push('\n');
        } else if !self.text.ends_with([' ', '\t', '\n']) && !self.text.is_empty() {
            self.text.push(' ');
        }
    }

    /// The end of a paragraph; an empty one leaves no more than one empty line.
    pub fn paragraph(&mut self) {
        if self.tables > 0 || !(self.text.ends_with("\n\n") || self.text.is_empty()) {
            self.line();
        }
    }

    /// Ends the line at hand, if there is anything on it.
    pub fn fresh_line(&mut self) {
        if self.in_line() {
            self.line();
        }
    }

    /// Whether something stands on this line, or in this cell.
    pub fn in_line(&self) -> bool {
        self.blanks == 0 && !self.text.is_empty() && !self.text.ends_with(['\n', '\t'])
    }

    /// Whether a row has ended, and nothing of the next one is written.
    pub fn between_rows(&self) -> bool {
        self.blanks == 0 && (self.text.is_empty() || self.text.ends_with('\n'))
    }

    pub fn table(&mut self) {
        if self.tables == 0 && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.tables += 1;
    }

    /// The end of an element that Word and `PowerPoint` name alike.
    pub fn close(&mut self, name: &str) {
        match name {
            "p" => self.paragraph(),
            "tr" => self.end_row(),
            "tbl" => self.end_table(),
            _ => {}
        }
    }

    pub fn end_table(&mut self) {
        self.tables = self.tables.saturating_sub(1);
        if self.tables > 0 {
            self.line();
        }
    }

    pub fn row(&mut self) {
        if self.tables == 1 {
            (self.blanks, self.in_row) = (0, false);
        }
    }

    /// Begins a cell, after `skipped` that hold nothing.
    pub fn cell(&mut self, skipped: usize) {
        /// A lonely cell far to the right stands no further away than this.
        const WIDEST: usize = 100;
        if self.tables == 1 {
            self.trim();
            self.blanks = (self.blanks + skipped + usize::from(self.in_row)).min(WIDEST);
            self.in_row = true;
        }
    }

    pub fn end_row(&mut self) {
        if self.tables == 1 {
            self.trim();
            (self.blanks, self.in_row) = (0, false);
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push('\n');
            }
        } else {
            self.line();
        }
    }

    fn trim(&mut self) {
        let kept = self.text.trim_end_matches(' ').len();
        self.text.truncate(kept);
    }

    /// Begins what comes after a form feed, where there is anything before it.
    pub fn page(&mut self) {
        self.tables = 0;
        let kept = self.text.trim_end().len();
        self.text.truncate(kept);
        if kept > 0 {
            self.text.push('\n');
            self.text.push_str(NEXT_PAGE);
        }
    }

    /// Begins a note: what follows stands at the end.
    pub fn note(&mut self) {
        self.aside.get_or_insert(self.text.len());
    }

    pub fn end_note(&mut self) {
        let Some(from) = self.aside.take() else {
            return;
        };
        let text = self.text.get(from..).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.text.truncate(from);
        let mark = (self.notes.len() + 1).to_string();
        self.text.extend(["[", &mark, "]"]);
        self.notes.push(Note { mark, text });
    }

    /// The whole: blanks at the ends of lines gone, notes last.
    pub fn finish(mut self) -> String {
        for note in std::mem::take(&mut self.notes) {
            let kept = self.text.trim_end().len();
            self.text.truncate(kept);
            let gap = if note.mark == "1" { "\n\n" } else { "\n" };
            self.text.extend([gap, "[", &note.mark, "] ", &note.text]);
        }
        let lines = self.text.lines().map(|line| line.trim_end_matches(' '));
        let mut text = lines.collect::<Vec<_>>().join("\n");
        let start = text.len() - text.trim_start_matches(['\n', ' ']).len();
        text.drain(..start);
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_lines_and_cells_are_parted_by_tabs() {
        let mut paper = Paper::default();
        paper.words("before").unwrap();
        paper.paragraph();
        paper.table();
        for row in [["a", "", "c"], ["", "b", ""]] {
            paper.row();
            for cell in row {
                paper.cell(0);
                paper.words(cell).unwrap();
                paper.paragraph();
            }
            paper.end_row();
        }
        paper.end_table();
        paper.words("after").unwrap();
        assert_eq!(paper.finish(), "before\na\t\tc\n\tb\nafter\n");
    }

    #[test]
    fn notes_stand_at_the_end_and_pages_apart() {
        let mut paper = Paper::default();
        paper.words("one").unwrap();
        paper.note();
        paper.words(" said\nso ").unwrap();
        paper.end_note();
        paper.words(" more").unwrap();
        paper.page();
        paper.words("two").unwrap();
        assert_eq!(paper.finish(), "one[1] more\n\x0C\ntwo\n\n[1] said so\n");
    }
}
