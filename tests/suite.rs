//! One binary with every test against the running product. Read `journey` first: it is the whole walk in one test.

#![allow(
    clippy::unwrap_used,
    clippy::similar_names,
    reason = "a test that panics has found something; helpers are parts of tests"
)]

mod world;

mod journey;

mod archives;
mod bad_input;
mod changes;
mod contact;
mod crash;
mod embedded;
mod faults;
mod find;
mod import;
mod keeping;
mod kits;
mod large_kits;
mod ledger;
mod likeness;
mod limits;
mod links;
mod malware;
mod media;
mod nodes;
mod openapi;
mod pages;
mod photo;
mod portal;
mod poster;
mod presets;
mod press;
mod process;
mod progress;
mod reading;
mod rights;
mod rules;
mod samples;
mod scans;
mod sight;
mod storm;
mod texts;
mod tour;
mod uploads;
mod worlds;
