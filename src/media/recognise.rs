//! Letters in pictures. Comes in: a PDF and its text, page by page. Pages that have nothing written on them are drawn in
//! the box, and read by Tesseract, where it is installed, in a box of its own. Goes out: the text with theirs in its
//! place, as far as the program is sure of it.

use std::{
    fs::File,
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Media, Outcome, Program,
    document::PDF,
    excerpt,
    facts::Facts,
    limits,
    recipe::Recipe,
    to_read, to_write,
    wire::{Answer, Output, Request, Work},
};
use crate::{
    error::{Error, Result},
    language::detect,
    terms::Kind,
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
/// Lines of which the program is less sure, of a hundred, are patterns and stains.
const SURE: f32 = 60.0;

/// The custom between pages.
const NEXT_PAGE: &str = "\x0C\n";

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
        let failed = |cause| Error::internal("a recognised text", cause);
        let ready = made.iter_mut().filter_map(|one| one.result.as_mut().ok());
        for one in ready.filter(|one| facts.media_type == PDF && one.text.is_some()) {
            let Some(text) = &one.file else { continue };
            if let Some(mut file) = self.recognise(original, text).await? {
                one.text = Some(excerpt(&file).map_err(failed)?);
                file.rewind().map_err(failed)?;
                (one.file, one.recognised) = (Some(file), true);
            }
        }
        Ok(made)
    }

    /// The text of `original` with what stands in the pictures of its bare pages; none where there is nothing of it.
    ///
    /// # Errors
    /// `Unavailable` or `Internal` where no process or file can be had: a page that cannot be read stays bare.
    async fn recognise(&self, original: &File, text: &File) -> Result<Option<File>> {
        let Some(reader) = self.reader.as_deref() else {
            return Ok(None);
        };
        let mut pages = pages(to_read(text)?.into()).await?;
        let signs = |page: &String| page.chars().filter(|sign| sign.is_alphanumeric()).count();
        let numbered = pages.iter().enumerate();
        let bare: Vec<usize> = numbered
            .filter(|(_, page)| signs(page) < FEWEST_SIGNS)
            .map(|(number, _)| number)
            .take(MOST_PAGES)
            .collect();
        if bare.is_empty() {
            return Ok(None);
        }
        let folder = Folder::new(&self.scratch)?;
        let mut language = match self.languages(reader, &folder.0).await? {
            all if all.is_empty() => return Ok(None),
            all => Asked::AnyOf(all),
        };
        let mut found = false;
        for number in bare {
            let read = self
                .one_page(original, number, &mut language, reader, &folder.0)
                .await;
            match read {
                Ok(text) if text.is_empty() => {}
                Ok(text) => (pages[number], found) = (text, true),
                Err(Error::Unusable(reason)) => {
                    tracing::debug!(page = number + 1, reason, "a page was not recognised");
                }
                Err(error) => return Err(error),
            }
        }
        if !found {
            return Ok(None);
        }
        let failed = |cause| Error::internal("a recognised text", cause);
        let mut file = self.scratch_file().await?;
        file.write_all(pages.join(NEXT_PAGE).as_bytes())
            .map_err(failed)?;
        file.rewind().map_err(failed)?;
        Ok(Some(file))
    }

    /// Those of our languages that the program has learnt.
    async fn languages(&self, reader: &Path, folder: &Path) -> Result<Vec<&'static str>> {
        let arguments = vec!["--list-langs".to_owned()];
        let said = self.say(reader, arguments, folder).await?;
        let ours = LANGUAGES.iter().map(|(_, name)| *name);
        Ok(ours
            .filter(|name| said.lines().any(|line| line.trim() == *name))
            .collect())
    }

    /// Reads a page in the language at hand. While it is not known, all are asked, and then the one that it turns out to
    /// be in: the right one alone makes a twentieth of the mistakes.
    async fn one_page(
        &self,
        original: &File,
        number: usize,
        language: &mut Asked,
        reader: &Path,
        folder: &Path,
    ) -> Result<String> {
        self.draw(original, number, &folder.join(PAGE)).await?;
        let first = self.read(reader, &language.argument(), folder).await?;
        let Asked::AnyOf(all) = &language else {
            return Ok(first);
        };
        let told = detect(&first).and_then(|told| {
            let known = LANGUAGES.iter().find(|(tag, _)| *tag == told.as_str());
            known.map(|(_, name)| *name)
        });
        let Some(told) = told.filter(|told| all.len() > 1 && all.contains(told)) else {
            return Ok(first);
        };
        *language = Asked::One(told);
        self.read(reader, told, folder).await
    }

    /// Draws a page of `original` for reading.
    async fn draw(&self, original: &File, number: usize, path: &Path) -> Result<()> {
        let file =
            File::create(path).map_err(|cause| Error::unavailable("a page's picture", cause))?;
        let page = u32::try_from(number).unwrap_or(u32::MAX);
        let output = Output {
            recipe: Recipe::Sheet { page },
            file: 1,
        };
        let request = Request {
            limits: limits(PATIENCE, 0),
            work: Work::Render {
                facts: Facts::new(Kind::Text, PDF),
                outputs: vec![output],
                loudness: self.loudness,
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
            .map(|said| lines(&said))
    }

    /// What the program says, which nobody believes to be UTF-8 or short.
    async fn say(&self, reader: &Path, arguments: Vec<String>, folder: &Path) -> Result<String> {
        const LONGEST: u64 = 16 << 20;
        let program = Program {
            path: reader.to_owned(),
            arguments,
            folder: folder.to_owned(),
        };
        let mut said = Vec::new();
        self.run(program, PATIENCE)
            .await?
            .take(LONGEST)
            .read_to_end(&mut said)
            .map_err(|cause| Error::internal("what a boxed program wrote", cause))?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }
}

/// The name of a page's picture in the program's folder.
const PAGE: &str = "page.pgm";

/// In which language a page is read.
enum Asked {
    AnyOf(Vec<&'static str>),
    One(&'static str),
}

impl Asked {
    fn argument(&self) -> String {
        match self {
            Self::AnyOf(all) => all.join("+"),
            Self::One(one) => (*one).to_owned(),
        }
    }
}

/// A folder that is gone with all that is in it when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(within: &Path) -> Result<Self> {
        // The program's working folder must be told from the root.
        let path = std::path::absolute(within.join(uuid::Uuid::new_v4().to_string()));
        let made = path.and_then(|path| std::fs::create_dir_all(&path).map(|()| path));
        made.map(Self)
            .map_err(|cause| Error::unavailable("the folder for scratch files", cause))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%cause, "a folder of a boxed program stays behind");
        }
    }
}

