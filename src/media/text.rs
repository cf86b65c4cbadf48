//! Texts: plain ones in any encoding, HTML, RTF and office files in; UTF-8 out, as people read them. Plain ones may be as
//! long as they like, the others are read whole.

use std::{
    fs::File,
    io::{BufWriter, Read, Seek, Write},
};

use super::{
    charset, child,
    embedded::Embedded,
    facts::Facts,
    markup, office,
    recipe::Recipe,
    rich,
    sniff::HEAD,
    wire::{Examined, Measures, Output},
};
use crate::{
    error::{Error, Result},
    terms::Kind,
};

/// No file that is read whole is longer, in bytes.
const LARGEST_FILE: u64 = 256 << 20;

pub const HTML: &str = "text/html";
pub const RTF: &str = "application/rtf";

/// Whether files of this type are read here.
pub fn reads(media_type: &str) -> bool {
    media_type.starts_with("text/") || media_type == RTF || office::reads(media_type)
}

pub fn examine(original: &File, media_type: &str) -> Result<Examined> {
    let mut facts = Facts::new(Kind::Text, media_type);
    let embedded = match media_type {
        HTML => markup::embedded(&markup::decode(&whole(original)?)),
        RTF => rich::read(&whole(original)?)?.embedded,
        office if office::reads(office) => return office::examine(original, office),
        // A text is what `sniff` took for one; what is more to know is in which letters it stands.
        _ => {
            facts.charset = Some(encoding(original)?.name().to_owned());
            Embedded::default()
        }
    };
    Ok(Examined { facts, embedded })
}

pub fn render(original: &File, facts: &Facts, outputs: &[Output]) -> Result<()> {
    for output in outputs {
        let made = match output.recipe {
            Recipe::Text => write(original, &facts.media_type, child::create(*output)?),
            _ => Err(Error::Unusable("a text has no such rendition".into())),
        };
        child::made(*output, made)?;
    }
    Ok(())
}

fn write(original: &File, media_type: &str, mut file: File) -> Result<Measures> {
    let text = match media_type {
        HTML => markup::text(&markup::decode(&whole(original)?))?,
        RTF => rich::read(&whole(original)?)?.text,
        office if office::reads(office) => office::text(original, office)?,
        _ => return convert(original, file),
    };
    file.write_all(text.as_bytes())
        .map_err(|cause| Error::internal("writing a text", cause))?;
    Ok(Measures::default())
}

fn whole(mut original: &File) -> Result<Vec<u8>> {
    let failed = |cause| Error::internal("reading a text", cause);
    let mut bytes = Vec::new();
    original.rewind().map_err(failed)?;
    original
        .take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(Error::Unusable(format!(
            "it is longer than {} MiB",
            LARGEST_FILE >> 20
        )));
    }
    Ok(bytes)
}

/// The whole text as UTF-8, without a byte order mark; what is wrong in it becomes U+FFFD.
fn convert(mut original: &File, file: File) -> Result<Measures> {
    let failed = |cause| Error::internal("converting a text", cause);
    let mut decoder = encoding(original)?.new_decoder_with_bom_removal();
    let (mut input, mut out, mut text) = (vec![0; HEAD], BufWriter::new(file), String::new());
    loop {
        let read = original.read(&mut input).map_err(failed)?;
        let room = decoder.max_utf8_buffer_length(read).unwrap_or(HEAD * 4);
        text.reserve(room);
        let (_, _, _) = decoder.decode_to_string(&input[..read], &mut text, read == 0);
        out.write_all(text.as_bytes()).map_err(failed)?;
        text.clear();
        if read == 0 {
            break;
        }
    }
    out.flush().map_err(failed)?;
    Ok(Measures {
        copied: true,
        ..Measures::default()
    })
}

fn encoding(mut original: &File) -> Result<&'static encoding_rs::Encoding> {
    let failed = |cause| Error::internal("reading a text", cause);
    let mut head = Vec::new();
    original
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(failed)?;
    original.rewind().map_err(failed)?;
    charset::guess(&head).ok_or_else(|| Error::Unusable("it is no text".into()))
}
