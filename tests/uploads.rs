//! Uploads that go on: tus 1.0.0 as a client sees it, over bad lines, restarts and other clients' shoulders.

mod bad_input;
mod clients;
mod lines;
mod parts;
mod session;

pub use session::{RESUMABLE_BYTES, Session, begin, digest, file};
