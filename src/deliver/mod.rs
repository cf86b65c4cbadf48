//! Hand it over. Comes in: which bytes, and who asks. Goes out: the segments that hold them with all that their answer
//! needs, and what the ledger says of it. What the caller may not have looks like what never was.

pub mod conditions;
pub mod ledger;
pub mod ranges;

mod file;
mod lately;

pub use file::{Delivery, original, still};
pub use lately::{Lately, rendition};
