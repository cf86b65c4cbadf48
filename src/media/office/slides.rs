//! Presentations of Office Open XML (ISO/IEC 29500-1 section 19): each slide in the order of the show, and after it
//! what its speaker notes down. Slides that are left out of the show are left out.

use super::{
    archive::Archive,
    paper::Paper,
    relations::{self, Relations},
    xml::{Step, walk},
};
use crate::error::Result;

pub fn text(archive: &mut Archive) -> Result<String> {
    let mut paper = Paper::default();
    for slide in order(archive)? {
        let Some(xml) = archive.part(&slide)? else {
            continue;
        };
        if is_hidden(&xml)? {
            continue;
        }
        paper.page();
        write(&xml, &mut paper)?;
        let relations = relations::of(archive, &slide)?;
        if let Some(notes) = relations.of_kind("/notesSlide")
            && let Some(xml) = archive.part(notes)?
        {
            paper.paragraph();
            write(&xml, &mut paper)?;
        }
    }
    Ok(paper.finish())
}

fn is_hidden(slide: &str) -> Result<bool> {
    let mut hidden = false;
    walk(slide, |step| {
        if let Step::Open(element) = step
            && element.name == "sld"
        {
            hidden = matches!(element.get("show").as_deref(), Some("0" | "false"));
        }
        // It is said of the whole, and of nothing in it.
        Ok(false)
    })?;
    Ok(hidden)
}

/// How many slides there are.
pub fn count(archive: &mut Archive) -> Result<usize> {
    Ok(order(archive)?.len())
}

/// The slides' parts as the presentation lists them.
fn order(archive: &mut Archive) -> Result<Vec<String>> {
    const SHOW: &str = "ppt/presentation.xml";
    let xml = archive.needed(SHOW)?;
    let relations: Relations = relations::of(archive, SHOW)?;
    let mut slides = Vec::new();
    walk(&xml, |step| {
        if let Step::Open(element) = step
            && element.name == "sldId"
        {
            // `id` is the slide's number, and `r:id` its relation: they share their local name.
            slides.extend(
                element
                    .all("id")
                    .iter()
                    .find_map(|id| relations.part(id))
                    .map(str::to_owned),
            );
        }
        Ok(true)
    })?;
    Ok(slides)
}

fn write(xml: &str, paper: &mut Paper) -> Result<()> {
    let mut readable = false;
    walk(xml, |step| {
        match step {
            Step::Words(words) if readable => paper.words(words)?,
            Step::Words(_) => {}
            Step::Open(element) => match element.name {
                "t" => readable = true,
                // The numbers and dates that the program puts in.
                "fld" | "Fallback" => return Ok(false),
                "br" => paper.line(),
                "tab" => paper.words(" ")?,
                "tbl" => paper.table(),
                "tr" => paper.row(),
                "tc" => paper.cell(0),
                _ => {}
            },
            Step::Close("t") => readable = false,
            Step::Close(name) => paper.close(name),
        }
        Ok(true)
    })
}
