//! What the import says: on a terminal a bar, elsewhere a line for each file; in both a line for what was left out or
//! could not be processed, and a last one with the counts.

use indicatif::ProgressBar;

use super::files::{Candidate, Found};
use crate::{
    cli::{progress, say},
    error::Result,
};

pub struct Display {
    bar: ProgressBar,
    /// Bytes of the files that are done with.
    behind: u64,
    added: u64,
    there: u64,
    left_out: u64,
    failed: u64,
    skipped: u64,
}

impl Display {
    pub fn new(found: &Found) -> Self {
        let bar = progress::bytes();
        bar.set_length(found.files.iter().map(|file| file.size).sum());
        Self {
            bar,
            behind: 0,
            added: 0,
            there: 0,
            left_out: 0,
            failed: 0,
            skipped: found.skipped,
        }
    }

    pub fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    pub fn looking_at(&self, file: &Candidate) {
        self.bar.set_message(file.name.clone());
        self.bar.tick();
    }

    /// The position of the bar before the file.
    pub fn sending(&self, file: &Candidate) -> u64 {
        self.looking_at(file);
        self.behind
    }

    pub fn added(&mut self, file: &Candidate) -> Result<()> {
        self.added += 1;
        self.pass(file);
        self.detail(&format!("added: {}", file.name))
    }

    pub fn already_there(&mut self, file: &Candidate) -> Result<()> {
        self.there += 1;
        self.pass(file);
        self.detail(&format!("already there: {}", file.name))
    }

    pub fn left_out_file(&mut self, file: &Candidate, why: &str) -> Result<()> {
        self.pass(file);
        self.left_out(&file.name, why)
    }

    pub fn left_out(&mut self, name: &str, why: &str) -> Result<()> {
        self.left_out += 1;
        self.line(&format!("left out: {name}: {why}"))
    }

    /// From here on the bar counts materials that are processed.
    pub fn processing(&mut self, count: usize) {
        self.bar.finish_and_clear();
        self.bar = progress::things(count as u64);
        self.bar.set_message("processing");
    }

    pub fn processed(&self) {
        self.bar.inc(1);
    }

    pub fn failed(&mut self, name: &str, why: &str) -> Result<()> {
        self.failed += 1;
        self.line(&format!("not processed: {name}: {why}"))
    }

    /// The last line; whether every file is there now.
    pub fn end(self) -> Result<bool> {
        self.bar.finish_and_clear();
        say(&self.summary())?;
        Ok(self.left_out == 0)
    }

    fn summary(&self) -> String {
        let mut words = format!(
            "added {}, already there {}, left out {}",
            self.added, self.there, self.left_out
        );
        if self.skipped > 0 {
            let skipped = format!(
                "; passed over {} (hidden, or no files of this folder)",
                self.skipped
            );
            words.push_str(&skipped);
        }
        if self.failed > 0 {
            let failed = format!("; {} could not be processed", self.failed);
            words.push_str(&failed);
        }
        words
    }

    fn pass(&mut self, file: &Candidate) {
        self.behind += file.size;
        self.bar.set_position(self.behind);
    }

    /// Where a bar is drawn, it says this already.
    fn detail(&self, line: &str) -> Result<()> {
        if self.bar.is_hidden() {
            say(line)
        } else {
            Ok(())
        }
    }

    fn line(&self, line: &str) -> Result<()> {
        self.bar.suspend(|| say(line))
    }
}
