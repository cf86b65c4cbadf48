//! Bytes arrive. They stream into a blob while their first ones tell what they are; at their end a material stands in
//! the database, queued to be examined, or nothing is left of them. The same bytes are stored once.

mod arrival;
mod known;
mod material;
mod replace;
pub mod session;

pub use arrival::{Arrival, Arriving};
pub use known::{Asked, known};
pub use material::{Received, acceptable, material};
pub use replace::{may_replace, replace, tell};
