//! A bar that counts bytes, on a terminal; elsewhere nothing is drawn.

use indicatif::{ProgressBar, ProgressStyle};

const BYTES: &str = "{msg:30!} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const THINGS: &str = "{msg:30!} {bar:30} {pos}/{len}";

/// Of a length that is set later.
pub fn bytes() -> ProgressBar {
    styled(0, BYTES)
}

/// Of so many things.
pub fn things(count: u64) -> ProgressBar {
    styled(count, THINGS)
}

fn styled(length: u64, template: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).expect("the templates above are well-formed");
    ProgressBar::new(length).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_well_formed() {
        assert_eq!((bytes().position(), things(3).length()), (0, Some(3)));
    }
}
