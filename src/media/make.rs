//! From an original to its renditions: one child for all that share a decoding, and what comes back of it is looked at
//! before anybody believes it. What needs a program of the system takes its own way.

use std::{
    fs::File,
    io::{Read, Seek},
    time::Duration,
};

use super::{
    LONGEST, Media, Outcome, Rendered,
    enclosure::undecodable,
    facts::Facts,
    likeness::Likeness,
    limits,
    presets::Preset,
    print,
    recipe::Recipe,
    size_of, to_read, to_write,
    wire::{Answer, Measures, Output, Request, Work},
};
use crate::{
    error::{Error, Result},
    terms::Kind,
};

/// The share of a text that is kept in the database for search, in bytes.
const EXCERPT: u64 = 1 << 20;

impl Media {
    /// Makes `presets` of `original`, sharing one decoding where they can. `facts` are what [`Self::examine`] found;
    /// `moment` is which one of a film its pictures show, in milliseconds, else the one that shows most; `progress` hears how far it is, from 0 to 1. There is an outcome for each preset.
    ///
    /// # Errors
    /// `Unavailable` or `Internal` where no process or file can be had; what the file is to blame for is in the
    /// outcomes.
    pub async fn render(
        &self,
        original: File,
        facts: &Facts,
        presets: &[Preset],
        moment: Option<i64>,
        progress: impl Fn(f32) + Send,
    ) -> Result<Vec<Outcome>> {
        let (with_program, by_child): (Vec<Preset>, Vec<Preset>) = presets
            .iter()
            .cloned()
            .partition(|preset| needs_program(facts, preset.recipe));
        let mut made = Vec::new();
        if with_program
            .iter()
            .any(|preset| preset.recipe == Recipe::Text)
        {
            made.extend(self.read_picture(&original, facts, &with_program).await?);
        } else if !with_program.is_empty() {
            let printed = self.print(&original, facts).await;
            made.extend(match printed {
                Ok((pages, of_pages)) => {
                    self.make(pages, &of_pages, &with_program, moment, |_| ())
                        .await?
                }
                Err(Error::Unusable(reason)) => refused(with_program, &reason),
                Err(error) => return Err(error),
            });
        }
        if !by_child.is_empty() {
            made.extend(
                self.make(original, facts, &by_child, moment, progress)
                    .await?,
            );
        }
        Ok(made)
    }

    /// Makes `presets` of `original` in one process.
    async fn make(
        &self,
        original: File,
        facts: &Facts,
        presets: &[Preset],
        moment: Option<i64>,
        progress: impl Fn(f32) + Send,
    ) -> Result<Vec<Outcome>> {
        let mut descriptors = vec![to_read(&original)?];
        let (mut outputs, mut made) = (Vec::new(), Vec::new());
        for preset in presets {
            let file = self.scratch_file().await?;
            outputs.push(Output {
                recipe: preset.recipe,
                file: descriptors.len(),
            });
            let descriptor = to_write(&file)?;
            made.push((descriptors.len(), (preset.clone(), file, None)));
            descriptors.push(descriptor);
        }
        let size = size_of(&original)?;
        let patience = patience(facts, size);
        let request = Request {
            limits: limits(patience, facts.duration_ms.unwrap_or(0)),
            work: Work::Render {
                facts: facts.clone(),
                outputs,
                loudness: self.loudness,
                moment,
            },
        };
        let slots = &mut made;
        let hear = move |answer| match answer {
            Answer::Progress(part) => progress(part.clamp(0.0, 1.0)),
            Answer::Made(one) => {
                if let Some((_, (_, _, result))) =
                    slots.iter_mut().find(|(number, _)| *number == one.file)
                {
                    *result = Some(one.result);
                }
            }
            Answer::Examined(_) | Answer::Failed(_) | Answer::Done => {}
        };
        let reason = match self
            .enclosure
            .run(&request, descriptors, patience, hear)
            .await
        {
            Ok(()) => "It was not made.".to_owned(),
            Err(Error::Unusable(reason)) => reason,
            Err(error) => return Err(error),
        };
        let made = made.into_iter().map(|(_, slot)| slot).collect();
        let made = tokio::task::spawn_blocking(move || collect(made, size, &reason))
            .await
            .map_err(|cause| Error::internal("collecting renditions", cause))??;
        self.complete(&original, facts, made).await
    }
}

