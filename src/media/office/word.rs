//! Word processing documents of Office Open XML (ISO/IEC 29500-1 section 17): what stands on their pages. Deleted and
//! hidden words, field codes and comments do not.

use std::collections::HashMap;

use super::{
    archive::Archive,
    paper::Paper,
    xml::{Step, walk},
};
use crate::error::Result;

pub fn text(archive: &mut Archive) -> Result<String> {
    let mut paper = Paper::default();
    let notes = Notes {
        footnotes: notes(archive, "word/footnotes.xml")?,
        endnotes: notes(archive, "word/endnotes.xml")?,
    };
    margins(archive, "word/header", &mut paper)?;
    write(&archive.needed("word/document.xml")?, &mut paper, &notes)?;
    paper.paragraph();
    margins(archive, "word/footer", &mut paper)?;
    Ok(paper.finish())
}

#[derive(Default)]
struct Notes {
    footnotes: HashMap<String, String>,
    endnotes: HashMap<String, String>,
}

/// A letterhead stands in the first header; the same words once.
fn margins(archive: &mut Archive, folder: &str, paper: &mut Paper) -> Result<()> {
    let mut seen: Vec<String> = Vec::new();
    for name in archive.within(folder) {
        let Some(xml) = archive.part(&name)? else {
            continue;
        };
        let mut part = Paper::default();
        write(&xml, &mut part, &Notes::default())?;
        let text = part.finish();
        let is_number = text.trim().chars().all(|sign| sign.is_ascii_digit());
        if !is_number && !seen.contains(&text) {
            paper.words(&text)?;
            seen.push(text);
        }
    }
    Ok(())
}

/// The texts of notes by their ids.
fn notes(archive: &mut Archive, name: &str) -> Result<HashMap<String, String>> {
    let mut found = HashMap::new();
    let Some(xml) = archive.part(name)? else {
        return Ok(found);
    };
    let (mut id, mut text) = (String::new(), String::new());
    let mut runs = Runs::default();
    walk(&xml, |step| {
        runs.see(&step);
        match step {
            Step::Open(element) => match element.name {
                "footnote" | "endnote" => {
                    id = element.get("id").unwrap_or_default();
                    text.clear();
                }
                "instrText" | "delText" | "moveFrom" | "Fallback" | "rPrChange" => {
                    return Ok(false);
                }
                "tab" | "br" | "p" => text.push(' '),
                _ => {}
            },
            Step::Words(words) if !runs.is_hidden() => text.push_str(words),
            Step::Close("footnote" | "endnote") => {
                found.insert(std::mem::take(&mut id), std::mem::take(&mut text));
            }
            Step::Close(_) | Step::Words(_) => {}
        }
        Ok(true)
    })?;
    Ok(found)
}

fn write(xml: &str, paper: &mut Paper, notes: &Notes) -> Result<()> {
    // `w:t` and `m:t` hold what is read; blanks between elements are nobody's words.
    let mut readable = false;
    let mut runs = Runs::default();
    walk(xml, |step| {
        runs.see(&step);
        match step {
            Step::Words(words) if readable => paper.words(words)?,
            Step::Words(_) => {}
            Step::Open(element) => match element.name {
                "t" => readable = !runs.is_hidden(),
                // Words that were deleted or moved away, field codes, and what older programs would show instead.
                "delText" | "instrText" | "moveFrom" | "Fallback" | "pPr" | "rPrChange"
                | "sectPr" => {
                    return Ok(false);
                }
                "tab" | "ptab" | "br" | "cr" | "noBreakHyphen" | "footnoteReference"
                | "endnoteReference"
                    if runs.is_hidden() => {}
                "tab" | "ptab" => paper.words(" ")?,
                "br" | "cr" => paper.line(),
                "noBreakHyphen" => paper.words("-")?,
                "tbl" => paper.table(),
                "tr" => paper.row(),
                "tc" => paper.cell(0),
                "footnoteReference" => note(paper, &notes.footnotes, element.get("id"))?,
                "endnoteReference" => note(paper, &notes.endnotes, element.get("id"))?,
                _ => {}
            },
            Step::Close("t") => readable = false,
            Step::Close(name) => paper.close(name),
        }
        Ok(true)
    })
}

fn note(paper: &mut Paper, notes: &HashMap<String, String>, id: Option<String>) -> Result<()> {
    let Some(text) = id.and_then(|id| notes.get(&id)) else {
        return Ok(());
    };
    paper.note();
    paper.words(text)?;
    paper.end_note();
    Ok(())
}

/// The runs that stand within each other, a text box in a run in a text box, and which of them are hidden (section
/// 17.3.2.41).
#[derive(Default)]
struct Runs(Vec<bool>);

impl Runs {
    fn see(&mut self, step: &Step<'_>) {
        match step {
            Step::Open(element) if element.name == "r" => self.0.push(self.is_hidden()),
            Step::Open(element) if element.name == "vanish" => {
                let value = element.get("val");
                let is_off = matches!(value.as_deref(), Some("0" | "false" | "off"));
                if let Some(run) = self.0.last_mut() {
                    *run |= !is_off;
                }
            }
            Step::Close("r") => drop(self.0.pop()),
            _ => {}
        }
    }

    fn is_hidden(&self) -> bool {
        self.0.last() == Some(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_words_are_nobodys() {
        let run = |properties: &str, words: &str| {
            format!("<w:r><w:rPr>{properties}</w:rPr><w:tab/><w:t>{words}</w:t></w:r>")
        };
        let boxed = format!(
            "<w:r><w:pict><w:p>{}</w:p></w:pict><w:t>c</w:t></w:r>",
            run("<w:vanish/>", "no")
        );
        let xml = [
            "<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>".to_owned(),
            run("<w:b/>", "a"),
            run("<w:vanish/>", "no"),
            run("<w:vanish w:val='true'/>", "no"),
            run("<w:vanish w:val='0'/>", "b"),
            run("<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>", "d"),
            boxed,
            "</w:p>".to_owned(),
        ];
        let mut paper = Paper::default();
        write(&xml.concat(), &mut paper, &Notes::default()).unwrap();
        assert_eq!(paper.finish(), "a b d\nc\n");
    }
}
