//! PDF (ISO 32000-2). Comes in: the file, decoded from memory. Goes out: how many pages it has, what its information
//! dictionary says, its first page as a picture, and its text page by page.

use std::{
    fs::File,
    io::{BufWriter, Read, Write},
};

use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::InterpreterSettings,
    hayro_syntax::{LoadPdfError, Pdf},
    vello_cpu::color::palette::css::WHITE,
};
use image::RgbImage;

use super::{
    charset, child,
    embedded::{Embedded, Said},
    facts::Facts,
    office, page_text, picture,
    recipe::{Recipe, Size},
    wire::{Examined, Measures, Output},
};
use crate::{
    error::{Error, Result},
    terms::Kind,
};

pub const PDF: &str = "application/pdf";
/// No document is longer, in bytes: it is read whole.
const LARGEST_FILE: u64 = 512 << 20;
/// No page is drawn larger, in pixels of its longest side.
const LARGEST_PAGE: f32 = 16_384.0;

pub fn examine(original: &File) -> Result<Examined> {
    let pdf = open(original)?;
    let pages = u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX);
    let facts = Facts {
        pages: Some(pages),
        ..Facts::new(Kind::Text, PDF)
    };
    Ok(Examined {
        facts,
        embedded: embedded(&pdf),
    })
}

pub fn render(original: &File, outputs: &[Output]) -> Result<()> {
    let pdf = open(original)?;
    let mut pictures = Vec::new();
    for output in outputs {
        match output.recipe {
            Recipe::Picture(still) => pictures.push((*output, still)),
            Recipe::Text => child::made(*output, text(&pdf, child::create(*output)?))?,
            Recipe::Sheet { page } => {
                child::made(*output, sheet(&pdf, page, &child::create(*output)?))?;
            }
            _ => child::made(
                *output,
                Err(Error::Unusable("a document has no such rendition".into())),
            )?,
        }
    }
    if pictures.is_empty() {
        return Ok(());
    }
    let page = draw(&pdf, 0, |natural| picture::whole(natural, &pictures))?;
    let size = page.dimensions();
    picture::cascade(page, size, &pictures, child::made)
}

fn open(original: &File) -> Result<Pdf> {
    let mut bytes = Vec::new();
    original
        .take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| Error::internal("reading an original", cause))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(Error::Unusable(format!(
            "it is longer than {} MiB",
            LARGEST_FILE >> 20
        )));
    }
    let pdf = Pdf::new(bytes).map_err(|error| {
        Error::Unusable(match error {
            LoadPdfError::Decryption(_) => "it is locked with a password".into(),
            LoadPdfError::Invalid => "it is no whole PDF".into(),
        })
    })?;
    if pdf.pages().is_empty() {
        Err(Error::Unusable("there are no pages in it".into()))
    } else {
        Ok(pdf)
    }
}

/// A page as its letters are recognised best: the lines of A4 at 300 dots an inch, whatever its size is said to be.
fn sheet(pdf: &Pdf, page: u32, file: &File) -> Result<Measures> {
    const SIDE: u32 = 3508;
    let number = usize::try_from(page).unwrap_or(usize::MAX);
    let size = Size::within(SIDE);
    let grey = image::imageops::grayscale(&draw(pdf, number, |natural| size.view(natural).whole)?);
    picture::pgm(&grey, file).map_err(|cause| Error::internal("writing a page", cause))?;
    Ok(Measures::default())
}

/// A page on white, as large as `wanted` says for one that could have any size.
fn draw(pdf: &Pdf, number: usize, wanted: impl Fn((u32, u32)) -> (u32, u32)) -> Result<RgbImage> {
    let page = pdf
        .pages()
        .get(number)
        .ok_or_else(|| Error::Unusable("there is no such page in it".into()))?;
    let (width, height) = page.render_dimensions();
    let side = width.max(height);
    if !(side.is_finite() && width >= 1.0 && height >= 1.0) {
        return Err(Error::Unusable("its page has no size".into()));
    }
    // The shape of the page is known to a hundredth of a percent, which no preset is large enough to show.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "sides of pages and of presets are whole numbers far below 2^24, and not negative"
    )]
    let scale = {
        let natural = [width, height].map(|length| (length / side * LARGEST_PAGE) as u32);
        let (width, height) = wanted((natural[0], natural[1]));
        width.max(height) as f32 / side
    };
    let settings = PixmapSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
    };
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &settings,
    );
    let pixels = pixmap
        .data_as_u8_slice()
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    RgbImage::from_raw(
        u32::from(pixmap.width()),
        u32::from(pixmap.height()),
        pixels,
    )
    .ok_or_else(|| Error::internal("drawing a page", "a buffer of another size came back"))
}

/// All pages' text.
fn text(pdf: &Pdf, file: File) -> Result<Measures> {
    let failed = |cause| Error::internal("writing a text", cause);
    let mut out = BufWriter::new(file);
    let (mut length, pages) = (0, pdf.pages().len());
    for (number, text) in page_text::pages(pdf).enumerate() {
        length += text.len();
        if length > office::LONGEST_TEXT {
            break;
        }
        if number > 0 {
            out.write_all(office::NEXT_PAGE.as_bytes())
                .map_err(failed)?;
        }
        out.write_all(text.as_bytes()).map_err(failed)?;
        if number % 16 == 15 {
            let part = u16::try_from(number * 1000 / pages).unwrap_or(1000);
            child::progress(f32::from(part) / 1000.0)?;
        }
    }
    out.flush().map_err(failed)?;
    Ok(Measures::default())
}

/// The information dictionary (ISO 32000-2 section 14.3.3). A title that is only a file's name is none.
fn embedded(pdf: &Pdf) -> Embedded {
    let said = pdf.metadata();
    let mut embedded = Embedded::default();
    let fields = [
        ("Title", &said.title),
        ("Author", &said.author),
        ("Subject", &said.subject),
        ("Keywords", &said.keywords),
        ("Creator", &said.creator),
        ("Producer", &said.producer),
    ];
    for (name, value) in fields {
        let Some(value) = value
            .as_deref()
            .map(charset::decode)
            .filter(|value| !value.trim().is_empty())
        else {
            continue;
        };
        embedded.keep("pdf", name, value.clone());
        match name {
            "Title" if office::is_title(&value) => embedded.headline = Said::plain(value),
            "Author" => embedded.creator = Some(value),
            "Subject" => embedded.caption = Said::plain(value),
            "Keywords" => {
                embedded.keywords = office::keywords(&value);
            }
            _ => {}
        }
    }
    if let Some(date) = &said.creation_date {
        embedded.date(&format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{:+03}:{:02}",
            date.year,
            date.month,
            date.day,
            date.hour,
            date.minute,
            date.second,
            date.utc_offset_hour,
            date.utc_offset_minute
        ));
    }
    embedded
}
