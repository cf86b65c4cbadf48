//! One binary with every test against the running product. Read `journey` first: it is the whole walk in one test.

mod world;

mod journey;

mod bad_input;
mod crash;
mod import;
mod media;
mod openapi;
mod process;
mod rules;
mod samples;
mod sight;
mod tour;
