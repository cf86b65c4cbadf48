//! What comes in broken, made up, too long or too early: each is answered with what is wrong, and leaves nothing behind.

mod bodies;
mod files;
mod lists;
mod names;
mod steps;
mod tokens;
