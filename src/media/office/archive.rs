//! The ZIP archive that an office file is (ISO/IEC 29500-2, `OpenDocument` 1.3 part 2). Comes in: the file. Goes out: one
//! part after the other, as text. Foreign to the core: the number of parts, what they swell to, and how much more than
//! themselves that is are bounded, counted as they are read and never as they declare.

use std::{
    fs::File,
    io::{BufReader, Read},
};

use zip::{ZipArchive, result::ZipError};

use crate::error::{Error, Result};

const MOST_PARTS: usize = 20_000;
/// All parts that are read together, in bytes.
const MOST_BYTES: u64 = 256 << 20;
/// A part may swell to so many times its size: repetitive tables reach a hundred.
const MOST_SWELLING: u64 = 500;
/// Small parts may swell as they like.
const HARMLESS: u64 = 4 << 20;

pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
    left: u64,
}

impl Archive {
    /// # Errors
    /// Unusable where it is no whole archive.
    pub fn open(original: &File) -> Result<Self> {
        let file = original
            .try_clone()
            .map_err(|cause| Error::internal("reading an original", cause))?;
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|cause| broken(&cause))?;
        if zip.len() > MOST_PARTS {
            return Err(Error::Unusable(format!(
                "it has more than {MOST_PARTS} parts"
            )));
        }
        Ok(Self {
            zip,
            left: MOST_BYTES,
        })
    }

    pub fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// The names of the parts in `folder`, by the number that they end in.
    pub fn within(&self, folder: &str) -> Vec<String> {
        let names = self.zip.file_names().flatten();
        let mut found: Vec<String> = names
            .filter(|name| name.starts_with(folder))
            .map(std::borrow::Cow::into_owned)
            .collect();
        found.sort_by_key(|name| (number(name), name.clone()));
        found
    }

    /// A part as text, UTF-8 or UTF-16 (XML 1.0 section 4.3.3); none where there is no such part.
    ///
    /// # Errors
    /// Unusable where it is broken or swells too much.
    pub fn part(&mut self, name: &str) -> Result<Option<String>> {
        let Some(index) = self.zip.index_for_name(name) else {
            return Ok(None);
        };
        let part = self.zip.by_index(index).map_err(|cause| broken(&cause))?;
        let room = (part.compressed_size().saturating_mul(MOST_SWELLING))
            .max(HARMLESS)
            .min(self.left);
        let mut bytes = Vec::new();
        part.take(room + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| Error::Unusable("a part of it is damaged".into()))?;
        if bytes.len() as u64 > room {
            return Err(Error::Unusable(
                "it unpacks to far more than a document of its size holds".into(),
            ));
        }
        self.left -= bytes.len() as u64;
        let encoding = encoding_rs::Encoding::for_bom(&bytes);
        let (text, _, _) = encoding
            .map_or(encoding_rs::UTF_8, |(encoding, _)| encoding)
            .decode(&bytes);
        Ok(Some(text.into_owned()))
    }

    /// A part that must be there.
    pub fn needed(&mut self, name: &str) -> Result<String> {
        self.part(name)?
            .ok_or_else(|| Error::Unusable(format!("its part {name} is missing")))
    }
}

/// `slide12.xml` is the twelfth.
fn number(name: &str) -> u32 {
    let digits: String = name
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .take(9)
        .collect();
    digits.parse().unwrap_or(0)
}

fn broken(cause: &ZipError) -> Error {
    Error::Unusable(match cause {
        ZipError::UnsupportedArchive(_) => {
            "it is packed or locked in a way that is not read".into()
        }
        _ => "it is cut off or damaged".into(),
    })
}
