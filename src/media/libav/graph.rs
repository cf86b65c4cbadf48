//! Graphs of filters: one way in, some ways out. Those of pictures and of sound stand on it.

use std::ops::DerefMut;

use ffmpeg_next::{Frame, Rational, filter};

use super::{broken, is_over, ours};
use crate::error::{Error, Result};

/// Builds a graph of `chain`, which reads from `[in]` and writes to `[out0]` and so on; `kind` is `a` for sound and
/// empty for pictures, as libav's names for the ends begin.
pub fn build(kind: &str, arguments: &str, outs: usize, chain: &str) -> Result<filter::Graph> {
    let find = |name: &str| {
        filter::find(name).ok_or_else(|| Error::internal("FFmpeg's filters", format!("no {name}")))
    };
    let mut graph = filter::Graph::new();
    let (source, sink) = (format!("{kind}buffer"), format!("{kind}buffersink"));
    graph
        .add(&find(&source)?, "in", arguments)
        .map_err(broken)?;
    for out in 0..outs {
        graph
            .add(&find(&sink)?, &format!("out{out}"), "")
            .map_err(ours)?;
    }
    let mut parser = graph.output("in", 0).map_err(ours)?;
    for out in 0..outs {
        parser = parser.input(&format!("out{out}"), 0).map_err(ours)?;
    }
    parser.parse(chain).map_err(broken)?;
    graph.validate().map_err(broken)?;
    Ok(graph)
}

/// Gives a frame to a graph, for good, or with `None` the end of what comes.
pub fn feed(graph: &mut filter::Graph, frame: Option<&Frame>) -> Result<()> {
    let mut node = node(graph, "in")?;
    match frame {
        Some(frame) => node.source().add(frame).map_err(broken),
        None => node.source().flush().map_err(ours),
    }
}

/// Hands over what comes out of a graph now, with the way out that it took and the time base that it counts in. `empty`
/// makes a frame of the kind that the graph is for.
pub fn drain<F: DerefMut<Target = Frame>>(
    graph: &mut filter::Graph,
    outs: usize,
    empty: fn() -> F,
    take: &mut impl FnMut(usize, F, Rational) -> Result<()>,
) -> Result<()> {
    for out in 0..outs {
        let mut node = node(graph, &format!("out{out}"))?;
        loop {
            let mut frame = empty();
            match node.sink().frame(&mut frame) {
                Ok(()) => take(out, frame, node.sink().time_base())?,
                Err(fault) if is_over(fault) => break,
                Err(fault) => return Err(broken(fault)),
            }
        }
    }
    Ok(())
}

pub fn node(graph: &mut filter::Graph, name: &str) -> Result<filter::Context> {
    graph
        .get(name)
        .ok_or_else(|| Error::internal("FFmpeg's filters", format!("a graph lost its node {name}")))
}
