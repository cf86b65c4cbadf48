//! Many nodes, one clock: how far the database's is ahead of this node's.

use std::sync::atomic::{AtomicI64, Ordering};

static AHEAD: AtomicI64 = AtomicI64::new(0);

/// In milliseconds.
pub fn ahead() -> i64 {
    AHEAD.load(Ordering::Relaxed)
}

/// Clocks that are kept differ by less, in milliseconds.
const KEPT: i64 = 100;

/// Sets this node's time by what the database said between two looks at the own clock. What the way there may explain is
/// no difference.
pub fn set(before: i64, said: i64, after: i64) {
    let differs = said - i64::midpoint(before, after);
    let is_known = differs.abs() > (after - before) / 2 + KEPT;
    AHEAD.store(if is_known { differs } else { 0 }, Ordering::Relaxed);
}
