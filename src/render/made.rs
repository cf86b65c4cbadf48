//! What was made, on its way into the store: the bytes that the child wrote, and around pictures the description as it
//! stands, so that no picture is ever without it.

use crate::{
    app::App,
    db::records::{self, Segment},
    description::files::{self, Piece},
    error::Result,
    media::{self, Frame, Inscription, Outcome, Preset},
    storage::Sealed,
    terms::{BlobId, MaterialId},
};

/// What one pass made, and the description that is written into it.
#[derive(Debug)]
pub struct Pass {
    pub(super) made: Vec<Made>,
    pub(super) inscription: Inscription,
}

/// A rendition whose bytes are stored, or the reason why there is none.
#[derive(Debug)]
pub struct Made {
    pub preset: Preset,
    pub result: Result<Stored, String>,
}

#[derive(Debug)]
pub struct Stored {
    pub pieces: Vec<Piece>,
    /// The blobs that are new; the pieces may lie in others, too.
    pub blobs: Vec<Sealed>,
    pub sha256: String,
    pub frame: Option<Frame>,
    pub media_type: &'static str,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub duration_ms: Option<i64>,
    pub damaged: bool,
    /// Of the original, where its sound was gone through.
    pub loudness: Option<media::Loudness>,
    pub likeness: Option<media::Likeness>,
    pub recognised: bool,
    /// Whether the original's own picture or sound is in it.
    pub copied: bool,
    pub text: Option<String>,
}

/// Stores what came out of a pass over the original in `original`.
pub async fn store(
    app: &App,
    material: MaterialId,
    original: BlobId,
    outcomes: Vec<Outcome>,
) -> Result<Pass> {
    let record = records::one(app.db.read(), material).await?;
    let inscription = files::inscription(&record, &app.config);
    let mut made = Vec::with_capacity(outcomes.len());
    for Outcome { preset, result } in outcomes {
        let result = match result {
            Ok(rendered) => Ok(stored(app, original, rendered).await?),
            Err(reason) => Err(reason),
        };
        made.push(Made { preset, result });
    }
    describe(app, &inscription, &mut made).await?;
    Ok(Pass { made, inscription })
}

async fn stored(app: &App, original: BlobId, rendered: media::Rendered) -> Result<Stored> {
    let (blob, sealed) = match rendered.file {
        Some(file) => {
            let sealed = app.storage.put_file(file).await?;
            (sealed.id, Some(sealed))
        }
        None => (original, None),
    };
    let (frame, spans) = rendered.framed.unzip();
    let piece = |offset, length, is_picture| Piece {
        segment: Segment {
            blob,
            offset,
            length,
        },
        crc32: sealed.as_ref().map_or(0, |sealed| sealed.crc32),
        is_picture,
    };
    let whole = sealed.as_ref().map(|sealed| piece(0, sealed.size, false));
    let pieces = match spans {
        Some(spans) => spans
            .into_iter()
            .map(|span: media::Span| piece(span.start, span.length, true))
            .collect(),
        None => whole.into_iter().collect(),
    };
    Ok(Stored {
        pieces,
        sha256: sealed
            .as_ref()
            .map(|sealed| sealed.sha256.clone())
            .unwrap_or_default(),
        blobs: sealed.into_iter().collect(),
        frame,
        media_type: rendered.media_type,
        width: rendered.width,
        height: rendered.height,
        duration_ms: rendered.duration_ms,
        damaged: rendered.damaged,
        loudness: rendered.loudness,
        likeness: rendered.likeness,
        recognised: rendered.recognised,
        copied: rendered.copied,
        text: rendered.text,
    })
}

/// Writes the description around the pictures among what was made, and measures them with it.
async fn describe(app: &App, inscription: &Inscription, made: &mut [Made]) -> Result<()> {
    let mut pictures = Vec::new();
    for stored in made.iter_mut().filter_map(|made| made.result.as_mut().ok()) {
        if let Some(frame) = &stored.frame {
            let picture = std::mem::take(&mut stored.pieces);
            pictures.push((files::around(inscription, frame, &picture), picture));
        }
    }
    if pictures.is_empty() {
        return Ok(());
    }
    let (text, laid) = files::lay_out(&app.storage, pictures).await?;
    let framed = made
        .iter_mut()
        .filter_map(|made| made.result.as_mut().ok())
        .filter(|stored| stored.frame.is_some());
    for (stored, mut pieces) in framed.zip(laid) {
        stored.sha256 = files::measure(&app.storage, &mut pieces).await?;
        stored.pieces = pieces;
        stored.blobs.push(text.clone());
    }
    Ok(())
}
