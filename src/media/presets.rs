//! The table of presets: what is made of each kind of file, under which name, and what people wait for first. The
//! rest of the program asks by name; the child gets the recipe alone.

mod office;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    LOUDNESS,
    document::PDF,
    facts::Facts,
    print::prints,
    recipe::{Clip, Format, Recipe, Size, Still},
};
use crate::{
    error::{Error, Result},
    terms::Kind,
};

/// The names that the rest of the program asks for.
pub const THUMB: &str = "thumb";
pub const LARGE: &str = "large";
pub const PRESS: &str = "press";
pub const PREVIEW: &str = "preview";
pub const WEB: &str = "web";
pub const FULL: &str = "full";
pub const STORYBOARD: &str = "storyboard";
pub const TEXT: &str = "text";
pub const ANIMATION: &str = "animation";

/// The lines of a film of full size; what has fewer has none.
const FULL_LINES: u32 = 1080;

/// Of which kind it is made, in which pass, how it is called, and how it is made. The presets of one pass share one
/// decoding of the original; an earlier pass is done before a later one is begun.
type Row = (Kind, u8, &'static str, Recipe);

const BUILT_IN: [Row; 20] = [
    (Kind::Photo, 1, THUMB, webp(320)),
    (Kind::Photo, 1, "small", jpeg(640)),
    (Kind::Photo, 1, "medium", jpeg(1280)),
    (Kind::Photo, 1, LARGE, jpeg(2048)),
    (Kind::Photo, 2, PRESS, Recipe::Press),
    (Kind::Photo, 2, ANIMATION, silent(720)),
    (Kind::Photo, 3, TEXT, Recipe::Text),
    (Kind::Video, 1, THUMB, webp(320)),
    (Kind::Video, 1, "poster", jpeg(1280)),
    (Kind::Video, 2, PREVIEW, film(360)),
    (Kind::Video, 2, WEB, film(720)),
    (Kind::Video, 2, FULL, film(FULL_LINES)),
    (Kind::Video, 2, STORYBOARD, Recipe::Storyboard),
    (Kind::Video, 2, "storyboard_track", Recipe::StoryboardTrack),
    (Kind::Audio, 1, "waveform", Recipe::Waveform),
    (Kind::Audio, 1, "waveform_image", Recipe::WaveformImage),
    (Kind::Audio, 2, PREVIEW, Recipe::Sound { bits: 128_000 }),
    (Kind::Text, 1, THUMB, webp(320)),
    (Kind::Text, 1, "page", jpeg(1600)),
    (Kind::Text, 2, TEXT, Recipe::Text),
];

/// All of it within a square of `side`; what sharp eyes take for the original at press sizes.
const fn jpeg(side: u32) -> Recipe {
    Recipe::Picture(Still {
        size: Size::within(side),
        format: Format::Jpeg,
        quality: 84,
    })
}

const fn webp(side: u32) -> Recipe {
    Recipe::Picture(Still {
        size: Size::within(side),
        format: Format::Webp,
        quality: 78,
    })
}

/// Its sound takes as much in each size, so that it is encoded once for all of them.
const fn film(lines: u32) -> Recipe {
    Recipe::Film(Clip {
        size: Size::Lines { lines },
        bits: None,
        sound: Some(128_000),
    })
}

/// What a picture that moves becomes.
const fn silent(lines: u32) -> Recipe {
    Recipe::Film(Clip {
        size: Size::Lines { lines },
        bits: None,
        sound: None,
    })
}

/// A rendition's name, in URLs and in the database, and how it is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Preset {
    pub name: String,
    pub recipe: Recipe,
}

/// Whether a file of this kind is ready without the rendition: few photos have anything written in them, and it takes long
/// to look.
#[must_use]
pub fn is_late(kind: Kind, name: &str) -> bool {
    (kind, name) == (Kind::Photo, TEXT)
}

fn digest(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(value).map_err(|error| Error::internal("a preset", error))?;
    Ok(hex::encode(&Sha256::digest(json)[..16]))
}

/// What is made of files here.
#[derive(Debug, Clone)]
pub struct Presets {
    rows: Vec<Planned>,
    /// What sound is brought to, in LUFS.
    loudness: f64,
    /// Whether office files are printed here, so that their pages can be drawn.
    prints: bool,
    /// Whether letters in pictures are recognised here.
    reads: bool,
}

