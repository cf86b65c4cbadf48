//! The index from outside.
