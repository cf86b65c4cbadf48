//! Sound on its way from a decoder: to one rate, one sample format, one layout of channels, one loudness. Gaps are filled and
//! what comes before the start is cut, so that lips and voices stay together.

use ffmpeg_next::{Rational, ffi, filter, format, frame};

use super::{graph, ours};
use crate::error::Result;

/// What sound is brought to, in libav's names.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    pub rate: u32,
    pub samples: &'static str,
    pub layout: &'static str,
    /// Samples in each frame that comes out; 0 where it does not matter.
    pub frame_size: u32,
}

pub struct SoundGraph {
    form: Form,
    /// Filters between, which keep the rate and the layout.
    between: Option<String>,
    begun: bool,
    time_base: Rational,
    current: Option<((u32, format::Sample, u64), filter::Graph)>,
}

impl SoundGraph {
    /// `between` are filters that the sound goes through on its way.
    pub fn new(form: Form, between: Option<String>, time_base: Rational) -> Self {
        Self {
            form,
            between,
            begun: false,
            time_base,
            current: None,
        }
    }

    /// Takes sound in, for good, and hands over what comes out.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "libav empties a frame that it takes in"
    )]
    pub fn push(
        &mut self,
        sound: frame::Audio,
        take: &mut impl FnMut(frame::Audio) -> Result<()>,
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
        graph::feed(graph, Some(&sound))?;
        graph::drain(graph, 1, frame::Audio::empty, &mut |_, frame, _| {
            take(frame)
        })
    }

    /// Hands over what the filters held back.
    pub fn finish(&mut self, take: &mut impl FnMut(frame::Audio) -> Result<()>) -> Result<()> {
        let Some((_, mut graph)) = self.current.take() else {
            return Ok(());
        };
        graph::feed(&mut graph, None)?;
        graph::drain(&mut graph, 1, frame::Audio::empty, &mut |_, frame, _| {
            take(frame)
        })
    }

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
        let form =
            format!("aformat=sample_fmts={samples}:sample_rates={rate}:channel_layouts={layout}");
        let between = self
            .between
            .as_ref()
            .map_or(String::new(), |filters| format!("{filters},{form},"));
        let chain = format!("[in]aresample={rate}:async=1{start},{form},{between}anull[out0]");
        let mut graph = graph::build("a", &source, 1, &chain)?;
        if frame_size > 0 {
            graph::node(&mut graph, "out0")?
                .sink()
                .set_frame_size(frame_size);
        }
        Ok(graph)
    }
}

/// The same sound once more, not copied.
#[allow(
    unsafe_code,
    reason = "the safe interface copies, and loses what has no layout of the old sort"
)]
pub fn share(sound: &frame::Audio) -> Result<frame::Audio> {
    let mut other = frame::Audio::empty();
    // SAFETY: `other` is empty, and gets a reference of its own to each buffer, which its drop gives back.
    let shared = unsafe { ffi::av_frame_ref(other.as_mut_ptr(), sound.as_ptr()) };
    if shared < 0 {
        return Err(ours(shared.into()));
    }
    Ok(other)
}
