//! Tell the partners. Comes in: who asks, and from where on. Goes out: what became of the things that they have, had or
//! got, in order, each change once, however many of their audiences it concerns. The rows are written where things change
//! (`db::feed`); here they are read, and told as time passes.

mod filter;
pub mod notices;
mod read;
mod tell;

pub use filter::Filter;
pub use read::{Change, Found, From, Place, read};
pub use tell::{catch_up, keep};
