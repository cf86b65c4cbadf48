//! One picture without a container: in AV1, as AVIF holds it, or a TIFF of a sort that other decoders do not know.

use ffmpeg_next::{Dictionary, Packet, codec, color, decoder, format, frame};

use super::{MOST_PIXELS, broken, graph, packed};
use crate::error::{Error, Result};

/// What it is coded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coded {
    /// With what the file around it says of matrix (ITU-T H.273) and full range, which overrides the picture's own word.
    Av1(Option<(u8, bool)>),
    Tiff,
}

/// What decodes a still picture: width and height, and its pixels as RGB.
pub type StillDecoder = fn(&[u8], Coded) -> Result<((u32, u32), Vec<u8>)>;

/// Decodes a still picture.
pub fn still(data: &[u8], coded: Coded) -> Result<((u32, u32), Vec<u8>)> {
    let name = match coded {
        Coded::Av1(_) => "libdav1d",
        Coded::Tiff => "tiff",
    };
    ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Error);
    let known = decoder::find_by_name(name)
        .ok_or_else(|| Error::internal("FFmpeg's decoders", format!("no {name}")))?;
    let mut options: Dictionary = [("max_pixels", MOST_PIXELS)].into_iter().collect();
    if let Coded::Av1(_) = coded {
        // A part that it does not know is no picture: without this it comes out green. A TIFF would fail by the least of
        // its tags, such as how it is turned.
        options.set("err_detect", "explode");
    }
    let mut decoder = codec::Context::new_with_codec(known)
        .decoder()
        .open_as_with(known, options)
        .and_then(decoder::Opened::video)
        .map_err(broken)?;
    decoder.send_packet(&Packet::copy(data)).map_err(broken)?;
    decoder.send_eof().map_err(broken)?;
    let mut picture = frame::Video::empty();
    decoder.receive_frame(&mut picture).map_err(broken)?;
    match coded {
        Coded::Av1(Some((matrix, full))) => {
            picture.set_color_space(space(matrix));
            picture.set_color_range(if full {
                color::Range::JPEG
            } else {
                color::Range::MPEG
            });
        }
        Coded::Av1(None) if picture.color_space() == color::Space::Unspecified => {
            picture.set_color_space(color::Space::BT470BG);
        }
        Coded::Av1(None) | Coded::Tiff => {}
    }
    picture.set_pts(Some(0));
    rgb(&picture)
}

/// The numbers as they were coded, in RGB: what they mean is for whoever knows the file around them.
fn rgb(picture: &frame::Video) -> Result<((u32, u32), Vec<u8>)> {
    let (width, height) = (picture.width(), picture.height());
    let descriptor = picture.format().descriptor();
    let source = format!(
        "video_size={width}x{height}:pix_fmt={}:time_base=1/1000:pixel_aspect=1/1",
        descriptor.map_or("", format::pixel::Descriptor::name)
    );
    let chain = "[in]scale=flags=bicubic,format=rgb24[out0]";
    let mut graph = graph::build("", &source, 1, chain)?;
    let mut pixels = Vec::new();
    let mut keep = |_, frame: frame::Video, _| {
        pixels = packed(&frame, (width, height));
        Ok(())
    };
    graph::feed(&mut graph, Some(picture))?;
    graph::feed(&mut graph, None)?;
    graph::drain(&mut graph, 1, frame::Video::empty, &mut keep)?;
    if pixels.len() == width as usize * height as usize * 3 {
        Ok(((width, height), pixels))
    } else {
        Err(Error::Unusable(
            "its picture came out in another size".into(),
        ))
    }
}

fn space(matrix: u8) -> color::Space {
    match matrix {
        0 => color::Space::RGB,
        1 => color::Space::BT709,
        9 | 10 => color::Space::BT2020NCL,
        _ => color::Space::BT470BG,
    }
}