#[derive(Debug, Clone)]
struct Planned {
    kind: Kind,
    pass: u8,
    preset: Preset,
}

impl Presets {
    /// Those that every office has.
    #[must_use]
    pub fn built_in() -> Self {
        let planned = |(kind, pass, name, recipe): Row| Planned {
            kind,
            pass,
            preset: Preset {
                name: name.to_owned(),
                recipe,
            },
        };
        Self {
            rows: BUILT_IN.into_iter().map(planned).collect(),
            loudness: LOUDNESS,
            prints: false,
            reads: false,
        }
    }

    /// Where office files are printed, their pages are drawn, too.
    #[must_use]
    pub fn with_printer(self, prints: bool) -> Self {
        Self { prints, ..self }
    }

    /// Where letters are recognised, what is drawn has its text, too.
    #[must_use]
    pub fn with_reader(self, reads: bool) -> Self {
        Self { reads, ..self }
    }

    /// What the sound of renditions is brought to, in LUFS, where it is not that of EBU R 128.
    #[must_use]
    pub fn with_loudness(self, loudness: f64) -> Self {
        Self { loudness, ..self }
    }

    /// The renditions that a file gets, in passes: what people wait for first.
    #[must_use]
    pub fn passes(&self, facts: &Facts) -> Vec<Vec<Preset>> {
        let mut passes: Vec<(u8, Vec<Preset>)> = Vec::new();
        for planned in self.of(facts) {
            match passes.iter_mut().find(|(pass, _)| *pass == planned.pass) {
                Some((_, presets)) => presets.push(planned.preset.clone()),
                None => passes.push((planned.pass, vec![planned.preset.clone()])),
            }
        }
        passes.sort_by_key(|(pass, _)| *pass);
        passes.into_iter().map(|(_, presets)| presets).collect()
    }

    /// The preset of this name for such a file.
    #[must_use]
    pub fn named(&self, facts: &Facts, name: &str) -> Option<Preset> {
        let mut of_file = self.of(facts).map(|planned| &planned.preset);
        of_file.find(|preset| preset.name == name).cloned()
    }

    /// Whether a preset of this name is made of such a file with programs alone that are not here.
    #[must_use]
    pub fn lacks(&self, facts: &Facts, name: &str) -> bool {
        let everything = self.clone().with_printer(true).with_reader(true);
        self.named(facts, name).is_none() && everything.named(facts, name).is_some()
    }

    /// The names of all that may be made of a kind, in the order in which it is made.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &str> {
        let rows = self.rows.iter().filter(move |row| row.kind == kind);
        rows.map(|row| row.preset.name.as_str())
    }

    /// Whether there is such a rendition of a kind; none: of a file that was not examined yet.
    #[must_use]
    pub fn knows(&self, kind: Option<Kind>, name: &str) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|planned| Some(planned.kind) == kind && planned.preset.name == name)
    }

    /// Tells one table from another, in hexadecimal.
    ///
    /// # Errors
    /// Internal, where it cannot be written as JSON, which does not happen.
    pub fn digest(&self) -> Result<String> {
        let rows = self.rows.iter().map(|row| {
            let made = self.digest_of(&row.preset)?;
            Ok((row.kind, row.pass, &row.preset.name, made))
        });
        let rows = rows.collect::<Result<Vec<_>>>()?;
        match (self.prints, self.reads) {
            (false, false) => digest(&rows),
            programs => digest(&(rows, programs)),
        }
    }

    /// Tells one way of making a rendition from another: its recipe, the revision of what follows it, and the level of
    /// sound that is brought to one.
    ///
    /// # Errors
    /// Internal, where it cannot be written as JSON, which does not happen.
    pub fn digest_of(&self, preset: &Preset) -> Result<String> {
        let recipe = preset.recipe;
        match revision(preset) {
            0 => digest(&recipe),
            revision => {
                let loudness = has_sound(recipe).then_some(self.loudness);
                digest(&(recipe, revision, loudness))
            }
        }
    }

    fn of(&self, facts: &Facts) -> impl Iterator<Item = &Planned> {
        self.rows
            .iter()
            .filter(|planned| {
                planned.kind == facts.kind && self.suits(planned.preset.recipe, facts)
            })
            .filter(|planned| planned.preset.name != FULL || lines(facts) >= FULL_LINES)
    }

    /// Whether such a file has anything that the recipe could be made of.
    fn suits(&self, recipe: Recipe, facts: &Facts) -> bool {
        match (facts.kind, recipe) {
            // Texts that are laid out in pages.
            (Kind::Text, Recipe::Picture(_)) => {
                facts.media_type == PDF || self.prints && prints(&facts.media_type)
            }
            (Kind::Photo, Recipe::Film(_)) => facts.duration_ms.is_some(),
            (Kind::Photo, Recipe::Text) => self.reads && facts.drawn,
            _ => true,
        }
    }
}

