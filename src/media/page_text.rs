//! The text of a PDF's pages. A page has no words, only signs at places: those that follow each other closely are
//! words, those on one base line are a line. The order is the page's own, which is the order in which it was written.

use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, TransformExt,
    font::{Glyph, GlyphRun},
    hayro_cmap::BfString,
    interpret_page,
};
use hayro::hayro_syntax::{Pdf, page::Page};
use hayro::kurbo::{Affine, BezPath, Point, Rect, Vec2};

/// The size of a sign in the units of its font (ISO 32000-2 section 9.2.4).
const EM: f64 = 1000.0;
/// In parts of the letters' size: a gap that is a blank, a rise or fall that is another line, and one that is another
/// paragraph.
const BLANK: f64 = 0.17;
const OTHER_LINE: f64 = 0.5;
const PARAGRAPH: f64 = 1.9;

/// The text of each page, in their order.
pub fn pages(pdf: &Pdf) -> impl Iterator<Item = String> {
    let cache = InterpreterCache::new();
    pdf.pages()
        .iter()
        .map(move |page| page_text(pdf, page, &cache))
}

fn page_text<'a>(pdf: &'a Pdf, page: &Page<'a>, cache: &InterpreterCache<'a>) -> String {
    let (width, height) = page.render_dimensions();
    let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let upright = page.initial_transform(true).to_kurbo();
    let mut context = Context::new(
        upright,
        bounds,
        cache,
        pdf.xref(),
        InterpreterSettings::default(),
    );
    let mut writer = Writer::default();
    interpret_page(page, &mut context, &mut writer);
    let lines = writer.text.lines().map(str::trim_end);
    let mut text = lines.collect::<Vec<_>>().join("\n");
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

#[derive(Default)]
struct Writer {
    text: String,
    /// Where the last sign ended, and its size.
    pen: Option<(Point, f64)>,
    /// Where the last run of signs began, and what it was: bold letters are drawn twice.
    last_run: Option<(Point, String)>,
}

/// A sign at its place.
struct Sign {
    text: String,
    from: Point,
    to: Point,
    size: f64,
}

impl Writer {
    fn write(&mut self, sign: &Sign) {
        if sign.text.trim().is_empty() {
            self.blank();
            self.pen = self
                .pen
                .map(|(_, size)| (sign.to, size))
                .or(Some((sign.to, sign.size)));
            return;
        }
        if let Some((pen, size)) = self.pen {
            self.part(pen, size.max(sign.size), sign);
        }
        self.text.push_str(&sign.text);
        self.pen = Some((sign.to, sign.size));
    }

    /// What stands between the pen and the next sign: nothing, a blank, a new line or an empty one.
    fn part(&mut self, pen: Point, size: f64, sign: &Sign) {
        let forward = direction(sign.to - sign.from);
        let gap = sign.from - pen;
        let (along, across) = (gap.dot(forward), gap.cross(forward).abs());
        if across > PARAGRAPH * size {
            self.text.push_str("\n\n");
        } else if across > OTHER_LINE * size || along < -2.0 * size {
            self.text.push('\n');
        } else if along > BLANK * size {
            self.blank();
        }
    }

    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }
}

fn direction(way: Vec2) -> Vec2 {
    if way.hypot() > 0.0 {
        way / way.hypot()
    } else {
        Vec2::new(1.0, 0.0)
    }
}

fn sign(glyph: &Glyph<'_>, place: Affine) -> Option<Sign> {
    let text = match glyph.as_unicode()? {
        BfString::Char(letter) => letter.to_string(),
        BfString::String(letters) => letters,
    };
    let width = match glyph {
        Glyph::Outline(glyph) => glyph.advance_width(),
        Glyph::Type3(glyph) => glyph.advance_width(),
    };
    let from = place * Point::ZERO;
    let to = place * Point::new(f64::from(width.unwrap_or(500.0)), 0.0);
    let size = (place * Point::new(0.0, EM) - from).hypot();
    (size.is_finite() && size > 0.0).then_some(Sign {
        text,
        from,
        to,
        size,
    })
}

impl Device<'_> for Writer {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        let signs: Vec<Sign> = run
            .glyphs()
            .iter()
            .filter_map(|glyph| sign(glyph, props.transform * glyph.transform()))
            .collect();
        let Some(first) = signs.first() else { return };
        let (from, near) = (first.from, first.size * 0.1);
        let text: String = signs.iter().map(|sign| sign.text.as_str()).collect();
        let again = self
            .last_run
            .as_ref()
            .is_some_and(|(at, last)| *last == text && at.distance(from) < near);
        if !again {
            for sign in &signs {
                self.write(sign);
            }
            self.last_run = Some((from, text));
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(signs: &[(&str, f64, f64)]) -> String {
        let mut writer = Writer::default();
        for (text, x, y) in signs {
            let from = Point::new(*x, *y);
            writer.write(&Sign {
                text: (*text).into(),
                from,
                to: from + Vec2::new(5.0, 0.0),
                size: 10.0,
            });
        }
        writer.text
    }

    #[test]
    fn places_become_words_lines_and_paragraphs() {
        assert_eq!(
            written(&[("а", 0.0, 0.0), ("б", 5.0, 0.0), ("в", 13.0, 0.0)]),
            "аб в"
        );
        assert_eq!(
            written(&[("а", 50.0, 0.0), ("б", 0.0, 12.0), ("в", 0.0, 40.0)]),
            "а\nб\n\nв"
        );
    }

    #[test]
    fn a_blank_that_is_drawn_is_one_blank() {
        assert_eq!(
            written(&[("а", 0.0, 0.0), (" ", 5.0, 0.0), ("б", 12.0, 0.0)]),
            "а б"
        );
    }
}
