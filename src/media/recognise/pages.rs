//! A document's text as a file and as pages, away from the threads that serve. What was written in the box is believed
//! to be neither short nor whole.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
};

use super::{FEWEST_SIGNS, MOST_PAGES};
use crate::{
    error::{Error, Result},
    media::{
        make::excerpt,
        office::{LONGEST_TEXT, NEXT_PAGE},
    },
};

/// The pages of a text that is said to have `said` of them, and the numbers of the first bare ones from 0. None: there
/// are none, or the text is longer than one can be.
pub async fn read(mut text: File, said: Option<u32>) -> Result<Option<(Vec<String>, Vec<usize>)>> {
    /// What comes after so many pages is one page.
    const MOST: usize = 10_000;
    let most = said.map_or(1, |said| usize::try_from(said).unwrap_or(MOST));
    let most = most.clamp(1, MOST);
    apart(move || {
        let longest = LONGEST_TEXT as u64 + (NEXT_PAGE.len() * MOST) as u64;
        if text.metadata()?.len() > longest {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        text.rewind()?;
        text.take(longest).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let pages: Vec<String> = text.splitn(most, NEXT_PAGE).map(str::to_owned).collect();
        let bare: Vec<usize> = (0..pages.len())
            .filter(|number| is_bare(&pages[*number]))
            .take(MOST_PAGES)
            .collect();
        Ok((!bare.is_empty()).then_some((pages, bare)))
    })
    .await
}

fn is_bare(page: &str) -> bool {
    let signs = page.chars().filter(|sign| sign.is_alphanumeric());
    signs.take(FEWEST_SIGNS).count() < FEWEST_SIGNS
}

/// Writes `pages` down: the file at its start, and what is kept of it for search.
pub async fn write(pages: Vec<String>, mut file: File) -> Result<(File, String)> {
    apart(move || {
        file.write_all(pages.join(NEXT_PAGE).as_bytes())?;
        file.rewind()?;
        let text = excerpt(&file)?;
        file.rewind()?;
        Ok((file, text))
    })
    .await
}

/// Does what reads or writes much on a thread where nobody waits behind it.
pub async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    const WHAT: &str = "a recognised text";
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|cause| Error::internal(WHAT, cause))?
        .map_err(|cause| Error::internal(WHAT, cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_of(text: &str, said: u32) -> Option<(Vec<String>, Vec<usize>)> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        read(file, Some(said)).await.unwrap()
    }

    #[tokio::test]
    async fn pages_are_as_many_as_the_document_has() {
        let text = "\x0C\nMany words are on this page\n\x0C\n3\x0C\n";
        let (pages, bare) = read_of(text, 4).await.unwrap();
        assert_eq!((pages.len(), bare), (4, vec![0, 2, 3]));
        let (pages, _) = read_of(&NEXT_PAGE.repeat(100_000), 2).await.unwrap();
        assert_eq!(pages.len(), 2);
    }

    #[tokio::test]
    async fn a_text_beyond_all_measure_is_not_read() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(LONGEST_TEXT as u64 * 2).unwrap();
        assert_eq!(read(file, Some(1)).await.unwrap(), None);
    }
}
