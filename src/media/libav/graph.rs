//! Filters between a decoder and an encoder. A graph fits frames of one shape; when the shape changes in the middle of
//! a file, as it does on air, a new graph takes over.

use ffmpeg_next::{Rational, color, filter, format, frame};

use super::{Display, broken, is_over, ours};
use crate::{
    error::{Error, Result},
    media::recipe::View,
};

/// Brings pictures upright, to one view and one pixel format.
pub struct PictureGraph {
    display: Display,
    view: View,
    format: &'static str,
    time_base: Rational,
    current: Option<((u32, u32, format::Pixel), filter::Graph)>,
}

/// Brings sound to one rate, one sample format and one layout of channels. Gaps are filled and what comes before the
/// start is cut, so that lips and voices stay together.
pub struct SoundGraph {
    form: Form,
    begun: bool,
    time_base: Rational,
    current: Option<((u32, format::Sample, u64), filter::Graph)>,
}

impl PictureGraph {
    /// `format` is a pixel format by libav's name; times stay in `time_base`.
    pub fn new(display: Display, view: View, format: &'static str, time_base: Rational) -> Self {
        Self {
            display,
            view,
            format,
            time_base,
            current: None,
        }
    }

    /// Takes a picture in, for good, and hands over what comes out, with the time base that it counts in.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "libav empties a frame that it takes in"
    )]
    pub fn push(
        &mut self,
        picture: frame::Video,
        take: &mut impl FnMut(frame::Video, Rational) -> Result<()>,
    ) -> Result<()> {
        let shape = (picture.width(), picture.height(), picture.format());
        if self
            .current
            .as_ref()
            .is_none_or(|(current, _)| *current != shape)
        {
            self.finish(take)?;
            self.current = Some((shape, self.build(&picture)?));
        }
        let Some((_, graph)) = &mut self.current else {
            return Ok(());
        };
        node(graph, "in")?.source().add(&picture).map_err(broken)?;
        drain_pictures(graph, take)
    }

    /// Hands over what the filters held back.
    pub fn finish(
        &mut self,
        take: &mut impl FnMut(frame::Video, Rational) -> Result<()>,
    ) -> Result<()> {
        let Some((_, mut graph)) = self.current.take() else {
            return Ok(());
        };
        node(&mut graph, "in")?.source().flush().map_err(ours)?;
        drain_pictures(&mut graph, take)
    }

    fn build(&self, picture: &frame::Video) -> Result<filter::Graph> {
        let format = picture
            .format()
            .descriptor()
            .map(format::pixel::Descriptor::name)
            .unwrap_or_default();
        let source = format!(
            "video_size={}x{}:pix_fmt={format}:time_base={}:pixel_aspect=1/1",
            picture.width(),
            picture.height(),
            self.time_base,
        );
        let View { whole, shown } = self.view;
        let mut chain: Vec<String> = Vec::new();
        if picture.is_interlaced() {
            chain.push("yadif=deint=interlaced".into());
        }
        chain.extend(
            self.display
                .turn
                .filters
                .iter()
                .map(|filter| (*filter).to_owned()),
        );
        chain.push(format!(
            "scale={}:{}:flags=bicubic:in_color_matrix={}:out_color_matrix=bt709:out_range=tv",
            whole.0,
            whole.1,
            matrix(picture),
        ));
        if shown != whole {
            chain.push(format!("crop={}:{}", shown.0, shown.1));
        }
        chain.push(format!("format={},setsar=1", self.format));
        build("buffer", &source, "buffersink", &chain.join(","))
    }
}

/// What the colours of a picture were made with; files that do not say keep to the custom of their size.
fn matrix(picture: &frame::Video) -> &'static str {
    match picture.color_space() {
        color::Space::Unspecified if picture.height() >= 720 => "bt709",
        color::Space::Unspecified => "bt601",
        _ => "auto",
    }
}

/// What sound is brought to, in libav's names.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    pub rate: u32,
    pub samples: &'static str,
    pub layout: &'static str,
    /// Samples in each frame that comes out; 0 where it does not matter.
    pub frame_size: u32,
}

impl SoundGraph {
    pub fn new(form: Form, time_base: Rational) -> Self {
        Self {
            form,
            begun: false,
            time_base,
            current: None,
        }
    }

