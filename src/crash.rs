//! Places between two steps, at which tests let the process die: what is on the disk by then must be enough. Elsewhere
//! they are nothing. `FAILPOINTS=upload-sealed=2*off->return` dies at the third upload that is sealed.

/// Every place, by its name.
pub const PLACES: [&str; 8] = [
    "blob-written",
    "blob-sealed",
    "blob-removed",
    "part-stored",
    "upload-sealed",
    "rows-written",
    "rows-committed",
    "index-written",
];

/// Dies, where a test says so.
pub fn here(place: &str) {
    debug_assert!(PLACES.contains(&place), "{place} is not among the places");
    fail::fail_point!(place, |_| std::process::abort());
}

/// Hears from the environment where to die. To be kept for as long as the process lives.
pub fn listen() -> fail::FailScenario<'static> {
    fail::FailScenario::setup()
}
