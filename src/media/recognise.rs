//! Letters in pictures. Comes in: a PDF and its text, page by page, or a photo that no camera took. Pages that have nothing
//! written on them are drawn in the box, and read by Tesseract, where it is installed, in a box of its own. Goes out: the
//! text with theirs in its place, as far as the program is sure of it. Whatever the program does, the text that was there
//! already is kept.

mod pages;
pub(super) mod table;

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Media, Outcome, Preset, Program, Rendered,
    document::PDF,
    facts::Facts,
    folder::Folder,
    limits,
    recipe::Recipe,
    to_read, to_write,
    wire::{Answer, Limits, Output, Request, Work},
};
use crate::{
    error::{Error, Result},
    language::detect,
};

/// The languages of an office here, and what Tesseract calls them.
const LANGUAGES: [(&str, &str); 5] = [
    ("uz-Latn", "uzb"),
    ("uz-Cyrl", "uzb_cyrl"),
    ("ky", "kir"),
    ("ru", "rus"),
    ("en", "eng"),
];
/// So many pages of a document are read.
const MOST_PAGES: usize = 50;
/// A page with fewer letters and digits than this is a picture: a scanner's stamp and a page number fit into it.
const FEWEST_SIGNS: usize = 12;
/// No page takes longer, on a machine that is busy with others.
const PATIENCE: Duration = Duration::from_mins(3);
/// What of a document is read by then is its text.
const DEADLINE: Duration = Duration::from_mins(15);
/// No picture of a page is larger, in bytes.
const LARGEST_PICTURE: u64 = 16 << 20;
/// No table of a page's words is longer, in bytes.
const LONGEST_TABLE: u64 = 4 << 20;
/// The name of a page's picture in the program's folder.
const PAGE: &str = "page.pgm";

impl Media {
    /// Fills what was made of `original` where it is a text and its pages are pictures.
    ///
    /// # Errors
    /// As those of `recognise`.
    pub(super) async fn complete(
        &self,
        original: &File,
        facts: &Facts,
        mut made: Vec<Outcome>,
    ) -> Result<Vec<Outcome>> {
        let ready = made.iter_mut().filter_map(|one| one.result.as_mut().ok());
        for one in ready.filter(|one| facts.media_type == PDF && one.text.is_some()) {
            let Some(text) = &one.file else { continue };
            if let Some(pages) = self.recognise(original, facts, text).await? {
                let (file, text) = pages::write(pages, self.scratch_file().await?).await?;
                (one.file, one.text, one.recognised) = (Some(file), Some(text), true);
            }
        }
        Ok(made)
    }

    /// The pages of `original` with what stands in the pictures of the bare ones; none where there is nothing of it.
    ///
    /// # Errors
    /// `Unavailable` or `Internal` where no process or file can be had: a page that cannot be read stays bare.
    async fn recognise(
        &self,
        original: &File,
        facts: &Facts,
        text: &File,
    ) -> Result<Option<Vec<String>>> {
        let Some(reader) = self.reader.as_deref() else {
            return Ok(None);
        };
        let Some((mut pages, bare)) = pages::read(to_read(text)?.into(), facts.pages).await? else {
            return Ok(None);
        };
        let deadline = tokio::time::Instant::now() + DEADLINE;
        let (mut found, mut language) = (false, None);
        let mut problem = None;
        for number in bare {
            let read = self.one_page((original, facts), number, &mut language, reader);
            match tokio::time::timeout_at(deadline, read).await {
                Ok(Ok(text)) if text.is_empty() => {}
                Ok(Ok(text)) => (pages[number], found) = (text, true),
                Ok(Err(Error::Unusable(reason))) => {
                    problem.get_or_insert((number, reason));
                    // Without a language there is no next page.
                    if language.is_none() {
                        break;
                    }
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    problem.get_or_insert((number, "the time for one document is over".into()));
                    break;
                }
            }
        }
        if let Some((number, reason)) = problem {
            tracing::warn!(page = number + 1, reason, "a scan was not read to its end");
        }
        Ok(found.then_some(pages))
    }

    /// What is written in a picture, in each of `presets`; nothing in most.
    ///
    /// # Errors
    /// As those of `recognise`.
    pub(super) async fn read_picture(
        &self,
        original: &File,
        facts: &Facts,
        presets: &[Preset],
    ) -> Result<Vec<Outcome>> {
        let text = match self.reader.as_deref() {
            Some(reader) => {
                let mut language = None;
                let read = self.one_page((original, facts), 0, &mut language, reader);
                match tokio::time::timeout(DEADLINE, read).await {
                    Ok(Err(Error::Unusable(reason))) => {
                        tracing::debug!(reason, "a picture is not read");
                        String::new()
                    }
                    Ok(read) => read?,
                    Err(_) => {
                        tracing::warn!("a picture was not read to its end: its time was over");
                        String::new()
                    }
                }
            }
            None => String::new(),
        };
        let mut outcomes = Vec::new();
        for preset in presets {
            let (file, text) = pages::write(vec![text.clone()], self.scratch_file().await?).await?;
            outcomes.push(Outcome {
                result: Ok(Rendered {
                    recognised: !text.is_empty(),
                    ..Rendered::text(file, text)
                }),
                preset: preset.clone(),
            });
        }
        Ok(outcomes)
    }

