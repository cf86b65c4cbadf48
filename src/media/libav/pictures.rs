//! Pictures on their way from a decoder to the screen: whole frames instead of fields, colours of the usual screen,
//! upright, and in all the sizes that are wanted, each made from the one above it. A graph fits frames of one shape; when
//! the shape changes in the middle of a file, as it does on air, a new graph takes over.

use ffmpeg_next::{
    Rational,
    color::{Primaries, Range, Space, TransferCharacteristic as Transfer},
    filter,
    format::{self, Pixel},
    frame,
};

use super::{Display, graph};
use crate::{error::Result, media::recipe::View};

/// The brightness that becomes white, in cd/m²: a little above the white of a page in HDR (ITU-R BT.2408 section 2.2), for
/// the curve that takes in the lights above it makes everything a little darker.
const WHITE: u32 = 150;

/// Brings pictures upright and to the sizes and the pixel format that are wanted.
pub struct PictureGraph {
    display: Display,
    views: Vec<View>,
    format: &'static str,
    time_base: Rational,
    /// Whether fields were seen: from then on frames are looked at for them.
    fields: bool,
    current: Option<(Shape, filter::Graph)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    size: (u32, u32),
    format: Pixel,
    colours: (Space, Primaries, Transfer, Range),
    fields: bool,
}

impl Shape {
    fn of(picture: &frame::Video) -> Self {
        Self {
            size: (picture.width(), picture.height()),
            format: picture.format(),
            colours: (
                picture.color_space(),
                picture.color_primaries(),
                picture.color_transfer_characteristic(),
                picture.color_range(),
            ),
            fields: picture.is_interlaced(),
        }
    }
}

/// Whether a picture is whole, and any browser shows it as it is meant to be seen.
pub fn is_usual(picture: &frame::Video) -> bool {
    let shape = Shape::of(picture);
    shape.format == Pixel::YUV420P
        && shape.colours.3 != Range::JPEG
        && !shape.fields
        && !picture.is_corrupt()
        && !has_faults(picture)
        && deep(&shape).is_none()
}

/// Whether a decoder met errors in a picture, and painted over them.
#[allow(
    unsafe_code,
    reason = "the safe interface has no accessor for this field"
)]
fn has_faults(picture: &frame::Video) -> bool {
    // SAFETY: the frame is borrowed; one plain field is read from it.
    unsafe { (*picture.as_ptr()).decode_error_flags != 0 }
}

impl PictureGraph {
    /// `views` are those of each way out, the largest first; `format` is a pixel format by libav's name; times
    /// come in in `time_base`.
    pub fn new(
        display: Display,
        views: Vec<View>,
        format: &'static str,
        time_base: Rational,
    ) -> Self {
        Self {
            display,
            views,
            format,
            time_base,
            fields: false,
            current: None,
        }
    }