    /// Takes sound in, for good, and hands over what comes out, with the time base that it counts in.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "libav empties a frame that it takes in"
    )]
    pub fn push(
        &mut self,
        sound: frame::Audio,
        take: &mut impl FnMut(frame::Audio, Rational) -> Result<()>,
    ) -> Result<()> {
        let shape = (sound.rate(), sound.format(), sound.channel_layout().bits());
        if self
            .current
            .as_ref()
            .is_none_or(|(current, _)| *current != shape)
        {
            self.finish(take)?;
            self.current = Some((shape, self.build(shape)?));
        }
        let Some((_, graph)) = &mut self.current else {
            return Ok(());
        };
        node(graph, "in")?.source().add(&sound).map_err(broken)?;
        drain_sound(graph, take)
    }

    /// Hands over what the filters held back.
    pub fn finish(
        &mut self,
        take: &mut impl FnMut(frame::Audio, Rational) -> Result<()>,
    ) -> Result<()> {
        let Some((_, mut graph)) = self.current.take() else {
            return Ok(());
        };
        node(&mut graph, "in")?.source().flush().map_err(ours)?;
        drain_sound(&mut graph, take)
    }
}

impl SoundGraph {
    fn build(
        &mut self,
        (rate, samples, layout): (u32, format::Sample, u64),
    ) -> Result<filter::Graph> {
        let samples = samples.name();
        let source = format!(
            "time_base={}:sample_rate={rate}:sample_fmt={samples}:channel_layout=0x{layout:x}",
            self.time_base
        );
        // Only the first graph begins at the start of the file.
        let start = if std::mem::replace(&mut self.begun, true) {
            ""
        } else {
            ":first_pts=0"
        };
        let Form {
            rate,
            samples,
            layout,
            frame_size,
        } = self.form;
        let chain = format!(
            "aresample={rate}:async=1{start},aformat=sample_fmts={samples}:sample_rates={rate}:channel_layouts={layout}"
        );
        let mut graph = build("abuffer", &source, "abuffersink", &chain)?;
        if frame_size > 0 {
            node(&mut graph, "out")?.sink().set_frame_size(frame_size);
        }
        Ok(graph)
    }
}

fn build(source: &str, arguments: &str, sink: &str, chain: &str) -> Result<filter::Graph> {
    let find = |name| {
        filter::find(name).ok_or_else(|| Error::internal("FFmpeg's filters", format!("no {name}")))
    };
    let mut graph = filter::Graph::new();
    graph.add(&find(source)?, "in", arguments).map_err(broken)?;
    graph.add(&find(sink)?, "out", "").map_err(ours)?;
    graph
        .output("in", 0)
        .and_then(|parser| parser.input("out", 0))
        .and_then(|parser| parser.parse(chain))
        .map_err(broken)?;
    graph.validate().map_err(broken)?;
    Ok(graph)
}

fn node(graph: &mut filter::Graph, name: &str) -> Result<filter::Context> {
    graph
        .get(name)
        .ok_or_else(|| Error::internal("FFmpeg's filters", format!("a graph lost its node {name}")))
}

fn drain_pictures(
    graph: &mut filter::Graph,
    take: &mut impl FnMut(frame::Video, Rational) -> Result<()>,
) -> Result<()> {
    let mut node = node(graph, "out")?;
    loop {
        let mut picture = frame::Video::empty();
        match node.sink().frame(&mut picture) {
            Ok(()) => take(picture, node.sink().time_base())?,
            Err(fault) if is_over(fault) => return Ok(()),
            Err(fault) => return Err(broken(fault)),
        }
    }
}

fn drain_sound(
    graph: &mut filter::Graph,
    take: &mut impl FnMut(frame::Audio, Rational) -> Result<()>,
) -> Result<()> {
    let mut node = node(graph, "out")?;
    loop {
        let mut sound = frame::Audio::empty();
        match node.sink().frame(&mut sound) {
            Ok(()) => take(sound, node.sink().time_base())?,
            Err(fault) if is_over(fault) => return Ok(()),
            Err(fault) => return Err(broken(fault)),
        }
    }
}