    /// Reads a page in the language at hand. While it is not known, all are asked, and then the one that it turns out to
    /// be in: the right one alone makes a twentieth of the mistakes.
    async fn one_page(
        &self,
        original: (&File, &Facts),
        number: usize,
        language: &mut Option<Asked>,
        reader: &Path,
    ) -> Result<String> {
        if language.is_none() {
            *language = Some(Asked::AnyOf(self.languages(reader).await?));
        }
        let all = match language {
            Some(Asked::One(one)) => vec![*one],
            Some(Asked::AnyOf(all)) => all.clone(),
            None => Vec::new(),
        };
        if all.is_empty() {
            return Ok(String::new());
        }
        // What one run leaves behind, the next page does not meet.
        let folder = Folder::new(&self.scratch).await?;
        self.draw(original, number, folder.path.join(PAGE)).await?;
        let first = self.read(reader, &all.join("+"), &folder.path).await?;
        let told = detect(&first).and_then(|told| {
            let known = LANGUAGES.iter().find(|(tag, _)| *tag == told.as_str());
            known.map(|(_, name)| *name)
        });
        let Some(told) = told.filter(|told| all.len() > 1 && all.contains(told)) else {
            return Ok(first);
        };
        *language = Some(Asked::One(told));
        self.read(reader, told, &folder.path).await
    }

    /// Those of our languages that the program has learnt.
    async fn languages(&self, reader: &Path) -> Result<Vec<&'static str>> {
        let folder = Folder::new(&self.scratch).await?;
        let arguments = vec!["--list-langs".to_owned()];
        let said = self.say(reader, arguments, &folder.path).await?;
        let ours = LANGUAGES.iter().map(|(_, name)| *name);
        Ok(ours
            .filter(|name| said.lines().any(|line| line.trim() == *name))
            .collect())
    }

    /// Draws a page of `original` for reading, where nothing is yet.
    async fn draw(
        &self,
        (original, facts): (&File, &Facts),
        number: usize,
        path: PathBuf,
    ) -> Result<()> {
        let mut new = tokio::fs::OpenOptions::new();
        let file = new.write(true).create_new(true).open(path).await;
        let file = file.map_err(|cause| Error::unavailable("a page's picture", cause))?;
        let file = file.into_std().await;
        let page = u32::try_from(number).unwrap_or(u32::MAX);
        let output = Output {
            recipe: Recipe::Sheet { page },
            file: 1,
        };
        let request = Request {
            limits: Limits {
                file_size: LARGEST_PICTURE,
                ..limits(PATIENCE, 0)
            },
            work: Work::Render {
                facts: facts.clone(),
                outputs: vec![output],
                loudness: self.loudness,
                moment: None,
            },
        };
        let mut reason = None;
        let hear = |answer| {
            if let Answer::Made(made) = answer {
                reason = made.result.err();
            }
        };
        let files = vec![to_read(original)?, to_write(&file)?];
        self.enclosure.run(&request, files, PATIENCE, hear).await?;
        reason.map_or(Ok(()), |reason| Err(Error::Unusable(reason)))
    }

    async fn read(&self, reader: &Path, language: &str, folder: &Path) -> Result<String> {
        let arguments = [PAGE, "stdout", "--dpi", "300", "-l", language, "tsv"];
        let arguments = arguments.map(str::to_owned).to_vec();
        self.say(reader, arguments, folder)
            .await
            .map(|said| table::lines(&said))
    }

    /// What the program says, which nobody believes to be UTF-8 or short.
    async fn say(&self, reader: &Path, arguments: Vec<String>, folder: &Path) -> Result<String> {
        let program = Program {
            path: reader.to_owned(),
            arguments,
            folder: folder.to_owned(),
        };
        let out = self.run(program, PATIENCE, LONGEST_TABLE).await?;
        pages::apart(move || {
            let mut said = Vec::new();
            out.take(LONGEST_TABLE).read_to_end(&mut said)?;
            Ok(String::from_utf8_lossy(&said).into_owned())
        })
        .await
    }
}

/// In which language a page is read.
enum Asked {
    AnyOf(Vec<&'static str>),
    One(&'static str),
}
