//! The office: its units in their tree, its events, who has an account and which tokens, the vocabularies, the searches
//! that people keep, and the audit of who did what. In come inputs as people sent them and a transaction; out go rows,
//! and nothing is written before the right to it was asked of the caller. The first start puts an office there that can
//! be used at once.

pub mod audit;
mod check;
pub mod events;
mod first_start;
mod labels;
pub mod people;
pub mod searches;
pub mod tokens;
pub mod units;
pub mod vocabularies;

pub use first_start::first_start;
