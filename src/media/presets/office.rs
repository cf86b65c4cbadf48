//! The office's own presets: what stands under `[[presets]]` in the settings, read strictly and laid over the built-in
//! table. A name that is built in gets other numbers; another name becomes a rendition of its own.

use serde::Deserialize;

use super::{Clip, Format, Planned, Preset, Presets, Recipe, Size, Still};
use crate::terms::Kind;

/// Sides of pictures and films, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 16..=16_384;
const FILM_BITS: std::ops::RangeInclusive<u32> = 64_000..=100_000_000;
const SOUND_BITS: std::ops::RangeInclusive<u32> = 16_000..=512_000;
/// Where one side says nothing.
const UNBOUNDED: u32 = 65_535;

/// One of `[[presets]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Setting {
    name: String,
    #[serde(default)]
    kinds: Vec<Kind>,
    make: Option<Make>,
    width: Option<u32>,
    height: Option<u32>,
    lines: Option<u32>,
    fit: Option<Fit>,
    format: Option<Format>,
    quality: Option<u8>,
    bits: Option<u32>,
    sound: Option<bool>,
    sound_bits: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Make {
    Picture,
    Film,
    Sound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fit {
    Inside,
    Cover,
}

impl Presets {
    /// The built-in ones, with the office's own laid over them.
    ///
    /// # Errors
    /// One line that names the preset and says what is wrong with it.
    pub fn with(office: &[toml::Table]) -> Result<Self, String> {
        let mut presets = Self::built_in();
        let mut seen = Vec::new();
        for (number, table) in (1..).zip(office) {
            let name = table.get("name").and_then(toml::Value::as_str);
            let named = name.map_or_else(|| format!("number {number}"), |name| format!("“{name}”"));
            let wrong = |why: String| format!("presets, {named}: {why}");
            let setting: Setting = table
                .clone()
                .try_into()
                .map_err(|error: toml::de::Error| wrong(error.message().replace('\n', " ")))?;
            presets.lay(&setting, &mut seen).map_err(wrong)?;
        }
        Ok(presets)
    }

    fn lay(&mut self, setting: &Setting, seen: &mut Vec<(Kind, String)>) -> Result<(), String> {
        check_name(&setting.name)?;
        let is_named = |planned: &&Planned| planned.preset.name == setting.name;
        let kinds = if setting.kinds.is_empty() {
            self.rows
                .iter()
                .filter(is_named)
                .map(|row| row.kind)
                .collect()
        } else {
            setting.kinds.clone()
        };
        if kinds.is_empty() {
            return Err("it needs `kinds`, such as [\"photo\"]".into());
        }
        for kind in kinds {
            let key = (kind, setting.name.clone());
            if seen.contains(&key) {
                return Err(format!("it stands there twice for {}", kind.as_str()));
            }
            seen.push(key);
            let mut rows = self.rows.iter_mut();
            match rows.find(|row| row.kind == kind && row.preset.name == setting.name) {
                Some(row) => row.preset.recipe = setting.laid_over(row.preset.recipe)?,
                None => self.rows.push(setting.new_for(kind)?),
            }
        }
        Ok(())
    }
}

impl Setting {
    /// A rendition that no office has from the start.
    fn new_for(&self, kind: Kind) -> Result<Planned, String> {
        let usual = match kind {
            Kind::Photo | Kind::Text => Make::Picture,
            Kind::Video => Make::Film,
            Kind::Audio => Make::Sound,
        };
        let make = self.make.unwrap_or(usual);
        if make != usual && (kind, make) != (Kind::Video, Make::Picture) {
            return Err(format!("that cannot be made of {}", kind.as_str()));
        }
        let is_sized = self.width.or(self.height).or(self.lines).is_some();
        if make != Make::Sound && !is_sized {
            return Err("it needs a size: `width` and `height`, one of them, or `lines`".into());
        }
        let (pass, recipe) = match make {
            Make::Picture => (1, super::jpeg(UNBOUNDED)),
            Make::Film => (2, super::film(UNBOUNDED)),
            Make::Sound => (2, Recipe::Sound { bits: 128_000 }),
        };
        Ok(Planned {
            kind,
            pass,
            preset: Preset {
                name: self.name.clone(),
                recipe: self.laid_over(recipe)?,
            },
        })
    }

    /// The recipe with what the setting says instead.
    fn laid_over(&self, recipe: Recipe) -> Result<Recipe, String> {
        let make = match recipe {
            Recipe::Picture(_) => Some(Make::Picture),
            Recipe::Film(_) => Some(Make::Film),
            Recipe::Sound { .. } => Some(Make::Sound),
            _ => None,
        };
        if self.make.is_some() && self.make != make {
            return Err("what is made under a built-in name stays what it is".into());
        }
        match recipe {
            Recipe::Picture(still) => {
                self.allow(&["size", "format", "quality"])?;
                Ok(Recipe::Picture(Still {
                    size: self.size(still.size)?,
                    format: self.format.unwrap_or(still.format),
                    quality: within("quality", self.quality, 1..=100)?.unwrap_or(still.quality),
                }))
            }
            Recipe::Film(clip) => {
                self.allow(&["size", "bits", "sound"])?;
                let bits = within("sound_bits", self.sound_bits, SOUND_BITS)?;
                let sound = bits.or(clip.sound).or(Some(128_000));
                Ok(Recipe::Film(Clip {
                    size: self.size(clip.size)?,
                    bits: within("bits", self.bits, FILM_BITS)?.or(clip.bits),
                    sound: match self.sound {
                        Some(false) => None,
                        Some(true) => sound,
                        None => bits.or(clip.sound),
                    },
                }))
            }
            Recipe::Sound { bits } => {
                self.allow(&["bits"])?;
                let bits = within("bits", self.bits, SOUND_BITS)?.unwrap_or(bits);
                Ok(Recipe::Sound { bits })
            }
            other => self.allow(&[]).map(|()| other),
        }
    }

    /// What has no meaning for what is made is a mistake, and not passed over.
    fn allow(&self, topics: &[&str]) -> Result<(), String> {
        let given = [
            ("width", "size", self.width.is_some()),
            ("height", "size", self.height.is_some()),
            ("lines", "size", self.lines.is_some()),
            ("fit", "size", self.fit.is_some()),
            ("format", "format", self.format.is_some()),
            ("quality", "quality", self.quality.is_some()),
            ("bits", "bits", self.bits.is_some()),
            ("sound", "sound", self.sound.is_some()),
            ("sound_bits", "sound", self.sound_bits.is_some()),
        ];
        let mut idle = given
            .iter()
            .filter(|(_, topic, given)| *given && !topics.contains(topic));
        match idle.next() {
            Some((name, _, _)) => Err(format!("`{name}` says nothing about what is made here")),
            None => Ok(()),
        }
    }

    fn size(&self, usual: Size) -> Result<Size, String> {
        let width = within("width", self.width, SIDES)?;
        let height = within("height", self.height, SIDES)?;
        let lines = within("lines", self.lines, SIDES)?;
        if let Some(lines) = lines {
            return if width.or(height).is_some() || self.fit.is_some() {
                Err("`lines` stand alone, without `width`, `height` and `fit`".into())
            } else {
                Ok(Size::Lines { lines })
            };
        }
        let (usual_fit, usual_box) = match usual {
            Size::Inside { width, height } => (Fit::Inside, Some((width, height))),
            Size::Cover { width, height } => (Fit::Cover, Some((width, height))),
            Size::Lines { .. } => (Fit::Inside, None),
        };
        let (width, height) = match (width, height) {
            (None, None) if self.fit.is_none() => return Ok(usual),
            (None, None) => usual_box.ok_or("`fit` needs `width` and `height`")?,
            (width, height) => (width.unwrap_or(UNBOUNDED), height.unwrap_or(UNBOUNDED)),
        };
        match self.fit.unwrap_or(usual_fit) {
            Fit::Inside => Ok(Size::Inside { width, height }),
            Fit::Cover if width == UNBOUNDED || height == UNBOUNDED => {
                Err("`fit = \"cover\"` needs `width` and `height`".into())
            }
            Fit::Cover => Ok(Size::Cover { width, height }),
        }
    }
}

/// A name is a part of URLs and of files' names.
fn check_name(name: &str) -> Result<(), String> {
    let is_letter = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let bytes = name.as_bytes();
    let is_plain = bytes.first().is_some_and(|first| is_letter(*first))
        && bytes.len() <= 32
        && bytes
            .iter()
            .all(|byte| is_letter(*byte) || b"-_".contains(byte));
    if !is_plain {
        Err("a name is made of a to z, 0 to 9, - and _, at most 32 of them, and begins with a letter or a digit".into())
    } else if name == "original" {
        Err("“original” is what came in".into())
    } else {
        Ok(())
    }
}

fn within<T: PartialOrd + std::fmt::Display>(
    name: &str,
    value: Option<T>,
    range: std::ops::RangeInclusive<T>,
) -> Result<Option<T>, String> {
    match value {
        Some(value) if !range.contains(&value) => Err(format!(
            "`{name}` is {value}, and goes from {} to {}",
            range.start(),
            range.end()
        )),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Facts;

    fn read(text: &str) -> Result<Presets, String> {
        #[derive(Deserialize)]
        struct Settings {
            presets: Vec<toml::Table>,
        }
        let settings: Settings = toml::from_str(text).unwrap();
        Presets::with(&settings.presets)
    }

    #[test]
    fn a_billboard_and_a_square() {
        let presets = read(
            "[[presets]]\nname = 'billboard'\nkinds = ['video']\nwidth = 960\nheight = 480\nfit = 'cover'\nsound = false\n\
             [[presets]]\nname = 'square'\nkinds = ['photo', 'video']\nmake = 'picture'\nwidth = 1080\nheight = 1080\nfit = 'cover'\nformat = 'png'\n\
             [[presets]]\nname = 'web'\nlines = 1080\n[[presets]]\nname = 'thumb'\nkinds = ['photo']\nquality = 60\n",
        )
        .unwrap();
        let film = Facts::new(Kind::Video, "video/mp4");
        let recipe = |facts: &Facts, name| presets.named(facts, name).unwrap().recipe;
        assert_eq!(
            recipe(&film, "billboard"),
            Recipe::Film(Clip {
                size: Size::Cover {
                    width: 960,
                    height: 480
                },
                bits: None,
                sound: None
            })
        );
        let Recipe::Film(web) = recipe(&film, "web") else {
            panic!("a film stays a film");
        };
        assert_eq!(
            (web.size, web.sound),
            (Size::Lines { lines: 1080 }, Some(128_000))
        );
        let photo = Facts::new(Kind::Photo, "image/jpeg");
        assert_eq!(recipe(&photo, "square").media_type(), "image/png");
        assert_eq!(recipe(&photo, "thumb").still().unwrap().quality, 60);
        assert_eq!(recipe(&film, "thumb").still().unwrap().quality, 78);
        let first = &presets.passes(&photo)[0];
        assert!(
            first.iter().any(|preset| preset.name == "square"),
            "one decoding makes it with the others"
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (words, why) in [
            ("name = 'a b'\nkinds = ['photo']\nwidth = 100", "a to z"),
            (
                "name = 'original'\nkinds = ['photo']\nwidth = 100",
                "came in",
            ),
            ("name = 'a'\nwidth = 100", "kinds"),
            ("name = 'a'\nkinds = ['photo']", "size"),
            ("name = 'a'\nkinds = ['photo']\nwidth = 4", "16"),
            (
                "name = 'a'\nkinds = ['photo']\nwidth = 100\nsound = true",
                "sound",
            ),
            (
                "name = 'a'\nkinds = ['photo']\nwidth = 100\ncolour = 1",
                "colour",
            ),
            ("name = 'a'\nkinds = ['poem']\nwidth = 100", "poem"),
            (
                "name = 'a'\nkinds = ['photo']\nmake = 'film'\nwidth = 100",
                "photo",
            ),
            (
                "name = 'a'\nkinds = ['photo']\nwidth = 100\nfit = 'cover'",
                "height",
            ),
            (
                "name = 'a'\nkinds = ['photo']\nwidth = 100\nlines = 100",
                "alone",
            ),
            ("name = 'waveform'\nquality = 3", "quality"),
            ("name = 'thumb'\nmake = 'film'", "stays"),
            ("name = 'large'\n[[presets]]\nname = 'large'", "twice"),
        ] {
            let error = read(&format!("[[presets]]\n{words}")).unwrap_err();
            assert!(
                error.contains(why) && error.lines().count() == 1,
                "{words}: {error}"
            );
        }
    }
}
