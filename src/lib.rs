//! Jarchi, the archive and the delivery desk of a press service.
//!
//! The modules stand in the order in which bytes travel. Each names only what is declared above it, and the steps never
//! name each other: they meet in the database and in the queue. `tests/rules.rs` holds the code to it.

// Nouns: what every step stands on.

// One error, and two questions that it answers.
pub mod error;

// Where tests let the process die.
pub mod crash;

// The settings, read once.
pub mod config;

// JSON documents that people send: read strictly, merged, compared.
pub mod patch;

// Tags, scripts, folding: pure functions and tables.
pub mod language;

// Ids and closed vocabularies.
pub mod terms;

// Rows: a file a table.
pub mod db;

// Who is calling, what they may do, and the one rule of what they may see.
pub mod access;

// Blobs: streams in, ranges out.
pub mod storage;

// Every decoder, in a child process that can reach nothing but the file in hand.
pub mod media;

// The queue: a job is data, not code.
pub mod jobs;

// What people say of a material: read, merged, checked and written in one way for every step.
pub mod description;

// Search: documents in, ids out, always of what the viewer may see.
pub mod index;

// The handles above, opened from the settings.
pub mod app;

// Verbs: the steps, in the order in which a material takes them.

// The office: units, events, accounts, tokens, vocabularies, audit.
pub mod organise;

// Bytes arrive.
pub mod upload;

// What is it, and what does it say about itself?
pub mod examine;

// Is there malware in it?
pub mod scan;

// Make it viewable.
pub mod render;

// Say what it shows.
pub mod describe;

// Write into the files what was said.
pub mod inscribe;

// Review, embargo, audiences, withdrawal.
pub mod publish;

// Find it.
pub mod search;

// Bundle materials into press kits.
pub mod bundle;

// Hand them over: ranges, conditions, bytes.
pub mod deliver;

// Tell the partners: the feed of changes.
pub mod announce;

// Hold the rows and the bytes against each other.
pub mod verify;

// Copy everything, bring it back, bring it elsewhere.
pub mod backup;

// Roles: who runs the steps.

// What follows what: one screen.
pub mod pipeline;

// Does the jobs.
pub mod worker;

// Speak HTML: pages of what may be seen.
pub mod portal;

// Speak HTTP.
pub mod api;

// Speak to whoever starts the process.
pub mod cli;