/// Whether it takes a program of the system to make it: one that prints office files, or reads letters in photos.
fn needs_program(facts: &Facts, recipe: Recipe) -> bool {
    match recipe {
        Recipe::Picture(_) => print::prints(&facts.media_type),
        Recipe::Text => facts.kind == Kind::Photo,
        _ => false,
    }
}

fn refused(presets: Vec<Preset>, reason: &str) -> Vec<Outcome> {
    let refused = |preset| Outcome {
        preset,
        result: Err(reason.to_owned()),
    };
    presets.into_iter().map(refused).collect()
}

/// How long a render may take: generous, since a slow machine is no fault of the file, but not for ever; less where there
/// is but a picture or a text, which hold up a worker for nothing when they are made to do harm.
fn patience(facts: &Facts, size: u64) -> Duration {
    let seconds = |ms: i64| u64::try_from(ms / 1000).unwrap_or(0).saturating_mul(20);
    let played = facts.duration_ms.map_or(120, |ms| 300 + seconds(ms));
    LONGEST.min(Duration::from_secs(played + size / (4 << 20)))
}

/// A rendition that was asked for: its file, and what the child said of it, if anything.
type Slot = (Preset, File, Option<Result<Measures, String>>);

/// The outcome for each preset of an original of so many bytes; one that the child said nothing about has `reason`.
fn collect(made: Vec<Slot>, original: u64, reason: &str) -> Result<Vec<Outcome>> {
    let outcome = |(preset, file, result): Slot| {
        let result = match result {
            Some(Ok(measures)) => rendered(file, preset.recipe, original, measures)?,
            Some(Err(reason)) => Err(undecodable(&reason).to_string()),
            None => Err(reason.to_owned()),
        };
        Ok(Outcome { preset, result })
    };
    made.into_iter().map(outcome).collect()
}

/// What the child made, looked at before anybody believes it.
fn rendered(
    mut file: File,
    recipe: Recipe,
    original: u64,
    measures: Measures,
) -> Result<Result<Rendered, String>> {
    let failed = |cause| Error::internal("a rendition's file", cause);
    let written = file.metadata().map_err(failed)?.len();
    let in_original = measures.in_original && recipe == Recipe::Press;
    if written == 0 && recipe != Recipe::Text && !in_original {
        return Ok(Err("Nothing came out of it.".into()));
    }
    let size = if in_original { original } else { written };
    let framed = measures.framed.filter(|framed| framed.holds(size));
    if framed.is_none() && (in_original || recipe == Recipe::Press) {
        return Ok(Err("Nothing came out of it.".into()));
    }
    file.rewind().map_err(failed)?;
    let text = if recipe == Recipe::Text {
        Some(excerpt(&file).map_err(failed)?)
    } else {
        None
    };
    file.rewind().map_err(failed)?;
    let Measures {
        width,
        height,
        duration_ms,
        damaged,
        copied,
        loudness,
        likeness,
        ..
    } = measures;
    Ok(Ok(Rendered {
        file: (!in_original).then_some(file),
        media_type: recipe.media_type(),
        width,
        height,
        duration_ms,
        damaged,
        copied: copied || in_original,
        loudness,
        likeness: likeness.filter(Likeness::holds),
        recognised: false,
        text,
        framed: framed.map(|framed| (framed.frame, framed.picture)),
    }))
}

pub(super) fn excerpt(file: &File) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    file.take(EXCERPT).read_to_end(&mut bytes)?;
    let whole = match std::str::from_utf8(&bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    // No text has NUL in it, and PostgreSQL takes none.
    Ok(String::from_utf8_lossy(&bytes[..whole]).replace('\0', ""))
}