    /// Takes a picture in, for good, and hands over what comes out: the place of its size, and the time base that it
    /// counts in.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "libav empties a frame that it takes in"
    )]
    pub fn push(
        &mut self,
        picture: frame::Video,
        take: &mut impl FnMut(usize, frame::Video, Rational) -> Result<()>,
    ) -> Result<()> {
        self.fields |= picture.is_interlaced();
        let shape = Shape {
            fields: self.fields,
            ..Shape::of(&picture)
        };
        if self
            .current
            .as_ref()
            .is_none_or(|(current, _)| *current != shape)
        {
            self.finish(take)?;
            self.current = Some((shape, self.build(&shape)?));
        }
        let Some((_, graph)) = &mut self.current else {
            return Ok(());
        };
        graph::feed(graph, Some(&picture))?;
        graph::drain(graph, self.views.len(), frame::Video::empty, take)
    }

    /// Hands over what the filters held back.
    pub fn finish(
        &mut self,
        take: &mut impl FnMut(usize, frame::Video, Rational) -> Result<()>,
    ) -> Result<()> {
        let Some((_, mut graph)) = self.current.take() else {
            return Ok(());
        };
        graph::feed(&mut graph, None)?;
        graph::drain(&mut graph, self.views.len(), frame::Video::empty, take)
    }

    fn build(&self, shape: &Shape) -> Result<filter::Graph> {
        let name = |format: Pixel| format.descriptor().map(format::pixel::Descriptor::name);
        let source = format!(
            "video_size={}x{}:pix_fmt={}:time_base={}:pixel_aspect=1/1",
            shape.size.0,
            shape.size.1,
            name(shape.format).unwrap_or_default(),
            self.time_base,
        );
        let chain = format!("[in]{}{}", self.first(shape).join(","), self.cascade());
        graph::build("", &source, self.views.len(), &chain)
    }

    /// From the picture as it was decoded to the largest size.
    fn first(&self, shape: &Shape) -> Vec<String> {
        let (width, height) = self.views.first().map_or((2, 2), |view| view.whole);
        let (width, height) = if self.display.turn.quarter {
            (height, width)
        } else {
            (width, height)
        };
        let mut chain = Vec::new();
        if shape.fields {
            chain.push("bwdif=mode=send_frame:deint=interlaced".to_owned());
        }
        let scale = format!("scale={width}:{height}:flags=bicubic");
        match deep(shape) {
            // The colours are worked out at the size that is wanted: it is the dearest step of all.
            Some(colours) => chain.extend([scale, "format=yuv444p10le".to_owned(), colours]),
            None => chain.push(format!(
                "{scale}:in_color_matrix={}:out_color_matrix=bt709:out_range=tv",
                matrix(shape)
            )),
        }
        let turn = self.display.turn.filters;
        chain.extend(turn.iter().map(|filter| (*filter).to_owned()));
        chain.push(format!("format={},setsar=1", self.format));
        chain
    }

    /// From the largest size to its way out, and down to the next.
    fn cascade(&self) -> String {
        let mut chain = String::new();
        for (out, View { whole, shown }) in self.views.iter().enumerate() {
            if out > 0 {
                let (width, height) = whole;
                let scale = format!("[to{out}]scale={width}:{height}:flags=bicubic,setsar=1");
                chain.push_str(&scale);
            }
            let crop = if shown == whole {
                "null".to_owned()
            } else {
                format!("crop={}:{}", shown.0, shown.1)
            };
            let end = if out + 1 < self.views.len() {
                format!(",split[at{out}][to{}];[at{out}]{crop}[out{out}];", out + 1)
            } else {
                format!(",{crop}[out{out}]")
            };
            chain.push_str(&end);
        }
        chain
    }
}

/// What the colours of a picture were made with; files that do not say keep to the custom of their size.
fn matrix(shape: &Shape) -> &'static str {
    match shape.colours.0 {
        Space::Unspecified if shape.size.1 >= 720 => "bt709",
        Space::Unspecified => "bt601",
        _ => "auto",
    }
}

/// The filters that bring the light of HDR, or the wide colours of ITU-R BT.2020, to a usual screen (ITU-R BT.709).
fn deep(shape: &Shape) -> Option<String> {
    let (space, primaries, transfer, range) = shape.colours;
    let wide = primaries == Primaries::BT2020;
    let light = match transfer {
        Transfer::SMPTE2084 => "smpte2084",
        Transfer::ARIB_STD_B67 => "arib-std-b67",
        _ if wide => "bt709",
        _ => return None,
    };
    let matrix = match space {
        Space::BT709 => "bt709",
        Space::BT2020CL => "bt2020c",
        // What is scaled from RGB is in what libav takes for the custom.
        Space::RGB => "bt470bg",
        _ => "bt2020nc",
    };
    let from = format!(
        "min={matrix}:tin={light}:pin={}:rin={}",
        if primaries == Primaries::BT709 {
            "bt709"
        } else {
            "bt2020"
        },
        if range == Range::JPEG {
            "full"
        } else {
            "limited"
        },
    );
    let to = "p=bt709:t=bt709:m=bt709:r=limited";
    Some(if light == "bt709" {
        format!("zscale={from}:{to},format=yuv420p")
    } else {
        format!(
            "zscale={from}:t=linear:npl={WHITE},format=gbrpf32le,zscale=p=bt709,tonemap=mobius:desat=0,zscale={to},format=yuv420p"
        )
    })
}

/// The pixels of a picture in RGB, row by row without a gap.
pub fn packed(picture: &frame::Video, (width, height): (u32, u32)) -> Vec<u8> {
    let rows = picture.data(0).chunks(picture.stride(0));
    rows.take(height as usize)
        .flat_map(|row| row.iter().take(width as usize * 3))
        .copied()
        .collect()
}
