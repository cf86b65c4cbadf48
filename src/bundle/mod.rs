//! Press kits: an ordered, described bundle of materials that is downloaded as one ZIP.

pub mod names;
pub mod texts;
pub mod zip;