/// How often it was changed what is made after a recipe, so far that what was made before is out of date.
fn revision(preset: &Preset) -> u32 {
    match preset.recipe {
        // 1: sound is brought to one level, and letters in pictures are recognised.
        Recipe::Film(_) | Recipe::Sound { .. } | Recipe::Text => 1,
        // 1: with it is found out how the original looks.
        Recipe::Picture(_) if preset.name == THUMB => 1,
        _ => 0,
    }
}

const fn has_sound(recipe: Recipe) -> bool {
    match recipe {
        Recipe::Film(clip) => clip.sound.is_some(),
        Recipe::Sound { .. } => true,
        _ => false,
    }
}

fn lines(facts: &Facts) -> u32 {
    let sides = facts.width.zip(facts.height);
    sides.map_or(0, |(width, height)| width.min(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(facts: &Facts) -> Vec<Vec<String>> {
        let name = |preset: Preset| preset.name;
        let passes = Presets::built_in().passes(facts).into_iter();
        passes
            .map(|pass| pass.into_iter().map(name).collect())
            .collect()
    }

    #[test]
    fn what_people_wait_for_comes_first() {
        assert_eq!(
            names(&Facts::new(Kind::Video, "video/mp4")),
            [
                vec!["thumb", "poster"],
                vec!["preview", "web", "storyboard", "storyboard_track"]
            ]
        );
        let letter = Facts::new(Kind::Text, "application/rtf");
        assert_eq!(names(&letter), [["text"]]);
        let printed = Presets::built_in().with_printer(true).passes(&letter);
        assert_eq!(printed.len(), 2);
        assert!(Presets::built_in().lacks(&letter, THUMB));
        assert!(
            !Presets::built_in().lacks(&letter, "text")
                && !Presets::built_in().lacks(&letter, FULL)
        );
        let document = Facts::new(Kind::Text, PDF);
        assert_eq!(names(&document), [vec!["thumb", "page"], vec!["text"]]);
    }

    #[test]
    fn only_what_moves_is_animated() {
        let mut picture = Facts::new(Kind::Photo, "image/gif");
        assert_eq!(names(&picture)[1], ["press"]);
        picture.duration_ms = Some(500);
        assert_eq!(names(&picture)[1], ["press", "animation"]);
    }

    #[test]
    fn a_name_means_what_the_kind_says() {
        let [film, sound] = [Kind::Video, Kind::Audio].map(|kind| {
            let facts = Facts::new(kind, "");
            Presets::built_in().named(&facts, PREVIEW).unwrap().recipe
        });
        assert_eq!(
            (film.media_type(), sound.media_type()),
            ("video/mp4", "audio/mp4")
        );
        let photo = Facts::new(Kind::Photo, "image/jpeg");
        assert_eq!(Presets::built_in().named(&photo, PREVIEW), None);
    }

    #[test]
    fn another_level_makes_old_what_has_sound_and_nothing_else() {
        let (usual, louder) = (
            Presets::built_in(),
            Presets::built_in().with_loudness(-16.0),
        );
        assert_ne!(usual.digest().unwrap(), louder.digest().unwrap());
        for row in &usual.rows {
            let [one, other] = [&usual, &louder].map(|all| all.digest_of(&row.preset).unwrap());
            assert_eq!(one != other, has_sound(row.preset.recipe), "{row:?}");
        }
    }
}