async fn pages(mut text: File) -> Result<Vec<String>> {
    let read = move || -> std::io::Result<Vec<String>> {
        let mut bytes = Vec::new();
        text.rewind()?;
        text.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.split(NEXT_PAGE).map(str::to_owned).collect())
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|cause| Error::internal("reading a text", cause))?
        .map_err(|cause| Error::internal("reading a text", cause))
}

/// The lines that are sure, from Tesseract's table: level, page, block, paragraph, line, word, the word's box of four
/// numbers, how sure it is (0 to 100), the word. Paragraphs are parted by an empty line.
fn lines(table: &str) -> String {
    let mut text = String::new();
    let (mut at, mut paragraph) = (Vec::new(), Vec::new());
    let (mut words, mut sure): (Vec<&str>, Vec<f32>) = (Vec::new(), Vec::new());
    let rows = table.lines().map(|row| row.split('\t').collect::<Vec<_>>());
    let rows = rows.filter(|row| row.len() == 12 && row[0] == "5");
    for row in rows.map(Some).chain([None]) {
        let here = row.as_ref().map_or(Vec::new(), |row| row[1..5].to_vec());
        if here != at {
            #[expect(clippy::cast_precision_loss, reason = "no line has so many words")]
            let mean = sure.iter().sum::<f32>() / sure.len().max(1) as f32;
            let line = words.join(" ");
            if mean >= SURE && line.chars().any(char::is_alphanumeric) {
                let own = at[..3].to_vec();
                if !text.is_empty() && own != paragraph {
                    text.push('\n');
                }
                paragraph = own;
                text.push_str(&line);
                text.push('\n');
            }
            (words, sure, at) = (Vec::new(), Vec::new(), here);
        }
        if let Some(row) = row.filter(|row| !row[11].trim().is_empty()) {
            words.push(row[11].trim());
            sure.push(row[10].parse().unwrap_or(0.0));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn sure_lines_are_read_and_stains_are_not() {
        let row = |place: &str, sure: &str, word: &str| {
            format!("5\t1\t{place}\t1\t0\t0\t9\t9\t{sure}\t{word}\n")
        };
        let table = [
            "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n".into(),
            "4\t1\t1\t1\t1\t0\t0\t0\t9\t9\t-1\t\n".into(),
            row("1\t1\t1", "96.5", "Вилоят"),
            row("1\t1\t1", "91", "ҳокими"),
            row("1\t1\t2", "88", "келди."),
            row("2\t1\t1", "21", "~~|_"),
            row("3\t1\t1", "95", "Анжуман"),
        ];
        assert_eq!(lines(&table.concat()), "Вилоят ҳокими\nкелди.\n\nАнжуман\n");
        assert_eq!(lines("5\tno table"), "");
    }
}
