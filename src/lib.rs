//! Jarchi, the archive and the delivery desk of a press service.
//!
//! The modules stand in the order in which bytes travel; each names only what is declared above it, and the steps
//! never name each other: they meet in the database and in the queue.

// Nouns: what every step stands on.
pub mod config;
pub mod error;
pub mod language;
pub mod media;
pub mod terms;
