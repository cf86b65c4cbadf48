//! Plain texts: any encoding in, UTF-8 out, however long they are.

use std::{
    fs::File,
    io::{BufWriter, Read, Seek, Write},
};

use super::{
    charset, child,
    embedded::Embedded,
    facts::Facts,
    recipe::Recipe,
    sniff::HEAD,
    wire::{Examined, Measures, Output},
};
use crate::{
    error::{Error, Result},
    terms::Kind,
};

/// A text is what [`super::sniff()`] took for one; there is no more to measure.
pub fn examine(original: &File, media_type: &str) -> Result<Examined> {
    encoding(original)?;
    Ok(Examined {
        facts: Facts::new(Kind::Text, media_type),
        embedded: Embedded::default(),
    })
}

pub fn render(original: &File, outputs: &[Output]) -> Result<()> {
    for output in outputs {
        let made = match output.recipe {
            Recipe::Text => convert(original, child::create(*output)?),
            _ => Err(Error::Unusable("a text has no such rendition".into())),
        };
        child::made(*output, made)?;
    }
    Ok(())
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
    Ok(Measures::default())
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
