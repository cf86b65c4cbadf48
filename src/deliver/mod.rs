//! Hand it over. Comes in: which bytes, and who asks. Goes out: the segments that hold them with all that their answer
//! needs, and a row of the audit. What the caller may not have looks like what never was.

pub mod conditions;
pub mod ranges;

mod file;

pub use file::{Delivery, original, rendition, still};
